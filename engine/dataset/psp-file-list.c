/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-file-list.h"

#include "engine/formats/psp-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  GPtrArray    *files;
  GPtrArray    *problems;
  GHashTable   *visited; /* folders, as “device:inode” */
  GCancellable *cancellable;
} Walk;

static void
add_problem (Walk       *walk,
             const char *path,
             int         error_number)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_ptr_array_add (walk->problems,
                   g_strdup_printf ("%s: cannot be read: %s", shown, g_strerror (error_number)));
}

/* Whether a folder has not been walked yet. */
static gboolean
visit (Walk           *walk,
       const GStatBuf *status)
{
  return g_hash_table_add (walk->visited,
                           g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                            (guint64) status->st_dev, (guint64) status->st_ino));
}

static gboolean walk_folder (Walk        *walk,
                             const char  *path,
                             const char  *prefix,
                             GError     **error);

/* @prefix and @name are the path relative to where the walk began. */
static gboolean
walk_entry (Walk        *walk,
            const char  *path,
            const char  *prefix,
            const char  *name,
            GError     **error)
{
  g_autofree char *child = g_build_filename (path, name, NULL);
  g_autofree char *relative = g_strconcat (prefix, name, NULL);
  g_autofree char *child_prefix = NULL;
  g_autoptr(GError) child_error = NULL;
  GStatBuf status;

  if (g_stat (child, &status) != 0)
    {
      add_problem (walk, child, errno);
      return TRUE;
    }
  if (S_ISREG (status.st_mode))
    {
      g_ptr_array_add (walk->files, g_steal_pointer (&relative));
      return TRUE;
    }
  if (!S_ISDIR (status.st_mode))
    return TRUE;

  if (!visit (walk, &status))
    return TRUE;
  child_prefix = g_strconcat (relative, "/", NULL);
  if (walk_folder (walk, child, child_prefix, &child_error))
    return TRUE;
  if (g_error_matches (child_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&child_error));
      return FALSE;
    }

  g_ptr_array_add (walk->problems, g_strdup (child_error->message));
  return TRUE;
}

static gboolean
walk_folder (Walk        *walk,
             const char  *path,
             const char  *prefix,
             GError     **error)
{
  g_autoptr(GDir) folder = psp_file_open_folder (path, error);
  const char *name;

  if (folder == NULL)
    return FALSE;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      if (g_cancellable_set_error_if_cancelled (walk->cancellable, error))
        return FALSE;
      if (*name != '.' && !walk_entry (walk, path, prefix, name, error))
        return FALSE;
    }
  return TRUE;
}

static int
compare_paths (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

GPtrArray *
psp_file_list (const char    *folder,
               const char    *skipped,
               GPtrArray     *problems,
               GCancellable  *cancellable,
               GError       **error)
{
  g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GHashTable) visited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Walk walk = { files, problems, visited, cancellable };
  GStatBuf status;

  if (g_stat (folder, &status) == 0)
    (void) visit (&walk, &status);
  if (skipped != NULL && g_stat (skipped, &status) == 0)
    (void) visit (&walk, &status);
  if (!walk_folder (&walk, folder, "", error))
    return NULL;

  g_ptr_array_sort (files, compare_paths);
  return g_steal_pointer (&files);
}
