/* SPDX-License-Identifier: MIT */
#include "app/psp-label-output.h"

#include "engine/formats/psp-file.h"
#include "engine/formats/psp-image-file.h"

char *
psp_label_output_path (const char *folder,
                       const char *stem)
{
  g_autofree char *name = g_strconcat (stem, ".png", NULL);

  return g_build_filename (folder, name, NULL);
}

gboolean
psp_label_output_check (const char            *folder,
                        const PspDatasetItem  *item,
                        GError               **error)
{
  g_autofree char *path = psp_label_output_path (folder, item->stem);

  if (!psp_file_is_same (path, item->image_path) &&
      (item->label_path == NULL || !psp_file_is_same (path, item->label_path)))
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "%s: this is an original, which is never overwritten; give another folder with -o",
               path);
  return FALSE;
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
