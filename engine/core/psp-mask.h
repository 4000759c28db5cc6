/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"

/**
 * PspMask:
 * @size: in pixels, at least 1 x 1
 * @bit_depth: of the file it came from or goes to: 8 or 16
 * @pixels: class ids, rows from the top: pixel (x, y) is pixels[y width + x]
 *
 * A label mask: exactly one class id for every pixel.  The largest id of the bit depth, 255 or
 * 65535, means “ignored”.  Ids are those of one taxonomy; the mask does not know which.
 * Reference-counted from any thread; treat it as read-only once it is shared.
 */
typedef struct
{
  PspSize  size;
  int      bit_depth;
  guint16 *pixels;

  /*< private >*/
  gatomicrefcount ref_count;
} PspMask;

/**
 * psp_mask_new:
 * @size: 1 to %PSP_IMAGE_MAX_SIDE on each side
 * @bit_depth: 8 or 16
 * @error: %PSP_ERROR_BAD_SHAPE or %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): a mask whose every pixel is ignored, or %NULL with @error set
 */
PspMask *psp_mask_new        (PspSize         size,
                              int             bit_depth,
                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;
PspMask *psp_mask_ref        (PspMask        *self);
void     psp_mask_unref      (PspMask        *self);

/* (transfer full): the same pixels in memory of their own, or %NULL with @error set. */
PspMask *psp_mask_copy       (const PspMask  *self,
                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* The id that means “ignored”: 255 or 65535. */
guint16  psp_mask_get_ignore (const PspMask  *self);

gboolean psp_mask_equal      (const PspMask  *a,
                              const PspMask  *b);

/* (transfer full): SHA-256 of size, bit depth and pixels as text: equal masks have equal
 * digests. */
char    *psp_mask_dup_digest (const PspMask  *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspMask, psp_mask_unref)
