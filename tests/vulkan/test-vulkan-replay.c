/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-session.h"
#include "tests/golden-models.h"
#include "tests/vulkan/vulkan-shim.h"
#include "tests/vulkan/vulkan-test.h"

/* Of a chunk, once the stream has found the device slow: a run takes more than ten. */
#define LEAST_COST 1e7

#define SIDE 129

/* A network on a device, ready for sessions. */
typedef struct
{
  PspModel        *model;
  const PspGraph  *graph;
  PspBackend      *backend;
  PspVulkanStream *stream;
  PspWeights      *weights;
} Network;

static void
open_network (Network    *self,
              PspBackend *backend,
              const char *name)
{
  g_autoptr(GError) error = NULL;

  self->model = golden_load_model (name);
  self->graph = psp_model_get_graph (self->model);
  self->backend = psp_backend_ref (backend);
  self->stream = ((PspVulkanBackend *) backend)->stream;
  self->weights = psp_weights_new (self->graph, backend, &error);
  g_assert_no_error (error);
}

static void
close_network (Network *self)
{
  psp_weights_free (self->weights);
  psp_backend_unref (self->backend);
  psp_model_unref (self->model);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Network, close_network)

/* @tap: (nullable): read beside the logits. */
static PspSession *
plan (const Network *network,
      int            side,
      const char    *tap)
{
  int wanted[] = { psp_graph_find_value (network->graph, "logits"), 0 };

  if (tap != NULL)
    wanted[1] = psp_graph_find_value (network->graph, tap);
  return psp_session_new (network->weights, &(PspSessionParams) {
    .input = { side, side }, .batch = 1, .n_wanted = tap != NULL ? 2 : 1, .wanted = wanted
  });
}

static PspTensor *
make_input (int side,
            int seed)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (seed);
  PspTensor *input = psp_tensor_new (4, (gint64[]) { 1, 3, side, side }, NULL);

  for (gsize i = 0; i < input->n_elements; i++)
    input->data[i] = (float) g_rand_double_range (random, -2, 2);
  return input;
}

/* (transfer full): the value called @name after a run, or %NULL with @error set. */
static PspTensor *
run_for (const Network    *network,
         PspSession       *session,
         const PspTensor  *input,
         const char       *name,
         GCancellable     *cancellable,
         GError          **error)
{
  return psp_session_run (session, input, (PspProgress) { 0 }, cancellable, error)
         ? psp_session_read (session, psp_graph_find_value (network->graph, name), error) : NULL;
}

static PspTensor *
run (const Network   *network,
     PspSession      *session,
     const PspTensor *input,
     const char      *name)
{
  g_autoptr(GError) error = NULL;
  PspTensor *result = run_for (network, session, input, name, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static void
assert_same_bits (const PspTensor *tensor,
                  const PspTensor *expected)
{
  g_assert_cmpmem (tensor->data, tensor->n_elements * sizeof (float), expected->data,
                   expected->n_elements * sizeof (float));
}

/* Makes every chunk as small as may be, and lets none grow. */
static void
cut_small (const Network *network)
{
  network->stream->target_seconds = 0;
  network->stream->cost_limit = LEAST_COST;
}

/* A replay gives what a run of a new session gives, with other inputs and taps in between, and the
 * validation layer has nothing to say. */
static void
test_same_bits (gconstpointer data)
{
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, GPOINTER_TO_INT (data));
  g_auto(Network) network = { 0 };
  g_autoptr(PspSession) session = NULL;
  g_autoptr(PspSession) tapped = NULL;

  open_network (&network, backend, "tiny18");
  cut_small (&network);
  session = plan (&network, SIDE, NULL);
  tapped = plan (&network, SIDE, "layer3");
  for (int i = 0; i < 6; i++)
    {
      g_autoptr(PspSession) fresh = plan (&network, SIDE, "layer3");
      g_autoptr(PspTensor) input = make_input (SIDE, i % 4);
      g_autoptr(PspTensor) logits = run (&network, session, input, "logits");
      g_autoptr(PspTensor) tapped_logits = run (&network, tapped, input, "logits");
      g_autoptr(PspTensor) tap = run (&network, tapped, input, "layer3");
      g_autoptr(PspTensor) fresh_logits = run (&network, fresh, input, "logits");
      g_autoptr(PspTensor) fresh_tap = run (&network, fresh, input, "layer3");

      assert_same_bits (logits, fresh_logits);
      assert_same_bits (tapped_logits, fresh_logits);
      assert_same_bits (tap, fresh_tap);
    }
}

/* What one of several sessions on a device does. */
typedef struct
{
  Network     network;
  PspSession *session;
  PspTensor  *input;
  PspTensor  *expected;
} Turn;

/* Two networks take turns on one device, each with a recording of its own. */
static void
test_two_networks (void)
{
  static const char * const names[] = { "tiny18", "plain18" };
  g_autoptr(PspBackend) backend = vulkan_test_open (NULL, PSP_PRECISION_FP32);
  Turn turns[G_N_ELEMENTS (names)];

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      open_network (&turns[i].network, backend, names[i]);
      cut_small (&turns[i].network);
      turns[i].session = plan (&turns[i].network, SIDE, NULL);
      turns[i].input = make_input (SIDE, i);
      turns[i].expected = run (&turns[i].network, turns[i].session, turns[i].input, "logits");
    }
  for (int round = 0; round < 3; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
      {
        g_autoptr(PspTensor) logits = run (&turns[i].network, turns[i].session, turns[i].input,
                                           "logits");

        assert_same_bits (logits, turns[i].expected);
      }
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      psp_session_free (turns[i].session);
      psp_tensor_unref (turns[i].input);
      psp_tensor_unref (turns[i].expected);
      close_network (&turns[i].network);
    }
}

