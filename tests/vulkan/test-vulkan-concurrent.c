/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "tests/concurrent-runs.h"
#include "tests/golden-models.h"
#include "tests/vulkan/vulkan-test.h"

static PspBackend *
open_device (void)
{
  return vulkan_test_open (NULL, PSP_PRECISION_FP32);
}

/* One of two devices at work on the same photo. */
typedef struct
{
  PspRunner     *runner;
  PspImage      *image;
  PspPrediction *prediction; /* (out) */
} Half;

static gpointer
predict (gpointer data)
{
  Half *self = data;
  g_autoptr(GError) error = NULL;

  self->prediction = psp_runner_predict (self->runner, self->image, NULL, TRUE,
                                         (PspProgress) { 0 }, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

static void
test_two_devices (void)
{
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspBackend) device = open_device ();
  g_autoptr(PspBackend) processor = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(PspRunner) first = psp_runner_new (model, device, NULL);
  g_autoptr(PspRunner) second = psp_runner_new (model, processor, NULL);

  for (int i = 0; i < 3; i++)
    {
      g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 40 + 8 * i, 32 }, i);
      Half halves[] = { { first, image, NULL }, { second, image, NULL } };
      GThread *thread = g_thread_new ("first", predict, &halves[0]);
      g_autoptr(PspPrediction) one = NULL;
      g_autoptr(PspPrediction) other = NULL;

      predict (&halves[1]);
      g_thread_join (thread);
      one = halves[0].prediction;
      other = halves[1].prediction;
      concurrent_assert_agree (one, other, 1e-4);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  concurrent_add_tests (open_device, "/vulkan");
  g_test_add_func ("/vulkan/concurrent/two-devices", test_two_devices);
  return g_test_run ();
}
