/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/formats/psp-checkpoint.h"
#include "engine/formats/psp-image-file.h"
#include "engine/run/psp-slide.h"
#include "tests/golden-models.h"
#include "tests/psp-test-folder.h"
#include "tests/sanitizers.h"

#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-4

/* A result of tests/golden/protocols.py and what it was made with. */
typedef struct
{
  const char    *golden;
  PspProtocol    protocol;
  PspRunOptions  options;
} Case;

static const Case cases[] = {
  { "caffe50", PSP_PROTOCOL_CAFFE,
    { .n_scales = 2, .scales = { 0.75, 1.25 }, .crop = 57, .base = 80 } },
  { "caffe101", PSP_PROTOCOL_CAFFE,
    { .n_scales = 1, .scales = { 0.5 }, .crop = 41, .base = 64, .no_flip = TRUE } },
  { "mmseg50", PSP_PROTOCOL_MMSEGMENTATION_WHOLE,
    { .n_scales = 2, .scales = { 1, 1.25 }, .base = 56, .flip = TRUE } },
  { "mmseg18b", PSP_PROTOCOL_MMSEGMENTATION_SLIDE,
    { .crop = 49, .base = 60, .flip = TRUE } },
  { "mmseg18", PSP_PROTOCOL_MMSEGMENTATION_SLIDE, { .crop = 70, .base = 50 } },
  { "csail18", PSP_PROTOCOL_CSAIL, { .n_scales = 3, .scales = { 48, 64, 30 } } },
  { "gluon50", PSP_PROTOCOL_GLUONCV,
    { .n_scales = 2, .scales = { 0.5, 1.2 }, .crop = 48, .base = 70 } },
  { "tiny18", PSP_PROTOCOL_MSEG,
    { .n_scales = 2, .scales = { 1, 0.7 }, .crop = 57, .base = 60 } },
};

static PspRunner *
open_runner (PspModel *model)
{
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(GError) error = NULL;
  PspRunner *runner = psp_runner_new (model, backend, &error);

  g_assert_no_error (error);
  return runner;
}

static PspTensor *
read_golden (const char *golden,
             const char *name)
{
  g_autofree char *file = g_strconcat (golden, ".protocol.safetensors", NULL);
  g_autofree char *path = golden_path (file);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (path, &error);
  PspTensor *tensor = NULL;

  g_assert_no_error (error);
  tensor = psp_checkpoint_read (checkpoint, name, &error);
  g_assert_no_error (error);
  return tensor;
}

static PspImage *
read_photo (const char *golden)
{
  g_autoptr(PspTensor) tensor = read_golden (golden, "photo");
  PspImage *photo = psp_image_new ((PspSize) { tensor->shape[1], tensor->shape[0] }, NULL);

  for (gsize i = 0; i < tensor->n_elements; i++)
    photo->pixels[i] = tensor->data[i];
  return photo;
}

/* [K, h, w]: all classes were ranked, and go back to their places. */
static PspTensor *
collect_probabilities (const PspPrediction *prediction)
{
  const PspTensor *classes = psp_prediction_get_top_classes (prediction);
  const PspTensor *probabilities = psp_prediction_get_top_probabilities (prediction);
  gsize plane = classes->shape[1] * classes->shape[2];
  PspTensor *result = psp_tensor_new (3, classes->shape, NULL);

  for (gsize i = 0; i < classes->n_elements; i++)
    result->data[(gsize) classes->data[i] * plane + i % plane] = probabilities->data[i];
  return result;
}

/* How far the case's golden result is from what @rules give. */
static double
measure_difference (const Case             *line,
                    const PspProtocolRules *rules,
                    const PspRunOptions    *options)
{
  g_autoptr(PspModel) model = golden_load_model (line->golden);
  g_autoptr(PspRunner) runner = open_runner (model);
  g_autoptr(PspImage) photo = read_photo (line->golden);
  g_autoptr(PspTensor) reference = read_golden (line->golden, "probabilities");
  g_autoptr(PspTensor) result = NULL;
  g_autoptr(PspPrediction) prediction = NULL;
  g_autoptr(GError) error = NULL;
  PspRunOptions all = *options;

  all.protocol = line->protocol;
  all.n_top = psp_model_get_facts (model)->n_classes;
  prediction = psp_slide_run (runner, rules, photo, &all, (PspProgress) { 0 }, NULL, &error);
  g_assert_no_error (error);
  result = collect_probabilities (prediction);
  return golden_difference (result, reference);
}

static void
test_golden (gconstpointer data)
{
  const Case *line = data;
  double difference = measure_difference (line, psp_protocol_get_rules (line->protocol),
                                          &line->options);

  g_test_message ("%s: %.2e", line->golden, difference);
  g_assert_cmpfloat (difference, <=, TOLERANCE);
}

