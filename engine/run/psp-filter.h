/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-image.h"
#include "engine/run/psp-scores.h"

/* Resizing along one axis, as different programs do it. */
typedef enum
{
  PSP_FILTER_CENTRED,  /* two taps by pixel centres, no antialiasing: PyTorch */
  PSP_FILTER_OPENCV,   /* the same, places computed as OpenCV's INTER_LINEAR does: a shrink by
                          exactly 2, where OpenCV takes INTER_AREA, is the mean of two */
  PSP_FILTER_ALIGNED,  /* two taps by aligned corners: PyTorch, MXNet */
  PSP_FILTER_CUT,      /* a triangle, as wide as a shrink needs; cut off at the border: Pillow */
  PSP_FILTER_MIRRORED, /* the same; mirrored at the border: MATLAB's imresize() */
} PspFilterKind;

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
 * PspFilter:
 * @length: places of the result
 * @n_taps: of each place
 * @places: [length][n_taps]: where in the source
 * @weights: [length][n_taps]: they add up to 1; 0 where a place has fewer taps
 *
 * What each place along one axis of the result is mixed from.
 */
typedef struct
{
  int     length;
  int     n_taps;
  int    *places;
  double *weights;
} PspFilter;

/* (transfer full): from @from places to @to, each at least 1; equal lengths are a copy. */
PspFilter *psp_filter_new         (PspFilterKind     kind,
                                   int               from,
                                   int               to) G_GNUC_WARN_UNUSED_RESULT;
void       psp_filter_free        (PspFilter        *self);

/* The source places that results @first to @end, excluded, are mixed from: *@source_first to
 * *@source_end, excluded. */
void       psp_filter_find_source (const PspFilter  *self,
                                   int               first,
                                   int               end,
                                   int              *source_first,
                                   int              *source_end);

/**
 * psp_filter_mix:
 * @self: a filter
 * @place: of the result
 * @source: [places][n], from source place @first on
 * @first: the place that @source begins with
 * @n: values of a place: classes of a pixel, or a whole row
 * @result: (out) (array): the @n values of @place
 */
void       psp_filter_mix         (const PspFilter  *self,
                                   int               place,
                                   const float      *source,
                                   int               first,
                                   gsize             n,
                                   float            *result);

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
PspResizedPhoto *psp_resized_photo_new (const PspImage   *image,
                                        PspSize           size,
                                        PspPhotoFilter    filter,
                                        GError          **error) G_GNUC_WARN_UNUSED_RESULT;
void       psp_resized_photo_free (PspResizedPhoto *self);

/* Bytes of pixels that are in memory beside the photo itself. */
gsize      psp_resized_photo_get_bytes (const PspResizedPhoto *self);

/* Columns @first to @end, excluded, of row @y: red, green and blue of each, 0 to 255. */
void       psp_resized_photo_read (const PspResizedPhoto *self,
                                   int                    y,
                                   int                    first,
                                   int                    end,
                                   float                 *values);

/**
 * psp_filter_photo:
 * @image: a photo
 * @size: of the result
 * @filter: how
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): red, green and blue, 0 to 255, or %NULL with @error set
 */
PspScores *psp_filter_photo       (const PspImage   *image,
                                   PspSize           size,
                                   PspPhotoFilter    filter,
                                   GError          **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspFilter, psp_filter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspResizedPhoto, psp_resized_photo_free)
