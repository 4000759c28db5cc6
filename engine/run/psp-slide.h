/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-runner.h"

/**
 * psp_slide_run:
 * @runner: the network; its mutex is held
 * @rules: of a protocol other than `whole`
 * @image: the photo
 * @options: scales, crop, base, flip, memory, n_top
 * @progress: told about the share of the work that is done
 * @cancellable: (nullable): ends the run within 0.5 s
 * @error: as psp_runner_predict()
 *
 * The test protocols of psp-protocol.h: windows run in batches as large as the memory allows; rows
 * of the photo are then merged, resized and classified in bands, on the threads of the backend.
 * Nothing depends on the batches or the bands.
 *
 * Returns: (transfer full): labels and confidence, or %NULL with @error set
 */
PspPrediction *psp_slide_run (PspRunner               *runner,
                              const PspProtocolRules  *rules,
                              const PspImage          *image,
                              const PspRunOptions     *options,
                              PspProgress              progress,
                              GCancellable            *cancellable,
                              GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
