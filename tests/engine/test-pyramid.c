/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/run/psp-session.h"
#include "tests/golden-models.h"

#include <math.h>
#include <string.h>

#define MODEL "pyramid18" /* bins 1, 2, 3, 6; head of 16 channels on a map of 10 x 8 */

typedef struct
{
  PspModel   *model;
  PspBackend *backend;
  PspRunner  *runner;
  PspTensor  *input;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  self->model = golden_load_model (MODEL);
  self->backend = psp_cpu_backend_new (NULL, NULL);
  self->runner = psp_runner_new (self->model, self->backend, &error);
  self->input = golden_read (MODEL, "input");
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  psp_tensor_unref (self->input);
  psp_runner_unref (self->runner);
  psp_backend_unref (self->backend);
  psp_model_unref (self->model);
}

static GHashTable *
get_taps (Fixture             *self,
          PspTensor           *input,
          const char * const  *names,
          const PspRunOptions *options)
{
  g_autoptr(GError) error = NULL;
  GHashTable *taps = psp_runner_get_taps (self->runner, input, names, options, NULL, &error);

  g_assert_no_error (error);
  return taps;
}

static const PspLayer *
find_pyramid (const Fixture *self)
{
  const PspGraph *graph = psp_model_get_graph (self->model);

  return psp_graph_find_maker (graph, psp_graph_find_value (graph, "head"));
}

/* What the parts add, and the bias, are all that the head's first convolution is. */
static void
test_contributions (Fixture       *self,
                    gconstpointer  data)
{
  static const char * const names[] = {
    "head.features", "head.1", "head.2", "head.3", "head.6", "head", NULL
  };
  g_autoptr(GHashTable) taps = get_taps (self, self->input, names, NULL);
  const PspTensor *head = g_hash_table_lookup (taps, "head");
  const float *bias = g_bytes_get_data (find_pyramid (self)->bias, NULL);
  gsize n_pixels = head->shape[2] * head->shape[3];
  g_autoptr(PspTensor) sum = psp_tensor_new (4, head->shape, NULL);

  for (gsize i = 0; i < head->n_elements; i++)
    {
      float value = bias[i / n_pixels];

      for (int k = 0; k < 5; k++)
        value += ((PspTensor *) g_hash_table_lookup (taps, names[k]))->data[i];
      sum->data[i] = fmaxf (0, value);
    }
  g_assert_cmpfloat (golden_difference (sum, head), <=, 1e-5);
}

/* A level that is left out adds nothing, and what only it needs is not computed. */
static void
test_left_out (Fixture       *self,
               gconstpointer  data)
{
  static const char * const names[] = { "head.2", "head.3", NULL };
  PspRunOptions options = { .n_without_bins = 1, .without_bins = { 3 } };
  g_autoptr(GHashTable) taps = get_taps (self, self->input, names, &options);
  g_autoptr(PspTensor) kept = golden_read (MODEL, "head.2");
  const PspTensor *left_out = g_hash_table_lookup (taps, "head.3");

  g_assert_cmpfloat (golden_difference (g_hash_table_lookup (taps, "head.2"), kept), <=, 1e-4);
  for (gsize i = 0; i < left_out->n_elements; i++)
    g_assert_cmpfloat (left_out->data[i], ==, 0);
}

static void
test_bins_that_are_not_there (Fixture       *self,
                              gconstpointer  data)
{
  static const char * const names[] = { "logits", NULL };
  PspRunOptions options = { .n_without_bins = 2, .without_bins = { 2, 4 } };
  g_autoptr(GError) error = NULL;

  g_assert_null (psp_runner_get_taps (self->runner, self->input, names, &options, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "4 x 4"));
  g_assert_nonnull (strstr (error->message, "1, 2, 3, 6"));
}

/* A plan of one 73 x 57 image for the value called @name beside the logits. */
static PspSession *
plan (const Fixture *self,
      PspWeights    *weights,
      const char    *name,
      PspFold        fold)
{
  const PspGraph *graph = psp_model_get_graph (self->model);
  int wanted[] = { psp_graph_find_value (graph, "logits"), psp_graph_find_value (graph, name) };

  return psp_session_new (weights, &(PspSessionParams) {
    .input = { 57, 73 }, .batch = 1, .n_wanted = 2, .wanted = wanted, .fold = fold
  });
}

