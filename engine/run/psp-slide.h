/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-runner.h"
#include "engine/run/psp-scores.h"

/**
 * psp_slide_run:
 * @runner: the network; its mutex is held
 * @image: the photo
 * @options: scales, crop, base, flip
 * @progress: told about the share of the windows that are done
 * @cancellable: (nullable): ends the run within 0.5 s
 * @error: as psp_runner_predict()
 *
 * The official test protocol (hszhao/semseg, tool/test.py): for every scale the longer side becomes
 * round (scale base), windows of crop with a stride of two thirds cover the photo, padded with the
 * mean to at least one window; softmax of each window is averaged with that of its mirror image,
 * windows by count, scales by their number.
 *
 * Returns: (transfer full): class probabilities of every pixel of the photo, or %NULL with @error
 *   set
 */
PspScores *psp_slide_run (PspRunner            *runner,
                          const PspImage       *image,
                          const PspRunOptions  *options,
                          PspProgress           progress,
                          GCancellable         *cancellable,
                          GError              **error) G_GNUC_WARN_UNUSED_RESULT;
