/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-legacy.h"
#include "engine/model/psp-model.h"
#include "tests/checkpoint-samples.h"
#include "tests/network-listing.h"
#include "tests/psp-test-folder.h"
#include "tests/sanitizers.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a process that refuses a file may take at most, the process itself included. */
#define LIMIT_MIB 256

#define TEXT(text) (text), sizeof (text) - 1

typedef struct
{
  const char *name;
  void      (*make) (GByteArray *file);
  PspError    code;
  const char *says;
} Case;

static void
add (GByteArray *file,
     const void *bytes,
     gsize       n_bytes)
{
  g_byte_array_append (file, bytes, (guint) n_bytes);
}

static void
repeat (GByteArray *file,
        guint       n_times,
        const char *bytes,
        gsize       n_bytes)
{
  for (guint i = 0; i < n_times; i++)
    add (file, bytes, n_bytes);
}

static void
add_number (GByteArray *file,
            guint64     number,
            gsize       n_bytes)
{
  number = GUINT64_TO_LE (number);
  add (file, &number, n_bytes);
}

/* A text of @n_bytes that no other @number has. */
static void
add_name (GByteArray *file,
          guint       number,
          gsize       n_bytes)
{
  g_autofree char *digits = g_strdup_printf ("%u", number);

  repeat (file, (guint) (n_bytes - strlen (digits)), TEXT ("x"));
  add (file, digits, strlen (digits));
}

/* Strings, values, memo and stack up to their limits; then an opcode that is none. */
static void
add_full_pickle (GByteArray *file)
{
  add (file, TEXT ("\x80\x02]("));
  for (int i = 0; i < 3; i++)
    {
      add (file, TEXT ("X"));
      add_number (file, 16 * 1024 * 1024, 4);
      repeat (file, 16 * 1024 * 1024, TEXT ("s"));
    }
  repeat (file, 990000, TEXT ("N\x94"));
  add (file, TEXT ("e]"));
  repeat (file, 900000, TEXT ("h\x01" "a"));
  add (file, TEXT ("\xff"));
}

static void
add_legacy_head (GByteArray *file)
{
  add (file, TEXT (PSP_PYTORCH_LEGACY_MAGIC "\x80\x02M\xe9\x03."
                   "\x80\x02}X\x0d\0\0\0little_endian\x88s."));
}

static void
make_full_pickle (GByteArray *file)
{
  add_legacy_head (file);
  add_full_pickle (file);
}

/* One tensor without elements under ever new names. */
static void
make_many_tensors (GByteArray *file)
{
  add_legacy_head (file);
  add (file, TEXT ("\x80\x02}ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storage"
                   "ctorch\nFloatStorage\nX\x01\0\0\0" "0X\x03\0\0\0cpuK\0"
                   "tQK\0K\0\x85K\x01\x85\x89NtRr\0\0\0\0" "0"));
  for (guint i = 0; i <= PSP_CHECKPOINT_MAX_ENTRIES; i++)
    {
      add (file, TEXT ("X"));
      add_number (file, 512, 4);
      add_name (file, i, 512);
      add (file, TEXT ("h\0s"));
    }
  add (file, TEXT (".\x80\x02]X\x01\0\0\0" "0a."));
  add_number (file, 0, 8);
}

