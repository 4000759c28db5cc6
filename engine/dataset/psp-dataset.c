/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-dataset.h"

#include "engine/dataset/psp-dataset-scan.h"
#include "engine/dataset/psp-taxonomy-file.h"

struct _PspDataset
{
  char            *name;
  char            *folder;   /* (nullable) */
  PspTaxonomy     *taxonomy; /* (nullable) */
  PspDatasetScan  *scan;
  GPtrArray       *problems; /* all sentences of the scan, which owns them; %NULL behind the last */
  gboolean         sound;
  gatomicrefcount  ref_count;
};

PspDataset *
psp_dataset_ref (PspDataset *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_dataset_unref (PspDataset *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  psp_dataset_scan_free (self->scan);
  g_free (self->name);
  g_free (self->folder);
  g_free (self);
}

static PspDataset *
dataset_new (const char *skipped)
{
  PspDataset *self = g_new0 (PspDataset, 1);

  self->scan = psp_dataset_scan_new (skipped);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

/* names.txt and colors.txt of the folder, if there are any; bad ones are problems. */
static void
read_taxonomy (PspDataset *self)
{
  g_autofree char *names = g_build_filename (self->folder, "names.txt", NULL);
  g_autofree char *colors = g_build_filename (self->folder, "colors.txt", NULL);
  gboolean has_colors = g_file_test (colors, G_FILE_TEST_EXISTS);
  g_autoptr(GError) error = NULL;

  if (!g_file_test (names, G_FILE_TEST_EXISTS))
    return;

  self->taxonomy = psp_taxonomy_load_names (self->name, names, has_colors ? colors : NULL, &error);
  if (self->taxonomy != NULL)
    return;

  psp_dataset_scan_remark (self->scan, "%s", error->message);
  if (has_colors)
    self->taxonomy = psp_taxonomy_load_names (self->name, names, NULL, NULL);
}

static gboolean
open_folder (PspDataset    *self,
             const char    *path,
             GCancellable  *cancellable,
             GError       **error)
{
  self->folder = g_canonicalize_filename (path, NULL);
  self->name = g_filename_display_basename (self->folder);
  if (!psp_dataset_scan_add_folder (self->scan, self->folder, cancellable, error))
    return FALSE;

  read_taxonomy (self);
  return TRUE;
}

static gboolean
open_files (PspDataset          *self,
            const char * const  *paths,
            GCancellable        *cancellable,
            GError             **error)
{
  guint n_items;

  for (int i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *path = g_canonicalize_filename (paths[i], NULL);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                       "%s: a folder is opened by itself; give one folder, or image files only",
                       paths[i]);
          return FALSE;
        }
      psp_dataset_scan_add_file (self->scan, path);
    }

  n_items = self->scan->items->len;
  self->name = n_items == 1 ? g_strdup ("1 image") : g_strdup_printf ("%u images", n_items);
  return TRUE;
}

/* A dataset without images is an error; if something stood in the way, it is said. */
static gboolean
check_not_empty (const PspDataset  *self,
                 const char        *path,
                 GError           **error)
{
  if (self->scan->items->len > 0)
    return TRUE;

  /* Of a single file, this is its own. */
  if (self->scan->problems->len == 1 && self->folder == NULL)
    g_set_error_literal (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                         g_ptr_array_index (self->scan->problems, 0));
  else if (self->scan->problems->len > 0)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND, "%s: there are no images to open: %s", path,
                 (const char *) g_ptr_array_index (self->scan->problems, 0));
  else
    g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                 "%s: there are no PNG or JPEG images here, nor in a folder images/", path);
  return FALSE;
}

static void
list_problems (PspDataset *self)
{
  PspDatasetScan *scan = self->scan;

  self->problems = g_ptr_array_new ();
  g_ptr_array_extend (self->problems, scan->problems, NULL, NULL);
  g_ptr_array_extend (self->problems, scan->remarks, NULL, NULL);
  g_ptr_array_extend (self->problems, scan->notes, NULL, NULL);
  g_ptr_array_add (self->problems, NULL);
  self->sound = scan->problems->len + scan->remarks->len == 0;
  g_ptr_array_add (scan->problems, NULL);
}

PspDataset *
psp_dataset_open (const char * const  *paths,
                  GCancellable        *cancellable,
                  GError             **error)
{
  return psp_dataset_open_without (paths, NULL, cancellable, error);
}

PspDataset *
psp_dataset_open_without (const char * const  *paths,
                          const char          *skipped,
                          GCancellable        *cancellable,
                          GError             **error)
{
  g_autoptr(PspDataset) self = dataset_new (skipped);
  gboolean opened;

  g_return_val_if_fail (paths != NULL && paths[0] != NULL, NULL);

  if (!g_file_test (paths[0], G_FILE_TEST_EXISTS) && paths[1] == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND, "%s: there is no such file or folder",
                   paths[0]);
      return NULL;
    }

  if (paths[1] == NULL && g_file_test (paths[0], G_FILE_TEST_IS_DIR))
    opened = open_folder (self, paths[0], cancellable, error);
  else
    opened = open_files (self, paths, cancellable, error);
  if (!opened || !check_not_empty (self, paths[0], error))
    return NULL;

  psp_dataset_scan_sort (self->scan);
  list_problems (self);
  self->scan->skipped = NULL;
  return g_steal_pointer (&self);
}

const char *
psp_dataset_get_name (const PspDataset *self)
{
  return self->name;
}

const char *
psp_dataset_get_folder (const PspDataset *self)
{
  return self->folder;
}

PspTaxonomy *
psp_dataset_get_taxonomy (const PspDataset *self)
{
  return self->taxonomy;
}

gsize
psp_dataset_get_n_items (const PspDataset *self)
{
  return self->scan->items->len;
}

const PspDatasetItem *
psp_dataset_get_items (const PspDataset *self)
{
  return (const PspDatasetItem *) self->scan->items->data;
}

const PspDatasetItem *
psp_dataset_find (const PspDataset *self,
                  const char       *stem)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->scan->stems, stem));

  return place > 0 ? &g_array_index (self->scan->items, PspDatasetItem, place - 1) : NULL;
}

const char * const *
psp_dataset_get_problems (const PspDataset *self)
{
  return (const char * const *) self->problems->pdata;
}

gboolean
psp_dataset_is_sound (const PspDataset *self)
{
  return self->sound;
}

const char * const *
psp_dataset_get_image_problems (const PspDataset *self)
{
  return (const char * const *) self->scan->problems->pdata;
}
