/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-image.h"

/* The one fact of EXIF that changes pixels.  Any thread. */

/**
 * psp_exif_get_orientation:
 * @tiff: a TIFF header and its directories (EXIF 2.3, 4.5), with or without “Exif” and two zeros
 *   before it
 * @n_bytes: the length of @tiff
 *
 * Returns: tag 0x0112 of the first directory, 1 to 8; 1 (shown as stored) if it is not there or
 *   makes no sense
 */
int       psp_exif_get_orientation (const guint8  *tiff,
                                    gsize          n_bytes);

/* The size of a picture of @size, as stored, once it is shown. */
PspSize   psp_exif_orient_size     (PspSize        size,
                                    int            orientation);

/**
 * psp_exif_orient_image:
 * @image: pixels as stored
 * @orientation: 1 to 8
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): pixels as shown; @image itself for 1; %NULL with @error set
 */
PspImage *psp_exif_orient_image    (PspImage      *image,
                                    int            orientation,
                                    GError       **error) G_GNUC_WARN_UNUSED_RESULT;
