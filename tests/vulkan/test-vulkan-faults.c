/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-scenario.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

#include <glib/gstdio.h>

/* Opens the device, computes, closes it; whatever fails is reported. */
static gboolean
open_and_compute (const char  *cache_path,
                  GError     **error)
{
  g_autoptr(PspBackend) backend =
    psp_vulkan_backend_new_full (vulkan_shim_get_function, cache_path, 0, NULL, error);

  return backend != NULL && vulkan_scenario_run (backend, 7, 16, error);
}

/* Fails each call in turn, until the scenario no longer comes to the one that should fail. */
static void
test_every_call (gconstpointer data)
{
  const VkResult failure = GPOINTER_TO_INT (data);
  g_autofree char *cache_path = g_strdup_printf ("%s/test-vulkan-faults-%p.cache",
                                                 g_get_tmp_dir (), (void *) &failure);
  int n_failed = 0;

  for (int n = 1;; n++)
    {
      VulkanShim *shim = vulkan_shim_reset ();
      g_autoptr(GError) error = NULL;
      gboolean success;

      shim->split_memory = TRUE;
      shim->failure = failure;
      shim->fail_at = n;
      success = open_and_compute (cache_path, &error);

      g_assert_cmpint (shim->n_live, ==, 0);
      g_remove (cache_path);
      if (shim->failed == NULL)
        {
          g_assert_no_error (error);
          break;
        }
      g_test_message ("%s: %s", shim->failed, success ? "no error" : error->message);
      if (success)
        {
          /* Only what is a convenience may fail unseen. */
          g_assert_cmpstr (shim->failed, ==, "vkGetPipelineCacheData");
          continue;
        }
      n_failed++;
      g_assert_true (error->domain == PSP_ERROR);
      if (failure == VK_ERROR_OUT_OF_DEVICE_MEMORY)
        g_assert_cmpint (error->code, ==, PSP_ERROR_NO_MEMORY);
      else
        g_assert_true (error->code == PSP_ERROR_DEVICE || error->code == PSP_ERROR_NO_DEVICE);
    }

  g_assert_cmpint (n_failed, >, 50);
}

