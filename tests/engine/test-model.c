/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-backend.h"
#include "engine/formats/psp-safetensors-writer.h"
#include "tests/golden-models.h"
#include "tests/psp-test-folder.h"

#include <math.h>

/* Copies a golden checkpoint into a safetensors file with one change.
 *
 * @name: of the tensor that is changed: left out if @value is %NULL and @shape_cut is 0 */
typedef struct
{
  const char *name;
  const float *value;   /* (nullable): put into the first element */
  gboolean     cut;     /* the first dimension loses one */
  const char  *extra;   /* (nullable): a tensor that is added */
} Change;

static PspTensor *
cut_tensor (PspTensor *tensor)
{
  gint64 shape[PSP_TENSOR_MAX_DIMENSIONS];

  for (int i = 0; i < tensor->n_dimensions; i++)
    shape[i] = tensor->shape[i] - (i == 0);
  return psp_tensor_new (tensor->n_dimensions, shape, NULL);
}

static void
add_changed (PspSafetensorsWriter *writer,
             const Change         *change,
             PspTensor            *tensor)
{
  g_autoptr(PspTensor) changed = NULL;

  if (change->cut)
    changed = cut_tensor (tensor);
  else if (change->value != NULL)
    {
      changed = psp_tensor_ref (tensor);
      changed->data[0] = *change->value;
    }
  else
    return;
  psp_safetensors_writer_add (writer, change->name, changed, PSP_DTYPE_F32);
}

static char *
write_changed (const PspTestFolder *folder,
               const Change        *change)
{
  g_autofree char *source = golden_path ("tiny18.pth");
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (source, NULL);
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(PspTensor) scalar = psp_tensor_new (0, NULL, NULL);
  g_autoptr(GError) error = NULL;
  char *path = psp_test_folder_path (folder, "changed.safetensors");

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (checkpoint, i)->name;
      g_autoptr(PspTensor) tensor = psp_checkpoint_read (checkpoint, name, &error);

      g_assert_no_error (error);
      if (g_strcmp0 (name, change->name) == 0)
        add_changed (writer, change, tensor);
      else
        psp_safetensors_writer_add (writer, name, tensor, PSP_DTYPE_F32);
    }
  if (change->extra != NULL)
    psp_safetensors_writer_add (writer, change->extra, scalar, PSP_DTYPE_F32);
  psp_safetensors_writer_write (writer, path, NULL, &error);
  g_assert_no_error (error);
  return path;
}

/* The model is refused with @code, and the message has all of @words. */
static void
assert_refused (const Change       *change,
                int                 code,
                const char * const *words)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = write_changed (folder, change);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);

  g_assert_null (model);
  g_assert_error (error, PSP_ERROR, code);
  g_assert_nonnull (strstr (error->message, path));
  for (int i = 0; words[i] != NULL; i++)
    if (strstr (error->message, words[i]) == NULL)
      g_error ("“%s” is not in: %s", words[i], error->message);
}

static void
test_missing (void)
{
  static const char * const words[] = { "missing: layer3.1.bn2.running_var", NULL };

  assert_refused (&(Change) { .name = "layer3.1.bn2.running_var" }, PSP_ERROR_BAD_SHAPE, words);
}

static void
test_misshapen (void)
{
  static const char * const words[] = {
    "misshapen: layer2.0.conv1.weight is [15, 8, 3, 3], should be [16, 8, 3, 3]", NULL
  };

  assert_refused (&(Change) { .name = "layer2.0.conv1.weight", .cut = TRUE }, PSP_ERROR_BAD_SHAPE,
                  words);
}

static void
test_unexpected (void)
{
  static const char * const words[] = { "unexpected: extra.weight", NULL };

  assert_refused (&(Change) { .extra = "extra.weight" }, PSP_ERROR_BAD_SHAPE, words);
}

static void
test_not_finite (void)
{
  static const char * const words[] = { "“layer1.0.conv1.weight”", "nan", NULL };
  float value = NAN;

  assert_refused (&(Change) { .name = "layer1.0.conv1.weight", .value = &value },
                  PSP_ERROR_BAD_VALUE, words);
}

static void
test_negative_variance (void)
{
  static const char * const words[] = { "“cls.1.running_var”", "-0.5", NULL };
  float value = -0.5f;

  assert_refused (&(Change) { .name = "cls.1.running_var", .value = &value },
                  PSP_ERROR_BAD_VALUE, words);
}

static void
test_no_classifier (void)
{
  static const char * const words[] = { "PSPNet", "without a segmentation head", NULL };

  assert_refused (&(Change) { .name = "cls.4.weight" }, PSP_ERROR_UNSUPPORTED, words);
}

static void
test_facts (void)
{
  g_autofree char *path = golden_path ("tiny50.pth");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);
  const PspModelFacts *facts;

  g_assert_no_error (error);
  facts = psp_model_get_facts (model);
  g_assert_cmpstr (psp_model_get_name (model), ==, "tiny50");
  g_assert_cmpint (facts->depth, ==, 50);
  g_assert_cmpint (facts->n_classes, ==, 21);
  g_assert_cmpint (facts->n_bins, ==, 4);
  g_assert_cmpint (facts->bins[3], ==, 6);
  g_assert_cmpint (facts->sources[PSP_FACT_BINS], ==, PSP_FACT_ASSUMED);
  g_assert_cmpint (facts->sources[PSP_FACT_NAMES], ==, PSP_FACT_ASSUMED);
  g_assert_cmpint (facts->crop, ==, 473);
  g_assert_cmpint (facts->base, ==, 512);
  g_assert_true (facts->has_auxiliary);
  g_assert_null (psp_model_get_taxonomy (model));
}

