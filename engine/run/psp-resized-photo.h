/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-image.h"
#include "engine/run/psp-filter.h"
#include "engine/run/psp-scores.h"

/* Resizing of photos. */
typedef enum
{
  PSP_PHOTO_BILINEAR, /* %PSP_FILTER_OPENCV in floats */
  PSP_PHOTO_ALIGNED,  /* %PSP_FILTER_ALIGNED in floats */
  PSP_PHOTO_OPENCV,   /* %PSP_FILTER_OPENCV on bytes: weights of 11 bits, results rounded */
  PSP_PHOTO_PILLOW,   /* %PSP_FILTER_CUT, columns first, rounded to bytes after each axis */
  PSP_PHOTO_MATLAB,   /* %PSP_FILTER_MIRRORED, the axis that shrinks more first, rounded to bytes
                         after each; halves become the larger byte */
} PspPhotoFilter;

/**
 * PspResizedPhoto:
 *
 * A photo that is resized while it is read, so that the result is not in memory as a whole; of
 * filters that round to bytes between the axes, its bytes are.  Any thread may read.
 */
typedef struct _PspResizedPhoto PspResizedPhoto;

/**
 * psp_resized_photo_new:
 * @image: a photo; must outlive the result
 * @size: of the result
 * @filter: how
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): what can be read, or %NULL with @error set
 */
PspResizedPhoto *psp_resized_photo_new         (const PspImage         *image,
                                                PspSize                 size,
                                                PspPhotoFilter          filter,
                                                GError                **error)
  G_GNUC_WARN_UNUSED_RESULT;
void             psp_resized_photo_free        (PspResizedPhoto        *self);

/* Bytes of pixels that are in memory beside the photo itself. */
gsize            psp_resized_photo_get_bytes   (const PspResizedPhoto  *self);

/* Columns @first to @end, excluded, of row @y: red, green and blue of each, 0 to 255. */
void             psp_resized_photo_read        (const PspResizedPhoto  *self,
                                                int                     y,
                                                int                     first,
                                                int                     end,
                                                float                  *values);

/* (transfer full): all pixels that psp_resized_photo_new() would have read: red, green and blue, 0
 * to 255.  %NULL with @error set to %PSP_ERROR_NO_MEMORY if there is not so much. */
PspScores       *psp_resized_photo_make_scores (const PspImage         *image,
                                                PspSize                 size,
                                                PspPhotoFilter          filter,
                                                GError                **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspResizedPhoto, psp_resized_photo_free)
