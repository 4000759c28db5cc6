/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* Resizing along one axis, as different programs do it. */
typedef enum
{
  PSP_FILTER_CENTRED,  /* two taps by pixel centres, no antialiasing: PyTorch */
  PSP_FILTER_OPENCV,   /* the same, places computed as OpenCV's INTER_LINEAR does: a shrink by
                          exactly 2, where OpenCV takes INTER_AREA, is the mean of two */
  PSP_FILTER_OPENCV_ROWS, /* the same for rows of photos: outside the centres of the first and the
                             last row that row is mixed with itself, and each share rounded */
  PSP_FILTER_ALIGNED,  /* two taps by aligned corners: PyTorch, MXNet */
  PSP_FILTER_CUT,      /* a triangle, as wide as a shrink needs; cut off at the border: Pillow */
  PSP_FILTER_MIRRORED, /* the same; mirrored at the border: MATLAB's imresize() */
} PspFilterKind;

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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspFilter, psp_filter_free)