/* Devices that cannot be listed are not said to be missing. */
static void
test_not_listed (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;

  for (int n = 1; n <= 2; n++)
    {
      g_clear_error (&error);
      shim->only = "vkEnumeratePhysicalDevices";
      shim->failure = VK_ERROR_OUT_OF_HOST_MEMORY;
      shim->fail_at = n;
      g_assert_null (psp_vulkan_backend_new_full (vulkan_shim_get_function, NULL, 0, NULL, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY);

      g_clear_error (&error);
      shim->failure = VK_ERROR_INITIALIZATION_FAILED;
      shim->fail_at = n;
      g_assert_null (psp_vulkan_backend_new_full (vulkan_shim_get_function, NULL, 0, NULL, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE);
      g_assert_nonnull (strstr (error->message, "VK_ERROR_INITIALIZATION_FAILED"));
    }
}

/* What cannot be placed says what, and how much. */
static void
test_no_memory_names_buffer (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  PspBuffer *buffer;

  shim->failure = VK_ERROR_OUT_OF_DEVICE_MEMORY;
  shim->fail_at = 2;
  buffer = psp_backend_buffer_new (backend, 1000, "layer4 weights", &error);
  g_assert_null (buffer);
  g_assert_cmpstr (shim->failed, ==, "vkAllocateMemory");
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY);
  g_assert_nonnull (strstr (error->message, "“layer4 weights”, 4000 bytes"));
}

/* A device that is lost stays lost: nothing is submitted any more, and nothing succeeds. */
static void
test_lost_is_sticky (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_autoptr(VulkanScenario) scenario = vulkan_scenario_new (backend, 7, 16, &error);
  int n_calls;

  g_assert_no_error (error);
  g_assert_true (vulkan_scenario_convolve (scenario, NULL, &error));
  g_assert_no_error (error);
  shim->failure = VK_ERROR_DEVICE_LOST;
  shim->fail_at = 3;
  g_assert_false (psp_backend_finish (backend, NULL, &error));
  g_assert_cmpstr (shim->failed, ==, "vkQueueSubmit");
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);

  n_calls = shim->n_calls;
  g_clear_error (&error);
  g_assert_false (vulkan_scenario_convolve (scenario, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  g_clear_error (&error);
  g_assert_false (psp_backend_finish (backend, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  g_clear_error (&error);
  g_assert_null (psp_backend_buffer_new (backend, 8, "late", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  g_assert_cmpint (shim->n_calls, ==, n_calls);
}

/* A device that never answers is given up like a lost one, after a minute.  What it may still use
 * is not freed; nothing waits for it any more. */
static void
test_silence (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  PspBackend *backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  VulkanScenario *scenario = vulkan_scenario_new (backend, 7, 16, &error);
  int n_live, n_waits;

  g_assert_no_error (error);
  g_assert_true (vulkan_scenario_convolve (scenario, NULL, &error));
  shim->silent = TRUE;
  g_assert_false (psp_backend_finish (backend, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "has not answered for a minute"));

  n_waits = shim->n_waits;
  g_clear_error (&error);
  g_assert_false (vulkan_scenario_convolve (scenario, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  n_live = shim->n_live;
  vulkan_scenario_free (scenario);
  g_assert_cmpint (shim->n_live, ==, n_live);
  psp_backend_unref (backend);
  g_assert_cmpint (shim->n_waits, ==, n_waits);
  shim->n_live = 0;
}

/* Whoever cancels does not wait until a device answers: half a second is ten slices. */
static void
test_cancelled_silence (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_autoptr(VulkanScenario) scenario = vulkan_scenario_new (backend, 7, 16, &error);

  g_assert_no_error (error);
  g_assert_true (vulkan_scenario_convolve (scenario, cancellable, &error));
  shim->silent = TRUE;
  shim->cancel = cancellable;
  shim->fail_at = 7;
  g_assert_false (psp_backend_finish (backend, cancellable, &error));
  g_assert_cmpstr (shim->failed, ==, "vkWaitForFences");
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (shim->n_waits, <, 10 + 7);

  /* It was only slow: the next run waits for it and is right. */
  shim->silent = FALSE;
  g_clear_error (&error);
  g_assert_true (vulkan_scenario_run (backend, 7, 16, &error));
  g_assert_no_error (error);
}

/* Cancels at each call in turn: the buffers, and whatever is recorded, stay good for another
 * run. */
static void
test_cancel_at_every_call (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_autoptr(VulkanScenario) scenario = vulkan_scenario_new (backend, 33, 64, &error);
  PspVulkanStream *stream = ((PspVulkanBackend *) backend)->stream;
  int n_cancelled = 0;

  g_assert_no_error (error);
  for (int n = 1;; n++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      gboolean success;

      stream->cost_limit = 1e5; /* several submissions */
      shim->cancel = cancellable;
      shim->failed = NULL;
      shim->fail_at = n;
      success = psp_backend_finish (backend, cancellable, &error) &&
                vulkan_scenario_convolve (scenario, cancellable, &error) &&
                psp_backend_finish (backend, cancellable, &error);
      shim->fail_at = 0;
      if (shim->failed == NULL)
        break;
      if (success) /* of the last chunk, which was done by then */
        g_assert_true (g_str_equal (shim->failed, "vkWaitForFences") ||
                       g_str_equal (shim->failed, "vkGetQueryPoolResults"));
      else
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      n_cancelled += !success;
      g_clear_error (&error);
      g_assert_true (vulkan_scenario_convolve (scenario, NULL, &error));
      g_assert_true (psp_backend_finish (backend, NULL, &error));
      g_assert_true (vulkan_scenario_check (scenario, &error));
      g_assert_no_error (error);
    }
  g_assert_cmpint (n_cancelled, >, 10);
}

static void
test_no_16_bit (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  PspBackendOptions options = { .precision = PSP_PRECISION_FP16 };
  g_autoptr(GError) error = NULL;

  shim->no_16_bit = TRUE;
  g_assert_null (psp_vulkan_backend_new_full (vulkan_shim_get_function, NULL, 0, &options,
                                              &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
}

/* One bin needs all of a map, more than a storage buffer may hold: a whole photo on devices that
 * allow 128 MiB. */
static void
test_bin_too_large (void)
{
  const int side = 40, channels = 64;
  const gsize n = side * side * channels;
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(PspBuffer) from = NULL;
  g_autoptr(PspBuffer) to = NULL;
  g_autofree float *floats = g_new (float, n);
  PspBinPooling operation = {
    .source = { .batch = 1, .height = side, .width = side, .channels = channels,
                .pixel_stride = channels },
    .destination = { .batch = 1, .height = 1, .width = 1, .channels = channels,
                     .pixel_stride = channels },
  };

  for (gsize i = 0; i < n; i++)
    floats[i] = (float) (i % channels);
  shim->storage_range = 64 * 1024;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  from = psp_backend_buffer_new (backend, n, "large", &error);
  g_assert_no_error (error);
  to = psp_backend_buffer_new (backend, channels, "bin", &error);
  g_assert_no_error (error);
  operation.source.buffer = from;
  operation.destination.buffer = to;

  g_assert_true (psp_backend_upload (backend, from, 0, floats, n, &error));
  g_assert_true (psp_backend_pool_bins (backend, &operation, NULL, &error));
  g_assert_true (psp_backend_finish (backend, NULL, &error));
  g_assert_true (psp_backend_download (backend, to, 0, floats, channels, &error));
  g_assert_no_error (error);
  for (int c = 0; c < channels; c++)
    g_assert_cmpfloat (floats[c], ==, c);
}

/* A part cannot be smaller than a pixel. */
static void
test_pixel_too_large (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = NULL;

  shim->storage_range = 1024;
  shim->n_texels = 64;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_assert_false (vulkan_scenario_run (backend, 7, 64, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  g_test_add_data_func ("/vulkan/faults/no-memory",
                        GINT_TO_POINTER (VK_ERROR_OUT_OF_DEVICE_MEMORY), test_every_call);
  g_test_add_data_func ("/vulkan/faults/device-lost", GINT_TO_POINTER (VK_ERROR_DEVICE_LOST),
                        test_every_call);
  g_test_add_func ("/vulkan/faults/not-listed", test_not_listed);
  g_test_add_func ("/vulkan/faults/no-memory-names-buffer", test_no_memory_names_buffer);
  g_test_add_func ("/vulkan/faults/lost-is-sticky", test_lost_is_sticky);
  g_test_add_func ("/vulkan/faults/silence", test_silence);
  g_test_add_func ("/vulkan/faults/cancelled-silence", test_cancelled_silence);
  g_test_add_func ("/vulkan/faults/cancel-at-every-call", test_cancel_at_every_call);
  g_test_add_func ("/vulkan/faults/no-16-bit", test_no_16_bit);
  g_test_add_func ("/vulkan/faults/bin-too-large", test_bin_too_large);
  g_test_add_func ("/vulkan/faults/pixel-too-large", test_pixel_too_large);
  return g_test_run ();
}
