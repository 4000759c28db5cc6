/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/model/psp-mmsegmentation-config.h"
#include "engine/model/psp-model-files.h"
#include "engine/model/psp-pspnet.h"
#include "engine/run/psp-session.h"
#include "tests/golden-models.h"
#include "tests/psp-test-folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a network is built from; a rule that is switched is changed here. */
typedef struct
{
  PspFamily        family;
  PspArchitecture  architecture;
  PspNetworkParams params;
} Plan;

typedef struct
{
  const char *name;    /* of the rule */
  const char *golden;  /* a network on which it shows */
  void      (*change) (Plan *plan);
} Rule;

static PspTensor *
run_graph (const PspGraph *graph,
           const char     *golden)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(PspWeights) weights = psp_weights_new (graph, backend, &error);
  g_autoptr(PspTensor) input = golden_read (golden, "input");
  int logits = psp_graph_find_value (graph, "logits");
  g_autoptr(PspSession) session = NULL;
  PspTensor *result;

  session = psp_session_new (weights, &(PspSessionParams) {
    .input = { input->shape[3], input->shape[2] }, .batch = 1, .n_wanted = 1, .wanted = &logits
  });
  psp_session_run (session, input, (PspProgress) { 0 }, NULL, &error);
  g_assert_no_error (error);
  result = psp_session_read (session, logits, &error);
  g_assert_no_error (error);
  return result;
}

/* How far the logits are from the golden ones after @change, infinitely far if they have another
 * size; %NULL: unchanged. */
static double
measure (const char *golden,
         void      (*change) (Plan *plan))
{
  g_autofree char *path = golden_model_path (golden);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) checkpoint = psp_model_files_open (path, &error);
  g_autoptr(PspModel) model = golden_load_model (golden);
  const PspModelFacts *facts = psp_model_get_facts (model);
  g_autoptr(PspTensor) expected = golden_read (golden, "logits");
  g_autoptr(PspTensor) logits = NULL;
  g_autoptr(PspGraph) graph = NULL;
  PspNetwork network;
  Plan plan;

  g_assert_no_error (error);
  psp_architecture_detect (&plan.architecture, checkpoint, &error);
  g_assert_no_error (error);
  plan.family = *plan.architecture.family;
  plan.architecture.family = &plan.family;
  plan.params = (PspNetworkParams) {
    .architecture = &plan.architecture, .bins = facts->bins,
    .align_corners = facts->align_corners, .bgr = facts->bgr,
  };
  if (change != NULL)
    change (&plan);
  psp_pspnet_build (&plan.params, checkpoint, NULL, &network, &error);
  g_assert_no_error (error);
  graph = network.graph;
  logits = run_graph (graph, golden);
  if (memcmp (logits->shape, expected->shape, 4 * sizeof *expected->shape) != 0)
    return HUGE_VAL;
  return golden_difference (logits, expected);
}

static void
switch_first_dilation (Plan *plan)
{
  plan->family.first_dilation_halved = !plan->family.first_dilation_halved;
}

static void
switch_second_dilation (Plan *plan)
{
  plan->family.second_undilated = !plan->family.second_undilated;
}

static void
switch_stride (Plan *plan)
{
  plan->architecture.stride_first = !plan->architecture.stride_first;
}

static void
switch_order (Plan *plan)
{
  plan->family.levels_reversed = !plan->family.levels_reversed;
}

static void
switch_features (Plan *plan)
{
  plan->family.features_last = !plan->family.features_last;
}

static void
switch_corners (Plan *plan)
{
  plan->params.align_corners = !plan->params.align_corners;
}

static void
switch_colors (Plan *plan)
{
  plan->params.bgr = !plan->params.bgr;
}

static void
switch_pool (Plan *plan)
{
  plan->family.pool_rounds_up = !plan->family.pool_rounds_up;
}

