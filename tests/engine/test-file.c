/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-file-writer.h"
#include "engine/formats/psp-file.h"
#include "tests/psp-test-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static void
assert_content (const PspTestFolder *folder,
                const char          *name,
                const char          *wanted)
{
  gsize n_bytes;
  g_autofree char *content = psp_test_folder_read (folder, name, &n_bytes);

  g_assert_cmpmem (content, n_bytes, wanted, strlen (wanted));
}

static void
test_replace (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "notes");
  g_autoptr(GError) error = NULL;

  g_assert_true (psp_file_replace (path, "first", 5, &error));
  g_assert_no_error (error);
  assert_content (folder, "notes", "first");
  g_assert_true (psp_file_replace (path, "2nd", 3, &error));
  assert_content (folder, "notes", "2nd");
  g_assert_true (psp_file_replace (path, NULL, 0, &error));
  assert_content (folder, "notes", "");
  g_assert_cmpint (psp_test_folder_count (folder, ""), ==, 1);
}

static void
test_replace_fails (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *lost = psp_test_folder_path (folder, "missing/notes");
  g_autofree char *taken = psp_test_folder_path (folder, "taken");
  g_autoptr(GError) error = NULL;

  g_assert_false (psp_file_replace (lost, "a", 1, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, lost));
  g_clear_error (&error);

  psp_test_folder_print (folder, "taken/inside", "kept");
  g_assert_false (psp_file_replace (taken, "a", 1, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (error->message, taken));
  assert_content (folder, "taken/inside", "kept");
  g_assert_cmpint (psp_test_folder_count (folder, ""), ==, 1);
}

/* What is no ordinary file is not replaced by one. */
static void
test_replace_pipe (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *pipe = psp_test_folder_path (folder, "pipe");
  g_autoptr(GError) error = NULL;
  GStatBuf status;

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_false (psp_file_replace (pipe, "a", 1, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "a pipe or a device"));
  g_assert_cmpint (g_stat (pipe, &status), ==, 0);
  g_assert_true (S_ISFIFO (status.st_mode));
  g_assert_cmpint (psp_test_folder_count (folder, ""), ==, 1);
}

/* Until the commit the old file stays; without one nothing is left behind. */
static void
test_writer (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "notes");
  g_autoptr(GError) error = NULL;
  PspFileWriter *writer;

  psp_test_folder_print (folder, "notes", "old");
  writer = psp_file_writer_new (path, &error);
  g_assert_no_error (error);
  g_assert_true (psp_file_writer_append (writer, "new", 3, &error));
  assert_content (folder, "notes", "old");
  psp_file_writer_free (writer);
  assert_content (folder, "notes", "old");
  g_assert_cmpint (psp_test_folder_count (folder, ""), ==, 1);

  writer = psp_file_writer_new (path, &error);
  g_assert_true (psp_file_writer_append (writer, "new", 3, &error));
  g_assert_true (psp_file_writer_append (writer, " text", 5, &error));
  g_assert_true (psp_file_writer_commit (writer, &error));
  psp_file_writer_free (writer);
  assert_content (folder, "notes", "new text");
  g_assert_cmpint (psp_test_folder_count (folder, ""), ==, 1);
}

static void
test_load (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "notes");
  g_autofree char *pipe = psp_test_folder_path (folder, "pipe");
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;

  g_assert_null (psp_file_load (path, 10, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_null (psp_file_load (folder, 10, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_clear_error (&error);

  /* Nobody will ever write to it. */
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (psp_file_load (pipe, 10, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_clear_error (&error);

  psp_test_folder_print (folder, "notes", "0123456789");
  g_assert_null (psp_file_load (path, 9, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
  g_clear_error (&error);

  bytes = psp_file_load (path, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "0123456789", 10);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/file/replace", test_replace);
  g_test_add_func ("/file/replace-fails", test_replace_fails);
  g_test_add_func ("/file/replace-pipe", test_replace_pipe);
  g_test_add_func ("/file/writer", test_writer);
  g_test_add_func ("/file/load", test_load);
  return g_test_run ();
}
