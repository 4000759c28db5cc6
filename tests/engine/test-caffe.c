/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model.h"
#include "tests/checkpoint-samples.h"
#include "tests/psp-test-folder.h"

#include <string.h>
#include <unistd.h>

#define N_FLIPS_PER_FILE 4000

/* test-checkpoint.c compares the numbers of these with what was put into them. */
static const char *const samples[] = {
  "new.caffemodel", "old.caffemodel", "odd.caffemodel", "pair.caffemodel"
};

static void
test_entries (void)
{
  static const struct
  {
    const char *file;
    const char *name;
    PspDtype    dtype;
    const char *shape;
  } wanted[] = {
    { "new.caffemodel", "conv1_1_3x3_s2/0", PSP_DTYPE_F32, "[4, 3, 3, 3]" },
    { "new.caffemodel", "conv1_1_3x3_s2/bn/3", PSP_DTYPE_F32, "[1, 4, 1, 1]" },
    { "new.caffemodel", "conv6/1", PSP_DTYPE_F32, "[2]" },
    { "old.caffemodel", "conv/1", PSP_DTYPE_F32, "[1, 1, 1, 4]" },
    { "odd.caffemodel", "one by one/0", PSP_DTYPE_F32, "[3, 5]" },
    { "odd.caffemodel", "double/2", PSP_DTYPE_F64, "[6]" },
    { "odd.caffemodel", "scalar/1", PSP_DTYPE_F32, "[0, 4]" },
    { "pair.caffemodel", "a/bn/2", PSP_DTYPE_F32, "[3]" },
    { "pair.caffemodel", "norm of c/2", PSP_DTYPE_F32, "[1]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr(PspCheckpoint) checkpoint = sample_open (wanted[i].file);
      const PspCheckpointEntry *entry = psp_checkpoint_find (checkpoint, wanted[i].name);
      g_autofree char *shape = NULL;

      g_assert_cmpstr (psp_checkpoint_get_container (checkpoint), ==, "Caffe");
      g_assert_nonnull (entry);
      g_assert_cmpint (entry->dtype, ==, wanted[i].dtype);
      shape = psp_shape_to_string (entry->n_dimensions, entry->shape);
      g_assert_cmpstr (shape, ==, wanted[i].shape);
    }
}

static void
test_metadata (void)
{
  static const struct
  {
    const char *file;
    const char *key;
    const char *text;
  } wanted[] = {
    { "new.caffemodel", "caffe.conv1_1_3x3_s2.stride", "2" },
    { "new.caffemodel", "caffe.conv1_1_3x3_s2.dilation", "4" },
    { "new.caffemodel", "caffe.conv5_3_pool1_conv.stride", "2,1" },
    { "new.caffemodel", "caffe.conv5_3_pool1_conv.dilation", "1,3" },
    { "new.caffemodel", "caffe.conv6.stride", NULL },
    { "new.caffemodel", "caffe.conv6.dilation", NULL },
    { "new.caffemodel", "caffe.conv1_1_3x3_s2/bn.stride", NULL },
    { "old.caffemodel", "caffe.conv.stride", "2" },
    { "odd.caffemodel", "caffe.one by one.stride", "2,3" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr(PspCheckpoint) checkpoint = sample_open (wanted[i].file);

      g_assert_cmpstr (psp_checkpoint_get_metadata (checkpoint, wanted[i].key), ==,
                       wanted[i].text);
    }
}

static void
test_refused (void)
{
  static const SampleRefusal refused[] = {
    { "few", PSP_ERROR_BAD_FILE, "shape [2], but 1 numbers" },
    { "many", PSP_ERROR_BAD_FILE, "shape [1], but 2 numbers" },
    { "negative", PSP_ERROR_BAD_FILE, "shape [-1]" },
    { "huge", PSP_ERROR_BAD_FILE, "shape [4611686018427387904, 4611686018427387904]" },
    { "wraps", PSP_ERROR_BAD_FILE, "shape [4294967296, 4294967296]" },
    { "nine", PSP_ERROR_BAD_FILE, "more than 8 dimensions" },
    { "none", PSP_ERROR_BAD_FILE, "shape [1], but 0 numbers" },
    { "pieces", PSP_ERROR_UNSUPPORTED, "several pieces" },
    { "mixed", PSP_ERROR_UNSUPPORTED, "several pieces" },
    { "apart", PSP_ERROR_UNSUPPORTED, "several pieces" },
    { "half-number", PSP_ERROR_BAD_FILE, "layer “a” has a damaged blob" },
    { "wrong-number", PSP_ERROR_BAD_FILE, "layer “a” has a damaged blob" },
    { "wrong-shape", PSP_ERROR_BAD_FILE, "layer “a” has a damaged blob" },
    { "unnamed", PSP_ERROR_BAD_FILE, "no name" },
    { "not-text", PSP_ERROR_BAD_FILE, "not text" },
    { "long-name", PSP_ERROR_BAD_FILE, "256 bytes" },
    { "twice", PSP_ERROR_BAD_FILE, "two tensors called “a/0”" },
    { "blobs", PSP_ERROR_BAD_FILE, "64 blobs" },
    { "long-shape", PSP_ERROR_BAD_FILE, "more length" },
    { "strides", PSP_ERROR_BAD_FILE, "parameters of a convolution" },
    { "damaged-convolution", PSP_ERROR_BAD_FILE, "parameters of a convolution" },
    { "group", PSP_ERROR_BAD_FILE, "unknown type" },
    { "number-0", PSP_ERROR_BAD_FILE, "number 0" },
    { "long-varint", PSP_ERROR_BAD_FILE, "64 bits" },
    { "weightless", PSP_ERROR_UNSUPPORTED, "no layer has blobs" },
    { "too-long-inside", PSP_ERROR_BAD_FILE, "longer than the message around it" },
  };

  sample_assert_all_refused ("refused-", ".caffemodel", refused, G_N_ELEMENTS (refused));
}

/* Copies of @name, cut at every byte, are refused; but the format cannot tell if a whole field is
 * missing at its end.  @ends: where fields end. */
static void
assert_cut_refused (const char *name,
                    char      **ends)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "cut");
  g_autoptr(PspCheckpoint) whole = sample_open (name);
  gsize n_bytes;
  g_autofree char *content = sample_load (name, &n_bytes);

  psp_test_folder_write (folder, "cut", content, n_bytes);
  for (gsize length = n_bytes; length-- > 0;)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GSIZE_FORMAT, length);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspCheckpoint) cut = NULL;

      g_assert_cmpint (truncate (path, (off_t) length), ==, 0);
      cut = psp_checkpoint_open (path, &error);
      if (cut == NULL)
        g_assert_true (g_str_has_prefix (error->message, path));
      else if (!g_strv_contains ((const char *const *) ends, text))
        g_error ("%s is accepted after byte %" G_GSIZE_FORMAT, name, length);
      else
        g_assert_cmpuint (psp_checkpoint_get_n_entries (cut), <=,
                          psp_checkpoint_get_n_entries (whole));
    }
}

