/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-prediction.h"
#include "engine/run/psp-scores.h"

/* How psp-runner, psp-output and psp-slide make predictions. */

/**
 * psp_prediction_new:
 * @size: of the photo
 * @n_classes: of the model
 * @n_top: how many classes of each pixel are kept, with their probabilities; 0: the first only
 * @confidence: whether the probability of the first class is kept, too
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): a prediction whose rows are still to be set
 */
PspPrediction *psp_prediction_new        (PspSize           size,
                                          int               n_classes,
                                          int               n_top,
                                          gboolean          confidence,
                                          GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many classes of each pixel psp_prediction_set_row() reads: 1 or more. */
int            psp_prediction_get_n_kept (const PspPrediction *self);

/**
 * psp_prediction_set_row:
 * @self: a new prediction
 * @auxiliary: whether the row is of the auxiliary branch
 * @y: row of the photo; each is set once, from any thread
 * @ranked: for each pixel the classes that are kept, and behind them, if the prediction keeps
 *   them, their probabilities; of the auxiliary branch one class
 * @stride: floats from one pixel to the next
 */
void           psp_prediction_set_row    (PspPrediction    *self,
                                          gboolean          auxiliary,
                                          int               y,
                                          const float      *ranked,
                                          int               stride);

/**
 * psp_prediction_set_logits:
 * @self: a new prediction
 * @logits: (transfer full): at the network's resolution
 * @auxiliary: (transfer full) (nullable): the same of the auxiliary branch
 * @padded: the size of the picture that the logits cover
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * For what is asked pixel by pixel.  With @auxiliary, rows of that branch are to be set, too.
 */
gboolean       psp_prediction_set_logits (PspPrediction    *self,
                                          PspScores        *logits,
                                          PspScores        *auxiliary,
                                          PspSize           padded,
                                          GError          **error);

/* Adds a level of the pyramid: [1, C, bins, bins]. */
gboolean       psp_prediction_add_bins   (PspPrediction    *self,
                                          const PspTensor  *level,
                                          GError          **error);
