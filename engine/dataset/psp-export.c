/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-export.h"

#include "engine/dataset/psp-export-folder.h"
#include "engine/dataset/psp-export-manifest.h"
#include "engine/dataset/psp-export-names.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-image-file.h"

#include <string.h>

static const char * const profile_names[] = {
  [PSP_EXPORT_FOLDER] = "folder",
  [PSP_EXPORT_MSEG] = "mseg",
};

typedef struct
{
  const PspExportRequest *request;
  PspExportFolder        *folder;  /* (nullable): %NULL when nothing is written */
  PspMapping             *mapping; /* (nullable): %NULL when ids stay */
  GHashTable             *names;   /* what each stem is called in the export */
  GPtrArray              *entries;
  GPtrArray              *failures;
  GPtrArray              *skipped;
  GPtrArray              *remarks;
  PspExportResult        *result;
} Job;

gboolean
psp_export_profile_from_name (const char        *name,
                              PspExportProfile  *profile,
                              GError           **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (profile_names); i++)
    if (g_str_equal (profile_names[i], name))
      {
        *profile = (PspExportProfile) i;
        return TRUE;
      }

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "there is no export format “%s”; there are: folder, mseg", name);
  return FALSE;
}

const char *
psp_export_profile_get_name (PspExportProfile profile)
{
  return profile_names[profile];
}

void
psp_export_result_free (PspExportResult *self)
{
  g_strfreev (self->failures);
  g_strfreev (self->skipped);
  g_strfreev (self->remarks);
  g_clear_pointer (&self->before, psp_label_counts_free);
  g_clear_pointer (&self->after, psp_label_counts_free);
  g_clear_pointer (&self->source, psp_taxonomy_unref);
  g_clear_pointer (&self->target, psp_taxonomy_unref);
  g_free (self);
}

static void
job_free (Job *self)
{
  g_clear_pointer (&self->folder, psp_export_folder_free);
  g_clear_pointer (&self->mapping, psp_mapping_free);
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->entries);
  g_clear_pointer (&self->failures, g_ptr_array_unref);
  g_clear_pointer (&self->skipped, g_ptr_array_unref);
  g_clear_pointer (&self->remarks, g_ptr_array_unref);
  g_clear_pointer (&self->result, psp_export_result_free);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static gboolean
find_mapping (Job     *self,
              GError **error)
{
  const PspExportRequest *request = self->request;

  if (request->profile == PSP_EXPORT_FOLDER)
    return TRUE;
  if (request->taxonomy == NULL)
    {
      g_set_error_literal (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                           "labels whose classes have no names cannot be mapped to mseg-universal; "
                           "add names.txt to the dataset");
      return FALSE;
    }

  self->mapping = psp_mapping_find_builtin (request->taxonomy, "mseg-universal", error);
  return self->mapping != NULL;
}

static Job *
job_new (const PspExportRequest  *request,
         GError                 **error)
{
  g_autoptr(Job) self = g_new0 (Job, 1);
  PspTaxonomy *target;

  self->request = request;
  self->names = psp_export_names (request->items, request->n_items);
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_export_entry_free);
  self->failures = g_ptr_array_new_with_free_func (g_free);
  self->skipped = g_ptr_array_new_with_free_func (g_free);
  self->remarks = g_ptr_array_new_with_free_func (g_free);
  if (!psp_export_folder_check (request->folder, request->source_folder, error) ||
      !find_mapping (self, error))
    return NULL;
  if (!request->dry_run)
    {
      self->folder = psp_export_folder_new (request->folder, error);
      if (self->folder == NULL)
        return NULL;
    }

  target = self->mapping != NULL ? psp_mapping_get_target (self->mapping) : request->taxonomy;
  self->result = g_new0 (PspExportResult, 1);
  self->result->before = psp_label_counts_new ();
  self->result->after = psp_label_counts_new ();
  self->result->source = request->taxonomy != NULL ? psp_taxonomy_ref (request->taxonomy) : NULL;
  self->result->target = target != NULL ? psp_taxonomy_ref (target) : NULL;
  return g_steal_pointer (&self);
}

/* The corrected mask, else the label; %NULL without @error if there is neither. */
static PspMask *
find_mask (const Job             *self,
           const PspDatasetItem  *item,
           gboolean              *corrected,
           GError               **error)
{
  const PspExportRequest *request = self->request;
  g_autoptr(GError) corrected_error = NULL;
  PspMask *mask = NULL;

  if (request->find_corrected != NULL)
    mask = request->find_corrected (item->stem, request->find_corrected_data, &corrected_error);
  if (corrected_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&corrected_error));
      return NULL;
    }

  *corrected = mask != NULL;
  if (mask == NULL && item->label_path != NULL)
    mask = psp_mask_load (item->label_path, error);
  return mask;
}

