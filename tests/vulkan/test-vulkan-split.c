/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-split.h"
#include "tests/vulkan/vulkan-scenario.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

#define KIB 1024

/* A test of its own for each of these. */
static const PspVulkanKernelId kernels[] = {
  PSP_VULKAN_KERNEL_CONVOLVE,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_32,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_128,
};

static void
set_choice (PspBackend        *backend,
            PspVulkanKernelId  kernel,
            guint32            n_parts)
{
  ((PspVulkanBackend *) backend)->convolution = (PspVulkanChoice) { kernel, n_parts };
}

static void
compute (PspBackend *backend,
         int         side,
         int         channels)
{
  g_autoptr(GError) error = NULL;

  vulkan_scenario_run (backend, side, channels, &error);
  g_assert_no_error (error);
}

/* Few results of many products: as many parts as there may be, and numbers that divide nothing. */
static void
test_deep (gconstpointer data)
{
  static const guint32 parts[] = { 2, 5, 11, PSP_VULKAN_MAX_PARTS };
  const PspVulkanKernelId *kernel = data;
  g_autoptr(PspBackend) singles = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  g_autoptr(PspBackend) halves = vulkan_test_open (NULL, PSP_PRECISION_FP16);

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      set_choice (singles, *kernel, parts[i]);
      compute (singles, 5, 320);
      set_choice (halves, *kernel, parts[i]);
      compute (halves, 7, 56);
    }
}

/* Buffers of @self filled with numbers whose sums are rounded. */
static void
fill_randomly (VulkanScenario *self)
{
  PspBuffer *buffers[] = { self->source, self->weights, self->bias };
  g_autoptr(GRand) random = g_rand_new_with_seed (3);
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (buffers); i++)
    {
      g_autofree float *floats = g_new (float, buffers[i]->n_elements);

      for (gsize k = 0; k < buffers[i]->n_elements; k++)
        floats[k] = (float) g_rand_double_range (random, -1, 1);
      psp_backend_upload (self->backend, buffers[i], 0, floats, buffers[i]->n_elements, &error);
      g_assert_no_error (error);
    }
}

/* (transfer full): what @self makes. */
static float *
read_result (VulkanScenario *self)
{
  float *floats = g_new (float, self->destination->n_elements);
  g_autoptr(GError) error = NULL;

  vulkan_scenario_convolve (self, NULL, &error);
  g_assert_no_error (error);
  psp_backend_finish (self->backend, NULL, &error);
  g_assert_no_error (error);
  psp_backend_download (self->backend, self->destination, 0, floats,
                        self->destination->n_elements, &error);
  g_assert_no_error (error);
  return floats;
}

/* The same bits wherever the slots are, and however the pixels are cut. */
static void
test_same_bits (void)
{
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  PspVulkanBackend *vulkan = (PspVulkanBackend *) backend;
  g_autoptr(GError) error = NULL;
  g_autoptr(VulkanScenario) scenario = vulkan_scenario_new (backend, 19, 128, &error);
  gsize n_bytes;
  g_autofree float *first = NULL;

  g_assert_no_error (error);
  fill_randomly (scenario);
  set_choice (backend, PSP_VULKAN_KERNEL_CONVOLVE, 5);
  first = read_result (scenario);
  n_bytes = scenario->destination->n_elements * sizeof *first;
  for (int i = 0; i < 8; i++)
    {
      g_autofree float *again = NULL;

      /* Three times among the first, at the end, beyond it; then in small submissions. */
      if (i >= 3)
        vulkan->slots_used = vulkan->slots->n_bytes - (i - 3) * 4 * n_bytes;
      if (i >= 5)
        vulkan->stream->cost_limit = 1;
      again = read_result (scenario);
      g_assert_cmpmem (again, n_bytes, first, n_bytes);
    }
}

/* Parts are tried where the work-groups are few and have much to add, and only there. */
static void
test_offered (void)
{
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  PspVulkanBackend *vulkan = (PspVulkanBackend *) backend;

  set_choice (backend, PSP_VULKAN_N_KERNELS, 1);
  g_clear_pointer (&vulkan->pipelines->choices, psp_vulkan_choices_free);
  vulkan->pipelines->choices = psp_vulkan_choices_new ();

  compute (backend, 6, 24); /* 216 products */
  g_assert_null (vulkan->slots);
  compute (backend, 184, 32); /* 265 work-groups of 128 pixels, the largest */
  g_assert_null (vulkan->slots);
  compute (backend, 6, 32);
  g_assert_nonnull (vulkan->slots);
}

