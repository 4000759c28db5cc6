/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"

/**
 * PspImage:
 * @size: in pixels, at least 1 x 1
 * @pixels: 8-bit sRGB, packed RGB rows from the top: pixel (x, y) starts at 3 (y width + x)
 *
 * A photo.  Reference-counted from any thread; treat it as read-only once it is shared.
 */
typedef struct
{
  PspSize  size;
  guint8  *pixels;

  /*< private >*/
  gatomicrefcount ref_count;
} PspImage;

/* The longest side that the program opens; Cairo surfaces end there. */
#define PSP_IMAGE_MAX_SIDE 32767

/**
 * psp_image_new:
 * @size: 1 to %PSP_IMAGE_MAX_SIDE on each side
 * @error: %PSP_ERROR_BAD_SHAPE or %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): a black image, or %NULL with @error set
 */
PspImage *psp_image_new   (PspSize   size,
                           GError  **error) G_GNUC_WARN_UNUSED_RESULT;
PspImage *psp_image_ref   (PspImage *self);
void      psp_image_unref (PspImage *self);

/**
 * psp_image_scale_to_fit:
 * @self: an image
 * @longest_side: what the longer side may have at most, in pixels
 *
 * A smaller copy for thumbnails: every pixel is the mean of those it covers.  An image that
 * fits already is returned itself.
 *
 * Returns: (transfer full): the copy, or %NULL with @error set
 */
PspImage *psp_image_scale_to_fit (PspImage  *self,
                                  int        longest_side,
                                  GError   **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspImage, psp_image_unref)
