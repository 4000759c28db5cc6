/* SPDX-License-Identifier: MIT */
#include "tests/checkpoint-samples.h"
#include "tests/psp-test-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_FLIPS_PER_FILE 4000

/* Every tensor of expected.safetensors, FILE/TENSOR, is in FILE as PyTorch reads it. */
static void
test_expected (void)
{
  g_autoptr(PspCheckpoint) expected = sample_open ("expected.safetensors");
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autofree char *open_file = g_strdup ("");

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (expected); i++)
    {
      const char *name = psp_checkpoint_get_entry (expected, i)->name;
      g_auto(GStrv) parts = g_strsplit (name, "/", 2);
      g_autoptr(PspTensor) wanted = sample_read (expected, name);
      g_autoptr(PspTensor) got = NULL;
      const char *count;

      if (!g_str_equal (open_file, parts[0]))
        {
          g_clear_pointer (&checkpoint, psp_checkpoint_unref);
          checkpoint = sample_open (parts[0]);
          g_free (open_file);
          open_file = g_strdup (parts[0]);
          count = psp_checkpoint_get_metadata (expected, open_file);
          g_assert_cmpuint (psp_checkpoint_get_n_entries (checkpoint), ==,
                            g_ascii_strtoull (count, NULL, 10));
        }
      got = sample_read (checkpoint, parts[1]);
      sample_assert_same (name, got, wanted);
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
      g_autoptr(PspCheckpoint) checkpoint = sample_open (files[f]);

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
  g_autoptr(PspCheckpoint) checkpoint = sample_open ("types.safetensors");
  g_autoptr(PspCheckpoint) pytorch = sample_open ("plain.pth");
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
      g_autofree char *golden_name = g_strconcat ("../", goldens[i].name, ".golden.safetensors",
                                                  NULL);
      g_autoptr(PspCheckpoint) weights = sample_open (weights_name);
      g_autoptr(PspCheckpoint) golden = sample_open (golden_name);

      g_assert_cmpuint (psp_checkpoint_get_n_entries (weights), ==, goldens[i].n_tensors);
      g_assert_cmpuint (psp_checkpoint_get_n_entries (golden), ==, goldens[i].n_activations);
      g_assert_cmpstr (psp_checkpoint_get_metadata (golden, "bins"), ==, goldens[i].bins);
      for (gsize k = 0; k < goldens[i].n_tensors; k++)
        psp_tensor_unref (sample_read (weights, psp_checkpoint_get_entry (weights, k)->name));
    }
}

/* What is no checkpoint is named, with what to do. */
static void
test_refused_samples (void)
{
  static const SampleRefusal samples[] = {
    { "refused-byte-order.pth", PSP_ERROR_BAD_FILE, "neither “little” nor “big”" },
    { "refused-complex.pth", PSP_ERROR_UNSUPPORTED, "torch.ComplexFloatStorage" },
    { "refused-compressed.pth", PSP_ERROR_UNSUPPORTED, "compressed" },
    { "refused-expanded.pth", PSP_ERROR_BAD_FILE, "[1048576]" },
    { "refused-no-tensors.pth", PSP_ERROR_UNSUPPORTED, "no network and no state dict" },
    { "refused-tensor.pth", PSP_ERROR_UNSUPPORTED, "one tensor" },
    { "refused-two-states.pth", PSP_ERROR_UNSUPPORTED, "“net”, “net_ema”" },
    { "refused-script.pth", PSP_ERROR_UNSUPPORTED, "TorchScript" },
    { "refused-shell.pth", PSP_ERROR_UNSUPPORTED, "posix.system" },
    { "refused-two-pickles.pth", PSP_ERROR_BAD_FILE, "data.pkl" },
  };

  sample_assert_all_refused ("", "", samples, G_N_ELEMENTS (samples));
  g_assert_false (g_file_test ("scenescope-was-here", G_FILE_TEST_EXISTS));
}