/* The second run and those after it only submit: as many times as the first one. */
static void
test_recorded_once (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_auto(Network) network = { 0 };
  g_autoptr(PspSession) session = NULL;
  g_autoptr(PspTensor) input = make_input (SIDE, 1);
  g_autoptr(PspTensor) expected = NULL;
  int n_submits, n_recorded, n_live;

  open_network (&network, backend, "tiny18");
  cut_small (&network);
  session = plan (&network, SIDE, NULL);
  n_submits = shim->n_submits;
  expected = run (&network, session, input, "logits");
  n_submits = shim->n_submits - n_submits;
  n_recorded = shim->n_recorded;
  n_live = shim->n_live;
  g_test_message ("%d submissions", n_submits);
  g_assert_cmpint (n_submits, >, 10);

  for (int i = 0; i < 3; i++)
    {
      int n_before = shim->n_submits;
      g_autoptr(PspTensor) logits = run (&network, session, input, "logits");

      assert_same_bits (logits, expected);
      g_assert_cmpint (shim->n_submits - n_before, ==, n_submits);
      g_assert_cmpint (shim->n_recorded, ==, n_recorded);
      g_assert_cmpint (shim->n_live, ==, n_live);
    }
}

/* Where input and results are copied by the device, that alone is recorded anew. */
static void
test_copies (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspBackend) backend = NULL;
  g_auto(Network) network = { 0 };
  g_autoptr(PspSession) session = NULL;
  g_autoptr(PspTensor) input = make_input (SIDE, 1);
  g_autoptr(PspTensor) expected = NULL;
  g_autoptr(PspTensor) logits = NULL;
  int n_recorded;

  shim->split_memory = TRUE;
  backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  open_network (&network, backend, "tiny18");
  session = plan (&network, SIDE, NULL);
  expected = run (&network, session, input, "logits");
  n_recorded = shim->n_recorded;
  logits = run (&network, session, input, "logits");
  assert_same_bits (logits, expected);
  g_assert_cmpint (shim->n_recorded - n_recorded, ==, 2);
}

/* How many submissions a run takes; it is told whether the run should record. */
static int
count_submissions (const Network   *network,
                   VulkanShim      *shim,
                   PspSession      *session,
                   const PspTensor *input,
                   const PspTensor *expected,
                   gboolean         records)
{
  int n_submits = shim->n_submits;
  int n_recorded = shim->n_recorded;
  g_autoptr(PspTensor) logits = run (network, session, input, "logits");

  assert_same_bits (logits, expected);
  g_assert_cmpint (shim->n_recorded > n_recorded, ==, records);
  return shim->n_submits - n_submits;
}

/* Chunks that took too long when they were replayed are recorded anew and smaller; many that could
 * be few as well, larger. */