static void
test_cut (void)
{
  g_autoptr(PspCheckpoint) expected = sample_open ("expected.safetensors");

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *key = g_strconcat (samples[i], " ends", NULL);
      g_auto(GStrv) ends = g_strsplit (psp_checkpoint_get_metadata (expected, key), ",", -1);

      assert_cut_refused (samples[i], ends);
    }
}

/* Lengths, counts, tags and types, each set to what cannot be. */
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

/* Many fields that say nothing. */
static void
test_many_fields (void)
{
  const gsize n_bytes = 9 * 1000 * 1000;
  g_autofree char *content = g_malloc (n_bytes);

  for (gsize i = 0; i < n_bytes; i += 2)
    memcpy (content + i, "\x28\x01", 2);
  memcpy (content, "\x0a\x02" "ab", 4);
  sample_assert_bytes_refused (content, n_bytes, PSP_ERROR_BAD_FILE, "4 million fields");
}

/* Numbers over more than one piece of the file that is read at a time, packed or one by one. */
static void
test_large_blob (gconstpointer is_packed)
{
  const guint32 n_numbers = 200000;
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "large");
  g_autoptr(GByteArray) blob = g_byte_array_new ();
  g_autoptr(GByteArray) file = g_byte_array_new ();
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autoptr(PspTensor) tensor = NULL;
  g_autoptr(GError) error = NULL;

  g_byte_array_append (blob, (const guint8 *) "\x3a\x05\x0a\x03\xc0\x9a\x0c", 7);
  if (GPOINTER_TO_INT (is_packed))
    g_byte_array_append (blob, (const guint8 *) "\x2a\x80\xea\x30", 4);
  for (guint32 i = 0; i < n_numbers; i++)
    {
      float number = (float) i;

      if (!GPOINTER_TO_INT (is_packed))
        g_byte_array_append (blob, (const guint8 *) "\x2d", 1);
      g_byte_array_append (blob, (const guint8 *) &number, sizeof number);
    }
  /* The layer, with its name, around the blob; lengths of three bytes. */
  for (guint level = 0; level < 2; level++)
    {
      guint32 n_bytes = blob->len + (level == 0 ? 4 + 3 : 0);
      const guint8 length[] = {
        (guint8) (n_bytes | 0x80), (guint8) (n_bytes >> 7 | 0x80), (guint8) (n_bytes >> 14 & 0x7f),
      };

      g_byte_array_append (file, (const guint8 *) (level == 0 ? "\xa2\x06" : "\x0a\x01" "a\x3a"),
                           level == 0 ? 2 : 4);
      g_byte_array_append (file, length, sizeof length);
    }
  g_byte_array_append (file, blob->data, blob->len);

  psp_test_folder_write (folder, "large", file->data, file->len);
  checkpoint = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  tensor = sample_read (checkpoint, "a/0");
  g_assert_cmpuint (tensor->n_elements, ==, n_numbers);
  for (guint32 i = 0; i < n_numbers; i++)
    g_assert_cmpfloat (tensor->data[i], ==, (float) i);
}

/* A file that is no whole network says whose it seems to be. */
static void
test_model (void)
{
  g_autofree char *path = sample_path ("new.caffemodel");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);

  g_assert_null (model);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "Caffe"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/caffe/entries", test_entries);
  g_test_add_func ("/caffe/metadata", test_metadata);
  g_test_add_func ("/caffe/refused", test_refused);
  g_test_add_func ("/caffe/cut", test_cut);
  g_test_add_func ("/caffe/lying-bytes", test_lying_bytes);
  g_test_add_func ("/caffe/flips", test_flips);
  g_test_add_func ("/caffe/many-fields", test_many_fields);
  g_test_add_data_func ("/caffe/large-blob/packed", GINT_TO_POINTER (TRUE), test_large_blob);
  g_test_add_data_func ("/caffe/large-blob/one-by-one", GINT_TO_POINTER (FALSE), test_large_blob);
  g_test_add_func ("/caffe/model", test_model);
  return g_test_run ();
}
