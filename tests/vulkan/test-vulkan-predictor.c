/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/run/psp-predictor-private.h"
#include "tests/concurrent-runs.h"
#include "tests/golden-models.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

#include <string.h>

/* A whole prediction, from opening the device to reading the result, and what it should be. */
typedef struct
{
  PspModel      *model;
  PspImage      *image;
  PspPrediction *expected;
} Fixture;

/* What the listener heard. */
typedef struct
{
  int  n_reopened;
  int  n_handed_over;
  int  n_batches;
} Heard;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(PspBackend) processor = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(GError) error = NULL;

  fixture->model = golden_load_model ("tiny18");
  fixture->image = golden_draw_noise ((PspSize) { 9, 9 }, 7);
  runner = psp_runner_new (fixture->model, processor, &error);
  fixture->expected = psp_runner_predict (runner, fixture->image, NULL, TRUE,
                                          (PspProgress) { 0 }, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  psp_model_unref (fixture->model);
  psp_image_unref (fixture->image);
  psp_prediction_unref (fixture->expected);
}

/* As psp_device_open(), with the shim in front of the driver. */
static PspBackend *
open_shimmed (const char               *device,
              const PspBackendOptions  *options,
              GError                  **error)
{
  g_autofree char *cache_path = g_test_build_filename (G_TEST_BUILT, "test-predictor.cache", NULL);

  if (strcmp (device, "cpu") == 0)
    return psp_cpu_backend_new (options, error);
  return psp_vulkan_backend_new_full (vulkan_shim_get_function, cache_path,
                                      vulkan_test_find_device (), options, error);
}

static void
listen (const GError *failure,
        const char   *remedy,
        gpointer      data)
{
  Heard *heard = data;

  g_assert_nonnull (failure);
  heard->n_reopened += strstr (remedy, "anew") != NULL;
  heard->n_handed_over += strstr (remedy, "processor") != NULL;
  heard->n_batches += strstr (remedy, "batches") != NULL;
}

static PspPrediction *
predict (const Fixture        *fixture,
         const char           *device,
         const PspRunOptions  *options,
         Heard                *heard,
         GError              **error)
{
  PspBackendOptions backend_options = { .n_threads = 1 };
  g_autoptr(PspPredictor) predictor = psp_predictor_new_full (open_shimmed, fixture->model, device,
                                                              &backend_options, listen, heard,
                                                              error);

  return predictor != NULL ? psp_predictor_predict (predictor, fixture->image, options, TRUE,
                                                    (PspProgress) { 0 }, NULL, error)
                           : NULL;
}

/* What calls are let fail with, one after the other. */
typedef struct
{
  const char *name;
  VkResult    failure;
  int         step;         /* every so many calls, which ones by the test's seed; with -m slow,
                               each */
  gboolean    for_good;     /* whether nothing works any more after that */
  gboolean    split_memory; /* with staging */
} FaultCase;

static const FaultCase fault_cases[] = {
  { "device-memory", VK_ERROR_OUT_OF_DEVICE_MEMORY, 13, FALSE, FALSE },
  { "device-lost", VK_ERROR_DEVICE_LOST, 7, FALSE, FALSE },
  { "host-memory", VK_ERROR_OUT_OF_HOST_MEMORY, 17, FALSE, FALSE },
  { "timeout", VK_TIMEOUT, 19, FALSE, FALSE },
  { "staged", VK_ERROR_DEVICE_LOST, 29, FALSE, TRUE },
  { "lost-for-good", VK_ERROR_DEVICE_LOST, 11, TRUE, FALSE },
};

static VulkanShim *
start_shim (const FaultCase *fault,
            int              n)
{
  VulkanShim *shim = vulkan_shim_reset ();

  shim->keep_device = TRUE;
  shim->split_memory = fault->split_memory;
  shim->for_good = fault->for_good;
  shim->failure = fault->failure;
  shim->fail_at = n;
  return shim;
}

/* Whichever call fails, once or from then on: the result is right, and each step was told. */
static void
test_every_call (Fixture       *fixture,
                 gconstpointer  data)
{
  const FaultCase *fault = data;
  int step = g_test_slow () ? 1 : fault->step;
  int n = g_test_rand_int_range (1, step + 1);

  for (;; n += step)
    {
      VulkanShim *shim = start_shim (fault, n);
      Heard heard = { 0 };
      g_autoptr(GError) error = NULL;
      g_autoptr(PspPrediction) prediction = predict (fixture, "auto", NULL, &heard, &error);

      g_assert_no_error (error);
      g_assert_cmpint (shim->n_live, ==, 0);
      concurrent_assert_agree (prediction, fixture->expected, 1e-4);
      if (shim->failed == NULL)
        {
          g_assert_cmpint (heard.n_reopened + heard.n_handed_over, ==, 0);
          break;
        }
      /* Only what saves time may fail unseen, and a wait that goes on. */
      if (strstr (shim->failed, "PipelineCache") != NULL ||
          (fault->failure == VK_TIMEOUT && strcmp (shim->failed, "vkWaitForFences") == 0))
        continue;
      g_assert_cmpint (heard.n_reopened + heard.n_handed_over, >=, 1);
      g_assert_cmpint (heard.n_handed_over, <=, fault->for_good);
    }
  g_test_message ("%d calls", n);
  g_assert_cmpint (n, >, 200);
}

