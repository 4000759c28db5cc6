/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-backend.h"
#include "engine/run/psp-prediction-private.h"

/* Of a band of results, of which there are two: on the device and here. */
#define PSP_OUTPUT_BAND_BYTES ((gsize) 4 << 20)

/**
 * psp_output_classify:
 * @backend: where the logits are
 * @logits: of one image, after psp_backend_finish()
 * @full: the size of the picture that they cover; the photo lies in its top left corner
 * @align_corners: of the enlargement
 * @prediction: filled with what it keeps: labels, and perhaps probabilities
 * @auxiliary: whether the logits are those of the auxiliary branch
 * @cancellable: (nullable)
 * @error: as psp_backend_classify()
 *
 * psp_backend_classify() in bands of rows, so that a few MiB are enough for any photo.
 */
gboolean psp_output_classify (PspBackend     *backend,
                              const PspMap   *logits,
                              PspSize         full,
                              gboolean        align_corners,
                              PspPrediction  *prediction,
                              gboolean        auxiliary,
                              GCancellable   *cancellable,
                              GError        **error);