/* Other bins than the usual ones must be named if there are neither one nor four levels. */
static void
test_bins_must_match (void)
{
  g_autofree char *path = golden_path ("tiny18.pth");
  g_autoptr(GError) error = NULL;
  PspModelOptions options = { .n_bins = 3, .bins = { 1, 2, 3 } };
  g_autoptr(PspModel) model = psp_model_load (path, &options, NULL, &error);

  g_assert_null (model);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "4 levels"));
}

static void
test_cancel (void)
{
  g_autofree char *path = golden_path ("tiny18.pth");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = NULL;

  g_cancellable_cancel (cancellable);
  model = psp_model_load (path, NULL, cancellable, &error);
  g_assert_null (model);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The logits of the model at @path, fed with tiny18's input. */
static PspTensor *
run_logits (const char *path)
{
  static const char * const names[] = { "logits", NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);
  g_autoptr(PspBackend) backend = psp_cpu_backend_new (NULL, NULL);
  g_autoptr(PspTensor) input = golden_read ("tiny18", "input");
  g_autoptr(PspRunner) runner = NULL;
  g_autoptr(GHashTable) taps = NULL;

  g_assert_no_error (error);
  runner = psp_runner_new (model, backend, &error);
  taps = psp_runner_get_taps (runner, input, names, NULL, NULL, &error);
  g_assert_no_error (error);
  return psp_tensor_ref (g_hash_table_lookup (taps, "logits"));
}

/* A file as PyTorch wrote it before version 1.6 is opened and run like any. */
static void
test_legacy (void)
{
  g_autofree char *path = golden_path ("checkpoints/legacy-tiny18.pth");
  g_autoptr(PspTensor) logits = run_logits (path);
  g_autoptr(PspTensor) reference = golden_read ("tiny18", "logits");

  g_assert_cmpfloat (golden_difference (logits, reference), <=, 1e-4);
}

static void
test_convert (void)
{
  static const char * const class_names[] = {
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", NULL
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *source = golden_path ("tiny18.pth");
  g_autofree char *path = psp_test_folder_path (folder, "converted.safetensors");
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_new_from_names ("letters", class_names);
  g_autofree char *names = psp_test_folder_path (folder, "letters.txt");
  PspModelOptions options = { .names = names };
  g_autoptr(PspTensor) expected = run_logits (source);
  g_autoptr(PspTensor) single = NULL;
  g_autoptr(PspTensor) half = NULL;
  g_autoptr(PspModel) model = NULL;
  g_autoptr(GError) error = NULL;

  psp_test_folder_print (folder, "letters.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n");
  psp_model_convert (source, path, &options, FALSE, NULL, &error);
  g_assert_no_error (error);
  single = run_logits (path);
  g_assert_cmpfloat (golden_difference (single, expected), ==, 0);

  model = psp_model_load (path, NULL, NULL, &error);
  g_assert_no_error (error);
  /* What was given is told now; the rest was a guess and stays one. */
  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    g_assert_cmpint (psp_model_get_facts (model)->sources[fact], ==,
                     fact == PSP_FACT_NAMES ? PSP_FACT_IN_FILE : PSP_FACT_ASSUMED);
  g_assert_true (psp_taxonomy_same_names (psp_model_get_taxonomy (model), taxonomy));

  psp_model_convert (source, path, NULL, TRUE, NULL, &error);
  g_assert_no_error (error);
  half = run_logits (path);
  g_assert_cmpfloat (golden_difference (half, expected), >, 0);
  g_assert_cmpfloat (golden_difference (half, expected), <, 2e-2);
}

static void
test_convert_wrong_names (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *source = golden_path ("tiny18.pth");
  g_autofree char *path = psp_test_folder_path (folder, "converted.safetensors");
  PspModelOptions options = { .names = (char *) "voc-21" };
  g_autoptr(GError) error = NULL;

  g_assert_false (psp_model_convert (source, path, &options, FALSE, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_assert_nonnull (strstr (error->message, "the model has 11 classes, but voc-21 names 21"));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

int
main (int    argc,
      char **argv)
{
  PspBackendOptions half_options = { .precision = PSP_PRECISION_FP16 };
  g_autoptr(PspBackend) backend = NULL;
  g_autoptr(PspBackend) halves = NULL;

  g_test_init (&argc, &argv, NULL);
  backend = psp_cpu_backend_new (NULL, NULL);
  halves = psp_cpu_backend_new (&half_options, NULL);
  golden_add_tests (backend, "/cpu", 1e-4);
  golden_add_tests (halves, "/cpu/fp16", 2e-2);
  golden_add_photo_tests (backend, "/cpu", 1e-4);
  g_test_add_func ("/model/missing", test_missing);
  g_test_add_func ("/model/misshapen", test_misshapen);
  g_test_add_func ("/model/unexpected", test_unexpected);
  g_test_add_func ("/model/not-finite", test_not_finite);
  g_test_add_func ("/model/negative-variance", test_negative_variance);
  g_test_add_func ("/model/no-classifier", test_no_classifier);
  g_test_add_func ("/model/facts", test_facts);
  g_test_add_func ("/model/bins-must-match", test_bins_must_match);
  g_test_add_func ("/model/cancel", test_cancel);
  g_test_add_func ("/model/legacy", test_legacy);
  g_test_add_func ("/model/convert", test_convert);
  g_test_add_func ("/model/convert-wrong-names", test_convert_wrong_names);
  return g_test_run ();
}