static const Rule rules[] = {
  { "first-dilation", "tiny50", switch_first_dilation },
  { "first-dilation", "mmseg50", switch_first_dilation },
  { "first-dilation", "gluon50", switch_first_dilation },
  { "first-dilation", "caffe50", switch_first_dilation },
  { "first-dilation", "csail18", switch_first_dilation },
  { "first-dilation", "csail50", switch_first_dilation },
  { "second-dilation", "tiny18", switch_second_dilation },
  { "second-dilation", "mmseg18", switch_second_dilation },
  { "second-dilation", "csail18", switch_second_dilation },
  { "order", "tiny50", switch_order },
  { "order", "mmseg50", switch_order },
  { "features", "mmseg18", switch_features },
  { "stride", "tiny50", switch_stride },
  { "stride", "caffe50", switch_stride },
  { "stride", "caffe101", switch_stride },
  { "order", "smp34", switch_order },
  { "order", "gluon50", switch_order },
  { "order", "caffe50", switch_order },
  { "features", "smp34", switch_features },
  { "corners", "tiny18", switch_corners },
  { "corners", "mmseg18", switch_corners },
  { "corners", "csail50", switch_corners },
  { "corners", "mmseg18b", switch_corners },
  { "corners", "mmseg50", switch_corners },
  { "corners", "gluon50", switch_corners },
  { "corners", "caffe50", switch_corners },
  { "colors", "mmseg18", switch_colors },
  { "colors", "caffe50", switch_colors },
  { "colors", "caffe50bvlc", switch_colors },
  { "pool", "caffe50bvlc", switch_pool },
};

/* The golden file tells a rule from its opposite. */
static void
test_rule (gconstpointer data)
{
  const Rule *rule = data;
  double kept = measure (rule->golden, NULL);
  double switched = measure (rule->golden, rule->change);

  g_test_message ("%s %s: %.2e kept, %.2e switched", rule->golden, rule->name, kept, switched);
  g_assert_cmpfloat (kept, <=, 1e-4);
  g_assert_cmpfloat (switched, >, 1e-2);
}

/* A network of each family, and what its file alone tells. */
typedef struct
{
  const char *golden;
  const char *family;
  int         depth;
  int         n_classes;
  gboolean    has_auxiliary;
  gboolean    align_corners;
  int         output_stride;
  int         size_multiple;
  int         size_offset;
  gboolean    bgr;
  int         crop;
  int         base;
} Expectation;

static const Expectation expectations[] = {
  { "tiny18", "official PyTorch", 18, 11, TRUE, TRUE, 8, 8, 1, FALSE, 473, 512 },
  { "mmseg18", "mmsegmentation", 18, 5, TRUE, FALSE, 8, 1, 0, FALSE, 512, 512 },
  { "mmseg18b", "mmsegmentation", 18, 4, TRUE, FALSE, 8, 1, 0, FALSE, 512, 512 },
  { "mmseg50", "mmsegmentation", 50, 7, TRUE, TRUE, 8, 1, 0, FALSE, 769, 2049 },
  { "csail18", "CSAIL's semantic-segmentation-pytorch", 18, 6, TRUE, FALSE, 8, 8, 0, FALSE, 480,
    512 },
  { "csail50", "CSAIL's semantic-segmentation-pytorch", 50, 5, FALSE, FALSE, 8, 8, 0, FALSE, 480,
    512 },
  { "smp34", "segmentation_models.pytorch", 34, 6, FALSE, TRUE, 8, 8, 0, FALSE, 480, 512 },
  { "smp50", "segmentation_models.pytorch", 50, 5, FALSE, TRUE, 16, 16, 0, FALSE, 480, 512 },
  { "smp18", "segmentation_models.pytorch 0.0", 18, 4, FALSE, TRUE, 32, 32, 0, FALSE, 480, 512 },
  { "smp18plain", "segmentation_models.pytorch", 18, 3, FALSE, TRUE, 8, 8, 0, FALSE, 480, 512 },
  { "gluon50", "GluonCV", 50, 5, TRUE, TRUE, 8, 1, 0, FALSE, 480, 520 },
  { "gluon50b", "GluonCV", 50, 4, FALSE, TRUE, 8, 1, 0, FALSE, 480, 520 },
  { "caffe50", "original Caffe", 50, 6, FALSE, TRUE, 8, 8, 1, TRUE, 473, 512 },
  { "caffe101", "original Caffe", 101, 4, FALSE, TRUE, 8, 8, 1, TRUE, 473, 512 },
  { "caffe50bvlc", "original Caffe", 50, 5, FALSE, TRUE, 8, 8, 1, TRUE, 473, 512 },
};

