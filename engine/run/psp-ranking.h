/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* Which class of a pixel is the most probable.  The values of a pixel are padded to a multiple of
 * eight (psp_channels_pad()), and the padding holds %PSP_RANKING_LEAST, so that loops run over
 * whole vectors and the padding never wins. */

/* Below every logit, and its exponential is nothing; halves and sums of it are still finite. */
#define PSP_RANKING_LEAST -1e30f

/* The place of the first maximum among @n_padded values. */
int   psp_ranking_find_maximum   (const float *values,
                                  int          n_padded);

/**
 * psp_ranking_exponential:
 * @values: (inout) (array length=n_padded): replaced by exp (value - @shift)
 * @n_padded: multiple of eight
 * @shift: subtracted first
 *
 * Relative error below 2e-7; 0 below -87, and what is above 88 counts as 88.
 *
 * Returns: the sum of the results
 */
float psp_ranking_exponential    (float       *values,
                                  int          n_padded,
                                  float        shift);

/* Replaces @n_padded values by exp (value - max) / sum. */
void  psp_ranking_softmax        (float       *values,
                                  int          n_padded);

/* The sum of @n_padded values. */
float psp_ranking_sum            (const float *values,
                                  int          n_padded);

/* Divides @n_padded values by their sum. */
void  psp_ranking_normalise      (float       *values,
                                  int          n_padded);

/**
 * psp_ranking_choose:
 * @values: (inout) (array length=n_padded): of one pixel; overwritten
 * @n_padded: multiple of eight
 * @n_top: how many classes
 * @classes: (out) (array length=n_top): the greatest values first, of equal ones the first class
 * @chosen: (out) (array length=n_top) (nullable): their values
 */
void  psp_ranking_choose         (float       *values,
                                  int          n_padded,
                                  int          n_top,
                                  float       *classes,
                                  float       *chosen);