/* In both precisions, in one part and in several, on a device such as the shim makes it. */
static void
compute_both (PspVulkanKernelId kernel)
{
  g_autoptr(PspBackend) singles = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_autoptr(PspBackend) halves = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP16);

  for (guint32 n_parts = 1; n_parts <= 3; n_parts++)
    {
      set_choice (singles, kernel, n_parts);
      compute (singles, 3, 256);
      set_choice (halves, kernel, n_parts);
      compute (halves, 4, 192);
    }
}

/* Weights of 295 kB and 83 kB where 64 KiB can be bound. */
static void
test_small_range (gconstpointer data)
{
  const PspVulkanKernelId *kernel = data;
  VulkanShim *shim = vulkan_shim_reset ();

  shim->storage_range = 64 * KIB;
  shim->n_texels = 64 * KIB / 16;
  compute_both (*kernel);
}

/* The same weights where 64 KiB can be allocated: pieces of 60 KiB and the start of the next. */
static void
test_small_allocation (gconstpointer data)
{
  const PspVulkanKernelId *kernel = data;
  VulkanShim *shim = vulkan_shim_reset ();

  shim->allocation_bytes = 64 * KIB;
  compute_both (*kernel);
}

/* Nothing of the pieces stays, whichever of their allocations fails. */
static void
test_no_memory_for_pieces (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspBackend) backend = NULL;

  shim->allocation_bytes = 64 * KIB;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  for (int n = 1;; n++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(VulkanScenario) scenario = NULL;
      int n_live = shim->n_live;

      shim->failure = VK_ERROR_OUT_OF_DEVICE_MEMORY;
      shim->only = "vkAllocateMemory";
      shim->failed = NULL;
      shim->fail_at = n;
      scenario = vulkan_scenario_new (backend, 3, 256, &error);
      if (scenario != NULL)
        break;
      g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY);
      g_assert_cmpint (shim->n_live, ==, n_live);
      g_assert_cmpint (n, <, 20);
    }
  g_assert_cmpint (shim->n_allocations, >, 6);
}

/* Not even the weights of 32 input channels fit. */
static void
test_too_small_range (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(GError) error = NULL;

  shim->storage_range = 15 * KIB;
  shim->n_texels = 15 * KIB / 16;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_assert_false (vulkan_scenario_run (backend, 1, 1024, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "can bind 15360 bytes"));
}

/* Where there is no memory for slots, the sums are not cut. */
static void
test_no_slots (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_autoptr(GError) error = NULL;
  g_autoptr(VulkanScenario) scenario = vulkan_scenario_new (backend, 5, 320, &error);

  g_assert_no_error (error);
  set_choice (backend, PSP_VULKAN_KERNEL_CONVOLVE, 4);
  shim->failure = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  shim->only = "vkAllocateMemory";
  shim->fail_at = 1;
  vulkan_scenario_convolve (scenario, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (shim->failed, ==, "vkAllocateMemory");
  g_assert_null (((PspVulkanBackend *) backend)->slots);
  psp_backend_finish (backend, NULL, &error);
  g_assert_no_error (error);
  vulkan_scenario_check (scenario, &error);
  g_assert_no_error (error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  for (gsize i = 0; i < G_N_ELEMENTS (kernels); i++)
    {
      const char *label = psp_vulkan_kernel_get (kernels[i])->label;
      g_autofree char *deep = g_strdup_printf ("/vulkan/split/deep/%s", label);
      g_autofree char *allocation = g_strdup_printf ("/vulkan/split/small-allocation/%s", label);
      g_autofree char *range = g_strdup_printf ("/vulkan/split/small-range/%s", label);

      g_test_add_data_func (deep, &kernels[i], test_deep);
      g_test_add_data_func (allocation, &kernels[i], test_small_allocation);
      g_test_add_data_func (range, &kernels[i], test_small_range);
    }
  g_test_add_func ("/vulkan/split/same-bits", test_same_bits);
  g_test_add_func ("/vulkan/split/offered", test_offered);
  g_test_add_func ("/vulkan/split/too-small-range", test_too_small_range);
  g_test_add_func ("/vulkan/split/no-slots", test_no_slots);
  g_test_add_func ("/vulkan/split/no-memory-for-pieces", test_no_memory_for_pieces);
  return g_test_run ();
}
