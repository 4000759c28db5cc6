/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-checkpoint.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *
sample_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "checkpoints", name, NULL);
}

static PspCheckpoint *
open_sample (const char *name)
{
  g_autofree char *path = sample_path (name);
  g_autoptr(GError) error = NULL;
  PspCheckpoint *checkpoint = psp_checkpoint_open (path, &error);

  g_assert_no_error (error);
  return checkpoint;
}

static PspTensor *
read_tensor (PspCheckpoint *checkpoint,
             const char    *name)
{
  g_autoptr(GError) error = NULL;
  PspTensor *tensor = psp_checkpoint_read (checkpoint, name, &error);

  g_assert_no_error (error);
  return tensor;
}

/* Bit by bit, so that -0 is not 0; any NaN is as good as another. */
static void
assert_same (const char      *name,
             const PspTensor *got,
             const PspTensor *wanted)
{
  g_assert_cmpint (got->n_dimensions, ==, wanted->n_dimensions);
  for (int i = 0; i < got->n_dimensions; i++)
    g_assert_cmpint (got->shape[i], ==, wanted->shape[i]);
  for (gsize i = 0; i < got->n_elements; i++)
    if (memcmp (&got->data[i], &wanted->data[i], sizeof (float)) != 0 &&
        !(isnan (got->data[i]) && isnan (wanted->data[i])))
      g_error ("%s: element %" G_GSIZE_FORMAT " is %g instead of %g", name, i,
               (double) got->data[i], (double) wanted->data[i]);
}

/* Every tensor of expected.safetensors, FILE/TENSOR, is in FILE as PyTorch reads it. */
static void
test_expected (void)
{
  g_autoptr(PspCheckpoint) expected = open_sample ("expected.safetensors");
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autofree char *open_file = g_strdup ("");

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (expected); i++)
    {
      const char *name = psp_checkpoint_get_entry (expected, i)->name;
      g_auto(GStrv) parts = g_strsplit (name, "/", 2);
      g_autoptr(PspTensor) wanted = read_tensor (expected, name);
      g_autoptr(PspTensor) got = NULL;

      if (!g_str_equal (open_file, parts[0]))
        {
          g_clear_pointer (&checkpoint, psp_checkpoint_unref);
          checkpoint = open_sample (parts[0]);
          g_free (open_file);
          open_file = g_strdup (parts[0]);
          g_assert_cmpint ((gint64) psp_checkpoint_get_n_entries (checkpoint), ==,
                           g_ascii_strtoll (psp_checkpoint_get_metadata (expected, open_file), NULL, 10));
        }
      got = read_tensor (checkpoint, parts[1]);
      assert_same (name, got, wanted);
    }
  g_assert_cmpstr (open_file, ==, "types.safetensors");
}

static void
test_entries (void)
{
  static const struct
  {
    const char *name;
    PspDtype    dtype;
  } wanted[] = {
    { "float32", PSP_DTYPE_F32 }, { "float16", PSP_DTYPE_F16 }, { "bfloat16", PSP_DTYPE_BF16 },
    { "float64", PSP_DTYPE_F64 }, { "int64", PSP_DTYPE_I64 }, { "int32", PSP_DTYPE_I32 },
    { "int16", PSP_DTYPE_I16 }, { "int8", PSP_DTYPE_I8 }, { "uint8", PSP_DTYPE_U8 },
    { "bool", PSP_DTYPE_BOOL },
  };
  static const char *const files[] = { "types.pth", "types.safetensors" };

  for (guint f = 0; f < G_N_ELEMENTS (files); f++)
    {
      g_autoptr(PspCheckpoint) checkpoint = open_sample (files[f]);

      for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
        {
          const PspCheckpointEntry *entry = psp_checkpoint_get_entry (checkpoint, i);

          g_assert_cmpstr (entry->name, ==, wanted[i].name);
          g_assert_cmpint (entry->dtype, ==, wanted[i].dtype);
          g_assert_true (psp_checkpoint_find (checkpoint, wanted[i].name) == entry);
        }
      g_assert_null (psp_checkpoint_find (checkpoint, "float"));
    }
}

