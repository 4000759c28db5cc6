/* SPDX-License-Identifier: MIT */
#include "app/psp-label-output.h"

#include "engine/formats/psp-file-reader.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-image-file.h"

#include <string.h>

/* What a PNG begins with: its signature, the chunk IHDR, and in it the kind of colour. */
#define PNG_BEGINNING "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
#define PNG_N_BEGINNING 16
#define PNG_COLOUR_PLACE 25
#define PNG_GREY 0

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
