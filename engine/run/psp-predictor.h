/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-runner.h"

/**
 * PspPredictor:
 *
 * A model on a device, and what takes over when the device fails.  Reference-counted; calls from
 * several threads are queued by the device.
 *
 * When a run fails for want of memory, or because the device was lost, does not answer or reports
 * any other error, the next of these is tried:
 *
 * 1. for want of memory, windows in smaller batches, where the protocol has windows; their own size
 *    stays, for it decides what the protocol computes;
 * 2. once in the predictor's life, the same device opened anew, with a quarter of the work in each
 *    submission;
 * 3. the processor, in 32 bits, if the choice of the device was left to us (“auto”).  After a
 *    failed device it stays in charge; after a want of memory it takes that one photo.
 *
 * Each step is told to the listener.  What a failed run computed is never seen.  A model, options
 * or a memory limit (%PSP_ERROR_OVER_LIMIT) that cannot work end at once: they would fail anywhere.
 */
typedef struct _PspPredictor PspPredictor;

/**
 * PspPredictorListenFunc:
 * @failure: what failed
 * @remedy: what is tried now, a sentence without a final stop
 * @data: the caller's
 *
 * Called from the thread that predicts; must not call the predictor.
 */
typedef void (*PspPredictorListenFunc) (const GError *failure,
                                        const char   *remedy,
                                        gpointer      data);

/**
 * psp_predictor_new:
 * @model: the network
 * @device: as psp_device_open() takes it
 * @options: how to run on it
 * @listen: (nullable): told about each step; outlives the predictor
 * @listen_data: passed to @listen
 * @error: as psp_device_open() and psp_runner_new()
 *
 * Opens the device and uploads the weights, or the next device that can.
 *
 * Returns: (transfer full): the predictor, or %NULL with @error set
 */
PspPredictor  *psp_predictor_new        (PspModel                *model,
                                         const char              *device,
                                         const PspBackendOptions *options,
                                         PspPredictorListenFunc   listen,
                                         gpointer                 listen_data,
                                         GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
PspPredictor  *psp_predictor_ref        (PspPredictor            *self);
void           psp_predictor_unref      (PspPredictor            *self);

PspModel      *psp_predictor_get_model  (const PspPredictor      *self);

/* (transfer full): the model on the device that is in charge now; %NULL with @error set if the one
 * that was asked for failed for good. */
PspRunner     *psp_predictor_ref_runner (PspPredictor            *self,
                                         GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* As psp_runner_predict(), with what takes over; @error is that of the last attempt, and says what
 * needs less where a device that was asked for by name has no memory. */
PspPrediction *psp_predictor_predict    (PspPredictor            *self,
                                         PspImage                *image,
                                         const PspRunOptions     *options,
                                         gboolean                 details,
                                         PspProgress              progress,
                                         GCancellable            *cancellable,
                                         GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* As psp_runner_get_taps(), with what takes over. */
GHashTable    *psp_predictor_get_taps   (PspPredictor            *self,
                                         PspTensor               *input,
                                         const char * const      *names,
                                         const PspRunOptions     *options,
                                         GCancellable            *cancellable,
                                         GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspPredictor, psp_predictor_unref)
