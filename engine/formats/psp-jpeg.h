/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-image-file.h"

/* libjpeg behind the functions of psp-image-file.h, with their errors.  What libjpeg only warns of
 * but fills with grey or repeated blocks is an error here.  Any thread. */

gboolean  psp_jpeg_read_info  (GBytes        *content,
                               const char    *path,
                               PspImageInfo  *info,
                               GError       **error);

/**
 * psp_jpeg_read_image:
 * @content: a whole JPEG file
 * @path: where it came from, for messages
 * @orientation: (out): of its EXIF part, 1 to 8; it is not applied
 * @error: as psp_image_load()
 *
 * Returns: (transfer full): the pixels as stored, or %NULL with @error set
 */
PspImage *psp_jpeg_read_image (GBytes        *content,
                               const char    *path,
                               int           *orientation,
                               GError       **error) G_GNUC_WARN_UNUSED_RESULT;