/* Entries of a zip's directory behind their local headers; the last is a pickle. */
static void
make_many_members (GByteArray *file)
{
  const guint n_members = 100000;
  const gsize n_name_bytes = 100;
  g_autoptr(GByteArray) directory = g_byte_array_new ();
  guint64 offset;

  for (guint i = 0; i < n_members; i++)
    {
      gboolean is_pickle = i == n_members - 1;
      g_autoptr(GByteArray) name = g_byte_array_new ();
      g_autoptr(GByteArray) content = g_byte_array_new ();

      if (is_pickle)
        {
          add (name, TEXT ("archive/data.pkl"));
          add_full_pickle (content);
        }
      else
        {
          add_name (name, i, n_name_bytes);
        }
      add (directory, TEXT ("PK\1\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
      add_number (directory, content->len, 4);
      add_number (directory, content->len, 4);
      add_number (directory, name->len, 2);
      repeat (directory, 12, TEXT ("\0"));
      add_number (directory, file->len, 4);
      add (directory, name->data, name->len);
      add (file, TEXT ("PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
      add_number (file, name->len, 2);
      add_number (file, 0, 2);
      add (file, name->data, name->len);
      add (file, content->data, content->len);
    }
  offset = file->len;
  add (file, directory->data, directory->len);

  /* The ZIP64 end record, for more than 65535 members; its locator; the end record. */
  add (file, TEXT ("PK\6\6\x2c\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
  add_number (file, n_members, 8);
  add_number (file, n_members, 8);
  add_number (file, directory->len, 8);
  add_number (file, offset, 8);
  add (file, TEXT ("PK\6\7\0\0\0\0"));
  add_number (file, offset + directory->len, 8);
  add_number (file, 1, 4);
  add (file, TEXT ("PK\5\6\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0"));
}

/* Puts the length before what is there and blanks behind it, up to the most that is allowed. */
static void
finish_header (GByteArray *file)
{
  guint64 n_bytes = GUINT64_TO_LE (100000000);
  guint n_before = file->len;

  g_byte_array_set_size (file, (guint) (n_bytes + sizeof n_bytes));
  memmove (file->data + sizeof n_bytes, file->data, n_before);
  memset (file->data + sizeof n_bytes + n_before, ' ', n_bytes - n_before);
  memcpy (file->data, &n_bytes, sizeof n_bytes);
}

static void
make_blank_header (GByteArray *file)
{
  add (file, TEXT ("{"));
  finish_header (file);
}

static void
make_deep_header (GByteArray *file)
{
  add (file, TEXT ("{\"a\":{\"b\":"));
  repeat (file, 90000000, TEXT ("["));
  finish_header (file);
}

static void
make_many_described (GByteArray *file)
{
  add (file, TEXT ("{"));
  for (guint i = 0; i <= PSP_CHECKPOINT_MAX_ENTRIES; i++)
    {
      add (file, TEXT ("\""));
      add_name (file, i, 512);
      add (file, TEXT ("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},"));
    }
  finish_header (file);
}

static void
make_long_metadata (GByteArray *file)
{
  add (file, TEXT ("{\"__metadata__\":{\"a\":\""));
  repeat (file, 90000000, TEXT ("s"));
  add (file, TEXT ("\"}}"));
  finish_header (file);
}

static void
make_many_metadata (GByteArray *file)
{
  add (file, TEXT ("{\"__metadata__\":{"));
  for (guint i = 0; i < 8000000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%s\"%x\":\"\"", i > 0 ? "," : "", i);

      add (file, text, strlen (text));
    }
  add (file, TEXT ("}}"));
  finish_header (file);
}

/* Layers with all that is kept of one. */
static void
make_many_layers (GByteArray *file)
{
  add (file, TEXT ("\x0a\x01n"));
  for (guint i = 0; i <= PSP_CHECKPOINT_MAX_ENTRIES; i++)
    {
      add (file, TEXT ("\xa2\x06\x92\x02\x0a\x80\x02"));
      add_name (file, i, 256);
      add (file, TEXT ("\x3a\x06\x2a\x04\0\0\0\0\xd2\x06\x04\x30\x01\x30\x02"));
    }
}

/* Messages in messages as deep as lengths of four bytes reach; the innermost is cut off. */
static void
make_deep_layers (GByteArray *file)
{
  const guint n_levels = 200000;

  for (guint i = 0; i < n_levels; i++)
    {
      guint32 n_bytes = (n_levels - i) * 6;
      const guint8 length[] = {
        (guint8) (n_bytes | 0x80), (guint8) (n_bytes >> 7 | 0x80), (guint8) (n_bytes >> 14 | 0x80),
        (guint8) (n_bytes >> 21),
      };

      add (file, TEXT ("\xa2\x06"));
      add (file, length, sizeof length);
    }
}

static void
make_many_arrays (GByteArray *file)
{
  add_number (file, 0x112, 8);
  add_number (file, 0, 8);
  add_number (file, G_GUINT64_CONSTANT (1) << 60, 8);
}

static void
make_same_arrays (GByteArray *file)
{
  add_number (file, 0x112, 8);
  add_number (file, 0, 8);
  add_number (file, PSP_CHECKPOINT_MAX_ENTRIES, 8);
  for (guint i = 0; i < PSP_CHECKPOINT_MAX_ENTRIES; i++)
    add (file, TEXT ("\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
  add_number (file, PSP_CHECKPOINT_MAX_ENTRIES, 8);
  for (guint i = 0; i < PSP_CHECKPOINT_MAX_ENTRIES; i++)
    {
      add_number (file, 512, 8);
      add_name (file, i / 2 * 2 == PSP_CHECKPOINT_MAX_ENTRIES - 2 ? 0 : i, 512);
    }
}

/* MiB that a process which calls @function has in memory at most, files that it maps included. */
static gint64
measure_peak (void          (*function) (gconstpointer data),
              gconstpointer   data)
{
  struct rusage usage;
  int status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      function (data);
      _exit (0);
    }
  g_assert_cmpint (wait4 (child, &status, 0, &usage), ==, child);
  g_assert_cmpint (status, ==, 0);
  return usage.ru_maxrss / 1024;
}

typedef struct
{
  const char *path;
  const Case *one;
} Refusal;

static void
refuse (gconstpointer data)
{
  const Refusal *self = data;

  sample_assert_refused (self->path, self->one->code, self->one->says);
}

static void
test_refusal (gconstpointer data)
{
  const Case *one = data;
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "hostile");
  GByteArray *file = g_byte_array_new ();
  gint64 peak_mib;

  one->make (file);
  psp_test_folder_write (folder, "hostile", file->data, file->len);
  g_byte_array_unref (file);

  peak_mib = measure_peak (refuse, &(Refusal) { path, one });
  g_test_message ("%" G_GINT64_FORMAT " MiB", peak_mib);
  if (!IS_SANITIZED)
    g_assert_cmpint (peak_mib, <, LIMIT_MIB);
}

/* In place of the first number of a safetensors file. */
static void
write_nan (const char *path)
{
  const float number = NAN;
  guint64 n_header_bytes;
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GFileIOStream) stream = g_file_open_readwrite (file, NULL, NULL);
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (stream));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (stream));

  g_assert_true (g_input_stream_read_all (input, &n_header_bytes, sizeof n_header_bytes, NULL,
                                          NULL, NULL));
  g_assert_true (g_seekable_seek (G_SEEKABLE (stream),
                                  (goffset) GUINT64_FROM_LE (n_header_bytes), G_SEEK_CUR, NULL,
                                  NULL));
  g_assert_true (g_output_stream_write_all (output, &number, sizeof number, NULL, NULL, NULL));
  g_assert_true (g_io_stream_close (G_IO_STREAM (stream), NULL, NULL));
}

typedef struct
{
  char *path;
  char *copy;
} Files;

static void
convert (gconstpointer data)
{
  const Files *files = data;
  g_autoptr(GError) error = NULL;

  g_assert_true (psp_model_convert (files->path, files->copy, NULL, FALSE, NULL, &error));
  g_assert_no_error (error);
}

static void
refuse_network (gconstpointer path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, &error);

  g_assert_null (model);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "layer0.0"));
  g_assert_nonnull (strstr (error->message, "nan"));
}

