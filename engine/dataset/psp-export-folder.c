/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syncfs() */

#include "engine/dataset/psp-export-folder.h"

#include "engine/formats/psp-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct _PspExportFolder
{
  char *path;    /* where it will be, links followed */
  char *staging; /* where it is; %NULL when it has its name */
};

/* @path with the links of those of its folders that exist followed. */
static char *
resolve (const char *path)
{
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);
  g_autofree char *existing = realpath (canonical, NULL);
  g_autofree char *parent = NULL;
  g_autofree char *resolved_parent = NULL;
  g_autofree char *name = NULL;

  if (existing != NULL)
    return g_strdup (existing);
  if (g_str_equal (canonical, "/"))
    return g_steal_pointer (&canonical);

  parent = g_path_get_dirname (canonical);
  name = g_path_get_basename (canonical);
  resolved_parent = resolve (parent);
  return g_build_filename (resolved_parent, name, NULL);
}

static gboolean
lies_in (const char *path,
         const char *folder)
{
  g_autofree char *with_slash = g_str_has_suffix (folder, "/") ? g_strdup (folder)
                                                                : g_strconcat (folder, "/", NULL);

  return g_str_equal (path, folder) || g_str_has_prefix (path, with_slash);
}

gboolean
psp_export_folder_check (const char  *path,
                         const char  *source_folder,
                         GError     **error)
{
  g_autofree char *target = resolve (path);
  g_autofree char *source = source_folder != NULL ? resolve (source_folder) : NULL;
  g_autoptr(GDir) folder = NULL;

  if (source != NULL && lies_in (target, source))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "%s: this lies in the dataset itself, which is never written; choose another "
                   "folder", path);
      return FALSE;
    }
  if (!g_file_test (target, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_file_test (target, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "%s: this is a file; choose the name of a new folder", path);
      return FALSE;
    }

  folder = psp_file_open_folder (target, error);
  if (folder == NULL)
    return FALSE;
  if (g_dir_read_name (folder) != NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "%s: this folder is not empty; choose a new one", path);
      return FALSE;
    }
  return TRUE;
}

PspExportFolder *
psp_export_folder_new (const char  *path,
                       GError     **error)
{
  g_autoptr(PspExportFolder) self = g_new0 (PspExportFolder, 1);
  g_autofree char *parent = NULL;
  g_autofree char *name = NULL;
  g_autofree char *hidden_name = NULL;
  g_autofree char *staging = NULL;

  self->path = resolve (path);
  parent = g_path_get_dirname (self->path);
  name = g_path_get_basename (self->path);
  if (!psp_file_make_folder (parent, error))
    return NULL;

  hidden_name = g_strdup_printf (".%s.XXXXXX", name);
  staging = g_build_filename (parent, hidden_name, NULL);
  if (g_mkdtemp_full (staging, 0777) == NULL)
    {
      psp_error_set_errno (error, path, "make the folder", errno);
      return NULL;
    }

  self->staging = g_steal_pointer (&staging);
  return g_steal_pointer (&self);
}

/* Removes a folder of our own making: there are no links in it. */
static void
remove_folder (const char *path)
{
  g_autoptr(GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_unlink (child) != 0)
        remove_folder (child);
    }
  (void) g_rmdir (path);
}

void
psp_export_folder_free (PspExportFolder *self)
{
  if (self->staging != NULL)
    remove_folder (self->staging);
  g_free (self->staging);
  g_free (self->path);
  g_free (self);
}

gboolean
psp_export_folder_write (PspExportFolder  *self,
                         const char       *name,
                         GBytes           *content,
                         GError          **error)
{
  g_autofree char *path = g_build_filename (self->staging, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr(GError) write_error = NULL;
  gsize n_bytes;
  const char *bytes = g_bytes_get_data (content, &n_bytes);

  if (!psp_file_make_folder (parent, error))
    return FALSE;

  /* Nobody sees the file before psp_export_folder_finish() has flushed all of them at once. */
  if (g_file_set_contents_full (path, bytes != NULL ? bytes : "", (gssize) n_bytes,
                                G_FILE_SET_CONTENTS_NONE, 0666, &write_error))
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_IO, "%s/%s: cannot be written: %s", self->path, name,
               write_error->message);
  return FALSE;
}

gboolean
psp_export_folder_finish (PspExportFolder  *self,
                          GError          **error)
{
  int descriptor = g_open (self->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean flushed = descriptor >= 0 && syncfs (descriptor) == 0;
  int saved_errno = errno;

  if (descriptor >= 0)
    (void) close (descriptor);
  if (flushed && g_rename (self->staging, self->path) != 0)
    {
      flushed = FALSE;
      saved_errno = errno;
    }
  if (!flushed)
    {
      psp_error_set_errno (error, self->path, "finish the folder", saved_errno);
      return FALSE;
    }

  g_clear_pointer (&self->staging, g_free);
  psp_file_flush_name (self->path);
  return TRUE;
}
