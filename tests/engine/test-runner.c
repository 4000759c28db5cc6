/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/cpu/psp-cpu-operations.h"
#include "engine/run/psp-session.h"
#include "tests/golden-models.h"

#include <string.h>

static PspRunner *
open_runner (const char *name,
             int         n_threads)
{
  g_autoptr(PspModel) model = golden_load_model (name);
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (&(PspBackendOptions) {
    .n_threads = n_threads
  }, NULL);
  g_autoptr(GError) error = NULL;
  PspRunner *runner = psp_runner_new (model, backend, &error);

  g_assert_no_error (error);
  return runner;
}

static PspPrediction *
predict (PspRunner           *runner,
         PspSize              size,
         const PspRunOptions *options)
{
  return golden_predict (runner, size, options, TRUE);
}

/* Any size runs, and what comes out has that size. */
static void
test_sizes (void)
{
  static const PspSize sizes[] = {
    { 1, 1 }, { 2, 9 }, { 8, 8 }, { 9, 17 }, { 3000, 3 }, { 3, 3000 }, { 61, 47 },
  };
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(PspPrediction) prediction = predict (runner, sizes[i], NULL);
      PspMask *labels = psp_prediction_get_labels (prediction);
      float probabilities[11];
      float sum = 0;

      g_assert_true (psp_size_equal (labels->size, sizes[i]));
      g_assert_true (psp_prediction_get_probabilities (prediction, sizes[i].width - 1,
                                                       sizes[i].height - 1, FALSE,
                                                       probabilities));
      for (int c = 0; c < 11; c++)
        sum += probabilities[c];
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
    }
}

/* Labels, confidence and the probabilities asked for one by one tell the same. */
static void
test_prediction_agrees (void)
{
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  g_autoptr(PspPrediction) prediction = predict (runner, (PspSize) { 40, 30 }, NULL);
  PspTensor *confidence = psp_prediction_get_confidence (prediction);
  float probabilities[11];

  for (int y = 0; y < 30; y++)
    for (int x = 0; x < 40; x++)
      {
        int label = psp_prediction_get_labels (prediction)->pixels[y * 40 + x];

        g_assert_true (psp_prediction_get_probabilities (prediction, x, y, FALSE,
                                                         probabilities));
        for (int c = 0; c < 11; c++)
          g_assert_cmpfloat (probabilities[c], <=, probabilities[label]);
        g_assert_cmpfloat_with_epsilon (probabilities[label], confidence->data[y * 40 + x],
                                        1e-5);
      }
  g_assert_false (psp_prediction_get_probabilities (prediction, 40, 0, FALSE, probabilities));
  g_assert_false (psp_prediction_get_probabilities (prediction, 0, -1, FALSE, probabilities));
}

static void
test_top_classes (void)
{
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  g_autoptr(PspPrediction) prediction = predict (runner, (PspSize) { 20, 10 },
                                                 &(PspRunOptions) { .n_top = 5 });
  PspTensor *classes = psp_prediction_get_top_classes (prediction);
  PspTensor *probabilities = psp_prediction_get_top_probabilities (prediction);

  g_assert_cmpint (classes->shape[0], ==, 5);
  for (int i = 0; i < 200; i++)
    {
      g_assert_cmpint ((int) classes->data[i], ==,
                       psp_prediction_get_labels (prediction)->pixels[i]);
      for (int rank = 1; rank < 5; rank++)
        {
          g_assert_cmpfloat (probabilities->data[rank * 200 + i], <=,
                             probabilities->data[(rank - 1) * 200 + i]);
          g_assert_cmpfloat (classes->data[rank * 200 + i], !=,
                             classes->data[(rank - 1) * 200 + i]);
        }
    }
}

/* The cells of a pyramid level cover the photo without a gap. */
static void
test_bin_cells (void)
{
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  PspSize size = { 90, 71 };
  g_autoptr(PspPrediction) prediction = predict (runner, size, NULL);

  g_assert_null (psp_prediction_get_bin_means (prediction, 5));
  for (int bins = 1; bins <= 6; bins += bins < 3 ? 1 : 3)
    {
      int right = 0;

      g_assert_cmpint (psp_prediction_get_bin_means (prediction, bins)->n_elements, ==,
                       bins * bins);
      for (int i = 0; i < bins; i++)
        {
          PspRect cell = psp_prediction_get_bin_cell (prediction, bins, i, i);

          g_assert_cmpint (cell.x, <=, right);
          right = cell.x + cell.width;
        }
      g_assert_cmpint (right, ==, size.width);
    }
}

