/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-scenario.h"
#include "tests/vulkan/vulkan-test.h"

#include <string.h>

/* Without this, a layer that is not there could not be told from one that finds nothing. */
static void
test_validation_is_loaded (void)
{
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(GError) error = NULL;
  PspVulkanDevice *device;
  VkBuffer buffer;
  VkBufferCreateInfo empty = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
  };

  if (!vulkan_test_has_validation ())
    {
      g_test_skip ("the validation layer is not installed");
      return;
    }

  backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  device = ((PspVulkanBackend *) backend)->device;
  if (device->vk->CreateBuffer (device->handle, &empty, NULL, &buffer) == VK_SUCCESS)
    device->vk->DestroyBuffer (device->handle, buffer, NULL);

  g_assert_false (psp_backend_finish (backend, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "VUID-VkBufferCreateInfo-size-00912"));

  g_clear_error (&error);
  g_assert_true (psp_backend_finish (backend, NULL, &error));
  g_assert_no_error (error);
}

/* Two dispatches that write the same, with no barrier in between, are a message, too. */
static void
test_synchronization_is_checked (void)
{
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(VulkanScenario) scenario = NULL;
  g_autoptr(GError) error = NULL;
  PspVulkanStream *stream;

  if (!vulkan_test_has_validation ())
    {
      g_test_skip ("the validation layer is not installed");
      return;
    }

  backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  scenario = vulkan_scenario_new (backend, 7, 16, &error);
  g_assert_no_error (error);
  stream = ((PspVulkanBackend *) backend)->stream;
  g_assert_true (vulkan_scenario_convolve (scenario, NULL, &error));
  stream->open->n_reads = 0;
  stream->open->n_writes = 0;
  g_assert_true (vulkan_scenario_convolve (scenario, NULL, &error));

  g_assert_false (psp_backend_finish (backend, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "SYNC-HAZARD"));
}

static gpointer
cancel_later (gpointer data)
{
  g_usleep (300 * 1000);
  g_cancellable_cancel (data);
  return GSIZE_TO_POINTER (g_get_monotonic_time ());
}

/* 4096 to 512 channels on 60 x 60 pixels: 136 GFLOP, the largest step of PSPNet at 473 x 473.  On
 * an idle machine it ends 0.1 s after it was cancelled; here others may be at work, but what is
 * waited for must be a small part of the 10 s or more that the whole takes. */
static void
test_cancel (void)
{
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(VulkanScenario) scenario = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GThread *thread;
  gint64 ended, cancelled;

  backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  scenario = vulkan_scenario_new (backend, 60, 4096, &error);
  g_assert_no_error (error);

  thread = g_thread_new ("cancel", cancel_later, cancellable);
  while (error == NULL && vulkan_scenario_convolve (scenario, cancellable, &error) &&
         psp_backend_finish (backend, cancellable, &error))
    g_test_message ("done before it was cancelled");
  ended = g_get_monotonic_time ();
  cancelled = GPOINTER_TO_SIZE (g_thread_join (thread));

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_test_message ("%.3f s after it was cancelled", (double) (ended - cancelled) / G_USEC_PER_SEC);
  g_assert_cmpfloat ((double) (ended - cancelled) / G_USEC_PER_SEC, <, 3);

  /* The backend works as before. */
  g_clear_error (&error);
  g_assert_true (vulkan_scenario_run (backend, 9, 24, &error));
  g_assert_no_error (error);
  g_assert_false (psp_vulkan_stream_is_busy (((PspVulkanBackend *) backend)->stream));
}

