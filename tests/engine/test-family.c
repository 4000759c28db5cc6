/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/formats/psp-safetensors-writer.h"
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
  }, &error);
  g_assert_no_error (error);
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
  g_assert_cmpint (facts->enlargement_assumed, ==, g_str_has_prefix (expected->golden, "smp"));
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

/* A converted file holds every fact, given ones too, and runs without any option. */
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
  g_autoptr(GError) error = NULL;
  const PspModelFacts *facts;

  options.crop = expected->size_multiple * 7 + expected->size_offset;
  options.has_mean = TRUE;
  memcpy (options.mean, (float[]) { 1.5f, 2, 123.675f }, sizeof options.mean);
  psp_model_convert (source, path, &options, FALSE, &error);
  g_assert_no_error (error);
  after = run_model (path, NULL, expected->golden);
  g_assert_cmpfloat (golden_difference (after, before), ==, 0);

  model = psp_model_load (path, NULL, NULL, &error);
  g_assert_no_error (error);
  facts = psp_model_get_facts (model);
  g_assert_cmpstr (facts->family, ==, expected->family);
  g_assert_false (facts->enlargement_assumed);
  for (PspFact fact = 0; fact < PSP_FACT_NAMES; fact++)
    g_assert_cmpint (facts->sources[fact], ==, PSP_FACT_IN_FILE);
  g_assert_cmpint (facts->crop, ==, expected->size_multiple * 7 + expected->size_offset);
  g_assert_cmpint (facts->size_multiple, ==, expected->size_multiple);
  g_assert_cmpmem (facts->mean, sizeof facts->mean, options.mean, sizeof options.mean);
}

/* Only convolutions are rounded; Caffe's vectors have four dimensions, too. */
static void
test_convert_half (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *source = golden_model_path ("caffe50");
  g_autofree char *path = psp_test_folder_path (folder, "half.safetensors");
  g_autoptr(PspCheckpoint) half = NULL;
  g_autoptr(GError) error = NULL;

  psp_model_convert (source, path, NULL, TRUE, &error);
  g_assert_no_error (error);
  half = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_checkpoint_find (half, "conv5_4/0")->dtype, ==, PSP_DTYPE_F16);
  g_assert_cmpint (psp_checkpoint_find (half, "conv5_4/bn/3")->dtype, ==, PSP_DTYPE_F32);
  g_assert_cmpint (psp_checkpoint_find (half, "conv6/1")->dtype, ==, PSP_DTYPE_F32);
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

/* A change on the way of a golden checkpoint into a safetensors file. */
typedef struct
{
  const char *golden;
  const char *left_out;  /* (nullable) a tensor */
  gboolean    single;    /* the segmentation head gets one output */
  const char *renamed;   /* (nullable) the part of names that becomes … */
  const char *name;      /* … this */
  const char *reshaped;  /* (nullable) a tensor of which only the first numbers stay, as … */
  gint64      shape[4];  /* … this */
  const char *stride;    /* (nullable) what the container says of a stride */
} Change;

static void
write_changed (const char   *path,
               const Change *change)
{
  g_autofree char *source = golden_model_path (change->golden);
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (source, NULL);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const PspCheckpointEntry *entry = psp_checkpoint_get_entry (checkpoint, i);
      g_autoptr(PspTensor) tensor = psp_checkpoint_read (checkpoint, entry->name, &error);
      gint64 shape[PSP_TENSOR_MAX_DIMENSIONS] = { 1 };
      gboolean cut = change->single && g_str_has_prefix (entry->name, "segmentation_head");
      g_autoptr(PspTensor) first = NULL;
      g_autoptr(GString) name = g_string_new (entry->name);

      g_assert_no_error (error);
      for (int k = 1; k < tensor->n_dimensions; k++)
        shape[k] = tensor->shape[k];
      cut = cut || g_strcmp0 (entry->name, change->reshaped) == 0;
      first = change->reshaped != NULL ? psp_tensor_new (4, change->shape, NULL)
                                       : psp_tensor_new (tensor->n_dimensions, shape, NULL);
      if (change->renamed != NULL)
        g_string_replace (name, change->renamed, change->name, 0);
      if (g_strcmp0 (entry->name, change->left_out) != 0)
        psp_safetensors_writer_add (writer, name->str, cut ? first : tensor, PSP_DTYPE_F32);
    }
  if (change->stride != NULL)
    psp_safetensors_writer_set_metadata (writer, "caffe.conv3_1_1x1_reduce.stride",
                                         change->stride);
  psp_safetensors_writer_write (writer, path, &error);
  g_assert_no_error (error);
}

