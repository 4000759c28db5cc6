/* SPDX-License-Identifier: MIT */
#pragma once

#include "app/psp-outputs.h"
#include "engine/core/psp-mask.h"
#include "engine/dataset/psp-dataset.h"

/* Label PNGs that commands write: FOLDER/STEM.png. */

/* Reads --id-offset, %G_OPTION_ERROR_BAD_VALUE; if @text is %NULL @offset stays as it is. */
gboolean psp_label_output_parse_offset (const char        *text,
                                        int               *offset,
                                        GError           **error);

/* (transfer full): where the label of @stem lies in @folder. */
char    *psp_label_output_path    (const char        *folder,
                                   const char        *stem) G_GNUC_WARN_UNUSED_RESULT;

/* Protects the photos and the labels of @dataset. */
void     psp_label_output_protect (PspOutputs        *outputs,
                                   const PspDataset  *dataset);

/**
 * psp_label_output_check_folder:
 * @folder: where to; it need not be there
 * @dataset: an input
 * @error: %PSP_ERROR_BAD_VALUE, naming the folder of labels
 *
 * Predictions among them would pass for the truth, whether or not a photo has a label yet.
 *
 * Returns: whether @folder is no folder “labels” beside a folder “images” that a photo of @dataset
 *   comes from, and does not lie in one
 */
gboolean psp_label_output_check_folder (const char        *folder,
                                        const PspDataset  *dataset,
                                        GError           **error);

/**
 * psp_label_output_claim:
 * @outputs: knows all inputs
 * @folder: where to
 * @stem: whose label it is
 * @error: as psp_outputs_claim(); a PNG that is there must be grey, as those written here are
 */
gboolean psp_label_output_claim   (PspOutputs        *outputs,
                                   const char        *folder,
                                   const char        *stem,
                                   GError           **error);

/* Writes @labels, and makes the folders that @stem names; @error as psp_mask_save(). */
gboolean psp_label_output_save    (const char        *folder,
                                   const char        *stem,
                                   const PspMask     *labels,
                                   GError           **error);
