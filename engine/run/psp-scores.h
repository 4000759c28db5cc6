/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"
#include "engine/core/psp-image.h"
#include "engine/core/psp-mask.h"

/**
 * PspScores:
 * @size: in pixels
 * @n_channels: classes, or 3 for a photo
 * @data: channels last: pixel (x, y) starts at (y width + x) n_channels
 * @half_pixels: whether a map covers its picture with half-pixel centres instead of aligned corners
 *
 * Numbers for every pixel: logits, probabilities, or the colours of a photo.
 */
typedef struct
{
  PspSize   size;
  int       n_channels;
  float    *data;
  gboolean  half_pixels;
} PspScores;

/* @size at least 1 x 1; all zero.  @error: %PSP_ERROR_NO_MEMORY. */
PspScores *psp_scores_new          (PspSize           size,
                                    int               n_channels,
                                    GError          **error) G_GNUC_WARN_UNUSED_RESULT;
void       psp_scores_free         (PspScores        *self);

/**
 * psp_scores_interpolate:
 * @self: logits of a map
 * @full: the size of the picture that the map covers
 * @x: pixel of the picture
 * @y: pixel of the picture
 * @values: (out) (array): room for n_channels floats
 *
 * Bilinear, in PyTorch's order of operations.
 */
void       psp_scores_interpolate  (const PspScores  *self,
                                    PspSize           full,
                                    int               x,
                                    int               y,
                                    float            *values);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspScores, psp_scores_free)
