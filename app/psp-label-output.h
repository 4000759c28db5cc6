/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-mask.h"
#include "engine/dataset/psp-dataset.h"

/* Label PNGs that commands write: FOLDER/STEM.png. */

/* (transfer full): where the label of @stem lies in @folder. */
char    *psp_label_output_path  (const char            *folder,
                                 const char            *stem) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_label_output_check:
 * @folder: where to
 * @item: whose label it is
 * @error: %PSP_ERROR_BAD_VALUE where the file would take the place of the item's photo or label
 *
 * Before work is spent on it: originals are never written.
 */
gboolean psp_label_output_check (const char            *folder,
                                 const PspDatasetItem  *item,
                                 GError               **error);

/* Writes @labels, and makes the folders that @stem names; @error as psp_mask_save(). */
gboolean psp_label_output_save  (const char            *folder,
                                 const char            *stem,
                                 const PspMask         *labels,
                                 GError               **error);
