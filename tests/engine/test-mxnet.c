/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model.h"
#include "tests/checkpoint-samples.h"

#include <string.h>

#define N_FLIPS_PER_FILE 4000

/* test-checkpoint.c compares the numbers of these with what was put into them. */
static const char *const samples[] = { "plain.params", "versions.params", "types.params" };

static void
test_entries (void)
{
  static const PspDtype dtypes[] = {
    PSP_DTYPE_F32, PSP_DTYPE_F64, PSP_DTYPE_F16, PSP_DTYPE_U8, PSP_DTYPE_I32, PSP_DTYPE_I8,
    PSP_DTYPE_I64,
  };
  g_autoptr(PspCheckpoint) types = sample_open ("types.params");
  g_autoptr(PspCheckpoint) versions = sample_open ("versions.params");

  g_assert_cmpstr (psp_checkpoint_get_container (types), ==, "MXNet");
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    g_assert_cmpint (psp_checkpoint_get_entry (types, i)->dtype, ==, dtypes[i]);
  g_assert_nonnull (psp_checkpoint_find (versions, "v1"));
  g_assert_null (psp_checkpoint_find (versions, "aux:v1"));
  g_assert_null (psp_checkpoint_find (versions, "none"));
}

static void
test_refused (void)
{
  static const SampleRefusal refused[] = {
    { "sparse", PSP_ERROR_UNSUPPORTED, "array number 1 of this MXNet parameter file is sparse" },
    { "type", PSP_ERROR_UNSUPPORTED, "type that is not read" },
    { "negative-type", PSP_ERROR_UNSUPPORTED, "type that is not read" },
    { "unnamed", PSP_ERROR_UNSUPPORTED, "no names" },
    { "names", PSP_ERROR_BAD_FILE, "another count of names" },
    { "fewer-names", PSP_ERROR_BAD_FILE, "another count of names" },
    { "twice", PSP_ERROR_BAD_FILE, "two tensors called “a”" },
    { "reserved", PSP_ERROR_BAD_FILE, "second number" },
    { "nine", PSP_ERROR_BAD_FILE, "more than 8 dimensions" },
    { "empty-name", PSP_ERROR_BAD_FILE, "the name of tensor number 1" },
    { "long-name", PSP_ERROR_BAD_FILE, "512 bytes" },
    { "many", PSP_ERROR_BAD_FILE, "50000 arrays" },
    { "huge", PSP_ERROR_TRUNCATED, "beyond the end of the file" },
    { "negative", PSP_ERROR_BAD_FILE, "impossible shape" },
    { "wraps", PSP_ERROR_BAD_FILE, "impossible shape" },
    { "version", PSP_ERROR_BAD_FILE, "more than 8 dimensions" },
  };

  sample_assert_all_refused ("refused-", ".params", refused, G_N_ELEMENTS (refused));
}

static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    sample_assert_cut_refused (samples[i], 1);
}

/* Lengths and counts, each set to what cannot be. */
static void
test_lying_lengths (void)
{
  static const guint64 lies[] = { G_MAXUINT64, G_MAXINT64, 1000000 };
  static const struct
  {
    gsize       offset;
    PspError    codes[G_N_ELEMENTS (lies)];
    const char *says;
  } places[] = {
    { 16, { PSP_ERROR_BAD_FILE, PSP_ERROR_BAD_FILE, PSP_ERROR_BAD_FILE }, "50000 arrays" },
    /* The first array's first dimension: behind magic number, storage and count of dimensions. */
    { 24 + 12, { PSP_ERROR_BAD_FILE, PSP_ERROR_BAD_FILE, PSP_ERROR_TRUNCATED },
      "array number 1" },
    /* The count of the last name, from the end. */
    { 0, { PSP_ERROR_BAD_FILE, PSP_ERROR_BAD_FILE, PSP_ERROR_BAD_FILE }, "512 bytes" },
  };
  gsize n_bytes;
  g_autofree char *content = sample_load ("plain.params", &n_bytes);
  const gsize last_name = n_bytes - strlen ("head.psp.conv1.0.weight") - sizeof (guint64);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    for (guint k = 0; k < G_N_ELEMENTS (lies); k++)
      {
        g_autofree char *lying = g_memdup2 (content, n_bytes);
        guint64 lie = GUINT64_TO_LE (lies[k]);

        memcpy (lying + (places[i].offset != 0 ? places[i].offset : last_name), &lie, sizeof lie);
        sample_assert_bytes_refused (lying, n_bytes, places[i].codes[k], places[i].says);
      }
}

static void
test_lying_bytes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    sample_lie (samples[i]);
}

static void
test_flips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    sample_flip (samples[i], N_FLIPS_PER_FILE);
}

/* Until such networks are built, loading one says what it is. */
static void
test_model (void)
{
  g_autofree char *path = sample_path ("plain.params");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);

  g_assert_null (model);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "GluonCV"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mxnet/entries", test_entries);
  g_test_add_func ("/mxnet/refused", test_refused);
  g_test_add_func ("/mxnet/cut", test_cut);
  g_test_add_func ("/mxnet/lying-lengths", test_lying_lengths);
  g_test_add_func ("/mxnet/lying-bytes", test_lying_bytes);
  g_test_add_func ("/mxnet/flips", test_flips);
  g_test_add_func ("/mxnet/model", test_model);
  return g_test_run ();
}
