/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-file.h"

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

static gboolean
check_regular (const char  *path,
               int          descriptor,
               gsize        limit_bytes,
               GError     **error)
{
  GStatBuf status;

  if (fstat (descriptor, &status) != 0)
    {
      psp_error_set_errno (error, path, "read", errno);
      return FALSE;
    }
  if (S_ISDIR (status.st_mode))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_IO, "%s: this is a folder, not a file", path);
      return FALSE;
    }
  if (status.st_size > 0 && (guint64) status.st_size > limit_bytes)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "%s: the file has %" G_GINT64_FORMAT " bytes; at most %" G_GSIZE_FORMAT
                   " are read", path, (gint64) status.st_size, limit_bytes);
      return FALSE;
    }
  return TRUE;
}

static GBytes *
read_all (const char  *path,
          int          descriptor,
          gsize        limit_bytes,
          GError     **error)
{
  g_autoptr(GByteArray) content = g_byte_array_new ();
  guint8 piece[65536];

  for (;;)
    {
      gssize n_read = read (descriptor, piece, sizeof piece);

      if (n_read < 0 && errno == EINTR)
        continue;
      if (n_read < 0)
        {
          psp_error_set_errno (error, path, "read", errno);
          return NULL;
        }
      if (n_read == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&content));
      if (content->len + (gsize) n_read > MIN (limit_bytes, G_MAXUINT / 2))
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                       "%s: the file has more than the %" G_GSIZE_FORMAT " bytes that are read",
                       path, limit_bytes);
          return NULL;
        }
      g_byte_array_append (content, piece, n_read);
    }
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
  int descriptor = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  GBytes *content = NULL;

  if (descriptor < 0)
    {
      psp_error_set_errno (error, path, "read", errno);
      return NULL;
    }
  if (check_regular (path, descriptor, limit_bytes, error))
    content = read_all (path, descriptor, limit_bytes, error);
  (void) close (descriptor);
  return content;
}
