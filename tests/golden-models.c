/* SPDX-License-Identifier: MIT */
#include "tests/golden-models.h"

#include "engine/formats/psp-safetensors-writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char * const names[] = {
  "tiny18", "tiny34", "tiny50", "tiny101", "deep152", "deep269", "bare50", "bins1_50", "bins48_18",
  "pyramid18", "max18", "plain18", "three18", "bare18",
};

/* Networks of other families, with photos. */
static const char * const foreign_names[] = {
  "mmseg18", "mmseg18b", "mmseg50", "smp34", "smp50", "smp18", "smp18plain",
  "csail18", "csail50", "gluon50", "gluon50b", "caffe50", "caffe101",
  "caffe50bvlc",
};

typedef struct
{
  PspBackend *backend;
  const char *name;
  double      tolerance;
  PspFold     fold;
} GoldenCase;

char *
golden_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", name, NULL);
}

static PspCheckpoint *
open_golden (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".golden.safetensors", NULL);
  g_autofree char *path = golden_path (file);
  g_autoptr(GError) error = NULL;
  PspCheckpoint *golden = psp_checkpoint_open (path, &error);

  g_assert_no_error (error);
  return golden;
}

char *
golden_model_path (const char *name)
{
  static const struct { const char *prefix; const char *extension; } kinds[] = {
    { "", ".pth" }, { "decoder_", ".pth" }, { "", ".params" }, { "", ".caffemodel" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *file = g_strconcat (kinds[i].prefix, name, kinds[i].extension, NULL);
      g_autofree char *path = golden_path (file);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  g_error ("there is no golden checkpoint called %s", name);
}

PspModelOptions
golden_read_options (const char *name)
{
  g_autoptr(PspCheckpoint) golden = open_golden (name);
  PspModelOptions options = { 0 };

  for (PspFact fact = 0; fact < PSP_FACT_NAMES; fact++)
    {
      const char *text = psp_checkpoint_get_metadata (golden, psp_fact_get_key (fact));
      g_autoptr(GError) error = NULL;

      if (text != NULL)
        psp_model_options_set (&options, fact, text, &error);
      g_assert_no_error (error);
    }
  return options;
}

PspModel *
golden_load_model (const char *name)
{
  g_autofree char *path = golden_model_path (name);
  PspModelOptions options = golden_read_options (name);
  g_autoptr(GError) error = NULL;
  PspModel *model = psp_model_load (path, &options, NULL, &error);

  g_assert_no_error (error);
  return model;
}

void
golden_write_with_classes (const char *path,
                           int         n_classes)
{
  g_autofree char *source = golden_path ("tiny18.pth");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (source, &error);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (checkpoint, i)->name;
      g_autoptr(PspTensor) tensor = psp_checkpoint_read (checkpoint, name, &error);

      g_assert_no_error (error);
      if (strstr (name, "cls.4.") != NULL || strstr (name, "aux.4.") != NULL)
        {
          gint64 shape[] = { n_classes, tensor->n_dimensions > 1 ? tensor->shape[1] : 1, 1, 1 };
          g_autoptr(PspTensor) wide = psp_tensor_new (tensor->n_dimensions, shape, &error);

          for (gsize k = 0; k < wide->n_elements; k++)
            wide->data[k] = tensor->data[k % tensor->n_elements] *
                            (float) (1 + k / tensor->n_elements);
          psp_safetensors_writer_add (writer, name, wide, PSP_DTYPE_F32);
        }
      else
        psp_safetensors_writer_add (writer, name, tensor, PSP_DTYPE_F32);
    }
  psp_safetensors_writer_write (writer, path, NULL, &error);
  g_assert_no_error (error);
}

PspTensor *
golden_read (const char *name,
             const char *tensor)
{
  g_autoptr(PspCheckpoint) golden = open_golden (name);
  g_autoptr(GError) error = NULL;
  PspTensor *result = psp_checkpoint_read (golden, tensor, &error);

  g_assert_no_error (error);
  return result;
}

PspImage *
golden_draw_noise (PspSize size,
                   int     seed)
{
  g_autoptr(GError) error = NULL;
  PspImage *image = psp_image_new (size, &error);
  g_autoptr(GRand) random = g_rand_new_with_seed (seed);

  g_assert_no_error (error);
  for (gsize i = 0; i < (gsize) size.width * size.height * 3; i++)
    image->pixels[i] = g_rand_int_range (random, 0, 256);
  return image;
}

PspPrediction *
golden_predict (PspRunner           *runner,
                PspSize              size,
                const PspRunOptions *options,
                gboolean             details)
{
  g_autoptr(PspImage) image = golden_draw_noise (size, 7);
  g_autoptr(GError) error = NULL;
  PspPrediction *prediction = psp_runner_predict (runner, image, options, details,
                                                  (PspProgress) { 0 }, NULL, &error);

  g_assert_no_error (error);
  return prediction;
}

double
golden_difference (const PspTensor *tensor,
                   const PspTensor *reference)
{
  double difference = 0, scale = 0;

  g_assert_cmpint (tensor->n_dimensions, ==, reference->n_dimensions);
  for (int i = 0; i < reference->n_dimensions; i++)
    g_assert_cmpint (tensor->shape[i], ==, reference->shape[i]);
  for (gsize i = 0; i < reference->n_elements; i++)
    {
      g_assert_true (isfinite (tensor->data[i]));
      difference = MAX (difference,
                        fabs ((double) tensor->data[i] - (double) reference->data[i]));
      scale = MAX (scale, fabs ((double) reference->data[i]));
    }
  return difference / scale;
}

static void
test_golden (gconstpointer data)
{
  const GoldenCase *golden_case = data;
  g_autoptr(PspCheckpoint) golden = open_golden (golden_case->name);
  g_autoptr(PspModel) model = golden_load_model (golden_case->name);
  g_autoptr(PspTensor) input = golden_read (golden_case->name, "input");
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspRunner) runner = psp_runner_new (model, golden_case->backend, &error);
  g_autoptr(GHashTable) taps = NULL;
  g_auto(GStrv) tensors = NULL;

  g_assert_no_error (error);
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (golden); i++)
    g_strv_builder_add (builder, psp_checkpoint_get_entry (golden, i)->name);
  tensors = g_strv_builder_end (builder);
  taps = psp_runner_get_taps (runner, input, (const char * const *) tensors,
                              &(PspRunOptions) { .fold = golden_case->fold }, NULL, &error);
  g_assert_no_error (error);

  for (int i = 0; tensors[i] != NULL; i++)
    {
      g_autoptr(PspTensor) reference = golden_read (golden_case->name, tensors[i]);
      double difference = golden_difference (g_hash_table_lookup (taps, tensors[i]), reference);

      g_test_message ("%s %s: %.2e", golden_case->name, tensors[i], difference);
      g_assert_cmpfloat (difference, <=, golden_case->tolerance);
    }
}

