/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-thumbnails.h"

/**
 * PspImageRow:
 *
 * An image in the list: a small picture, its name, its mean IoU once that is known, a dot while it
 * has edits that are not saved, a tick when the workspace holds a mask for it, a sign when
 * something is wrong with it.
 */
#define PSP_TYPE_IMAGE_ROW (psp_image_row_get_type ())
G_DECLARE_FINAL_TYPE (PspImageRow, psp_image_row, PSP, IMAGE_ROW, GtkWidget)

GtkWidget *psp_image_row_new      (PspThumbnails  *thumbnails);

/**
 * psp_image_row_set_item:
 * @item: (nullable): what the row shows; %NULL when it is put aside, which ends the loading of its
 *   picture
 * @name: (nullable): what it is called there; the whole name is the tooltip
 */
void       psp_image_row_set_item (PspImageRow    *self,
                                   PspProjectItem *item,
                                   const char     *name);
