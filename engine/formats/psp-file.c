/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-file.h"

#include "engine/formats/psp-file-reader.h"
#include "engine/formats/psp-file-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

gboolean
psp_file_replace (const char     *path,
                  gconstpointer   bytes,
                  gsize           n_bytes,
                  GError        **error)
{
  g_autoptr(PspFileWriter) writer = psp_file_writer_new (path, error);

  return writer != NULL && psp_file_writer_append (writer, bytes, n_bytes, error) &&
         psp_file_writer_commit (writer, error);
}

void
psp_file_remove_leftovers (const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *start = g_strconcat (name, PSP_FILE_TEMPORARY_SUFFIX, NULL);
  g_autoptr(GDir) folder = g_dir_open (parent, 0, NULL);
  const char *found;

  while (folder != NULL && (found = g_dir_read_name (folder)) != NULL)
    if (g_str_has_prefix (found, start) && strlen (found) == strlen (start) + 6)
      {
        g_autofree char *leftover = g_build_filename (parent, found, NULL);

        (void) g_unlink (leftover);
      }
}

gboolean
psp_file_make_folder (const char  *path,
                      GError     **error)
{
  if (g_mkdir_with_parents (path, 0777) == 0)
    return TRUE;

  psp_error_set_errno (error, path, "make the folder", errno);
  return FALSE;
}

GDir *
psp_file_open_folder (const char  *path,
                      GError     **error)
{
  /* GDir does not tell the system's reason but in a sentence of its own. */
  int descriptor = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  GDir *folder = NULL;

  if (descriptor >= 0)
    {
      (void) close (descriptor);
      folder = g_dir_open (path, 0, NULL);
    }
  if (folder == NULL)
    psp_error_set_errno (error, path, "read the folder", errno);
  return folder;
}

void
psp_file_flush_name (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int descriptor = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (descriptor < 0)
    return;
  (void) fsync (descriptor);
  (void) close (descriptor);
}

gboolean
psp_file_is_same (const char *path,
                  const char *other)
{
  GStatBuf a, b;

  return g_stat (path, &a) == 0 && g_stat (other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

GBytes *
psp_file_load (const char  *path,
               gsize        limit_bytes,
               GError     **error)
{
  g_autoptr(PspFileReader) reader = psp_file_reader_new (path, error);
  g_autofree guint8 *content = NULL;
  gsize n_bytes;

  if (reader == NULL)
    return NULL;
  if (reader->n_bytes > limit_bytes)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: the file has %" G_GUINT64_FORMAT " bytes; at most %" G_GSIZE_FORMAT
                   " are read", path, reader->n_bytes, limit_bytes);
      return NULL;
    }

  n_bytes = (gsize) reader->n_bytes;
  content = g_try_malloc (MAX (n_bytes, 1));
  if (content == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "%s: no memory to read it", path);
      return NULL;
    }
  if (!psp_file_reader_read (reader, 0, content, n_bytes, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&content), n_bytes);
}