/* A 16-bit mask as 8-bit. */
static PspMask *
narrow (const PspMask  *mask,
        GError        **error)
{
  g_autoptr(PspMask) result = psp_mask_new (mask->size, 8, error);
  gsize n_pixels = (gsize) mask->size.width * mask->size.height;

  if (result == NULL)
    return NULL;

  for (gsize i = 0; i < n_pixels; i++)
    if (mask->pixels[i] != psp_mask_get_ignore (mask))
      {
        if (mask->pixels[i] >= psp_mask_get_ignore (result))
          {
            g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                         "its mask holds id %d, which does not fit into 8 bits", mask->pixels[i]);
            return NULL;
          }
        result->pixels[i] = mask->pixels[i];
      }
  return g_steal_pointer (&result);
}

static PspMask *
convert_mask (const Job  *self,
              PspMask    *mask,
              GError    **error)
{
  const PspTaxonomy *target = self->result->target;

  if (self->mapping != NULL)
    return psp_mapping_apply (self->mapping, mask, error);
  if (mask->bit_depth == 16 && target != NULL && psp_taxonomy_get_n_classes (target) <= 255)
    return narrow (mask, error);
  return psp_mask_ref (mask);
}

/* What the name of a photo ends in: as it was if it is the name of a picture. */
static const char *
extension_of (const char         *path,
              const PspImageInfo *info)
{
  static const char * const known[] = { "png", "jpg", "jpeg" };
  const char *dot = strrchr (path, '.');

  if (info->orientation != 1)
    return "png";
  for (gsize i = 0; dot != NULL && i < G_N_ELEMENTS (known); i++)
    if (g_ascii_strcasecmp (dot + 1, known[i]) == 0)
      return dot + 1;
  return info->format == PSP_IMAGE_FORMAT_PNG ? "png" : "jpg";
}

static PspExportEntry *
entry_new (const Job            *self,
           const PspDatasetItem *item,
           const PspImageInfo   *info,
           gboolean              corrected)
{
  const char *name = g_hash_table_lookup (self->names, item->stem);
  PspExportEntry *entry = g_new0 (PspExportEntry, 1);

  entry->stem = g_strdup (item->stem);
  entry->image = g_strdup_printf ("images/%s.%s", name, extension_of (item->image_path, info));
  entry->label = g_strdup_printf ("labels/%s.png", name);
  entry->corrected = corrected;
  entry->turned = info->orientation != 1;
  return entry;
}

/* @content: of the file that is @photo. */
static gboolean
write_pair (const Job             *self,
            const PspExportEntry  *entry,
            GBytes                *content,
            const PspImage        *photo,
            const PspMask         *mask,
            GError               **error)
{
  g_autoptr(GBytes) label = psp_mask_encode_png (mask, error);
  g_autoptr(GBytes) image = NULL;

  if (label == NULL)
    return FALSE;
  if (self->folder == NULL)
    return TRUE;

  image = entry->turned ? psp_image_encode_png (photo, error) : g_bytes_ref (content);
  return image != NULL &&
         psp_export_folder_write (self->folder, entry->image, image, error) &&
         psp_export_folder_write (self->folder, entry->label, label, error);
}

static gboolean
check_stem (const char  *stem,
            GError     **error)
{
  g_auto(GStrv) parts = g_strsplit (stem, "/", -1);

  for (char **part = parts; *part != NULL; part++)
    if (**part == '\0' || g_str_equal (*part, "..") || g_str_equal (*part, "."))
      {
        g_set_error_literal (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                             "this cannot be the name of a file in the export");
        return FALSE;
      }
  return TRUE;
}

/* Exports one item whose mask is at hand. */
static gboolean
export_pair (Job                   *self,
             const PspDatasetItem  *item,
             PspMask               *mask,
             gboolean               corrected,
             GError               **error)
{
  g_autoptr(GBytes) content = psp_file_load (item->image_path, PSP_IMAGE_MAX_FILE_BYTES, error);
  g_autoptr(PspImage) photo = NULL;
  g_autoptr(PspMask) converted = NULL;
  g_autoptr(PspExportEntry) entry = NULL;
  PspImageInfo info;

  if (content == NULL)
    return FALSE;
  /* The photo is decoded to be sure that it can be: a broken one would end a training. */
  photo = psp_image_decode (content, item->image_path, &info, error);
  if (photo == NULL)
    return FALSE;
  if (!psp_size_equal (photo->size, mask->size))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "its photo has %d x %d pixels and its mask %d x %d", photo->size.width,
                   photo->size.height, mask->size.width, mask->size.height);
      return FALSE;
    }
  converted = convert_mask (self, mask, error);
  if (converted == NULL)
    return FALSE;

  entry = entry_new (self, item, &info, corrected);
  if (!write_pair (self, entry, content, photo, converted, error))
    return FALSE;

  psp_label_counts_add (self->result->before, mask);
  psp_label_counts_add (self->result->after, converted);
  self->result->n_done++;
  self->result->n_corrected += corrected ? 1 : 0;
  g_ptr_array_add (self->entries, g_steal_pointer (&entry));
  return TRUE;
}

