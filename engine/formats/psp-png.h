/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-image-file.h"

/* libpng behind the functions of psp-image-file.h.  Readers take a whole file and the path that it
 * came from, for messages; the codes of their errors are those of psp-image-file.h.  Any thread. */

gboolean  psp_png_read_info   (GBytes          *content,
                               const char      *path,
                               PspImageInfo    *info,
                               GError         **error);

/* (transfer full): the pixels as stored; @orientation is set to what has to be applied, 1 to 8. */
PspImage *psp_png_read_image  (GBytes          *content,
                               const char      *path,
                               int             *orientation,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the samples as they are in the file; for grey and palette pictures only. */
PspMask  *psp_png_read_mask   (GBytes          *content,
                               const char      *path,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): 8-bit RGB. */
GBytes   *psp_png_write_image (const PspImage  *image,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): grey of the mask's bit depth; the ids have been checked to fit it. */
GBytes   *psp_png_write_mask  (const PspMask   *mask,
                               GError         **error) G_GNUC_WARN_UNUSED_RESULT;
