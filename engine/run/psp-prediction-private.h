/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-prediction.h"
#include "engine/run/psp-scores.h"

/* How psp-runner and psp-slide make predictions. */

/**
 * psp_prediction_new_whole:
 * @logits: (transfer full): of the padded photo, at the network's resolution
 * @auxiliary: (transfer full) (nullable): the same of the auxiliary branch
 * @padded: the size of the padded photo, which @logits cover
 * @size: the size of the photo
 * @error: %PSP_ERROR_NO_MEMORY
 */
PspPrediction *psp_prediction_new_whole         (PspScores      *logits,
                                                 PspScores      *auxiliary,
                                                 PspSize         padded,
                                                 PspSize         size,
                                                 GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* @probabilities: of every pixel of the photo; read, not kept. */
PspPrediction *psp_prediction_new_probabilities (const PspScores *probabilities,
                                                 GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds a level of the pyramid: [1, C, bins, bins]. */
gboolean       psp_prediction_add_bins          (PspPrediction   *self,
                                                 const PspTensor *level,
                                                 GError         **error);
