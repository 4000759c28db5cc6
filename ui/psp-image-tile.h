/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-thumbnails.h"

/**
 * PspImageTile:
 *
 * An image of the results: picture, name and a number; a click opens it.
 */
#define PSP_TYPE_IMAGE_TILE (psp_image_tile_get_type ())
G_DECLARE_FINAL_TYPE (PspImageTile, psp_image_tile, PSP, IMAGE_TILE, GtkWidget)

/* @caption is what stands below the name. */
GtkWidget *psp_image_tile_new (PspProjectItem *item,
                               PspThumbnails  *thumbnails,
                               const char     *caption);
