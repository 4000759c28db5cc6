/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"
#include "engine/core/psp-image.h"
#include "engine/core/psp-mask.h"
#include "engine/core/psp-tensor.h"

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
 * psp_scores_new_from_tensor:
 * @tensor: [N, C, H, W]
 * @image: 0 to N - 1
 * @error: %PSP_ERROR_NO_MEMORY; %PSP_ERROR_DEVICE if a number is not finite: such a result is no
 *   result
 */
PspScores *psp_scores_new_from_tensor (const PspTensor *tensor,
                                       int              image,
                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* The photo's red, green and blue.  @error: %PSP_ERROR_NO_MEMORY. */
PspScores *psp_scores_new_from_image (const PspImage  *image,
                                      GError         **error) G_GNUC_WARN_UNUSED_RESULT;

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

/* Replaces @n values by exp (value - max) / sum. */
void       psp_scores_softmax      (float            *values,
                                    int               n);

/**
 * PspRowFunc:
 * @y: the row
 * @values: (array): n_channels floats for each of the row's pixels; may be overwritten
 * @data: the caller's
 */
typedef void (*PspRowFunc) (int      y,
                            float   *values,
                            gpointer data);

/**
 * psp_scores_enlarge:
 * @self: logits of a map
 * @full: the size of the picture that the map covers
 * @cut: how much of the picture is wanted, from its top left corner
 * @func: gets row after row, from the top
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * psp_scores_interpolate() for every pixel, row by row: the enlarged volume is never in memory as a
 * whole.
 */
gboolean   psp_scores_enlarge      (const PspScores  *self,
                                    PspSize           full,
                                    PspSize           cut,
                                    PspRowFunc        func,
                                    gpointer          data,
                                    GError          **error);

/**
 * psp_scores_resize:
 * @self: a picture
 * @size: of the result
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * Bilinear with half-pixel centres and without antialiasing, as OpenCV's INTER_LINEAR: the same
 * size is a copy, a shrink by exactly 2 on both axes averages 2 x 2.
 */
PspScores *psp_scores_resize       (const PspScores  *self,
                                    PspSize           size,
                                    GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* The place of the first maximum among @n values. */
int        psp_scores_find_maximum (const float      *values,
                                    int               n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspScores, psp_scores_free)
