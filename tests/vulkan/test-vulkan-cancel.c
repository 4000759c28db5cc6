/* SPDX-License-Identifier: MIT */
#include "tests/golden-models.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

/* Small enough that a run of the network takes many submissions. */
#define COST_LIMIT 1e5

typedef struct
{
  VulkanShim *shim;
  PspBackend *backend;
  PspRunner  *runner;
  PspTensor  *input;
  PspTensor  *reference;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(GError) error = NULL;

  fixture->shim = vulkan_shim_reset ();
  fixture->backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  fixture->runner = psp_runner_new (model, fixture->backend, &error);
  g_assert_no_error (error);
  fixture->input = golden_read ("tiny18", "input");
  fixture->reference = golden_read ("tiny18", "logits");
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  psp_runner_unref (fixture->runner);
  psp_backend_unref (fixture->backend);
  psp_tensor_unref (fixture->input);
  psp_tensor_unref (fixture->reference);
}

/* Fails the test if it succeeds with anything but what PyTorch computed. */
static gboolean
run (Fixture       *fixture,
     GCancellable  *cancellable,
     GError       **error)
{
  const char *taps[] = { "logits", NULL };
  g_autoptr(GHashTable) tensors = NULL;

  ((PspVulkanBackend *) fixture->backend)->stream->cost_limit = COST_LIMIT;
  tensors = psp_runner_get_taps (fixture->runner, fixture->input, taps, &(PspRunOptions) { 0 },
                                 cancellable, error);
  if (tensors == NULL)
    return FALSE;
  g_assert_cmpfloat (golden_difference (g_hash_table_lookup (tensors, "logits"),
                                        fixture->reference), <=, 1e-4);
  return TRUE;
}

/* Cancelled at each submission in turn, the same session then gives the right answer. */
static void
test_every_submission (Fixture       *fixture,
                       gconstpointer  data)
{
  VulkanShim *shim = fixture->shim;
  int n_cancelled = 0;

  for (int n = 1;; n++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GError) error = NULL;
      gboolean success;

      shim->only = "vkQueueSubmit";
      shim->cancel = cancellable;
      shim->failed = NULL;
      shim->fail_at = n;
      success = run (fixture, cancellable, &error);
      shim->fail_at = 0;
      if (shim->failed == NULL)
        break;

      /* The last ones are of the download, which is not cancelled. */
      n_cancelled += !success;
      if (!success)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      g_assert_true (run (fixture, NULL, &error));
      g_assert_no_error (error);
    }
  g_test_message ("cancelled %d times", n_cancelled);
  g_assert_cmpint (n_cancelled, >, 10);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  g_test_add ("/vulkan/cancel/every-submission", Fixture, NULL, set_up, test_every_submission,
              tear_down);
  return g_test_run ();
}