static void
test_macs (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr(PspWeights) weights = psp_weights_new (psp_model_get_graph (self->model),
                                                   self->backend, NULL);
  g_autoptr(PspSession) folded = plan (self, weights, "logits", PSP_FOLD_ALWAYS);
  g_autoptr(PspSession) written = plan (self, weights, "logits", PSP_FOLD_NEVER);
  g_autoptr(PspSession) cheaper = plan (self, weights, "logits", PSP_FOLD_CHEAPER);
  gint64 panel = 10 * 8 * (50 * 9) * 16;      /* pixels, bins and taps, outputs */
  gint64 products = 50 * 8 * 9 * 16;          /* bins, channels of a level, taps, outputs */
  gint64 convolution = 10 * 8 * 9 * 32 * 16;  /* pixels, taps, channels of all levels, outputs */

  g_assert_cmpint (psp_session_get_macs (folded) - panel - products, ==,
                   psp_session_get_macs (written) - convolution);
  g_assert_cmpint (psp_session_get_macs (cheaper), ==,
                   MIN (psp_session_get_macs (folded), psp_session_get_macs (written)));

  /* As it is written, four levels are enlarged first. */
  g_assert_cmpint (psp_session_get_n_steps (written), ==, psp_session_get_n_steps (folded) + 4);
}

/* What nobody asks for leaves no trace. */
static void
test_taps_cost_nothing (Fixture       *self,
                        gconstpointer  data)
{
  static const struct { const char *name; int more_steps; } taps[] = {
    { "ppm.3.pooled", 0 }, { "ppm.3", 0 }, { "head.features", 0 }, { "ppm.3.upsampled", 1 },
    { "head.3", 1 }, { "logits", 0 },
  };
  g_autoptr(PspWeights) weights = psp_weights_new (psp_model_get_graph (self->model),
                                                   self->backend, NULL);
  g_autoptr(PspSession) plain = plan (self, weights, "logits", PSP_FOLD_ALWAYS);

  for (gsize i = 0; i < G_N_ELEMENTS (taps); i++)
    {
      g_autoptr(PspSession) tapped = plan (self, weights, taps[i].name, PSP_FOLD_ALWAYS);
      g_autoptr(PspSession) again = plan (self, weights, "logits", PSP_FOLD_ALWAYS);

      g_assert_cmpint (psp_session_get_n_steps (tapped), ==,
                       psp_session_get_n_steps (plain) + taps[i].more_steps);
      g_assert_cmpint (psp_session_get_bytes (tapped), >=, psp_session_get_bytes (plain));
      g_assert_cmpint (psp_session_get_n_steps (again), ==, psp_session_get_n_steps (plain));
      g_assert_cmpint (psp_session_get_bytes (again), ==, psp_session_get_bytes (plain));
    }
}

/* `whole` and `slide` leave levels out, too. */
static void
test_protocols (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 57, 41 }, 7);

  for (PspProtocol protocol = PSP_PROTOCOL_WHOLE; protocol <= PSP_PROTOCOL_SLIDE; protocol++)
    {
      PspRunOptions options = { .protocol = protocol, .crop = 41, .base = 57 };
      g_autoptr(PspPrediction) with = psp_runner_predict (self->runner, image, &options, TRUE,
                                                          (PspProgress) { 0 }, NULL, &error);
      g_autoptr(PspPrediction) without = NULL;

      options.n_without_bins = 2;
      options.without_bins[0] = 1;
      options.without_bins[1] = 6;
      without = psp_runner_predict (self->runner, image, &options, TRUE, (PspProgress) { 0 },
                                    NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (golden_difference (psp_prediction_get_confidence (without),
                                            psp_prediction_get_confidence (with)), >, 1e-3);
    }
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void      (*test) (Fixture       *self,
                       gconstpointer  data);
  } tests[] = {
    { "/pyramid/contributions", test_contributions },
    { "/pyramid/left-out", test_left_out },
    { "/pyramid/bins-that-are-not-there", test_bins_that_are_not_there },
    { "/pyramid/macs", test_macs },
    { "/pyramid/taps-cost-nothing", test_taps_cost_nothing },
    { "/pyramid/protocols", test_protocols },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