/* Files that are no checkpoint at all, by their first bytes. */
static void
test_refused_kinds (void)
{
  static const struct
  {
    const char *content;
    gsize       n_bytes;
    PspError    code;
    const char *says;
  } kinds[] = {
    { "", 0, PSP_ERROR_TRUNCATED, "empty" },
    { "PK\3\4", 4, PSP_ERROR_TRUNCATED, "8 bytes" },
    { "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 280000000\n", 70,
      PSP_ERROR_BAD_FILE, "git lfs pull" },
    { "<!DOCTYPE html><html><body>Sign in</body></html>", 48, PSP_ERROR_BAD_FILE, "web page" },
    { "\xef\xbb\xbf \n<html lang=\"en\">", 20, PSP_ERROR_BAD_FILE, "web page" },
    { "<?xml version=\"1.0\"?><Error>AccessDenied</Error>", 48, PSP_ERROR_BAD_FILE, "web page" },
    { "\x89HDF\r\n\x1a\n\0\0\0\0", 12, PSP_ERROR_UNSUPPORTED, "HDF5" },
    { "\x0a\x04pspn\xa2\x06\x06\x0a\x04" "data", 15, PSP_ERROR_UNSUPPORTED, "Caffe" },
    { "\x0a\x04pspn\x12\x06\x22\x04" "data", 14, PSP_ERROR_UNSUPPORTED, "Caffe" },
    { "\x0a some text that goes on after a line", 36, PSP_ERROR_UNSUPPORTED, "no checkpoint" },
    { "\x80\x04\x95\x10\0\0\0\0\0\0\0}.", 13, PSP_ERROR_UNSUPPORTED, "pickle" },
    { "\x1f\x8b\x08\0\0\0\0\0\0\0", 10, PSP_ERROR_UNSUPPORTED, "gzip" },
    { "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, PSP_ERROR_UNSUPPORTED, "empty zip" },
    { "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16, PSP_ERROR_UNSUPPORTED, "no checkpoint" },
    { "some text that goes on", 22, PSP_ERROR_UNSUPPORTED, "safetensors" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    sample_assert_bytes_refused (kinds[i].content, kinds[i].n_bytes, kinds[i].code, kinds[i].says);
}

static void
test_refused_tar (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "weights.pth");
  g_autoptr(GError) error = NULL;
  char content[512] = "storages";

  memcpy (content + 257, "ustar", 5);
  psp_test_folder_write (folder, "weights.pth", content, sizeof content);
  g_assert_null (psp_checkpoint_open (path, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "tar archive"));
}

static void
test_refused_places (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *missing = psp_test_folder_path (folder, "missing.pth");
  g_autofree char *pipe = psp_test_folder_path (folder, "pipe");
  g_autoptr(GError) error = NULL;

  g_assert_null (psp_checkpoint_open (missing, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, missing));
  g_clear_error (&error);

  g_assert_null (psp_checkpoint_open (folder, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "folder"));
  g_clear_error (&error);

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (psp_checkpoint_open (pipe, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "pipe"));
}

static void
test_cut_samples (void)
{
  static const char *const names[] = {
    "plain.pth", "protocol4.pth", "repacked.pth", "shared.pth", "zip64.pth", "untyped.pth",
    "types.safetensors",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    sample_assert_cut_refused (names[i], 1);
}

static void
test_cut_goldens (void)
{
  sample_assert_cut_refused ("../tiny18.pth", 97);
  sample_assert_cut_refused ("../tiny18.golden.safetensors", 97);
}

/* A file that shrinks while it is open. */
static void
test_cut_open (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *to = psp_test_folder_path (folder, "plain.pth");
  gsize n_bytes;
  g_autofree char *content = sample_load ("plain.pth", &n_bytes);
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autoptr(GError) error = NULL;

  psp_test_folder_write (folder, "plain.pth", content, n_bytes);
  checkpoint = psp_checkpoint_open (to, &error);
  g_assert_no_error (error);
  g_assert_cmpint (truncate (to, 100), ==, 0);
  g_assert_null (psp_checkpoint_read (checkpoint, "a.weight", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED);
}

static void
test_flips (void)
{
  static const char *const names[] = {
    "plain.pth", "protocol4.pth", "shared.pth", "extras.pth", "shell.pth", "types.safetensors",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    sample_flip (names[i], N_FLIPS_PER_FILE);
}

/* The first place in @content, from @start on, where @wanted is; fails if there is none. */
static gsize
find_bytes (const char *content,
            gsize       n_bytes,
            gsize       start,
            const void *wanted,
            gsize       n_wanted)
{
  for (gsize i = start; i + n_wanted <= n_bytes; i++)
    if (memcmp (content + i, wanted, n_wanted) == 0)
      return i;
  g_assert_not_reached ();
}

/* One wrong bit in the numbers is seen by the checksum; without one, only that number changes. */
static void
test_flip_in_numbers (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "flipped.pth");
  g_autoptr(PspCheckpoint) plain = sample_open ("plain.pth");
  g_autoptr(PspTensor) tensor = sample_read (plain, "a.weight");
  g_autoptr(PspCheckpoint) flipped = NULL;
  g_autoptr(PspTensor) unseen = NULL;
  g_autoptr(GError) error = NULL;
  gsize n_bytes;
  g_autofree char *content = sample_load ("plain.pth", &n_bytes);

  content[find_bytes (content, n_bytes, 0, tensor->data, tensor->n_elements * sizeof (float))] ^= 1;
  psp_test_folder_write (folder, "flipped.pth", content, n_bytes);
  flipped = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_assert_null (psp_checkpoint_read (flipped, "a.weight", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "a.weight"));
  g_clear_error (&error);
  psp_checkpoint_unref (flipped);

  sample_forget_checksums (content, n_bytes);
  psp_test_folder_write (folder, "flipped.pth", content, n_bytes);
  flipped = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  unseen = sample_read (flipped, "a.weight");
  g_assert_cmpfloat (unseen->data[0], !=, tensor->data[0]);
  g_assert_cmpfloat (unseen->data[1], ==, tensor->data[1]);
}

/* Archives whose directory lies, made from a good one by replacing texts of the same length. */
static void
test_damaged_archives (void)
{
  static const struct
  {
    const char *from;
    const char *to;
    PspError    code;
    const char *says;
  } cases[] = {
    { "archive/data/1", "archive/data/0", PSP_ERROR_BAD_FILE, "twice" },
    { "archive/version", "../hive/version", PSP_ERROR_BAD_FILE, "leads out" },
    { "archive/version", "/rchive/version", PSP_ERROR_BAD_FILE, "leads out" },
    { "archive/version", "archive/\xff" "ersion", PSP_ERROR_BAD_FILE, "not text" },
    { "archive/data/2", "archive/data/9", PSP_ERROR_BAD_FILE, "n.num_batches_tracked" },
    { "archive/data.pkl", "archive/data.txt", PSP_ERROR_UNSUPPORTED, "no data.pkl" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "damaged.pth");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize n_bytes;
      g_autofree char *content = sample_load ("plain.pth", &n_bytes);
      gsize length = strlen (cases[i].from);
      g_autoptr(GError) error = NULL;
      int n_replaced = 0;

      g_assert_cmpuint (strlen (cases[i].to), ==, length);
      for (gsize k = 0; k + length <= n_bytes; k++)
        if (memcmp (content + k, cases[i].from, length) == 0)
          {
            memcpy (content + k, cases[i].to, length);
            n_replaced++;
          }
      g_assert_cmpint (n_replaced, ==, 2);
      psp_test_folder_write (folder, "damaged.pth", content, n_bytes);
      g_assert_null (psp_checkpoint_open (path, &error));
      g_assert_error (error, PSP_ERROR, (int) cases[i].code);
      g_assert_true (g_str_has_prefix (error->message, path));
      g_assert_nonnull (strstr (error->message + strlen (path), cases[i].says));
    }
}

/* The fields of a directory entry, set to what cannot be. */
static void
test_damaged_entries (void)
{
  static const struct
  {
    gsize       offset;      /* from the entry's start */
    guint32     value;
    const char *says;
  } cases[] = {
    { 20, 1000, "next one" },        /* size */
    { 20, 0x7fffffff, "next one" },
    { 20, G_MAXUINT32, "damaged" },  /* promises a ZIP64 size that is not there */
    { 42, 0x7fffffff, "outside" },   /* place */
    { 42, 1, "next one" },
    { 42, 0, "the archive's member" },
    { 28, 9999, "damaged" },         /* length of the name */
    { 0, 0, "damaged" },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "damaged.pth");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize n_bytes;
      g_autofree char *content = sample_load ("plain.pth", &n_bytes);
      guint32 value = GUINT32_TO_LE (cases[i].value);
      g_autoptr(GError) error = NULL;
      gsize entry = find_bytes (content, n_bytes, 0, "PK\1\2", 4);

      g_test_message ("entry %u", i);
      entry = find_bytes (content, n_bytes, entry + 4, "PK\1\2", 4);
      memcpy (content + entry + cases[i].offset, &value, sizeof value);
      psp_test_folder_write (folder, "damaged.pth", content, n_bytes);
      g_assert_null (psp_checkpoint_open (path, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
      g_assert_true (g_str_has_prefix (error->message, path));
      g_assert_nonnull (strstr (error->message + strlen (path), cases[i].says));
    }
}

static gpointer
read_all (gpointer user_data)
{
  PspCheckpoint *checkpoint = user_data;

  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    psp_tensor_unref (sample_read (checkpoint, psp_checkpoint_get_entry (checkpoint, i)->name));
  psp_checkpoint_unref (checkpoint);
  return NULL;
}

/* Checksums would tell of threads that disturb each other. */
static void
test_threads (void)
{
  g_autoptr(PspCheckpoint) checkpoint = sample_open ("../tiny18.pth");
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_all, psp_checkpoint_ref (checkpoint));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    (void) g_thread_join (threads[i]);
}

/* The open file is read on after it was replaced. */
static void
test_replaced (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "plain.pth");
  gsize n_bytes;
  g_autofree char *content = sample_load ("plain.pth", &n_bytes);
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autoptr(GError) error = NULL;

  psp_test_folder_write (folder, "plain.pth", content, n_bytes);
  checkpoint = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  psp_tensor_unref (sample_read (checkpoint, "a.weight"));
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
  g_test_add_func ("/checkpoint/refused/kinds", test_refused_kinds);
  g_test_add_func ("/checkpoint/refused/tar", test_refused_tar);
  g_test_add_func ("/checkpoint/refused/places", test_refused_places);
  g_test_add_func ("/checkpoint/cut/samples", test_cut_samples);
  g_test_add_func ("/checkpoint/cut/goldens", test_cut_goldens);
  g_test_add_func ("/checkpoint/cut/open", test_cut_open);
  g_test_add_func ("/checkpoint/damaged/flips", test_flips);
  g_test_add_func ("/checkpoint/damaged/flip-in-numbers", test_flip_in_numbers);
  g_test_add_func ("/checkpoint/damaged/archives", test_damaged_archives);
  g_test_add_func ("/checkpoint/damaged/entries", test_damaged_entries);
  g_test_add_func ("/checkpoint/threads", test_threads);
  g_test_add_func ("/checkpoint/replaced", test_replaced);
  return g_test_run ();
}
