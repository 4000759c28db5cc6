/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-runner.h"
#include "engine/run/psp-session.h"

/* Between psp-runner and psp-slide; the runner's mutex is held. */

/* (transfer none): the plan for this shape, made if it is not among the last ones. */
PspSession *psp_runner_get_session (PspRunner            *self,
                                    PspSize               input,
                                    int                   batch,
                                    const char * const   *names,
                                    const PspRunOptions  *options,
                                    GError              **error);

/* Frees the plans for inputs of another size, so that their memory does not add up. */
void        psp_runner_keep_plans  (PspRunner            *self,
                                    PspSize               input);

/**
 * psp_runner_reckon:
 * @self: a runner
 * @image: the photo
 * @options: resolved; those that count are @protocol and @memory_bytes
 * @n_bytes: what a run of it needs beyond the weights
 * @error: %PSP_ERROR_OVER_LIMIT, telling how much is needed
 *
 * Keeps @n_bytes for psp_runner_get_peak_bytes().
 *
 * Returns: whether a run may use so much
 */
gboolean    psp_runner_reckon      (PspRunner            *self,
                                    const PspImage       *image,
                                    const PspRunOptions  *options,
                                    gsize                 n_bytes,
                                    GError              **error);

/* psp_model_facts_fit_length() of the model. */
int         psp_runner_fit_length  (const PspRunner      *self,
                                    int                   length);

/* Of the network: the value “logits”. */
int         psp_runner_find_logits (const PspRunner      *self);