static void
test_cancelled_before (void)
{
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  g_autoptr(VulkanScenario) scenario = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  scenario = vulkan_scenario_new (backend, 7, 16, &error);
  g_assert_no_error (error);
  vulkan_scenario_convolve (scenario, NULL, &error);
  g_cancellable_cancel (cancellable);
  g_assert_false (psp_backend_finish (backend, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_clear_error (&error);
  g_assert_true (psp_backend_finish (backend, NULL, &error));
  g_assert_no_error (error);
}

/* No message of the validation layer; cancelled, the backend goes on working. */
static void
test_ceiling (void)
{
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  PspCeiling ceiling = { 0 };

  g_cancellable_cancel (cancellable);
  g_assert_false (psp_backend_measure_ceiling (backend, &ceiling, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  psp_backend_measure_ceiling (backend, &ceiling, NULL, &error);
  g_assert_no_error (error);
  psp_backend_finish (backend, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (ceiling.product_rate, >, 0);
  g_assert_cmpfloat (ceiling.copy_rate, >, 0);
  g_assert_nonnull (strstr (ceiling.product_means, "kernels"));
  g_assert_cmpstr (ceiling.copy_means, ==, "vkCmdCopyBuffer");
}

/* The memory of every machine, and more than a size can count. */
static void
test_absurd_sizes (void)
{
  static const gsize sizes[] = { G_GUINT64_CONSTANT (1) << 45, G_MAXSIZE / 2 };
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (psp_backend_buffer_new (backend, sizes[i], "absurd", &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY);
      g_assert_nonnull (strstr (error->message, "absurd"));
    }
}

/* More than the staging holds, at odd offsets. */
static void
test_transfers (gconstpointer data)
{
  const gsize n = 5 * 1000 * 1000 + 3;
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, GPOINTER_TO_INT (data));
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBuffer) buffer = psp_backend_buffer_new (backend, n + 20, "transfers", &error);
  g_autofree float *sent = g_new (float, n);
  g_autofree float *received = g_new0 (float, n);

  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    sent[i] = (float) (i % 2039);

  g_assert_true (psp_backend_upload (backend, buffer, 7, sent, n, &error));
  g_assert_true (psp_backend_upload (backend, buffer, 1000, sent + 100, 17, &error));
  g_assert_true (psp_backend_finish (backend, NULL, &error));
  g_assert_true (psp_backend_download (backend, buffer, 7, received, n, &error));
  g_assert_no_error (error);
  memcpy (sent + 1000 - 7, sent + 100, 17 * sizeof *sent);
  g_assert_cmpmem (received, n * sizeof *received, sent, n * sizeof *sent);

  g_assert_false (psp_backend_download (backend, buffer, n, received, 21, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
}

static gpointer
compute_in_thread (gpointer data)
{
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  GError *error = NULL;

  for (int i = 0; i < 5 && error == NULL; i++)
    vulkan_scenario_run (backend, 11 + i, 32, &error);
  return error;
}

/* Tasks that wait for each other. */
typedef struct
{
  GMutex mutex;
  GCond  arrived;
  int    n_waiting;
  int    n_met;
} Meeting;

#define N_MEETING 3

static void
meet (int      task,
      int      thread,
      gpointer data)
{
  Meeting *self = data;
  gint64 deadline = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;

  g_mutex_lock (&self->mutex);
  self->n_waiting++;
  g_cond_broadcast (&self->arrived);
  while (self->n_waiting < N_MEETING &&
         g_cond_wait_until (&self->arrived, &self->mutex, deadline))
    continue;
  self->n_met += self->n_waiting == N_MEETING;
  g_mutex_unlock (&self->mutex);
}

/* What the host computes between runs takes as many threads as are allowed. */
static void
test_host_threads (void)
{
  PspBackendOptions options = { .n_threads = N_MEETING };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = psp_vulkan_backend_new (0, &options, &error);
  Meeting meeting = { 0 };

  g_assert_no_error (error);
  g_mutex_init (&meeting.mutex);
  g_cond_init (&meeting.arrived);
  psp_backend_run_tasks (backend, N_MEETING, meet, &meeting);
  g_assert_cmpint (meeting.n_met, ==, N_MEETING);
  g_cond_clear (&meeting.arrived);
  g_mutex_clear (&meeting.mutex);
}

static void
test_two_backends (void)
{
  GThread *one = g_thread_new ("one", compute_in_thread, NULL);
  GThread *other = g_thread_new ("other", compute_in_thread, NULL);

  g_assert_null (g_thread_join (one));
  g_assert_null (g_thread_join (other));
}

static void
test_no_such_device (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (psp_vulkan_backend_new (99, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE);
  g_clear_error (&error);
  g_assert_null (psp_vulkan_backend_new (-1, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE);
}

static void
test_no_driver (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) devices = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  g_setenv ("VK_DRIVER_FILES", "/nonexistent/driver.json", TRUE);
  g_setenv ("VK_ICD_FILENAMES", "/nonexistent/driver.json", TRUE);
  devices = psp_vulkan_list_devices ();
  g_assert_cmpint (devices->len, ==, 0);
  g_assert_null (psp_vulkan_backend_new (0, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  g_test_add_func ("/vulkan/validation/is-loaded", test_validation_is_loaded);
  g_test_add_func ("/vulkan/validation/synchronization", test_synchronization_is_checked);
  g_test_add_func ("/vulkan/cancel/running", test_cancel);
  g_test_add_func ("/vulkan/cancel/before", test_cancelled_before);
  g_test_add_func ("/vulkan/ceiling", test_ceiling);
  g_test_add_func ("/vulkan/buffers/absurd-sizes", test_absurd_sizes);
  g_test_add_data_func ("/vulkan/transfers/fp32", GINT_TO_POINTER (PSP_PRECISION_FP32),
                        test_transfers);
  g_test_add_data_func ("/vulkan/transfers/fp16", GINT_TO_POINTER (PSP_PRECISION_FP16),
                        test_transfers);
  g_test_add_func ("/vulkan/host-threads", test_host_threads);
  g_test_add_func ("/vulkan/two-backends", test_two_backends);
  g_test_add_func ("/vulkan/no-such-device", test_no_such_device);
  g_test_add_func ("/vulkan/no-driver", test_no_driver);
  return g_test_run ();
}