static PspTensor *
run_logits (PspRunner *runner)
{
  static const char * const names[] = { "logits", NULL };
  g_autoptr(PspTensor) input = golden_read ("tiny18", "input");
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) taps = psp_runner_get_taps (runner, input, names, NULL, NULL,
                                                    &error);

  g_assert_no_error (error);
  return psp_tensor_ref (g_hash_table_lookup (taps, "logits"));
}

/* Bands do not depend on the number of threads, so neither do the results, bit by bit. */
static void
test_threads_agree (void)
{
  g_autoptr(PspRunner) one = open_runner ("tiny18", 1);
  g_autoptr(PspTensor) expected = run_logits (one);

  for (int n_threads = 2; n_threads <= 4; n_threads++)
    {
      g_autoptr(PspRunner) runner = open_runner ("tiny18", n_threads);
      g_autoptr(PspTensor) logits = run_logits (runner);

      g_assert_cmpmem (logits->data, logits->n_elements * sizeof (float),
                       expected->data, expected->n_elements * sizeof (float));
    }
}

static PspSession *
plan (PspWeights         *weights,
      const PspGraph     *graph,
      const char * const *names)
{
  g_autoptr(GArray) wanted = g_array_new (FALSE, FALSE, sizeof (int));

  for (int i = 0; names[i] != NULL; i++)
    {
      int value = psp_graph_find_value (graph, names[i]);

      g_array_append_val (wanted, value);
    }
  return psp_session_new (weights, &(PspSessionParams) {
    .input = { 97, 73 }, .batch = 1, .n_wanted = wanted->len, .wanted = (const int *) wanted->data
  });
}

/* What nobody asks for is neither computed nor kept. */
static void
test_taps_cost_nothing (void)
{
  static const char * const plain_names[] = { "logits", NULL };
  static const char * const aux_names[] = { "logits", "aux", NULL };
  static const char * const tap_names[] = { "logits", "layer1", "layer2", "layer3", NULL };
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  const PspGraph *graph = psp_model_get_graph (model);
  g_autoptr(PspWeights) weights = psp_weights_new (graph, backend, NULL);
  g_autoptr(PspSession) plain = plan (weights, graph, plain_names);
  g_autoptr(PspSession) aux = plan (weights, graph, aux_names);
  g_autoptr(PspSession) taps = plan (weights, graph, tap_names);

  /* The auxiliary head is two convolutions; the other taps are on the way anyway. */
  g_assert_cmpint (psp_session_get_n_steps (aux), ==, psp_session_get_n_steps (plain) + 2);
  g_assert_cmpint (psp_session_get_macs (aux), >, psp_session_get_macs (plain));
  g_assert_cmpint (psp_session_get_n_steps (taps), ==, psp_session_get_n_steps (plain));
  g_assert_cmpint (psp_session_get_macs (taps), ==, psp_session_get_macs (plain));
  g_assert_cmpint (psp_session_get_bytes (taps), >=, psp_session_get_bytes (plain));
}

/* All memory of a run is in the plan, whose bytes --memory is compared with: the backend takes none
 * of its own. */
static void
test_scratch_planned (void)
{
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 2);
  g_autoptr(PspPrediction) prediction = predict (runner, (PspSize) { 97, 73 }, NULL);
  const PspCpuBackend *backend = (PspCpuBackend *) psp_runner_get_backend (runner);

  g_assert_nonnull (prediction);
  g_assert_cmpint (backend->n_scratch, ==, 0);
}

/* What --memory leaves of a run keeps weights from photo to photo; without it none are kept.  What
 * is kept does not grow over it, also when the next photo needs more. */
