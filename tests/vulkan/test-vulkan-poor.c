/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-runner.h"
#include "engine/run/psp-session.h"
#include "tests/golden-models.h"
#include "tests/vulkan/vulkan-scenario.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

#define MIB (1024 * 1024)

/* Of tiny18: its largest weights are 590 kB in 32 bits. */
#define SMALL_RANGE MIB

/* One way in which a device may be poor. */
typedef struct
{
  const char *name;
  VulkanShim  shim;
} PoorDevice;

static const PoorDevice poor_devices[] = {
  { "shared-memory", { .shared_bytes = 32 * 1024 } },
  { "range", { .storage_range = 128 * MIB } },
  { "small-range", { .storage_range = SMALL_RANGE } },
  { "no-16-bit", { .no_16_bit = TRUE } },
  { "no-semaphores", { .no_semaphores = TRUE } },
  { "allocation", { .allocation_bytes = 64 * MIB } },
  { "small-allocation", { .split_memory = TRUE, .open_memory = TRUE,
                          .allocation_bytes = 8 * MIB } },
  { "smaller-allocation", { .allocation_bytes = 512 * 1024 } },
  { "not-coherent", { .split_memory = TRUE, .atom = 256 } },
  { "open", { .split_memory = TRUE, .open_memory = TRUE, .atom = 256 } },
  { "window", { .split_memory = TRUE, .open_memory = TRUE, .window_bytes = 16 * MIB,
                .atom = 256 } },
  { "no-timestamps", { .no_timestamps = TRUE } },
  { "groups", { .n_groups = 65535 } },
  { "few-groups", { .n_groups = 2 } },
};

/* A whole small network gives what PyTorch gives. */
static void
test_network (gconstpointer data)
{
  const PoorDevice *device = data;
  const char *taps[] = { "logits", NULL };
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspTensor) input = golden_read ("tiny18", "input");
  g_autoptr(PspTensor) reference = golden_read ("tiny18", "logits");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(GHashTable) tensors = NULL;

  *vulkan_shim_reset () = device->shim;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  runner = psp_runner_new (model, backend, &error);
  g_assert_no_error (error);
  tensors = psp_runner_get_taps (runner, input, taps, &(PspRunOptions) { 0 }, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (golden_difference (g_hash_table_lookup (tensors, "logits"), reference), <=,
                     1e-4);
}

/* Tiles that need more shared memory than there is are no candidates, chosen or measured; what
 * Vulkan promises everywhere, 16 KiB, is enough for some. */
