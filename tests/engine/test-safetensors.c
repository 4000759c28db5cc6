/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-half.h"
#include "engine/formats/psp-checkpoint.h"
#include "engine/formats/psp-safetensors-writer.h"
#include "tests/psp-test-folder.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

typedef struct
{
  PspTestFolder *folder;
  char          *path;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  fixture->folder = psp_test_folder_new ();
  fixture->path = psp_test_folder_path (fixture->folder, "model.safetensors");
}

/* Nothing but the file itself may be left behind. */
static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  gboolean is_there = g_file_test (fixture->path, G_FILE_TEST_EXISTS);

  g_assert_cmpint (psp_test_folder_count (fixture->folder, ""), ==, is_there ? 1 : 0);
  g_free (fixture->path);
  psp_test_folder_remove (fixture->folder);
}

static PspTensor *
make_tensor (int           n_dimensions,
             const gint64 *shape,
             const float  *values)
{
  g_autoptr(GError) error = NULL;
  PspTensor *tensor = psp_tensor_new (n_dimensions, shape, &error);

  g_assert_no_error (error);
  memcpy (tensor->data, values, tensor->n_elements * sizeof (float));
  return tensor;
}

static void
write_ok (PspSafetensorsWriter *writer,
          const char           *path)
{
  g_autoptr(GError) error = NULL;
  gboolean written = psp_safetensors_writer_write (writer, path, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (written);
}

static PspCheckpoint *
open_ok (const char *path)
{
  g_autoptr(GError) error = NULL;
  PspCheckpoint *checkpoint = psp_checkpoint_open (path, &error);

  g_assert_no_error (error);
  return checkpoint;
}

/* The file is exactly these bytes, so that it is the same file each time; numbers begin at a
 * multiple of 64. */
static void
test_write_bytes (Fixture       *fixture,
                  gconstpointer  user_data)
{
  static const char wanted[] =
    "\xb8\0\0\0\0\0\0\0"
    "{\"__metadata__\":{\"bins\":\"1\"},"
    "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
    "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}"
    "                                                  "
    "\x00\x3c\x00\xc0"
    "\x00\x00\x40\x40";
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(PspTensor) first = make_tensor (1, (gint64[]) { 2 }, (float[]) { 1.0f, -2.0f });
  g_autoptr(PspTensor) second = make_tensor (0, NULL, (float[]) { 3.0f });
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  psp_safetensors_writer_set_metadata (writer, "bins", "2");
  psp_safetensors_writer_set_metadata (writer, "bins", "1");
  psp_safetensors_writer_add (writer, "b", first, PSP_DTYPE_F16);
  psp_safetensors_writer_add (writer, "a", second, PSP_DTYPE_F32);
  write_ok (writer, fixture->path);

  g_assert_true (g_file_get_contents (fixture->path, &bytes, &n_bytes, NULL));
  g_assert_cmpmem (bytes, n_bytes, wanted, sizeof wanted - 1);
}

static void
test_round_trip (Fixture       *fixture,
                 gconstpointer  user_data)
{
  const gsize n_elements = 200001;
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autofree float *values = g_new (float, n_elements);
  g_autoptr(PspTensor) tensor = NULL;
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autoptr(PspTensor) wide = NULL;
  g_autoptr(PspTensor) narrow = NULL;

  for (gsize i = 0; i < n_elements; i++)
    values[i] = (float) i / 7.0f - 9000.0f;
  tensor = make_tensor (3, (gint64[]) { 3, 1, 66667 }, values);
  psp_safetensors_writer_set_metadata (writer, "größe\n", "ein \"Text\" \\ \x01");
  psp_safetensors_writer_add (writer, "wide \"größe\"", tensor, PSP_DTYPE_F32);
  psp_safetensors_writer_add (writer, "narrow", tensor, PSP_DTYPE_F16);
  write_ok (writer, fixture->path);

  checkpoint = open_ok (fixture->path);
  g_assert_cmpstr (psp_checkpoint_get_metadata (checkpoint, "größe\n"), ==, "ein \"Text\" \\ \x01");
  g_assert_cmpint (psp_checkpoint_find (checkpoint, "narrow")->dtype, ==, PSP_DTYPE_F16);
  wide = psp_checkpoint_read (checkpoint, "wide \"größe\"", NULL);
  narrow = psp_checkpoint_read (checkpoint, "narrow", NULL);
  g_assert_nonnull (wide);
  g_assert_nonnull (narrow);
  g_assert_cmpint (wide->shape[2], ==, 66667);
  g_assert_cmpmem (wide->data, n_elements * sizeof (float), values, n_elements * sizeof (float));
  for (gsize i = 0; i < n_elements; i++)
    {
      guint16 half;
      float value;

      psp_half_from_floats (&half, &values[i], 1);
      psp_half_to_floats (&value, &half, 1);
      g_assert_cmpfloat (narrow->data[i], ==, value);
    }
}

static void
test_empty (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(PspCheckpoint) checkpoint = NULL;

  write_ok (writer, fixture->path);
  checkpoint = open_ok (fixture->path);
  g_assert_cmpuint (psp_checkpoint_get_n_entries (checkpoint), ==, 0);
}

static void
test_write_fails (Fixture       *fixture,
                  gconstpointer  user_data)
{
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autofree char *lost = psp_test_folder_path (fixture->folder, "missing/model.safetensors");
  g_autofree char *folder = psp_test_folder_path (fixture->folder, "folder");
  g_autoptr(GError) error = NULL;

  g_assert_false (psp_safetensors_writer_write (writer, lost, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, lost));
  g_clear_error (&error);

  g_assert_cmpint (g_mkdir (folder, 0777), ==, 0);
  g_assert_false (psp_safetensors_writer_write (writer, folder, NULL, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (error->message, folder));
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* No more room halfway: the old file stays, and tear_down() sees that the temporary one went. */
static void
test_write_full (Fixture       *fixture,
                 gconstpointer  user_data)
{
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autofree float *values = g_new0 (float, 4096);
  g_autoptr(PspTensor) tensor = make_tensor (1, (gint64[]) { 4096 }, values);
  g_autoptr(GError) error = NULL;
  g_autofree char *content = NULL;
  struct rlimit limit;
  rlim_t usual_limit;

  g_assert_true (g_file_set_contents (fixture->path, "old", -1, NULL));
  psp_safetensors_writer_add (writer, "a", tensor, PSP_DTYPE_F32);

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  usual_limit = limit.rlim_cur;
  limit.rlim_cur = 1000;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (psp_safetensors_writer_write (writer, fixture->path, NULL, &error));
  limit.rlim_cur = usual_limit;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);

  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_true (g_file_get_contents (fixture->path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "old");
}

/* Stopped halfway: the same. */
static void
test_write_cancelled (Fixture       *fixture,
                      gconstpointer  user_data)
{
  g_autoptr(PspSafetensorsWriter) writer = psp_safetensors_writer_new ();
  g_autoptr(PspTensor) tensor = make_tensor (1, (gint64[]) { 2 }, (float[]) { 1, 2 });
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *content = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "old", -1, NULL));
  psp_safetensors_writer_add (writer, "a", tensor, PSP_DTYPE_F32);
  g_cancellable_cancel (cancellable);
  g_assert_false (psp_safetensors_writer_write (writer, fixture->path, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_file_get_contents (fixture->path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "old");
}

static void
write_file (const char *path,
            guint64     n_header_bytes,
            const char *header,
            gsize       n_data_bytes)
{
  g_autoptr(GString) content = g_string_new (NULL);
  guint64 length = GUINT64_TO_LE (n_header_bytes);

  g_string_append_len (content, (const char *) &length, sizeof length);
  g_string_append (content, header);
  for (gsize i = 0; i < n_data_bytes; i++)
    g_string_append_c (content, (char) i);
  g_assert_true (g_file_set_contents (path, content->str, (gssize) content->len, NULL));
}

#define TENSOR(name, shape, offsets) \
  "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define ONE(shape, offsets) "{" TENSOR ("a", shape, offsets) "}"
#define TWO(name, offsets) "{" TENSOR ("a", "[1]", "[0,4]") "," TENSOR (name, "[1]", offsets) "}"

/* Each breaks one rule of the format. */
static void
test_damaged_headers (Fixture       *fixture,
                      gconstpointer  user_data)
{
  static const struct
  {
    const char *header;
    gsize       n_data_bytes;
    PspError    code;
    const char *says;
  } cases[] = {
    { ONE ("[1]", "[0,4]"), 3, PSP_ERROR_TRUNCATED, "“a”" },
    { ONE ("[1]", "[0,4]"), 5, PSP_ERROR_BAD_FILE, "goes on" },
    { ONE ("[1]", "[1,5]"), 5, PSP_ERROR_BAD_FILE, "gap" },
    { TWO ("b", "[2,6]"), 6, PSP_ERROR_BAD_FILE, "overlaps" },
    { TWO ("b", "[5,9]"), 9, PSP_ERROR_BAD_FILE, "gap" },
    { TWO ("a", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "two tensors called “a”" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
      PSP_ERROR_BAD_FILE, "damaged shape" },
    { ONE ("[2]", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "size" },
    { ONE ("[1]", "[4,0]"), 4, PSP_ERROR_BAD_FILE, "offsets" },
    { ONE ("[1]", "[-4,0]"), 4, PSP_ERROR_BAD_FILE, "offsets" },
    { ONE ("[1]", "[0]"), 4, PSP_ERROR_BAD_FILE, "offsets" },
    { ONE ("[1]", "[0,4.0]"), 4, PSP_ERROR_BAD_FILE, "offsets" },
    { ONE ("[-1]", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "size" },
    { ONE ("[4611686018427387904,4]", "[0,0]"), 0, PSP_ERROR_BAD_FILE, "size" },
    { ONE ("[18446744073709551617]", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "“a”" },
    { ONE ("[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "shape" },
    { ONE ("\"1\"", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "shape" },
    { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, PSP_ERROR_BAD_FILE, "shape" },
    { "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, PSP_ERROR_BAD_FILE, "dtype" },
    { "{\"a\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
      PSP_ERROR_BAD_FILE, "dtype" },
    { "{\"a\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8,
      PSP_ERROR_UNSUPPORTED, "C64" },
    { "{\"a\":[1]}", 0, PSP_ERROR_BAD_FILE, "“a”" },
    { "{" TENSOR ("", "[1]", "[0,4]") "}", 4, PSP_ERROR_BAD_FILE, "name" },
    { "{\"__metadata__\":{\"a\":1}}", 0, PSP_ERROR_BAD_FILE, "__metadata__" },
    { "{\"__metadata__\":\"a\"}", 0, PSP_ERROR_BAD_FILE, "__metadata__" },
    { "{\"__metadata__\":{\"a\":{\"b\":{}}}}", 0, PSP_ERROR_BAD_FILE, "something else than texts" },
    { "{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}", 0, PSP_ERROR_BAD_FILE, "a name twice" },
    { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, PSP_ERROR_BAD_FILE, "there twice" },
    { "{\"a\":[[[[[[1]]]]]]}", 0, PSP_ERROR_BAD_FILE, "“a” is not described" },
    { "{" TENSOR ("\\ud83d", "[1]", "[0,4]") "}", 4, PSP_ERROR_BAD_FILE, "JSON" },
    { "{" TENSOR ("\\u0000", "[1]", "[0,4]") "}", 4, PSP_ERROR_BAD_FILE, "JSON" },
    { "{" TENSOR ("a\n", "[1]", "[0,4]") "}", 4, PSP_ERROR_BAD_FILE, "JSON" },
    { ONE ("[01]", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "shape" },
    { ONE ("[1,]", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "shape" },
    { ONE ("[1e0]", "[0,4]"), 4, PSP_ERROR_BAD_FILE, "shape" },
    { "{" TENSOR ("a", "[1]", "[0,4]") ",}", 4, PSP_ERROR_BAD_FILE, "JSON" },
    { "{\"a\":{\"more\":nul}}", 0, PSP_ERROR_BAD_FILE, "JSON" },
    { "{/*\"*/\"a\":[[[[[[1]]]]]]}", 0, PSP_ERROR_BAD_FILE, "JSON" },
    { "{\"a\":", 0, PSP_ERROR_BAD_FILE, "“a” is not described" },
    { "{\"a", 0, PSP_ERROR_BAD_FILE, "JSON" },
    { "{} {}", 0, PSP_ERROR_BAD_FILE, "JSON" },
    { "{\"\xff\":1}", 0, PSP_ERROR_BAD_FILE, "JSON" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_test_message ("header %u", i);
      write_file (fixture->path, strlen (cases[i].header), cases[i].header, cases[i].n_data_bytes);
      g_assert_null (psp_checkpoint_open (fixture->path, &error));
      g_assert_error (error, PSP_ERROR, (int) cases[i].code);
      g_assert_true (g_str_has_prefix (error->message, fixture->path));
      g_assert_nonnull (strstr (error->message + strlen (fixture->path), cases[i].says));
    }
}

static void
test_header_length (Fixture       *fixture,
                    gconstpointer  user_data)
{
  static const struct
  {
    guint64  length;
    PspError code;
  } cases[] = {
    { 0, PSP_ERROR_BAD_FILE },
    { 1, PSP_ERROR_BAD_FILE },
    { 3, PSP_ERROR_TRUNCATED },
    { 100000000, PSP_ERROR_TRUNCATED },
    { 100000001, PSP_ERROR_BAD_FILE },
    { G_MAXUINT64 - 7, PSP_ERROR_UNSUPPORTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      write_file (fixture->path, cases[i].length, "{}", 0);
      g_assert_null (psp_checkpoint_open (fixture->path, &error));
      g_assert_error (error, PSP_ERROR, (int) cases[i].code);
    }
}

/* What the format allows beside what its writers usually do. */
static void
test_unusual_headers (Fixture       *fixture,
                      gconstpointer  user_data)
{
  static const struct
  {
    const char *header;
    gsize       n_data_bytes;
    const char *name;
    int         n_dimensions;
  } cases[] = {
    { ONE ("[]", "[0,4]"), 4, "a", 0 },
    { ONE ("[0,4611686018427387904]", "[0,0]"), 0, "a", 2 },
    { "{" TENSOR ("b", "[1]", "[4,8]") "," TENSOR ("a", "[1]", "[0,4]") "}", 8, "a", 1 },
    { ONE ("[1]", "[0,4]") " \n\t     ", 4, "a", 1 },
    { "{" TENSOR ("\\u00e9\\ud83d\\ude00\\/\\b\\\"", "[1]", "[0,4]") "}", 4, "é😀/\b\"", 1 },
    { "{\"a\":{\"more\":[{\"b\":[null,true,false,-1.5e+3,0]},{},[]],\"dtype\":\"F32\","
      "\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "a", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PspCheckpoint) checkpoint = NULL;
      const PspCheckpointEntry *entry;

      write_file (fixture->path, strlen (cases[i].header), cases[i].header, cases[i].n_data_bytes);
      checkpoint = open_ok (fixture->path);
      entry = psp_checkpoint_find (checkpoint, cases[i].name);
      g_assert_nonnull (entry);
      g_assert_cmpint (entry->n_dimensions, ==, cases[i].n_dimensions);
    }
}

/* One million levels would exhaust the stack of a parser that recurses. */
static void
test_deep_header (Fixture       *fixture,
                  gconstpointer  user_data)
{
  const gsize n_levels = 1000000;
  g_autofree char *header = g_malloc (n_levels + 2);
  g_autoptr(GError) error = NULL;

  memset (header, '[', n_levels + 1);
  header[0] = '{';
  header[n_levels + 1] = '\0';
  write_file (fixture->path, n_levels + 1, header, 0);
  g_assert_null (psp_checkpoint_open (fixture->path, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/safetensors/write/bytes", test_write_bytes);
  ADD ("/safetensors/write/round-trip", test_round_trip);
  ADD ("/safetensors/write/empty", test_empty);
  ADD ("/safetensors/write/fails", test_write_fails);
  ADD ("/safetensors/write/full", test_write_full);
  ADD ("/safetensors/write/cancelled", test_write_cancelled);
  ADD ("/safetensors/damaged/headers", test_damaged_headers);
  ADD ("/safetensors/unusual", test_unusual_headers);
  ADD ("/safetensors/damaged/length", test_header_length);
  ADD ("/safetensors/damaged/deep", test_deep_header);
  return g_test_run ();
}