static const Case *
find_case (const char *golden)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    if (g_str_equal (cases[i].golden, golden))
      return &cases[i];
  g_assert_not_reached ();
}

/* With one rule switched, the golden results notice. */
static void
assert_notices (const char             *golden,
                const char             *rule,
                const PspProtocolRules *rules)
{
  const Case *line = find_case (golden);
  double difference = measure_difference (line, rules, &line->options);

  g_test_message ("%s without its %s: %.2e", golden, rule, difference);
  g_assert_cmpfloat (difference, >, 5 * TOLERANCE);
}

#define SWITCH(golden, protocol, member, value) \
  G_STMT_START { \
    PspProtocolRules rules = *psp_protocol_get_rules (protocol); \
\
    rules.member = value; \
    assert_notices (golden, #member, &rules); \
  } G_STMT_END

static void
test_rules (void)
{
  SWITCH ("caffe50", PSP_PROTOCOL_CAFFE, scale, PSP_SCALE_LONGER);
  SWITCH ("caffe50", PSP_PROTOCOL_CAFFE, photo, PSP_PHOTO_BILINEAR);
  SWITCH ("caffe50", PSP_PROTOCOL_CAFFE, photo, PSP_PHOTO_PILLOW);
  SWITCH ("caffe50", PSP_PROTOCOL_CAFFE, tiles, PSP_TILES_NONE);
  SWITCH ("caffe50", PSP_PROTOCOL_CAFFE, padding, PSP_PADDING_CENTRED);
  SWITCH ("caffe50", PSP_PROTOCOL_CAFFE, fusion, PSP_FUSION_PROBABILITIES);
  SWITCH ("caffe50", PSP_PROTOCOL_CAFFE, result, PSP_FILTER_CENTRED);
  SWITCH ("mmseg50", PSP_PROTOCOL_MMSEGMENTATION_WHOLE, scale, PSP_SCALE_LONGER);
  SWITCH ("mmseg50", PSP_PROTOCOL_MMSEGMENTATION_WHOLE, photo, PSP_PHOTO_BILINEAR);
  SWITCH ("mmseg50", PSP_PROTOCOL_MMSEGMENTATION_WHOLE, fusion, PSP_FUSION_PROBABILITIES);
  SWITCH ("mmseg18b", PSP_PROTOCOL_MMSEGMENTATION_SLIDE, result_as_model, FALSE);
  SWITCH ("mmseg18b", PSP_PROTOCOL_MMSEGMENTATION_SLIDE, tiles, PSP_TILES_BEYOND);
  SWITCH ("mmseg18", PSP_PROTOCOL_MMSEGMENTATION_SLIDE, tiles, PSP_TILES_END);
  SWITCH ("csail18", PSP_PROTOCOL_CSAIL, direct, FALSE);
  SWITCH ("csail18", PSP_PROTOCOL_CSAIL, photo, PSP_PHOTO_MATLAB);
  SWITCH ("csail18", PSP_PROTOCOL_CSAIL, photo, PSP_PHOTO_BILINEAR);
  SWITCH ("gluon50", PSP_PROTOCOL_GLUONCV, scale, PSP_SCALE_LONGER_AND_ONE);
  SWITCH ("gluon50", PSP_PROTOCOL_GLUONCV, photo, PSP_PHOTO_BILINEAR);
  SWITCH ("gluon50", PSP_PROTOCOL_GLUONCV, tiles, PSP_TILES_END);
  SWITCH ("gluon50", PSP_PROTOCOL_GLUONCV, padding, PSP_PADDING_BEHIND);
  SWITCH ("gluon50", PSP_PROTOCOL_GLUONCV, fusion, PSP_FUSION_SUMMED);
  SWITCH ("gluon50", PSP_PROTOCOL_GLUONCV, result, PSP_FILTER_CENTRED);
  SWITCH ("tiny18", PSP_PROTOCOL_MSEG, scale, PSP_SCALE_LONGER);
  SWITCH ("tiny18", PSP_PROTOCOL_MSEG, padding, PSP_PADDING_BEHIND);
}

/* What a project does is what its models get, unless something else is asked for. */
static void
test_family (void)
{
  static const struct { const char *golden; PspProtocol protocol; } families[] = {
    { "tiny18", PSP_PROTOCOL_WHOLE }, { "caffe50", PSP_PROTOCOL_CAFFE },
    { "mmseg50", PSP_PROTOCOL_MMSEGMENTATION_WHOLE }, { "csail18", PSP_PROTOCOL_CSAIL },
    { "gluon50", PSP_PROTOCOL_GLUONCV }, { "smp34", PSP_PROTOCOL_WHOLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autoptr(PspModel) model = golden_load_model (families[i].golden);
      const PspModelFacts *facts = psp_model_get_facts (model);

      g_assert_cmpint (psp_protocol_resolve (PSP_PROTOCOL_FAMILY, facts), ==,
                       families[i].protocol);
      g_assert_cmpint (psp_protocol_resolve (PSP_PROTOCOL_SLIDE, facts), ==, PSP_PROTOCOL_SLIDE);
    }
}

/* Caffe's predictions on ADE20K count from 1, and on other datasets from 0. */
static void
test_id_offset (void)
{
  g_autoptr(PspModel) model = golden_load_model ("caffe50");
  PspModelFacts facts = *psp_model_get_facts (model);

  g_assert_cmpint (psp_protocol_id_offset (PSP_PROTOCOL_FAMILY, &facts), ==, 0);
  facts.n_classes = 150;
  g_assert_cmpint (psp_protocol_id_offset (PSP_PROTOCOL_FAMILY, &facts), ==, 1);
  g_assert_cmpint (psp_protocol_id_offset (PSP_PROTOCOL_SLIDE, &facts), ==, 0);
}

static PspPrediction *
predict (PspRunner           *runner,
         PspSize              size,
         const PspRunOptions *options)
{
  return golden_predict (runner, size, options, FALSE);
}

static int
count_different (const PspMask *a,
                 const PspMask *b)
{
  int n = 0;

  for (gsize i = 0; i < (gsize) a->size.width * a->size.height; i++)
    n += a->pixels[i] != b->pixels[i];
  return n;
}

/* Batches are as large as the memory allows.  Merging does not depend on them; the network's own
 * sums may be taken in another order in a larger batch. */
static void
test_batches (void)
{
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspRunner) runner = open_runner (model);
  PspRunOptions options = { .protocol = PSP_PROTOCOL_SLIDE, .crop = 65, .base = 150,
                            .n_scales = 2, .scales = { 0.7, 1 } };
  PspSize size = { 160, 120 };
  g_autoptr(PspPrediction) expected = predict (runner, size, &options);
  const PspTensor *confidence = psp_prediction_get_confidence (expected);
  gsize most = psp_runner_get_peak_bytes (runner), last = 0;

  for (int percent = 100; percent >= 40; percent -= 20)
    {
      g_autoptr(PspPrediction) prediction = NULL;

      options.memory_bytes = most / 100 * percent;
      prediction = predict (runner, size, &options);
      last = psp_runner_get_peak_bytes (runner);
      g_assert_cmpuint (last, <=, options.memory_bytes);
      g_assert_cmpint (count_different (psp_prediction_get_labels (prediction),
                                        psp_prediction_get_labels (expected)), <=, 2);
      for (gsize i = 0; i < confidence->n_elements; i++)
        g_assert_cmpfloat_with_epsilon (psp_prediction_get_confidence (prediction)->data[i],
                                        confidence->data[i], 1e-5);
    }
  g_assert_cmpuint (last, <, most / 2);
}

/* An error that tells how much would have been enough. */
static void
test_no_memory (void)
{
  g_autoptr(PspModel) model = golden_load_model ("tiny18");
  g_autoptr(PspRunner) runner = open_runner (model);
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 160, 120 }, 7);
  PspRunOptions options = { .protocol = PSP_PROTOCOL_SLIDE, .crop = 65, .base = 150,
                            .memory_bytes = 1 << 20 };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) refused = NULL;
  g_autoptr(PspPrediction) prediction = NULL;
  char *needed;

  refused = psp_runner_predict (runner, image, &options, FALSE, (PspProgress) { 0 }, NULL, &error);
  g_assert_null (refused);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_OVER_LIMIT);
  needed = strstr (error->message, " need ");
  g_assert_nonnull (needed);
  options.memory_bytes = g_ascii_strtoull (needed + strlen (" need "), NULL, 10) << 20;
  prediction = predict (runner, (PspSize) { 160, 120 }, &options);
  g_assert_nonnull (prediction);
}