static void
test_facts (gconstpointer data)
{
  const Expectation *expected = data;
  g_autofree char *path = golden_model_path (expected->golden);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);
  const PspModelFacts *facts;

  g_assert_no_error (error);
  facts = psp_model_get_facts (model);
  g_assert_cmpstr (facts->family, ==, expected->family);
  g_assert_cmpint (facts->depth, ==, expected->depth);
  g_assert_cmpint (facts->n_classes, ==, expected->n_classes);
  g_assert_cmpint (facts->has_auxiliary, ==, expected->has_auxiliary);
  g_assert_cmpint (facts->align_corners, ==, expected->align_corners);
  g_assert_cmpint (facts->output_stride, ==, expected->output_stride);
  g_assert_cmpint (facts->size_multiple, ==, expected->size_multiple);
  g_assert_cmpint (facts->size_offset, ==, expected->size_offset);
  g_assert_cmpint (facts->bgr, ==, expected->bgr);
  g_assert_cmpint (facts->crop, ==, expected->crop);
  g_assert_cmpint (facts->base, ==, expected->base);
  g_assert_cmpint (facts->n_bins, ==, 4);
  g_assert_cmpint (facts->bins[3], ==, 6);
  g_assert_cmpstr (facts->early_bins, ==,
                   g_str_has_prefix (expected->golden, "gluon") ? "1,2,3,4" : NULL);
  g_assert_cmpint (facts->enlargement_assumed, ==, g_str_has_prefix (expected->golden, "smp"));
  g_assert_cmpint (facts->enlargement, ==, facts->enlargement_assumed ? 8 : 0);
  for (PspFact fact = PSP_FACT_POOLING; fact < PSP_FACT_NAMES; fact++)
    if (!g_str_equal (expected->golden, "mmseg50")) /* its file has a configuration */
      g_assert_cmpint (facts->sources[fact], ==, PSP_FACT_ASSUMED);
}

static PspTensor *
run_model (const char            *path,
           const PspModelOptions *options,
           const char            *golden)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, options, NULL, &error);

  g_assert_no_error (error);
  return run_graph (psp_model_get_graph (model), golden);
}

/* A converted file holds every fact, given ones too, and runs without any option.  What was assumed
 * stays assumed. */
static void
test_convert (gconstpointer data)
{
  const Expectation *expected = data;
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *source = golden_model_path (expected->golden);
  g_autofree char *path = psp_test_folder_path (folder, "converted.safetensors");
  PspModelOptions options = golden_read_options (expected->golden);
  g_autoptr(PspTensor) before = run_model (source, &options, expected->golden);
  g_autoptr(PspTensor) after = NULL;
  g_autoptr(PspModel) model = NULL;
  g_autoptr(PspModel) original = NULL;
  g_autoptr(GError) error = NULL;
  const PspModelFacts *facts, *before_facts;

  options.crop = expected->size_multiple * 7 + expected->size_offset;
  options.has_mean = TRUE;
  memcpy (options.mean, (float[]) { 1.5f, 2, 123.675f }, sizeof options.mean);
  psp_model_convert (source, path, &options, FALSE, NULL, &error);
  g_assert_no_error (error);
  after = run_model (path, NULL, expected->golden);
  g_assert_cmpfloat (golden_difference (after, before), ==, 0);

  model = psp_model_load (path, NULL, NULL, &error);
  g_assert_no_error (error);
  facts = psp_model_get_facts (model);
  original = psp_model_load (source, &options, NULL, &error);
  g_assert_no_error (error);
  before_facts = psp_model_get_facts (original);
  g_assert_cmpstr (facts->family, ==, expected->family);
  g_assert_cmpint (facts->enlargement_assumed, ==, before_facts->enlargement_assumed);
  for (PspFact fact = 0; fact < PSP_FACT_NAMES; fact++)
    g_assert_cmpint (facts->sources[fact], ==,
                     before_facts->sources[fact] == PSP_FACT_ASSUMED ? PSP_FACT_ASSUMED
                                                                     : PSP_FACT_IN_FILE);
  g_assert_cmpint (facts->crop, ==, expected->size_multiple * 7 + expected->size_offset);
  g_assert_cmpint (facts->size_multiple, ==, expected->size_multiple);
  g_assert_cmpmem (facts->mean, sizeof facts->mean, options.mean, sizeof options.mean);
}