static void
assert_refused (const char *path,
                int         code,
                const char *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);

  g_assert_null (model);
  g_assert_error (error, PSP_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in: %s", words, error->message);
}

/* A lost tensor has the file's own name in the message; a lost stage that is used, too. */
static void
test_refused (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "changed.safetensors");

  write_changed (path, &(Change) { "smp34", .single = TRUE });
  assert_refused (path, PSP_ERROR_UNSUPPORTED, "single output");
  write_changed (path, &(Change) { "smp34", "decoder.psp.blocks.1.pool.1.1.weight" });
  assert_refused (path, PSP_ERROR_BAD_SHAPE, "missing: decoder.psp.blocks.1.pool.1.0.bias");
  write_changed (path, &(Change) { "smp34", "encoder.layer2.3.conv2.weight" });
  assert_refused (path, PSP_ERROR_BAD_SHAPE, "missing: encoder.layer2.3.conv2.weight");
  write_changed (path, &(Change) { "smp34", "encoder.layer2.3.conv1.weight" });
  assert_refused (path, PSP_ERROR_UNSUPPORTED, "3, 3, 6 and 3 basic blocks");
  write_changed (path, &(Change) { "smp34", "encoder.conv1.weight" });
  assert_refused (path, PSP_ERROR_UNSUPPORTED, "segmentation_models.pytorch");
}

/* Networks that share a family's head and cannot be run are named. */
static void
test_refused_variants (void)
{
  static const struct { Change change; const char *words; } cases[] = {
    { { "tiny18", .renamed = "aux.", .name = "psa." }, "looks like a PSANet" },
    { { "smp34", .renamed = "encoder.conv1", .name = "encoder._conv_stem" }, "EfficientNet" },
    { { "smp34", .renamed = "encoder.conv1", .name = "encoder.features.conv0" }, "DenseNet" },
    { { "smp34", .reshaped = "encoder.conv1.weight", .shape = { 8, 4, 7, 7 } }, "three colours" },
    { { "mmseg50", .reshaped = "backbone.layer1.0.conv2.weight", .shape = { 4, 1, 3, 3 } },
      "ResNeXt" },
    { { "mmseg50", .reshaped = "backbone.layer2.0.downsample.1.weight", .shape = { 8, 8, 1, 1 } },
      "ResNet-V1d" },
    { { "caffe50", .reshaped = "conv1_1_3x3_s2/bn/2", .shape = { 1, 1, 1, 1 } }, "BVLC" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "changed.safetensors");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      write_changed (path, &cases[i].change);
      assert_refused (path, PSP_ERROR_UNSUPPORTED, cases[i].words);
    }
}

static gboolean
has_stride_first (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (path, &error);
  PspArchitecture architecture;

  g_assert_no_error (error);
  psp_architecture_detect (&architecture, checkpoint, &error);
  g_assert_no_error (error);
  return architecture.stride_first;
}

/* Where a Caffe model says where the stride is, that counts more than its depth, in a copy too. */
static void
test_stride (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "changed.safetensors");
  g_autofree char *copy = psp_test_folder_path (folder, "copy.safetensors");
  g_autoptr(GError) error = NULL;

  write_changed (path, &(Change) { "caffe50" });
  g_assert_true (has_stride_first (path));
  write_changed (path, &(Change) { "caffe50", .stride = "1" });
  g_assert_false (has_stride_first (path));
  write_changed (path, &(Change) { "caffe101" });
  g_assert_false (has_stride_first (path));
  write_changed (path, &(Change) { "caffe101", .stride = "2,2" });
  g_assert_true (has_stride_first (path));

  psp_model_convert (path, copy, NULL, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (has_stride_first (copy));
}