static void
test_cut_again (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_auto(Network) network = { 0 };
  g_autoptr(PspSession) session = NULL;
  g_autoptr(PspTensor) input = make_input (SIDE, 1);
  g_autoptr(PspTensor) expected = NULL;
  int n_few, n_many;

  open_network (&network, backend, "tiny18");
  session = plan (&network, SIDE, NULL);
  network.stream->target_seconds = 60;
  network.stream->cost_limit = 8 * LEAST_COST;
  expected = run (&network, session, input, "logits");

  network.stream->cost_limit = 8 * LEAST_COST;
  n_few = count_submissions (&network, shim, session, input, expected, FALSE);
  network.stream->target_seconds = 0;
  g_assert_cmpint (count_submissions (&network, shim, session, input, expected, FALSE), ==, n_few);
  n_many = count_submissions (&network, shim, session, input, expected, TRUE);
  g_assert_cmpint (n_many, >, 2 * n_few);
  g_assert_cmpint (count_submissions (&network, shim, session, input, expected, FALSE), ==, n_many);

  network.stream->cost_limit = 8 * LEAST_COST;
  network.stream->target_seconds = 60;
  g_assert_cmpint (count_submissions (&network, shim, session, input, expected, TRUE), <=, n_few);
}

/* A profile runs layer by layer, and leaves the recording alone. */
static void
test_profile (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_auto(Network) network = { 0 };
  g_autoptr(PspSession) session = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTensor) input = make_input (SIDE, 1);
  g_autoptr(PspTensor) expected = NULL;
  g_autoptr(PspTensor) profiled = NULL;
  g_autofree double *seconds = NULL;

  open_network (&network, backend, "tiny18");
  cut_small (&network);
  session = plan (&network, SIDE, NULL);
  seconds = g_new0 (double, psp_session_get_n_steps (session));
  expected = run (&network, session, input, "logits");
  g_assert_true (psp_session_profile (session, input, seconds, (PspProgress) { 0 }, NULL, &error));
  g_assert_no_error (error);
  profiled = psp_session_read (session, psp_graph_find_value (network.graph, "logits"), &error);
  assert_same_bits (profiled, expected);
  for (int i = 0; i < psp_session_get_n_steps (session); i++)
    g_assert_cmpfloat (seconds[i], >, 0);
  count_submissions (&network, shim, session, input, expected, FALSE);
}

/* Photos of many sizes: the recordings that are kept are those of the last plans. */
static void
test_many_sizes (void)
{
  VulkanShim *shim = vulkan_shim_reset ();
  const char *taps[] = { "logits", NULL };
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_autoptr(PspRunner) runner = psp_runner_new (model, backend, &error);
  int most = 0;

  g_assert_no_error (error);
  for (int i = 0; i < 16; i++)
    {
      g_autoptr(PspTensor) input = make_input (41 + 8 * i, i);
      PspRunOptions options = { .n_without_bins = i % 2, .without_bins = { 2 } };
      int n_recorded = shim->n_recorded;

      for (int k = 0; k < 2; k++)
        {
          g_autoptr(GHashTable) tensors = psp_runner_get_taps (runner, input, taps, &options, NULL,
                                                               &error);

          g_assert_no_error (error);
          g_assert_nonnull (tensors);
        }
      g_assert_cmpint (shim->n_recorded, >, n_recorded);
      if (i < 8)
        most = MAX (most, shim->n_live);
    }
  g_assert_cmpint (shim->n_live, <=, most);
}

/* Other options are another recording; going back to the first ones needs none. */
static void
test_changed_options (void)
{
  static const PspRunOptions options[] = {
    { 0 }, { .n_without_bins = 1, .without_bins = { 3 } }, { 0 }, { .fold = PSP_FOLD_NEVER }, { 0 }
  };
  VulkanShim *shim = vulkan_shim_reset ();
  const char *taps[] = { "logits", NULL };
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_autoptr(PspRunner) runner = psp_runner_new (model, backend, &error);
  g_autoptr(PspTensor) input = make_input (SIDE, 1);
  g_autoptr(PspTensor) expected = NULL;

  g_assert_no_error (error);
  ((PspVulkanBackend *) backend)->stream->target_seconds = 60;
  ((PspVulkanBackend *) backend)->stream->cost_limit = 1e12;
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      int n_recorded = shim->n_recorded;
      g_autoptr(GHashTable) tensors = psp_runner_get_taps (runner, input, taps, &options[i], NULL,
                                                           &error);
      PspTensor *logits;

      g_assert_no_error (error);
      logits = g_hash_table_lookup (tensors, "logits");
      g_assert_cmpint (shim->n_recorded > n_recorded, ==, i == 0 || i % 2 == 1);
      if (i == 0)
        expected = psp_tensor_ref (logits);
      else if (i % 2 == 0)
        assert_same_bits (logits, expected);
      else if (options[i].n_without_bins > 0)
        g_assert_cmpfloat (golden_difference (logits, expected), >, 1e-3);
      else
        g_assert_cmpfloat (golden_difference (logits, expected), <, 1e-4);
    }
}