static PspModel *
load_with_classes (PspTestFolder *folder,
                   int            n_classes)
{
  g_autofree char *path = psp_test_folder_path (folder, "many.safetensors");
  PspModelOptions options = golden_read_options ("tiny18");
  g_autoptr(GError) error = NULL;
  PspModel *model;

  golden_write_with_classes (path, n_classes);
  model = psp_model_load (path, &options, NULL, &error);
  g_assert_no_error (error);
  return model;
}

/* Resident memory and its highest mark, in bytes. */
static gsize
read_status (const char *key)
{
  g_autofree char *text = NULL;
  char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, key);
  return line != NULL ? (gsize) g_ascii_strtoull (line + strlen (key), NULL, 10) << 10 : 0;
}

/* What @options need at least for a photo of 2048 x 1024, in bytes: whole MiB. */
static gsize
find_least_memory (PspRunner     *runner,
                   PspRunOptions  options)
{
  const gsize mib = 1 << 20;
  g_autoptr(PspImage) image = golden_draw_noise ((PspSize) { 2048, 1024 }, 7);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPrediction) refused = NULL;

  options.memory_bytes = mib;
  refused = psp_runner_predict (runner, image, &options, FALSE, (PspProgress) { 0 }, NULL, &error);
  g_assert_null (refused);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_OVER_LIMIT);
  return (psp_runner_get_peak_bytes (runner) + mib - 1) / mib * mib;
}