static void
test_memory_keeps_weights (void)
{
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (&(PspBackendOptions) {
    .n_threads = 2, .method = PSP_CONVOLUTION_WINOGRAD
  }, NULL);
  g_autoptr(PspRunner) runner = psp_runner_new (model, backend, NULL);
  const PspCpuBackend *cpu = (PspCpuBackend *) backend;
  const PspSize small = { 97, 73 }, large = { 161, 121 };
  g_autoptr(PspPrediction) first = predict (runner, large, NULL);
  PspRunOptions options = { .memory_bytes = psp_runner_get_peak_bytes (runner) };

  g_assert_cmpuint (cpu->kept_bytes, ==, 0);
  for (int run = 0; run < 2; run++)
    {
      g_autoptr(PspPrediction) second = predict (runner, small, &options);
      g_autoptr(PspPrediction) third = NULL;

      g_assert_nonnull (second);
      g_assert_cmpuint (cpu->kept_bytes, >, 0);
      g_assert_cmpuint (cpu->kept_bytes + psp_runner_get_peak_bytes (runner), <=,
                        options.memory_bytes);
      third = predict (runner, large, &options);
      g_assert_cmpuint (cpu->kept_bytes, ==, 0);
      g_assert_cmpmem (psp_prediction_get_labels (third)->pixels, large.width * large.height * 2,
                       psp_prediction_get_labels (first)->pixels, large.width * large.height * 2);
    }
}

static void
follow_progress (double   fraction,
                 gpointer data)
{
  double *last = data;

  g_assert_cmpfloat (fraction, >=, *last);
  g_assert_cmpfloat (fraction, <=, 1);
  *last = fraction;
}

static void
test_progress (void)
{
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 100, 100 }, 7);
  PspRunOptions slide = { .protocol = PSP_PROTOCOL_SLIDE, .crop = 65, .base = 90,
                          .n_scales = 2, .scales = { 0.7, 1.2 } };
  double whole_end = 0, slide_end = 0;
  g_autoptr(PspPrediction) whole = NULL;
  g_autoptr(PspPrediction) merged = NULL;

  whole = psp_runner_predict (runner, image, NULL, FALSE,
                              (PspProgress) { follow_progress, &whole_end }, NULL, NULL);
  merged = psp_runner_predict (runner, image, &slide, FALSE,
                               (PspProgress) { follow_progress, &slide_end }, NULL, NULL);
  g_assert_nonnull (whole);
  g_assert_nonnull (merged);
  g_assert_cmpfloat_with_epsilon (whole_end, 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (slide_end, 1, 1e-9);
}

static void
cancel_at_half (double   fraction,
                gpointer data)
{
  if (fraction > 0.5)
    g_cancellable_cancel (data);
}

/* A run that was cancelled reports so, and the next one is right. */
static void
test_cancel (void)
{
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  g_autoptr(PspPrediction) expected = predict (runner, (PspSize) { 64, 48 }, NULL);
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 64, 48 }, 7);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) cancelled = NULL;
  g_autoptr(PspPrediction) again = NULL;

  cancelled = psp_runner_predict (runner, image, NULL, TRUE,
                                  (PspProgress) { cancel_at_half, cancellable }, cancellable,
                                  &error);
  g_assert_null (cancelled);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  again = predict (runner, (PspSize) { 64, 48 }, NULL);
  g_assert_true (psp_mask_equal (psp_prediction_get_labels (again),
                                 psp_prediction_get_labels (expected)));
}

/* One window over the whole photo, without mirror image, is the protocol “whole”. */
static void
test_slide_of_one_window (void)
{
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  PspSize size = { 65, 65 };
  PspRunOptions options = { .protocol = PSP_PROTOCOL_SLIDE, .crop = 65, .base = 65,
                            .no_flip = TRUE };
  g_autoptr(PspPrediction) whole = predict (runner, size, NULL);
  g_autoptr(PspPrediction) slide = predict (runner, size, &options);

  g_assert_true (psp_mask_equal (psp_prediction_get_labels (whole),
                                 psp_prediction_get_labels (slide)));
  for (int i = 0; i < 65 * 65; i++)
    g_assert_cmpfloat_with_epsilon (psp_prediction_get_confidence (whole)->data[i],
                                    psp_prediction_get_confidence (slide)->data[i], 1e-5);
}