/* A device is lost in the middle of the second photo, and its fences are signalled all the same:
 * the result is not that of the first. */
static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  gboolean split_memory = GPOINTER_TO_INT (data);
  g_autoptr(PspImage) other = golden_draw_noise ((PspSize) { 9, 9 }, 8);
  int n = 1;

  for (;; n++)
    {
      VulkanShim *shim = vulkan_shim_reset ();
      PspBackendOptions options = { .n_threads = 1 };
      Heard heard = { 0 };
      g_autoptr(GError) error = NULL;
      g_autoptr(PspPredictor) predictor = NULL;
      g_autoptr(PspPrediction) first = NULL;
      g_autoptr(PspPrediction) second = NULL;

      shim->keep_device = TRUE;
      shim->split_memory = split_memory;
      predictor = psp_predictor_new_full (open_shimmed, fixture->model, "auto", &options, listen,
                                          &heard, &error);
      g_assert_no_error (error);
      first = psp_predictor_predict (predictor, other, NULL, TRUE, (PspProgress) { 0 }, NULL,
                                     &error);
      g_assert_no_error (error);
      shim->drop_at = n;
      second = psp_predictor_predict (predictor, fixture->image, NULL, TRUE, (PspProgress) { 0 },
                                      NULL, &error);
      g_assert_no_error (error);
      concurrent_assert_agree (second, fixture->expected, 1e-4);
      g_assert_cmpint (heard.n_reopened, ==, shim->dropped);
      g_assert_cmpint (heard.n_handed_over, ==, 0);
      if (!shim->dropped)
        break;
    }
  g_test_message ("%d submissions lost", n - 1);
  g_assert_cmpint (n, >, 3);
}

/* A device that was asked for by its number is tried again, but nothing else takes its place. */
static void
test_asked_for (Fixture       *fixture,
                gconstpointer  data)
{
  const FaultCase once = { "once", VK_ERROR_DEVICE_LOST, 1, FALSE, FALSE };
  const FaultCase for_good = { "for good", VK_ERROR_DEVICE_LOST, 1, TRUE, FALSE };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) prediction = NULL;
  Heard heard = { 0 };

  start_shim (&once, 250);
  prediction = predict (fixture, "vulkan:0", NULL, &heard, &error);
  g_assert_no_error (error);
  concurrent_assert_agree (prediction, fixture->expected, 1e-4);
  g_assert_cmpint (heard.n_reopened, ==, 1);
  g_assert_cmpint (heard.n_handed_over, ==, 0);

  start_shim (&for_good, 250);
  heard = (Heard) { 0 };
  g_assert_null (predict (fixture, "vulkan:0", NULL, &heard, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (heard.n_reopened, ==, 1);
  g_assert_cmpint (heard.n_handed_over, ==, 0);
}

/* A device that failed for good is not asked again for each photo. */
static void
test_sticky (Fixture       *fixture,
             gconstpointer  data)
{
  const FaultCase for_good = { "for good", VK_ERROR_DEVICE_LOST, 1, TRUE, FALSE };
  VulkanShim *shim = start_shim (&for_good, 0);
  PspBackendOptions options = { .n_threads = 1 };
  Heard heard = { 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPredictor) predictor = psp_predictor_new_full (open_shimmed, fixture->model, "auto",
                                                              &options, listen, &heard, &error);
  int n_calls = 0;

  g_assert_no_error (error);
  shim->fail_at = 5;
  for (int run = 0; run < 3; run++)
    {
      g_autoptr(PspPrediction) prediction =
        psp_predictor_predict (predictor, fixture->image, NULL, TRUE, (PspProgress) { 0 }, NULL,
                               &error);

      g_assert_no_error (error);
      concurrent_assert_agree (prediction, fixture->expected, 1e-4);
      if (run == 0)
        n_calls = shim->n_calls;
      g_assert_cmpint (shim->n_calls, ==, n_calls);
    }
  g_assert_cmpint (heard.n_reopened, ==, 1);
  g_assert_cmpint (heard.n_handed_over, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  for (gsize i = 0; i < G_N_ELEMENTS (fault_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vulkan/predictor/every-call/%s",
                                               fault_cases[i].name);

      g_test_add (path, Fixture, &fault_cases[i], set_up, test_every_call, tear_down);
    }
  g_test_add ("/vulkan/predictor/dropped/mapped", Fixture, GINT_TO_POINTER (FALSE), set_up,
              test_dropped, tear_down);
  g_test_add ("/vulkan/predictor/dropped/staged", Fixture, GINT_TO_POINTER (TRUE), set_up,
              test_dropped, tear_down);
  g_test_add ("/vulkan/predictor/asked-for", Fixture, NULL, set_up, test_asked_for, tear_down);
  g_test_add ("/vulkan/predictor/sticky", Fixture, NULL, set_up, test_sticky, tear_down);
  return g_test_run ();
}