static void
test_metadata (void)
{
  g_autoptr(PspCheckpoint) checkpoint = open_sample ("types.safetensors");
  g_autoptr(PspCheckpoint) pytorch = open_sample ("plain.pth");
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (psp_checkpoint_get_container (checkpoint), ==, "safetensors");
  g_assert_cmpstr (psp_checkpoint_get_metadata (checkpoint, "bins"), ==, "1,2,3,6");
  g_assert_cmpstr (psp_checkpoint_get_metadata (checkpoint, "note"), ==, "a \"quoted\" line\n");
  g_assert_null (psp_checkpoint_get_metadata (checkpoint, "other"));

  g_assert_cmpstr (psp_checkpoint_get_container (pytorch), ==, "PyTorch zip");
  g_assert_null (psp_checkpoint_get_metadata (pytorch, "bins"));
  g_assert_null (psp_checkpoint_read (pytorch, "b.weight", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "b.weight"));
  g_assert_nonnull (strstr (error->message, "plain.pth"));
}

static void
test_goldens (void)
{
  static const struct
  {
    const char *name;
    gsize       n_tensors;
    gsize       n_activations;
    const char *bins;
  } goldens[] = {
    { "tiny18", 178, 14, "1,2,3,6" },   { "tiny34", 274, 14, "1,2,3,6" },
    { "tiny50", 370, 14, "1,2,3,6" },   { "tiny101", 676, 14, "1,2,3,6" },
    { "bins1_50", 352, 11, "1" },       { "bins48_18", 178, 14, "1,2,4,8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (goldens); i++)
    {
      g_autofree char *weights_name = g_strconcat ("../", goldens[i].name, ".pth", NULL);
      g_autofree char *golden_name = g_strconcat ("../", goldens[i].name, ".golden.safetensors", NULL);
      g_autoptr(PspCheckpoint) weights = open_sample (weights_name);
      g_autoptr(PspCheckpoint) golden = open_sample (golden_name);

      g_assert_cmpuint (psp_checkpoint_get_n_entries (weights), ==, goldens[i].n_tensors);
      g_assert_cmpuint (psp_checkpoint_get_n_entries (golden), ==, goldens[i].n_activations);
      g_assert_cmpstr (psp_checkpoint_get_metadata (golden, "bins"), ==, goldens[i].bins);
      for (gsize k = 0; k < goldens[i].n_tensors; k++)
        psp_tensor_unref (read_tensor (weights, psp_checkpoint_get_entry (weights, k)->name));
    }
}

/* What is no checkpoint is named, with what to do. */
static void
test_refused_samples (void)
{
  static const struct
  {
    const char *name;
    PspError    code;
    const char *says;
  } samples[] = {
    { "refused-big-endian.pth", PSP_ERROR_UNSUPPORTED, "big-endian" },
    { "refused-complex.pth", PSP_ERROR_UNSUPPORTED, "torch.ComplexFloatStorage" },
    { "refused-compressed.pth", PSP_ERROR_UNSUPPORTED, "compressed" },
    { "refused-expanded.pth", PSP_ERROR_BAD_FILE, "[1048576]" },
    { "refused-legacy.pth", PSP_ERROR_UNSUPPORTED, "before version 1.6" },
    { "refused-module.pth", PSP_ERROR_UNSUPPORTED, "torch.nn.modules.linear.Linear" },
    { "refused-no-tensors.pth", PSP_ERROR_UNSUPPORTED, "no state dict" },
    { "refused-script.pth", PSP_ERROR_UNSUPPORTED, "TorchScript" },
    { "refused-shell.pth", PSP_ERROR_UNSUPPORTED, "posix.system" },
    { "refused-two-pickles.pth", PSP_ERROR_BAD_FILE, "data.pkl" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *path = sample_path (samples[i].name);
      g_autoptr(GError) error = NULL;

      g_assert_null (psp_checkpoint_open (path, &error));
      g_assert_error (error, PSP_ERROR, (int) samples[i].code);
      g_assert_true (g_str_has_prefix (error->message, path));
      g_assert_nonnull (strstr (error->message + strlen (path), samples[i].says));
    }
  g_assert_false (g_file_test ("scenescope-was-here", G_FILE_TEST_EXISTS));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checkpoint/expected", test_expected);
  g_test_add_func ("/checkpoint/entries", test_entries);
  g_test_add_func ("/checkpoint/metadata", test_metadata);
  g_test_add_func ("/checkpoint/goldens", test_goldens);
  g_test_add_func ("/checkpoint/refused/samples", test_refused_samples);
  return g_test_run ();
}
