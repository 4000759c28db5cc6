/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"

#include <math.h>

/* Bilinear enlargement of maps, a row and a pixel at a time, so that the enlarged volume is never
 * in memory as a whole. */

/**
 * PspTap:
 * @first: a place
 * @second: the next one, or the same at the end
 * @weight: of @second; that of @first is 1 - @weight
 *
 * What one place along an axis is mixed from.
 */
typedef struct
{
  int   first;
  int   second;
  float weight;
} PspTap;

/**
 * psp_tap_find:
 * @place: of the picture, from 0
 * @length: of the map, in its pixels
 * @full_length: of the picture that the map covers
 * @half_pixels: whether the map goes by pixel centres, not by aligned corners
 *
 * PyTorch's interpolate(): aligned corners: position = (length - 1) / (full_length - 1) place;
 * pixel centres: max (0, length / full_length (place + 0.5) - 0.5).  The quotients have 32 bits,
 * the rest 64, as PyTorch 1.13 computes them on a processor.
 */
static inline PspTap
psp_tap_find (int      place,
              int      length,
              int      full_length,
              gboolean half_pixels)
{
  double position = 0;
  int first;

  if (half_pixels)
    position = fmax (0, (double) ((float) length / (float) full_length) * (place + 0.5) - 0.5);
  else if (full_length > 1)
    position = (double) ((float) (length - 1) / (float) (full_length - 1)) * place;
  first = MIN ((int) position, length - 1);
  return (PspTap) { first, MIN (first + 1, length - 1), (float) (position - first) };
}

/* @n values between @a and @b. */
static inline void
psp_mix (const float *a,
         const float *b,
         float        weight,
         int          n,
         float       *result)
{
  for (int i = 0; i < n; i++)
    result[i] = (1 - weight) * a[i] + weight * b[i];
}

/**
 * PspLogitsMap:
 * @values: pixel (x, y) begins at (y width + x) @stride
 * @size: of the map
 * @n_classes: values of a pixel
 * @stride: floats from one pixel to the next, at least @n_classes
 * @full: the size of the picture that the map covers
 * @half_pixels: as in psp_tap_find()
 *
 * A map to enlarge.
 */
typedef struct
{
  const float *values;
  PspSize      size;
  int          n_classes;
  int          stride;
  PspSize      full;
  gboolean     half_pixels;
} PspLogitsMap;

/* Floats that psp_logits_map_mix_row() writes: pixels of the map, their classes padded. */
gsize psp_logits_map_row_length (const PspLogitsMap *self);

/**
 * psp_logits_map_mix_row:
 * @self: a map
 * @y: row of the picture, from 0
 * @row: (out) (array): the row between those of the map; the padding of each pixel is
 *   %PSP_RANKING_LEAST
 */
void  psp_logits_map_mix_row    (const PspLogitsMap *self,
                                 int                 y,
                                 float              *row);

/**
 * psp_logits_map_mix_rows:
 * @self: a map whose @values are not looked at
 * @above: one of its rows, wherever it lies
 * @below: the next one, or the same
 * @weight: of @below
 * @row: (out) (array): as of psp_logits_map_mix_row()
 */
void  psp_logits_map_mix_rows   (const PspLogitsMap *self,
                                 const float        *above,
                                 const float        *below,
                                 float               weight,
                                 float              *row);

/**
 * psp_logits_map_mix_pixel:
 * @self: a map
 * @row: from psp_logits_map_mix_row()
 * @x: column of the picture, from 0
 * @values: (out) (array): room for the classes, padded as in psp_channels_pad()
 */
void  psp_logits_map_mix_pixel  (const PspLogitsMap *self,
                                 const float        *row,
                                 int                 x,
                                 float              *values);