/* Fails each call of a run in turn: the first run of a session, or one that replays.  With memory
 * again, the same session is right; a lost device stays lost. */
static void
fail_every_call (VkResult failure,
                 gboolean replayed)
{
  g_autoptr(PspTensor) input = make_input (33, 1);
  g_autoptr(PspTensor) expected = NULL;
  int code = failure == VK_ERROR_DEVICE_LOST ? PSP_ERROR_DEVICE : PSP_ERROR_NO_MEMORY;
  int n_failed = 0;

  for (int n = 1;; n++)
    {
      VulkanShim *shim = vulkan_shim_reset ();
      g_autoptr(PspBackend) backend = NULL;
      g_auto(Network) network = { 0 };
      g_autoptr(PspSession) session = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(PspTensor) logits = NULL;

      shim->keep_device = TRUE;
      backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
      open_network (&network, backend, "tiny18");
      network.stream->target_seconds = 60;
      network.stream->cost_limit = 2e6;
      session = plan (&network, 33, NULL);
      if (expected == NULL)
        {
          g_autoptr(PspSession) first = plan (&network, 33, NULL);

          expected = run (&network, first, input, "logits");
        }
      if (replayed)
        psp_tensor_unref (run (&network, session, input, "logits"));

      network.stream->cost_limit = 2e6;
      shim->failure = failure;
      shim->fail_at = n;
      logits = run_for (&network, session, input, "logits", NULL, &error);
      shim->fail_at = 0;
      if (shim->failed == NULL)
        {
          assert_same_bits (logits, expected);
          break;
        }

      n_failed++;
      g_assert_null (logits);
      g_assert_error (error, PSP_ERROR, code);
      g_clear_error (&error);
      logits = run_for (&network, session, input, "logits", NULL, &error);
      if (((PspVulkanBackend *) backend)->device->lost)
        g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
      else
        {
          g_assert_no_error (error);
          assert_same_bits (logits, expected);
        }
    }
  g_test_message ("%d calls failed", n_failed);
  g_assert_cmpint (n_failed, >, replayed ? 5 : 50);
}

static void
test_faults_of_first_run (gconstpointer data)
{
  fail_every_call (GPOINTER_TO_INT (data), FALSE);
}

static void
test_faults_of_replay (gconstpointer data)
{
  fail_every_call (GPOINTER_TO_INT (data), TRUE);
}

/* How a submission is lost. */
typedef struct
{
  const char *name;
  gboolean    quietly;
  gboolean    no_timestamps;
} Loss;

/* Whichever submission is lost, and whether or not the device says so: what the run before left is
 * never taken for a result. */
static void
test_dropped (gconstpointer data)
{
  const Loss *loss = data;
  g_autoptr(PspTensor) input = make_input (33, 1);
  g_autoptr(PspTensor) other = make_input (33, 2);
  int n_failed = 0;

  for (int n = 1;; n++)
    {
      VulkanShim *shim = vulkan_shim_reset ();
      g_autoptr(PspBackend) backend = NULL;
      g_auto(Network) network = { 0 };
      g_autoptr(PspSession) session = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(PspTensor) logits = NULL;

      shim->keep_device = TRUE;
      shim->no_timestamps = loss->no_timestamps;
      backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
      open_network (&network, backend, "tiny18");
      network.stream->target_seconds = 60;
      network.stream->cost_limit = 2e6;
      session = plan (&network, 33, NULL);
      for (int i = 0; i < 2; i++)
        psp_tensor_unref (run (&network, session, other, "logits"));

      network.stream->cost_limit = 2e6;
      shim->drop_at = n;
      shim->drop_quietly = loss->quietly;
      logits = run_for (&network, session, input, "logits", NULL, &error);
      if (!shim->dropped)
        {
          g_assert_no_error (error);
          break;
        }
      n_failed++;
      g_assert_null (logits);
      g_assert_error (error, PSP_ERROR, PSP_ERROR_DEVICE);
      g_assert_true (((PspVulkanBackend *) backend)->device->lost);
    }
  g_test_message ("%d submissions lost", n_failed);
  g_assert_cmpint (n_failed, >=, 2);
}