/* What is given counts more than the family, and is no assumption. */
static void
test_options (void)
{
  g_autofree char *path = golden_model_path ("mmseg18");
  PspModelOptions options = {
    .has_align_corners = TRUE, .align_corners = TRUE, .has_bgr = TRUE, .bgr = TRUE,
    .has_standard_deviation = TRUE, .standard_deviation = { 1, 2, 3 },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, &options, NULL, &error);
  const PspModelFacts *facts;

  g_assert_no_error (error);
  facts = psp_model_get_facts (model);
  g_assert_true (facts->align_corners && facts->bgr);
  g_assert_cmpint (facts->sources[PSP_FACT_ALIGN_CORNERS], ==, PSP_FACT_GIVEN);
  g_assert_cmpint (facts->sources[PSP_FACT_CHANNEL_ORDER], ==, PSP_FACT_GIVEN);
  g_assert_cmpint (facts->sources[PSP_FACT_STANDARD_DEVIATION], ==, PSP_FACT_GIVEN);
  g_assert_cmpint (facts->sources[PSP_FACT_MEAN], ==, PSP_FACT_ASSUMED);
  g_assert_cmpint (facts->crop, ==, 769);
  g_assert_cmpint (facts->base, ==, 2049);
  g_assert_cmpfloat (facts->standard_deviation[2], ==, 3);
  g_clear_pointer (&model, psp_model_unref);

  options.standard_deviation[1] = 0;
  model = psp_model_load (path, &options, NULL, &error);
  g_assert_null (model);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
}

/* What mmsegmentation leaves beside its weights: a configuration, names and colours. */
static void
test_config (void)
{
  static const PspFact told[] = {
    PSP_FACT_BINS, PSP_FACT_ALIGN_CORNERS, PSP_FACT_MEAN, PSP_FACT_STANDARD_DEVIATION,
    PSP_FACT_CHANNEL_ORDER, PSP_FACT_CROP, PSP_FACT_NAMES,
  };
  g_autofree char *path = golden_model_path ("mmseg50");
  g_autofree char *other_path = golden_model_path ("mmseg18");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);
  g_autoptr(PspModel) other = psp_model_load (other_path, NULL, NULL, &error);
  PspTaxonomy *taxonomy;

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (told); i++)
    g_assert_cmpint (psp_model_get_facts (model)->sources[told[i]], ==, PSP_FACT_IN_FILE);
  g_assert_cmpint (psp_model_get_facts (model)->sources[PSP_FACT_BASE], ==, PSP_FACT_ASSUMED);
  taxonomy = psp_model_get_taxonomy (model);
  g_assert_cmpstr (psp_taxonomy_get_class_name (taxonomy, 0), ==, "road");
  g_assert_cmphex (psp_taxonomy_get_class_color (taxonomy, 6), ==, 0x804080);
  taxonomy = psp_model_get_taxonomy (other);
  g_assert_cmpstr (psp_taxonomy_get_class_name (taxonomy, 4), ==, "fence");
  g_assert_cmphex (psp_taxonomy_get_class_color (taxonomy, 4), ==, 0x010203);
}