/* A photo of 2048 x 1024 with 150 classes, at its own size, stays within what was reckoned and then
 * allowed.  A volume of probabilities would be 1.2 GiB alone. */
static void
test_large_photo (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspModel) model = load_with_classes (folder, 150);
  g_autoptr(PspRunner) runner = open_runner (model);
  PspRunOptions options = { .protocol = PSP_PROTOCOL_SLIDE, .crop = 473, .base = 2048,
                            .no_flip = TRUE };
  gsize least = find_least_memory (runner, options);
  gsize before = read_status ("VmRSS:");
  g_autoptr(PspPrediction) prediction G_GNUC_UNUSED = NULL;
  gsize grown;

  options.memory_bytes = least;
  prediction = predict (runner, (PspSize) { 2048, 1024 }, &options);
  grown = read_status ("VmHWM:") - before;

  g_test_message ("reckoned %.0f MiB, grown by %.0f MiB", (double) least / 1048576,
                  (double) grown / 1048576);
  g_assert_cmpuint (least, <, 100 << 20);
  if (before > 0 && !IS_SANITIZED)
    g_assert_cmpuint (grown, <, least + (8 << 20));
}

/* The same under six scales up to 3584 pixels, with mirror images: what is merged leaves room for a
 * wide network. */
static void
test_large_photo_of_scales (void)
{
  static const struct { int crop; gsize most_mib; } windows[] = { { 473, 400 }, { 713, 560 } };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspModel) model = load_with_classes (folder, 150);
  g_autoptr(PspRunner) runner = open_runner (model);
  PspRunOptions options = { .protocol = PSP_PROTOCOL_SLIDE, .base = 2048, .n_scales = 6,
                            .scales = { 0.5, 0.75, 1, 1.25, 1.5, 1.75 } };

  for (gsize i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      gsize least;

      options.crop = windows[i].crop;
      least = find_least_memory (runner, options);
      g_test_message ("windows of %d pixels: %.0f MiB", options.crop, (double) least / 1048576);
      g_assert_cmpuint (least, <, windows[i].most_mib << 20);
    }
}

/* More than 255 classes: labels of 16 bits, in memory and in files. */
static void
test_many_classes (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "labels.png");
  g_autoptr(PspModel) model = load_with_classes (folder, 300);
  g_autoptr(PspRunner) runner = open_runner (model);
  PspRunOptions slide = { .protocol = PSP_PROTOCOL_SLIDE, .crop = 65, .base = 80, .n_top = 5 };
  int highest = 0;

  for (int i = 0; i < 2; i++)
    {
      g_autoptr(PspPrediction) prediction = predict (runner, (PspSize) { 80, 60 },
                                                     i == 0 ? NULL : &slide);
      PspMask *labels = psp_prediction_get_labels (prediction);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspMask) loaded = NULL;

      g_assert_cmpint (labels->bit_depth, ==, 16);
      for (int k = 0; k < 80 * 60; k++)
        {
          g_assert_cmpint (labels->pixels[k], <, 300);
          highest = MAX (highest, labels->pixels[k]);
        }
      psp_mask_save (labels, path, &error);
      g_assert_no_error (error);
      loaded = psp_mask_load (path, &error);
      g_assert_no_error (error);
      g_assert_true (psp_mask_equal (loaded, labels));
    }
  g_assert_cmpint (highest, >, 255);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/protocol/golden/%s", cases[i].golden);

      g_test_add_data_func (path, &cases[i], test_golden);
    }
  g_test_add_func ("/protocol/rules", test_rules);
  g_test_add_func ("/protocol/family", test_family);
  g_test_add_func ("/protocol/id-offset", test_id_offset);
  g_test_add_func ("/protocol/batches", test_batches);
  g_test_add_func ("/protocol/no-memory", test_no_memory);
  g_test_add_func ("/protocol/large-photo", test_large_photo);
  g_test_add_func ("/protocol/large-photo-of-scales", test_large_photo_of_scales);
  g_test_add_func ("/protocol/many-classes", test_many_classes);
  return g_test_run ();
}
