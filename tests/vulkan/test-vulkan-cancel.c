/* SPDX-License-Identifier: MIT */
#include "tests/golden-models.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

/* The least of a chunk: a run of the network takes many submissions. */
#define COST_LIMIT 1e7

#define SIDE 129

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
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { SIDE, SIDE }, 1);
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(GError) error = NULL;

  fixture->shim = vulkan_shim_reset ();
  fixture->backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  fixture->runner = psp_runner_new (model, fixture->backend, &error);
  g_assert_no_error (error);
  fixture->input = psp_runner_prepare_input (fixture->runner, image, &error);
  g_assert_no_error (error);

  /* Chunks stay as small as they are. */
  ((PspVulkanBackend *) fixture->backend)->stream->target_seconds = 0;
  ((PspVulkanBackend *) fixture->backend)->stream->cost_limit = COST_LIMIT;
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  psp_runner_unref (fixture->runner);
  psp_backend_unref (fixture->backend);
  psp_tensor_unref (fixture->input);
  g_clear_pointer (&fixture->reference, psp_tensor_unref);
}

/* Fails the test if it succeeds with anything but what the first run that succeeded gave. */
static gboolean
run (Fixture       *fixture,
     GCancellable  *cancellable,
     GError       **error)
{
  const char *taps[] = { "logits", NULL };
  g_autoptr(GHashTable) tensors = NULL;
  PspTensor *logits;

  tensors = psp_runner_get_taps (fixture->runner, fixture->input, taps, &(PspRunOptions) { 0 },
                                 cancellable, error);
  if (tensors == NULL)
    return FALSE;

  logits = g_hash_table_lookup (tensors, "logits");
  if (fixture->reference == NULL)
    fixture->reference = psp_tensor_ref (logits);
  g_assert_cmpmem (logits->data, logits->n_elements * sizeof (float), fixture->reference->data,
                   fixture->reference->n_elements * sizeof (float));
  return TRUE;
}

static void
replace_runner (Fixture *fixture)
{
  g_autoptr(PspModel) model = psp_model_ref (psp_runner_get_model (fixture->runner));
  g_autoptr(GError) error = NULL;

  psp_runner_unref (fixture->runner);
  fixture->runner = psp_runner_new (model, fixture->backend, &error);
  g_assert_no_error (error);
}

/* Cancelled at each submission in turn, the same session then gives the right answer.  @data:
 * whether it is a replay that is cancelled; else the first run of a new session each time. */
static void
test_every_submission (Fixture       *fixture,
                       gconstpointer  data)
{
  gboolean replayed = GPOINTER_TO_INT (data);
  VulkanShim *shim = fixture->shim;
  int n_cancelled = 0;

  g_assert_true (run (fixture, NULL, NULL));

  for (int n = 1;; n++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GError) error = NULL;
      int n_recorded;
      gboolean success;

      if (!replayed)
        replace_runner (fixture);
      n_recorded = shim->n_recorded;
      shim->only = "vkQueueSubmit";
      shim->cancel = cancellable;
      shim->failed = NULL;
      shim->fail_at = n;
      success = run (fixture, cancellable, &error);
      shim->fail_at = 0;
      g_assert_cmpint (shim->n_recorded == n_recorded, ==, replayed);
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

  g_test_add ("/vulkan/cancel/first-run", Fixture, GINT_TO_POINTER (FALSE), set_up,
              test_every_submission, tear_down);
  g_test_add ("/vulkan/cancel/replay", Fixture, GINT_TO_POINTER (TRUE), set_up,
              test_every_submission, tear_down);
  return g_test_run ();
}