static void
assert_refused_in_little (const char *path)
{
  gint64 peak_mib = measure_peak (refuse_network, path);

  g_test_message ("%s: %" G_GINT64_FORMAT " MiB", path, peak_mib);
  if (!IS_SANITIZED)
    g_assert_cmpint (peak_mib, <, LIMIT_MIB);
}

/* A file of more than 256 MiB with one bad number, in the layer that is loaded last, is refused
 * before memory was spent on the others: as a project writes it, and as a copy of ours. */
static void
test_network (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "hollow.safetensors");
  g_autofree char *copy = psp_test_folder_path (folder, "copy.safetensors");
  g_autoptr(GString) header = g_string_new (NULL);
  NetworkListing listing = { .header = header };

  network_listing_add (&listing, &network_official, NETWORK_152, 150, TRUE);
  g_assert_cmpuint (listing.n_bytes, >, (guint64) LIMIT_MIB << 20);
  network_listing_write_hollow (&listing, path);
  (void) measure_peak (convert, &(Files) { path, copy });
  write_nan (path);
  write_nan (copy);
  assert_refused_in_little (path);
  assert_refused_in_little (copy);
}

int
main (int    argc,
      char **argv)
{
  static const Case cases[] = {
    { "pickle/full", make_full_pickle, PSP_ERROR_BAD_FILE, "opcode 0xff" },
    { "pickle/tensors", make_many_tensors, PSP_ERROR_BAD_FILE, "more than 50000 tensors" },
    { "zip/members", make_many_members, PSP_ERROR_BAD_FILE, "opcode 0xff" },
    { "safetensors/blank", make_blank_header, PSP_ERROR_BAD_FILE, "JSON" },
    { "safetensors/deep", make_deep_header, PSP_ERROR_BAD_FILE, "JSON" },
    { "safetensors/tensors", make_many_described, PSP_ERROR_BAD_FILE, "more than 50000 tensors" },
    { "safetensors/long-metadata", make_long_metadata, PSP_ERROR_BAD_FILE, "16 MiB" },
    { "safetensors/metadata", make_many_metadata, PSP_ERROR_BAD_FILE, "10000 texts" },
    { "caffe/layers", make_many_layers, PSP_ERROR_BAD_FILE, "more than 50000 tensors" },
    { "caffe/deep", make_deep_layers, PSP_ERROR_TRUNCATED, "beyond the end" },
    { "mxnet/count", make_many_arrays, PSP_ERROR_BAD_FILE, "50000 arrays" },
    { "mxnet/arrays", make_same_arrays, PSP_ERROR_BAD_FILE, "two tensors called" },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *test_path = g_strconcat ("/peak-memory/", cases[i].name, NULL);

      g_test_add_data_func (test_path, &cases[i], test_refusal);
    }
  g_test_add_func ("/peak-memory/network", test_network);
  return g_test_run ();
}