/* Logits without the levels that the name of each tensor lists. */
static void
test_without_bins (gconstpointer data)
{
  static const char * const logits[] = { "logits", NULL };
  const GoldenCase *golden_case = data;
  g_autofree char *file = g_strconcat (golden_case->name, ".without.safetensors", NULL);
  g_autofree char *path = golden_path (file);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) golden = psp_checkpoint_open (path, &error);
  g_autoptr(PspTensor) input = golden_read (golden_case->name, "input");
  g_autoptr(PspModel) model = golden_load_model (golden_case->name);
  g_autoptr(PspRunner) runner = psp_runner_new (model, golden_case->backend, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (golden); i++)
    {
      const char *name = psp_checkpoint_get_entry (golden, i)->name;
      g_autoptr(PspTensor) reference = psp_checkpoint_read (golden, name, &error);
      g_auto(GStrv) bins = g_strsplit (name, ",", -1);
      g_autoptr(GHashTable) taps = NULL;
      PspRunOptions options = { .fold = golden_case->fold };

      for (; bins[options.n_without_bins] != NULL; options.n_without_bins++)
        options.without_bins[options.n_without_bins] = atoi (bins[options.n_without_bins]);
      taps = psp_runner_get_taps (runner, input, logits, &options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (golden_difference (g_hash_table_lookup (taps, "logits"), reference), <=,
                         golden_case->tolerance);
    }
}

/* @input as the second image of two; the first is another one. */
static PspTensor *
make_batch (const PspTensor *input)
{
  gsize n_elements = input->n_elements;
  g_autoptr(GError) error = NULL;
  PspTensor *both = psp_tensor_new (4, (gint64[]) {
    2, input->shape[1], input->shape[2], input->shape[3]
  }, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < n_elements; i++)
    {
      both->data[i] = 0.5f - input->data[n_elements - 1 - i];
      both->data[n_elements + i] = input->data[i];
    }
  return both;
}

/* Every image of a batch has a pyramid of its own. */
static void
test_batch (gconstpointer data)
{
  static const char * const logits[] = { "logits", NULL };
  const GoldenCase *golden_case = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTensor) input = golden_read (golden_case->name, "input");
  g_autoptr(PspTensor) reference = golden_read (golden_case->name, "logits");
  g_autoptr(PspTensor) both = make_batch (input);
  g_autoptr(PspTensor) second = psp_tensor_new (4, reference->shape, NULL);
  g_autoptr(PspModel) model = golden_load_model (golden_case->name);
  g_autoptr(PspRunner) runner = psp_runner_new (model, golden_case->backend, &error);
  g_autoptr(GHashTable) taps = NULL;
  const PspTensor *result;

  g_assert_no_error (error);
  taps = psp_runner_get_taps (runner, both, logits, &(PspRunOptions) { .fold = golden_case->fold },
                              NULL, &error);
  g_assert_no_error (error);
  result = g_hash_table_lookup (taps, "logits");
  g_assert_cmpint (result->n_elements, ==, 2 * reference->n_elements);
  memcpy (second->data, result->data + reference->n_elements,
          reference->n_elements * sizeof (float));
  g_assert_cmpfloat (golden_difference (second, reference), <=, golden_case->tolerance);
}

