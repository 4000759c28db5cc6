/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-mask.h"
#include "engine/core/psp-tensor.h"

/**
 * PspPrediction:
 *
 * What a network said of one photo.  Immutable and reference-counted; use it from any thread.
 */
typedef struct _PspPrediction PspPrediction;

PspPrediction *psp_prediction_ref                  (PspPrediction        *self);
void           psp_prediction_unref                (PspPrediction        *self);

/* The size of the photo, in pixels. */
PspSize        psp_prediction_get_size             (const PspPrediction  *self);
int            psp_prediction_get_n_classes        (const PspPrediction  *self);

/* (transfer none): the most probable class of every pixel, in the photo's size. */
PspMask       *psp_prediction_get_labels           (const PspPrediction  *self);

/* (transfer none) (nullable): the same from the auxiliary branch; %NULL if there is none. */
PspMask       *psp_prediction_get_auxiliary_labels (const PspPrediction  *self);

/* (transfer none) (nullable): the probability of the most probable class, [height, width], 0 to 1;
 * %NULL if it was not asked for. */
PspTensor     *psp_prediction_get_confidence       (const PspPrediction  *self);

/**
 * psp_prediction_get_probabilities:
 * @self: a prediction
 * @x: pixel of the photo
 * @y: pixel of the photo
 * @auxiliary: whether of the auxiliary branch
 * @probabilities: (array) (out): room for one float a class; they add up to 1
 *
 * Softmax of the bilinearly interpolated logits, computed on demand (microseconds).
 *
 * Returns: whether they are known: %FALSE outside the photo, without an auxiliary branch, and for
 *   protocols that merge windows
 */
gboolean       psp_prediction_get_probabilities    (const PspPrediction  *self,
                                                    int                   x,
                                                    int                   y,
                                                    gboolean              auxiliary,
                                                    float                *probabilities);

/* How many classes of a pixel are usually asked for (PspRunOptions.n_top). */
#define PSP_PREDICTION_TOP 5

/* (transfer none) (nullable): [n, height, width]: class ids, the most probable first; n is what was
 * asked for, or the number of classes if that is less.  %NULL if none were asked for. */
PspTensor     *psp_prediction_get_top_classes       (const PspPrediction *self);

/* (transfer none) (nullable): [n, height, width]: their probabilities. */
PspTensor     *psp_prediction_get_top_probabilities (const PspPrediction *self);

/**
 * psp_prediction_get_bin_means:
 * @self: a prediction
 * @bins: cells on a side of a pyramid level of the model
 *
 * The activation of every cell of a pyramid level after its 1 x 1 convolution, averaged over the
 * channels.
 *
 * Returns: (transfer none) (nullable): [bins, bins], or %NULL if the model has no such level
 */
PspTensor     *psp_prediction_get_bin_means        (const PspPrediction  *self,
                                                    int                   bins);

/**
 * psp_prediction_get_bin_cell:
 * @self: a prediction
 * @bins: cells on a side of a pyramid level of the model
 * @column: 0 to @bins - 1
 * @row: 0 to @bins - 1
 *
 * Where a cell lies on the photo: the pixels nearest to the feature pixels that it averages, cut to
 * the photo.  Empty for a protocol that merges windows.
 */
PspRect        psp_prediction_get_bin_cell         (const PspPrediction  *self,
                                                    int                   bins,
                                                    int                   column,
                                                    int                   row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspPrediction, psp_prediction_unref)