/* Whoever cancels a run, recorded or replayed, does not wait for a device that does not answer:
 * half a second is ten slices. */
static void
test_cancelled_silence (gconstpointer data)
{
  VulkanShim *shim = vulkan_shim_reset ();
  g_autoptr(PspBackend) backend = vulkan_test_open (vulkan_shim_get_function, PSP_PRECISION_FP32);
  g_auto(Network) network = { 0 };
  g_autoptr(PspSession) session = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTensor) input = make_input (SIDE, 1);
  g_autoptr(PspTensor) expected = NULL;
  g_autoptr(PspTensor) logits = NULL;

  open_network (&network, backend, "tiny18");
  session = plan (&network, SIDE, NULL);
  expected = run (&network, session, input, "logits");
  if (!GPOINTER_TO_INT (data))
    {
      psp_session_free (session);
      session = plan (&network, SIDE, NULL);
    }

  shim->silent = TRUE;
  shim->cancel = cancellable;
  shim->only = "vkWaitForFences";
  shim->fail_at = 2;
  g_assert_null (run_for (&network, session, input, "logits", cancellable, &error));
  g_assert_cmpstr (shim->failed, ==, "vkWaitForFences");
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (shim->n_waits, <, 10);

  shim->silent = FALSE;
  logits = run (&network, session, input, "logits");
  assert_same_bits (logits, expected);
}

int
main (int    argc,
      char **argv)
{
  static const struct { const char *name; VkResult result; } failures[] = {
    { "no-memory", VK_ERROR_OUT_OF_DEVICE_MEMORY },
    { "device-lost", VK_ERROR_DEVICE_LOST },
  };

  static const Loss losses[] = {
    { "/vulkan/replay/dropped/told", FALSE, FALSE },
    { "/vulkan/replay/dropped/told-without-timestamps", FALSE, TRUE },
    { "/vulkan/replay/dropped/quietly", TRUE, FALSE },
  };

  g_test_init (&argc, &argv, NULL);
  if (vulkan_test_find_device () < 0)
    return vulkan_test_run_without_device ();

  g_test_add_data_func ("/vulkan/replay/same-bits/fp32", GINT_TO_POINTER (PSP_PRECISION_FP32),
                        test_same_bits);
  g_test_add_data_func ("/vulkan/replay/same-bits/fp16", GINT_TO_POINTER (PSP_PRECISION_FP16),
                        test_same_bits);
  g_test_add_func ("/vulkan/replay/two-networks", test_two_networks);
  g_test_add_func ("/vulkan/replay/recorded-once", test_recorded_once);
  g_test_add_func ("/vulkan/replay/copies", test_copies);
  g_test_add_func ("/vulkan/replay/cut-again", test_cut_again);
  g_test_add_func ("/vulkan/replay/profile", test_profile);
  g_test_add_func ("/vulkan/replay/many-sizes", test_many_sizes);
  g_test_add_func ("/vulkan/replay/changed-options", test_changed_options);
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      gconstpointer result = GINT_TO_POINTER (failures[i].result);
      g_autofree char *first = g_strdup_printf ("/vulkan/replay/first-run/%s", failures[i].name);
      g_autofree char *again = g_strdup_printf ("/vulkan/replay/replay/%s", failures[i].name);

      g_test_add_data_func (first, result, test_faults_of_first_run);
      g_test_add_data_func (again, result, test_faults_of_replay);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    g_test_add_data_func (losses[i].name, &losses[i], test_dropped);
  g_test_add_data_func ("/vulkan/replay/first-run/cancelled-silence", GINT_TO_POINTER (FALSE),
                        test_cancelled_silence);
  g_test_add_data_func ("/vulkan/replay/replay/cancelled-silence", GINT_TO_POINTER (TRUE),
                        test_cancelled_silence);
  return g_test_run ();
}
