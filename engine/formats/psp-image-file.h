/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"
#include "engine/core/psp-image.h"
#include "engine/core/psp-mask.h"

#include <gio/gio.h>

/* Photos and masks on the disk: PNG and JPEG, told apart by content, never by extension.  Every
 * function runs in any thread.  Messages start with the path.  Common to everything that reads:
 *
 *  %PSP_ERROR_NOT_FOUND    there is no such file
 *  %PSP_ERROR_IO           a folder, or the system refuses
 *  %PSP_ERROR_TRUNCATED    the file ends too early: a partial picture is never returned
 *  %PSP_ERROR_BAD_FILE     damaged, or no picture at all
 *  %PSP_ERROR_UNSUPPORTED  a picture of another kind (GIF, WebP, TIFF …), or more than 1 GiB
 *  %PSP_ERROR_BAD_SHAPE    a side longer than %PSP_IMAGE_MAX_SIDE
 *  %PSP_ERROR_NO_MEMORY    not enough memory for the pixels
 */

/* The longest file that is read. */
#define PSP_IMAGE_MAX_FILE_BYTES ((gsize) 1 << 30)

typedef enum
{
  PSP_IMAGE_FORMAT_PNG,
  PSP_IMAGE_FORMAT_JPEG,
} PspImageFormat;

/**
 * PspImageInfo:
 * @format: what the content is
 * @size: as it is shown, that is after @orientation
 * @orientation: EXIF 2.3 tag 0x0112, 1 to 8; 1: shown as stored
 */
typedef struct
{
  PspImageFormat format;
  PspSize        size;
  int            orientation;
} PspImageInfo;

/**
 * psp_image_probe:
 * @path: a PNG or JPEG file
 * @info: (out): what the file says of itself
 *
 * Reads the whole file, as a PNG may have its orientation behind the pixels, but decodes nothing;
 * success does not promise that the pixels are intact.
 */
gboolean  psp_image_probe        (const char      *path,
                                  PspImageInfo    *info,
                                  GError         **error);

/**
 * psp_image_load:
 * @path: a PNG or JPEG file of any kind
 *
 * Decodes a photo to 8-bit RGB, bit by bit as cv2.imread() does: 16-bit samples keep their high
 * byte; alpha is dropped, not composited; colour profiles and gamma are ignored; an EXIF
 * orientation is applied once, here, so that pixels are as every viewer shows them.  But CMYK
 * becomes R = (255 - C)(255 - K) / 255, as in Pillow, with Adobe's inverted storage where the
 * Adobe marker is present; OpenCV's result is up to 1 off.  Pillow, with which CSAIL reads, does
 * not apply the orientation by itself, and cuts off 16-bit grey at 255.
 *
 * Returns: (transfer full): the photo, or %NULL with @error set
 */
PspImage *psp_image_load         (const char      *path,
                                  GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_image_decode:
 * @content: a whole file
 * @path: where it came from, for messages
 * @info: (out) (optional): what the file says of itself
 *
 * psp_image_load() for a file that was read already, by psp_file_load().
 *
 * Returns: (transfer full): the photo, or %NULL with @error set
 */
PspImage *psp_image_decode       (GBytes          *content,
                                  const char      *path,
                                  PspImageInfo    *info,
                                  GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_image_encode_png:
 * @self: a photo
 *
 * The same pixels give the same bytes: 8-bit RGB, not interlaced, no metadata.
 *
 * Returns: (transfer full): a PNG file in memory, or %NULL with %PSP_ERROR_NO_MEMORY
 */
GBytes   *psp_image_encode_png   (const PspImage  *self,
                                  GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes psp_image_encode_png() by psp_file_replace(): @path is the old file or the new one. */
gboolean  psp_image_save_png     (const PspImage  *self,
                                  const char      *path,
                                  GError         **error);

/**
 * psp_mask_load:
 * @path: a PNG whose samples are class ids
 *
 * Index-exact: 8 and 16-bit grey as it is; 1, 2 and 4-bit grey unscaled; a palette PNG gives its
 * indices.  EXIF orientation is not applied: label PNGs do not carry it.  RGB, grey with alpha and
 * JPEG are %PSP_ERROR_UNSUPPORTED, and the sentence says what to do.
 *
 * Returns: (transfer full): the mask, 16-bit for 16-bit files, else 8-bit, or %NULL with @error set
 */
PspMask  *psp_mask_load          (const char      *path,
                                  GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_mask_encode_png:
 * @self: a mask
 * @error: %PSP_ERROR_BAD_VALUE if an 8-bit mask holds an id above 255; %PSP_ERROR_NO_MEMORY
 *
 * Grey PNG (colour type 0) of the mask's bit depth, not interlaced, without palette, transparency
 * or metadata: what OpenCV, Pillow and imageio all read as plain ids.  Equal masks give equal
 * bytes.
 *
 * Returns: (transfer full): a PNG file in memory, or %NULL with @error set
 */
GBytes   *psp_mask_encode_png    (const PspMask   *self,
                                  GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes psp_mask_encode_png() by psp_file_replace(): @path is the old file or the new one. */
gboolean  psp_mask_save          (const PspMask   *self,
                                  const char      *path,
                                  GError         **error);