static void
test_shared_memory (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = NULL;
  PspVulkanBackend *vulkan;

  shim->shared_bytes = 16 * 1024;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  vulkan = (PspVulkanBackend *) backend;
  for (PspVulkanKernelId id = 0; id <= PSP_VULKAN_N_KERNELS; id++)
    if (id == PSP_VULKAN_N_KERNELS || psp_vulkan_kernel_convolves (id))
      {
        vulkan->convolution.kernel = id;
        g_assert_true (vulkan_scenario_run (backend, 7, 16, &error));
        g_assert_no_error (error);
      }

  for (PspVulkanKernelId id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    if (psp_vulkan_kernel_get (id)->shared_bytes > shim->shared_bytes)
      {
        g_assert_true (psp_vulkan_kernel_convolves (id));
        g_assert_true (vulkan->pipelines->modules[id] == VK_NULL_HANDLE);
      }
}

/* The weights of a network share few pieces of memory, and give them back. */
static void
test_few_allocations (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  PspVulkanBackend *vulkan = (PspVulkanBackend *) backend;
  PspRunner *runner = psp_runner_new (model, backend, &error);
  const PspVulkanBlock *block;

  g_assert_no_error (error);
  g_assert_cmpint (shim->n_allocations, ==, 1);
  block = g_ptr_array_index (vulkan->blocks->blocks, 0);
  g_test_message ("%d buffers", block->n_places);
  g_assert_cmpint (block->n_places, >, 40);
  psp_runner_unref (runner);
  g_assert_cmpuint (vulkan->blocks->blocks->len, ==, 0);
}

/* (transfer full): @tensor, [1, …], as both images of a batch. */
static PspTensor *
double_batch (const PspTensor *tensor)
{
  gint64 shape[] = { 2, tensor->shape[1], tensor->shape[2], tensor->shape[3] };
  PspTensor *both = psp_tensor_new (4, shape, NULL);

  for (gsize i = 0; i < both->n_elements; i++)
    both->data[i] = tensor->data[i % tensor->n_elements];
  return both;
}

/* Activations that do not fit in one piece lie in several. */
static void
test_arena_in_pieces (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  int logits = psp_graph_find_value (psp_model_get_graph (model), "logits");
  g_autoptr(PspTensor) image = golden_read ("tiny18", "input");
  g_autoptr(PspTensor) one_reference = golden_read ("tiny18", "logits");
  g_autoptr(PspTensor) input = double_batch (image);
  g_autoptr(PspTensor) reference = double_batch (one_reference);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(PspTensor) result = NULL;
  PspWeights *weights;
  PspSession *session;

  shim->allocation_bytes = 512 * 1024;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  weights = psp_weights_new (psp_model_get_graph (model), backend, &error);
  g_assert_no_error (error);
  session = psp_session_new (weights, &(PspSessionParams) {
    .input = { input->shape[3], input->shape[2] }, .batch = 2, .n_wanted = 1, .wanted = &logits,
  });
  g_test_message ("%" G_GSIZE_FORMAT " bytes", psp_session_get_bytes (session));

  psp_session_run (session, input, (PspProgress) { 0 }, NULL, &error);
  g_assert_no_error (error);
  result = psp_session_read (session, logits, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (golden_difference (result, reference), <=, 1e-4);
  psp_session_free (session);
  psp_weights_free (weights);
}

/* What a run needed, as it was reckoned; kernels are measured in it, by a clock of the shim's, and
 * the device's part was not more. */
static gsize
reckon (gboolean split_memory)
{
  const double pixel_seconds[PSP_VULKAN_N_KERNELS] = { 0 };
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspModel) model = golden_load_model ("tiny50");
  g_autoptr(PspImage) photo = golden_draw_noise ((PspSize) { 65, 65 }, 7);
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(PspPrediction) prediction = NULL;
  g_autoptr(GError) error = NULL;
  PspVulkanBackend *vulkan;
  guint64 n_weights;

  shim->split_memory = split_memory;
  shim->pixel_seconds = pixel_seconds;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  vulkan = (PspVulkanBackend *) backend;
  vulkan->convolution.kernel = PSP_VULKAN_N_KERNELS;
  g_clear_pointer (&vulkan->pipelines->choices, psp_vulkan_choices_free);
  vulkan->pipelines->choices = psp_vulkan_choices_new ();
  runner = psp_runner_new (model, backend, &error);
  g_assert_no_error (error);
  n_weights = shim->n_bytes - psp_backend_get_transfer_bytes (backend);

  /* Computed was nothing. */
  prediction = psp_runner_predict (runner, photo, NULL, TRUE, (PspProgress) { 0 }, NULL, NULL);
  g_test_message ("%" G_GUINT64_FORMAT " bytes on the device, %" G_GSIZE_FORMAT " reckoned",
                  shim->most_bytes - n_weights, psp_runner_get_peak_bytes (runner));
  g_assert_cmpuint (shim->most_bytes - n_weights, <=, psp_runner_get_peak_bytes (runner));
  return psp_runner_get_peak_bytes (runner);
}

/* Nothing that the backend takes of its own is left out: sums of parts, the results of trials, and
 * staging where there is some. */
static void
test_reckoned (void)
{
  gsize mapped = reckon (FALSE);

  g_assert_cmpuint (reckon (TRUE), ==, mapped + 16 * MIB);
}

/* What does not fit in one piece is refused with both numbers. */
static void
test_allocation_too_large (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = NULL;

  shim->allocation_bytes = 64 * MIB;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_assert_null (psp_backend_buffer_new (backend, 16 * MIB + 1, "activations", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY);
  g_assert_nonnull (strstr (error->message, "“activations”, 67108868 bytes: it allocates at most "
                                            "67108864 in one piece"));
}

/* Runs that are checked are robust, others as fast as they can be. */
static void
test_robust (void)
{
  PspBackendOptions options = { .validation = TRUE };
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  PspBackend *backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);

  g_assert_false (shim->robust);
  psp_backend_unref (backend);
  if (!vulkan_test_has_validation ())
    {
      g_test_skip ("the validation layer is not installed");
      return;
    }

  shim = vulkan_shim_reset ();
  backend = psp_vulkan_backend_new_full (vulkan_shim_get_function, NULL,
                                         vulkan_test_find_device (), &options, &error);
  g_assert_no_error (error);
  g_assert_true (shim->robust);
  psp_backend_unref (backend);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  for (gsize i = 0; i < G_N_ELEMENTS (poor_devices); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vulkan/poor/network/%s", poor_devices[i].name);

      g_test_add_data_func (path, &poor_devices[i], test_network);
    }
  g_test_add_func ("/vulkan/poor/shared-memory", test_shared_memory);
  g_test_add_func ("/vulkan/poor/few-allocations", test_few_allocations);
  g_test_add_func ("/vulkan/poor/arena-in-pieces", test_arena_in_pieces);
  g_test_add_func ("/vulkan/poor/reckoned", test_reckoned);
  g_test_add_func ("/vulkan/poor/allocation-too-large", test_allocation_too_large);
  g_test_add_func ("/vulkan/poor/robust", test_robust);
  return g_test_run ();
}