/* Names an item whose @mask holds ids that are no class: a training would end at them. */
static void
remark_strangers (Job           *self,
                  const char    *shown,
                  const PspMask *mask)
{
  int n_classes = self->result->source != NULL
                  ? psp_taxonomy_get_n_classes (self->result->source) : G_MAXUINT16 + 1;
  guint16 ignore = psp_mask_get_ignore (mask);
  guint16 smallest = G_MAXUINT16;
  gsize n_strangers = 0;

  for (gsize i = 0; i < (gsize) mask->size.width * mask->size.height; i++)
    if (mask->pixels[i] >= n_classes && mask->pixels[i] != ignore)
      {
        n_strangers++;
        smallest = MIN (smallest, mask->pixels[i]);
      }
  if (n_strangers > 0)
    g_ptr_array_add (self->remarks,
                     g_strdup_printf ("%s: pixels with an id that is no class, and that are %s: "
                                      "%" G_GSIZE_FORMAT ", the smallest id %d of %d classes",
                                      shown, self->mapping != NULL ? "ignored" : "kept",
                                      n_strangers, smallest, n_classes));
}

static void
export_item (Job                  *self,
             const PspDatasetItem *item)
{
  g_autofree char *shown = g_filename_display_name (item->stem);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMask) mask = NULL;
  gboolean corrected = FALSE;

  if (check_stem (item->stem, &error))
    mask = find_mask (self, item, &corrected, &error);
  if (mask == NULL && error == NULL)
    {
      g_ptr_array_add (self->skipped, g_strdup_printf ("%s: it has no label", shown));
      return;
    }
  if (mask == NULL || !export_pair (self, item, mask, corrected, &error))
    {
      g_autofree char *sentence = g_strdup_printf ("%s: %s", shown, error->message);

      g_ptr_array_add (self->failures, g_utf8_make_valid (sentence, -1));
    }
  else
    remark_strangers (self, shown, mask);
}

static gboolean
write_text (const Job   *self,
            const char  *name,
            char        *text,
            GError     **error)
{
  g_autoptr(GBytes) content = g_bytes_new_take (text, strlen (text));

  return psp_export_folder_write (self->folder, name, content, error);
}

static char **
steal_sentences (GPtrArray **sentences)
{
  g_ptr_array_add (*sentences, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (sentences), FALSE);
}

/* Writes what describes the whole, and gives the folder its name. */
static gboolean
finish (Job     *self,
        GError **error)
{
  const PspTaxonomy *target = self->result->target;
  g_autoptr(GBytes) list = psp_export_list_text (self->entries);
  g_autoptr(GBytes) manifest = psp_export_manifest_text (self->request->profile, self->mapping,
                                                         self->result, self->entries);

  if (target != NULL &&
      (!write_text (self, "names.txt", psp_taxonomy_to_names_text (target), error) ||
       !write_text (self, "colors.txt", psp_taxonomy_to_colors_text (target), error)))
    return FALSE;
  return psp_export_folder_write (self->folder, "list.txt", list, error) &&
         psp_export_folder_write (self->folder, "manifest.json", manifest, error) &&
         psp_export_folder_finish (self->folder, error);
}

PspExportResult *
psp_export_run (const PspExportRequest  *request,
                GCancellable            *cancellable,
                GError                 **error)
{
  g_autoptr(Job) job = NULL;

  g_return_val_if_fail (request->folder != NULL, NULL);

  job = job_new (request, error);
  if (job == NULL)
    return NULL;

  for (gsize i = 0; i < request->n_items; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      export_item (job, &request->items[i]);
      psp_progress_report (request->progress, (double) (i + 1) / (double) request->n_items);
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  job->result->failures = steal_sentences (&job->failures);
  job->result->skipped = steal_sentences (&job->skipped);
  job->result->remarks = steal_sentences (&job->remarks);
  if (job->folder != NULL && job->result->n_done > 0 && !finish (job, error))
    return NULL;
  return g_steal_pointer (&job->result);
}