static void
assert_option_error (const PspRunOptions *options,
                     int                  code,
                     const char          *word)
{
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 30, 30 }, 7);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) prediction = psp_runner_predict (runner, image, options, FALSE,
                                                            (PspProgress) { 0 }, NULL, &error);

  g_assert_null (prediction);
  g_assert_error (error, PSP_ERROR, code);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_bad_options (void)
{
  assert_option_error (&(PspRunOptions) { .protocol = PSP_PROTOCOL_SLIDE, .crop = 64 },
                       PSP_ERROR_BAD_VALUE, "8n + 1");
  assert_option_error (&(PspRunOptions) { .protocol = PSP_PROTOCOL_SLIDE, .crop = 65,
                                          .n_scales = 1, .scales = { -1 } },
                       PSP_ERROR_BAD_VALUE, "scale");
  assert_option_error (&(PspRunOptions) { .memory_bytes = 1000 }, PSP_ERROR_OVER_LIMIT,
                       "--memory");
}

static PspBuffer *
take_memory (PspBackend  *backend,
             gsize        n_elements,
             const char  *label,
             GError     **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "memory was asked for: “%s”", label);
  return NULL;
}

static PspBuffer *
take_floats (PspBackend  *backend,
             GBytes      *floats,
             const char  *label,
             GError     **error)
{
  return take_memory (backend, g_bytes_get_size (floats) / sizeof (float), label, error);
}

/* What is over the limit is refused before the device gives memory; a plan that was allowed before
 * is no way around it. */
static void
test_refused_in_time (void)
{
  static const char * const names[] = { "logits", NULL };
  PspRunOptions options[] = {
    { .memory_bytes = 1 << 20 },
    { .memory_bytes = 1 << 20, .protocol = PSP_PROTOCOL_SLIDE, .crop = 65, .base = 150 },
  };
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 160, 120 }, 7);
  g_autoptr(PspTensor) input = psp_runner_prepare_input (runner, image, NULL);
  PspBackend *backend = psp_runner_get_backend (runner);
  const PspBackendOperations *usual = backend->operations;
  PspBackendOperations operations = *usual;
  g_autoptr(GError) tap_error = NULL;

  operations.buffer_new = take_memory;
  operations.buffer_wrap = take_floats;
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (options); i++)
    {
      const PspRunOptions *limited = &options[i / 2];
      PspRunOptions unlimited = *limited;
      g_autoptr(PspPrediction) prediction = NULL;
      g_autoptr(GError) error = NULL;

      backend->operations = &operations;
      g_assert_null (psp_runner_predict (runner, image, limited, FALSE, (PspProgress) { 0 }, NULL,
                                         &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_OVER_LIMIT);
      backend->operations = usual;
      unlimited.memory_bytes = 0;
      prediction = predict (runner, image->size, &unlimited);
      g_assert_nonnull (prediction);
    }

  backend->operations = &operations;
  g_assert_null (psp_runner_get_taps (runner, input, names, &options[0], NULL, &tap_error));
  g_assert_error (tap_error, PSP_ERROR, PSP_ERROR_OVER_LIMIT);
  backend->operations = usual;
}

static void
test_unknown_tap (void)
{
  static const char * const names[] = { "layer9", NULL };
  g_autoptr(PspRunner) runner = open_runner ("tiny18", 0);
  g_autoptr(PspTensor) input = golden_read ("tiny18", "input");
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) taps = psp_runner_get_taps (runner, input, names, NULL, NULL, &error);

  g_assert_null (taps);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "layer9"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runner/sizes", test_sizes);
  g_test_add_func ("/runner/prediction-agrees", test_prediction_agrees);
  g_test_add_func ("/runner/top-classes", test_top_classes);
  g_test_add_func ("/runner/bin-cells", test_bin_cells);
  g_test_add_func ("/runner/threads-agree", test_threads_agree);
  g_test_add_func ("/runner/taps-cost-nothing", test_taps_cost_nothing);
  g_test_add_func ("/runner/scratch-planned", test_scratch_planned);
  g_test_add_func ("/runner/memory-keeps-weights", test_memory_keeps_weights);
  g_test_add_func ("/runner/progress", test_progress);
  g_test_add_func ("/runner/cancel", test_cancel);
  g_test_add_func ("/runner/slide-of-one-window", test_slide_of_one_window);
  g_test_add_func ("/runner/bad-options", test_bad_options);
  g_test_add_func ("/runner/refused-in-time", test_refused_in_time);
  g_test_add_func ("/runner/unknown-tap", test_unknown_tap);
  return g_test_run ();
}