/* The forms that configurations come in; what is no plain value is left out. */
static void
test_config_forms (void)
{
  static const struct { const char *text; PspFact fact; const char *expected; } cases[] = {
    { "decode_head=dict(align_corners=True)", PSP_FACT_ALIGN_CORNERS, "true" },
    { "{'decode_head': {'x': 1, 'align_corners': False}}", PSP_FACT_ALIGN_CORNERS, "false" },
    { "align_corners=True, decode_head=dict(x=1)", PSP_FACT_ALIGN_CORNERS, NULL },
    { "decode_head=dict(align_corners=corners)", PSP_FACT_ALIGN_CORNERS, NULL },
    { "decode_head=dict(pool_scales=(1, ))", PSP_FACT_BINS, "1" },
    { "decode_head=dict(pool_scales=scales)", PSP_FACT_BINS, NULL },
    { "dict(mean=[1.5, 2, 3], to_rgb=False)", PSP_FACT_MEAN, "1.5,2,3" },
    { "dict(mean=[1.5, 2, 3], to_rgb=False)", PSP_FACT_CHANNEL_ORDER, "bgr" },
    { "dict(std=[1, 0, 3])", PSP_FACT_STANDARD_DEVIATION, NULL },
    { "data_preprocessor=dict(bgr_to_rgb=True)", PSP_FACT_CHANNEL_ORDER, "rgb" },
    { "crop_size = (769, 769)", PSP_FACT_CROP, "769" },
    { "crop_size = (512, 1024)", PSP_FACT_CROP, NULL },
    { "crop_size", PSP_FACT_CROP, NULL },
    { "crop_size=(", PSP_FACT_CROP, NULL },
    { "", PSP_FACT_MEAN, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(PspModelOptions) options = { 0 };
      g_autofree char *text = NULL;

      psp_mmsegmentation_config_read (cases[i].text, &options);
      text = psp_model_options_format (&options, cases[i].fact);
      g_test_message ("%s", cases[i].text);
      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

/* Any size runs, whatever sizes the network takes, and what comes out has that size. */
static void
test_sizes (gconstpointer data)
{
  static const PspSize sizes[] = { { 1, 1 }, { 9, 17 }, { 61, 47 }, { 64, 8 } };
  const Expectation *expected = data;
  g_autoptr(PspModel) model = golden_load_model (expected->golden);
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspRunner) runner = psp_runner_new (model, backend, &error);
  PspRunOptions slide = {
    .protocol = PSP_PROTOCOL_SLIDE,
    .base = 40,
    .crop = MAX (1, 24 / expected->size_multiple) * expected->size_multiple +
            expected->size_offset,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int k = 0; k < 2; k++)
      {
        g_autoptr(PspImage) photo = psp_image_new (sizes[i], &error);
        g_autoptr(PspPrediction) prediction = NULL;

        prediction = psp_runner_predict (runner, photo, k == 0 ? NULL : &slide, k == 0,
                                         (PspProgress) { 0 }, NULL, &error);
        g_assert_no_error (error);
        g_assert_true (psp_size_equal (psp_prediction_get_labels (prediction)->size, sizes[i]));
      }
}

/* The cells of a level cover the photo without a gap, wherever the feature pixels lie. */
static void
test_bin_cells (gconstpointer data)
{
  const Expectation *expected = data;
  g_autoptr(PspModel) model = golden_load_model (expected->golden);
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(PspRunner) runner = psp_runner_new (model, backend, NULL);
  g_autoptr(PspImage) photo = psp_image_new ((PspSize) { 90, 71 }, NULL);
  g_autoptr(PspPrediction) prediction = psp_runner_predict (runner, photo, NULL, TRUE,
                                                            (PspProgress) { 0 }, NULL, NULL);
  int right = 0;

  g_assert_nonnull (prediction);
  for (int i = 0; i < 3; i++)
    {
      PspRect cell = psp_prediction_get_bin_cell (prediction, 3, i, 0);

      g_assert_cmpint (cell.x, <=, right);
      g_assert_cmpint (abs (cell.x - 30 * i), <=, expected->output_stride);
      right = cell.x + cell.width;
    }
  g_assert_cmpint (right, ==, 90);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *path = g_strdup_printf ("/family/rule/%s/%s", rules[i].name,
                                               rules[i].golden);

      g_test_add_data_func (path, &rules[i], test_rule);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (expectations); i++)
    {
      g_autofree char *facts = g_strdup_printf ("/family/facts/%s", expectations[i].golden);
      g_autofree char *convert = g_strdup_printf ("/family/convert/%s", expectations[i].golden);

      g_autofree char *sizes = g_strdup_printf ("/family/sizes/%s", expectations[i].golden);
      g_autofree char *cells = g_strdup_printf ("/family/cells/%s", expectations[i].golden);

      g_test_add_data_func (sizes, &expectations[i], test_sizes);
      g_test_add_data_func (cells, &expectations[i], test_bin_cells);
      g_test_add_data_func (facts, &expectations[i], test_facts);
      g_test_add_data_func (convert, &expectations[i], test_convert);
    }
  g_test_add_func ("/family/options", test_options);
  g_test_add_func ("/family/config", test_config);
  g_test_add_func ("/family/config-forms", test_config_forms);
  return g_test_run ();
}
