/* SPDX-License-Identifier: MIT */
#include "app/psp-label-output.h"

#include "engine/formats/psp-file-reader.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-image-file.h"

#include <stdlib.h>
#include <string.h>

/* What a PNG begins with: its signature, the chunk IHDR, and in it the kind of colour. */
#define PNG_BEGINNING "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
#define PNG_N_BEGINNING 16
#define PNG_COLOUR_PLACE 25
#define PNG_GREY 0

#define MAX_ID_OFFSET 255

gboolean
psp_label_output_parse_offset (const char  *text,
                               int         *offset,
                               GError     **error)
{
  guint64 value;

  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_ID_OFFSET, &value, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--id-offset cannot be “%s”; it takes 0 to %d", text, MAX_ID_OFFSET);
      return FALSE;
    }
  *offset = (int) value;
  return TRUE;
}

char *
psp_label_output_path (const char *folder,
                       const char *stem)
{
  g_autofree char *name = g_strconcat (stem, ".png", NULL);

  return g_build_filename (folder, name, NULL);
}

void
psp_label_output_protect (PspOutputs       *outputs,
                          const PspDataset *dataset)
{
  const PspDatasetItem *items = psp_dataset_get_items (dataset);

  for (gsize i = 0; i < psp_dataset_get_n_items (dataset); i++)
    {
      psp_outputs_protect (outputs, items[i].image_path);
      psp_outputs_protect (outputs, items[i].label_path);
    }
}

/* Whether the absolute path @folder is @other, which may not be there, or lies in it. */
static gboolean
is_within (const char *folder,
           const char *other)
{
  g_autofree char *place = g_strdup (folder);

  for (;;)
    {
      char *parent;

      if (g_str_equal (place, other) || psp_file_is_same (place, other))
        return TRUE;
      parent = g_path_get_dirname (place);
      if (g_str_equal (parent, place))
        {
          g_free (parent);
          return FALSE;
        }
      g_free (place);
      place = parent;
    }
}

/* Looks at @photos, an absolute path of a folder, and all that it lies in. */
static gboolean
check_against (const char  *folder,
               const char  *photos,
               GError     **error)
{
  g_autofree char *parent = g_path_get_dirname (photos);
  g_autofree char *name = g_path_get_basename (photos);
  g_autofree char *labels = g_build_filename (parent, "labels", NULL);

  if (g_str_equal (parent, photos))
    return TRUE;
  if (!g_str_equal (name, "images") || !is_within (folder, labels))
    return check_against (folder, parent, error);

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "%s: these are the labels of the photos in %s, originals to which nothing is added; "
               "give another folder with -o", labels, photos);
  return FALSE;
}

gboolean
psp_label_output_check_folder (const char        *folder,
                               const PspDataset  *dataset,
                               GError           **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);

  for (gsize i = 0; i < psp_dataset_get_n_items (dataset); i++)
    {
      const char *photo = psp_dataset_get_items (dataset)[i].image_path;
      char *photos = g_path_get_dirname (photo);
      char *real_photos;
      gboolean fits;

      if (!g_hash_table_add (seen, photos))
        continue;
      real_photos = realpath (photos, NULL);
      fits = check_against (absolute, photos, error) &&
             (real_photos == NULL || g_str_equal (real_photos, photos) ||
              check_against (absolute, real_photos, error));
      free (real_photos);
      if (!fits)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_grey_png (const char *path)
{
  g_autoptr(PspFileReader) reader = psp_file_reader_new (path, NULL);
  guint8 beginning[PNG_COLOUR_PLACE + 1];

  return reader != NULL && psp_file_reader_read (reader, 0, beginning, sizeof beginning, NULL) &&
         memcmp (beginning, PNG_BEGINNING, PNG_N_BEGINNING) == 0 &&
         beginning[PNG_COLOUR_PLACE] == PNG_GREY;
}

gboolean
psp_label_output_claim (PspOutputs  *outputs,
                        const char  *folder,
                        const char  *stem,
                        GError     **error)
{
  g_autofree char *path = psp_label_output_path (folder, stem);

  return psp_outputs_claim (outputs, path, is_grey_png, error);
}

gboolean
psp_label_output_save (const char     *folder,
                       const char     *stem,
                       const PspMask  *labels,
                       GError        **error)
{
  g_autofree char *path = psp_label_output_path (folder, stem);
  g_autofree char *parent = g_path_get_dirname (path);

  return psp_file_make_folder (parent, error) && psp_mask_save (labels, path, error);
}