static void
copy_golden (const char *name,
             const char *path)
{
  g_autofree char *source = golden_path (name);
  g_autoptr(GFile) from = g_file_new_for_path (source);
  g_autoptr(GFile) to = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;

  g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Either half leads to the other; a half without the other says what is missing. */
static void
test_two_files (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *encoder = psp_test_folder_path (folder, "my-encoder_epoch_20.pth");
  g_autofree char *decoder = psp_test_folder_path (folder, "my-decoder_epoch_20.pth");
  g_autofree char *other = psp_test_folder_path (folder, "other.pth");
  g_autoptr(PspTensor) expected = golden_read ("csail18", "logits");
  g_autoptr(PspTensor) from_encoder = NULL;
  g_autoptr(PspTensor) from_decoder = NULL;
  g_autoptr(PspTensor) from_both = NULL;
  g_autofree char *both = NULL;
  g_autofree char *missing = NULL;
  g_autofree char *twice = NULL;

  copy_golden ("decoder_csail18.pth", decoder);
  assert_refused (decoder, PSP_ERROR_NOT_FOUND, "my-encoder_epoch_20.pth");
  copy_golden ("decoder_csail18.pth", other);
  assert_refused (other, PSP_ERROR_NOT_FOUND, "“encoder”");

  copy_golden ("encoder_csail18.pth", encoder);
  from_encoder = run_model (encoder, NULL, "csail18");
  from_decoder = run_model (decoder, NULL, "csail18");
  g_assert_cmpfloat (golden_difference (from_encoder, expected), <=, 1e-4);
  g_assert_cmpfloat (golden_difference (from_decoder, from_encoder), ==, 0);

  copy_golden ("encoder_csail18.pth", other);
  assert_refused (other, PSP_ERROR_UNSUPPORTED, "bare ResNet backbone");
  both = g_strconcat (other, ",", decoder, NULL);
  from_both = run_model (both, NULL, "csail18");
  g_assert_cmpfloat (golden_difference (from_both, from_encoder), ==, 0);
  missing = g_strconcat (decoder, ",", other, "x", NULL);
  assert_refused (missing, PSP_ERROR_NOT_FOUND, "other.pthx: ");
  twice = g_strconcat (other, ",", other, NULL);
  assert_refused (twice, PSP_ERROR_BAD_FILE, "belong together");
  copy_golden ("tiny18.pth", encoder);
  assert_refused (decoder, PSP_ERROR_BAD_SHAPE, "unexpected: ppm.0.1.weight");
  copy_golden ("decoder_csail18.pth", encoder);
  assert_refused (decoder, PSP_ERROR_BAD_FILE, "belong together");
}

/* What save_pretrained() of segmentation_models.pytorch writes beside the weights is believed if it
 * is of this network, and refused by its name if not. */
static void
test_smp_config (void)
{
  static const struct { const char *text; int code; const char *words; } refused[] = {
    { "{\"encoder_name\": \"resnet50\"}", PSP_ERROR_UNSUPPORTED, "“encoder_name” is \"resnet50\"" },
    { "{\"encoder_name\": \"resnet34\", \"encoder_depth\": 4}", PSP_ERROR_UNSUPPORTED, "only 3" },
    { "{\"encoder_name\": \"resnet34\", \"classes\": 7}", PSP_ERROR_UNSUPPORTED, "only 6" },
    { "{\"encoder_name\": \"resnet34\", \"upsampling\": 4}", PSP_ERROR_UNSUPPORTED, "only 8" },
    { "{\"encoder_name\": \"resnet34\", \"in_channels\": 1}", PSP_ERROR_UNSUPPORTED, "only 3" },
    { "{\"encoder_name\": \"resnet34\", \"psp_out_channels\": 1}", PSP_ERROR_UNSUPPORTED,
      "“psp_out_channels” is 1" },
    { "{\"encoder_name\": \"resnet34\", \"decoder_use_norm\": false}", PSP_ERROR_UNSUPPORTED,
      "only true" },
    { "[]", PSP_ERROR_BAD_FILE, "config.json: a configuration is an object" },
    { "{", PSP_ERROR_BAD_FILE, "config.json: " },
  };
  static const struct { const char *text; gboolean assumed; } read[] = {
    { "{\"encoder_name\": \"resnet34\", \"encoder_depth\": 3, \"upsampling\": 8, \"classes\": 6, "
      "\"in_channels\": 3, \"decoder_use_norm\": \"batchnorm\"}", FALSE },
    { "{\"architectures\": [], \"classes\": 7}", TRUE },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "weights.pth");
  PspModel *model;

  copy_golden ("smp34.pth", path);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      psp_test_folder_write (folder, "config.json", refused[i].text, strlen (refused[i].text));
      assert_refused (path, refused[i].code, refused[i].words);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (read); i++)
    {
      g_autoptr(GError) error = NULL;

      psp_test_folder_write (folder, "config.json", read[i].text, strlen (read[i].text));
      model = psp_model_load (path, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (psp_model_get_facts (model)->enlargement_assumed, ==, read[i].assumed);
      psp_model_unref (model);
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
  g_test_add_func ("/family/convert-half", test_convert_half);
  g_test_add_func ("/family/refused", test_refused);
  g_test_add_func ("/family/refused-variants", test_refused_variants);
  g_test_add_func ("/family/config", test_config);
  g_test_add_func ("/family/config-forms", test_config_forms);
  g_test_add_func ("/family/stride", test_stride);
  g_test_add_func ("/family/two-files", test_two_files);
  g_test_add_func ("/family/smp-config", test_smp_config);
  return g_test_run ();
}
