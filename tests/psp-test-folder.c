/* SPDX-License-Identifier: MIT */
#include "tests/psp-test-folder.h"

#include <glib/gstdio.h>
#include <string.h>

PspTestFolder *
psp_test_folder_new (void)
{
  GError *error = NULL;
  char *path = g_dir_make_tmp ("psp-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static void
remove_all (const char *path)
{
  g_autoptr(GDir) folder = NULL;
  const char *name;

  if (g_unlink (path) == 0)
    return;

  (void) g_chmod (path, 0700);
  folder = g_dir_open (path, 0, NULL);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  (void) g_rmdir (path);
}

void
psp_test_folder_remove (PspTestFolder *self)
{
  remove_all (self);
  g_free (self);
}

char *
psp_test_folder_path (const PspTestFolder *self,
                      const char          *name)
{
  return g_build_filename (self, name, NULL);
}

void
psp_test_folder_write (const PspTestFolder *self,
                       const char          *name,
                       gconstpointer        content,
                       gsize                n_bytes)
{
  g_autofree char *path = psp_test_folder_path (self, name);
  g_autofree char *parent = g_path_get_dirname (path);
  GError *error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  /* GLib 2.74 does not cut off the rest of a longer file. */
  (void) g_unlink (path);
  g_file_set_contents_full (path, content, (gssize) n_bytes, G_FILE_SET_CONTENTS_NONE, 0600,
                            &error);
  g_assert_no_error (error);
}

void
psp_test_folder_print (const PspTestFolder *self,
                       const char          *name,
                       const char          *text)
{
  psp_test_folder_write (self, name, text, strlen (text));
}

char *
psp_test_folder_read (const PspTestFolder *self,
                      const char          *name,
                      gsize               *n_bytes)
{
  g_autofree char *path = psp_test_folder_path (self, name);
  GError *error = NULL;
  char *content = NULL;

  g_file_get_contents (path, &content, n_bytes, &error);
  g_assert_no_error (error);
  return content;
}

int
psp_test_folder_count (const PspTestFolder *self,
                       const char          *name)
{
  g_autofree char *path = psp_test_folder_path (self, name);
  g_autoptr(GDir) folder = g_dir_open (path, 0, NULL);
  int count = 0;

  if (folder == NULL)
    return -1;
  while (g_dir_read_name (folder) != NULL)
    count++;
  return count;
}