static PspImage *
read_photo (PspCheckpoint *golden)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTensor) tensor = psp_checkpoint_read (golden, "photo", &error);
  PspImage *photo = NULL;

  g_assert_no_error (error);
  photo = psp_image_new ((PspSize) { tensor->shape[1], tensor->shape[0] }, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < tensor->n_elements; i++)
    photo->pixels[i] = tensor->data[i];
  return photo;
}

/* Preparation, network and enlargement together: the probabilities of every pixel. */
static void
test_photo (gconstpointer data)
{
  const GoldenCase *golden_case = data;
  g_autofree char *file = g_strconcat (golden_case->name, ".photo.safetensors", NULL);
  g_autofree char *path = golden_path (file);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) golden = psp_checkpoint_open (path, &error);
  g_autoptr(PspTensor) reference = psp_checkpoint_read (golden, "probabilities", &error);
  g_autoptr(PspTensor) is = psp_tensor_new (3, reference->shape, &error);
  g_autoptr(PspImage) photo = read_photo (golden);
  g_autoptr(PspModel) model = golden_load_model (golden_case->name);
  g_autoptr(PspRunner) runner = psp_runner_new (model, golden_case->backend, &error);
  g_autoptr(PspPrediction) prediction = NULL;
  int n_classes = reference->shape[0];
  int n_pixels = photo->size.width * photo->size.height;
  g_autofree float *values = g_new (float, n_classes);
  double difference;

  prediction = psp_runner_predict (runner, photo, NULL, TRUE, (PspProgress) { 0 }, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_prediction_get_n_classes (prediction), ==, n_classes);
  for (int i = 0; i < n_pixels; i++)
    {
      g_assert_true (psp_prediction_get_probabilities (prediction, i % photo->size.width,
                                                       i / photo->size.width, FALSE, values));
      for (int c = 0; c < n_classes; c++)
        is->data[c * n_pixels + i] = values[c];
    }

  difference = golden_difference (is, reference);
  g_test_message ("%s: %.2e", golden_case->name, difference);
  g_assert_cmpfloat (difference, <=, golden_case->tolerance);
}

static void
add_test (const GoldenCase *golden_case,
          const char       *prefix,
          const char       *kind,
          GTestDataFunc     func)
{
  g_autofree char *path = g_strdup_printf ("%s/%s/%s", prefix, kind, golden_case->name);

  g_test_add_data_func_full (path, g_memdup2 (golden_case, sizeof *golden_case), func, g_free);
}

static void
add_pyramid_tests (PspBackend *backend,
                   const char *prefix,
                   double      tolerance)
{
  GoldenCase folded = { backend, "pyramid18", tolerance, PSP_FOLD_ALWAYS };
  GoldenCase as_written = { backend, "pyramid18", tolerance, PSP_FOLD_NEVER };

  add_test (&folded, prefix, "without-bins-folded", test_without_bins);
  add_test (&as_written, prefix, "without-bins-as-written", test_without_bins);
  add_test (&folded, prefix, "batch-folded", test_batch);
  add_test (&as_written, prefix, "batch-as-written", test_batch);
}

/* The pyramid both ways. */
static void
add_tensor_tests (PspBackend *backend,
                  const char *name,
                  const char *prefix,
                  double      tolerance)
{
  add_test (&(GoldenCase) { backend, name, tolerance, PSP_FOLD_ALWAYS }, prefix, "folded",
            test_golden);
  add_test (&(GoldenCase) { backend, name, tolerance, PSP_FOLD_NEVER }, prefix, "as-written",
            test_golden);
}

void
golden_add_tests (PspBackend *backend,
                  const char *prefix,
                  double      tolerance)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    add_tensor_tests (backend, names[i], prefix, tolerance);
  add_pyramid_tests (backend, prefix, tolerance);
  for (gsize i = 0; i < G_N_ELEMENTS (foreign_names); i++)
    add_tensor_tests (backend, foreign_names[i], prefix, tolerance);
}

void
golden_add_photo_tests (PspBackend *backend,
                        const char *prefix,
                        double      tolerance)
{
  for (gsize i = 0; i < G_N_ELEMENTS (foreign_names); i++)
    add_test (&(GoldenCase) { backend, foreign_names[i], tolerance, PSP_FOLD_CHEAPER }, prefix,
              "photo", test_photo);
}
