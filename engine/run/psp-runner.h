/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-image.h"
#include "engine/core/psp-progress.h"
#include "engine/model/psp-model.h"
#include "engine/run/psp-backend.h"
#include "engine/run/psp-prediction.h"
#include "engine/run/psp-protocol.h"
#include "engine/run/psp-pyramid.h"

/**
 * PspRunner:
 *
 * A model on a device.  Its weights are uploaded once; the plans of the last image sizes are kept.
 * Calls from several threads are queued.  Reference-counted.
 */
typedef struct _PspRunner PspRunner;

#define PSP_RUN_MAX_SCALES PSP_PROTOCOL_MAX_SCALES

/**
 * PspRunOptions:
 * @protocol: how a photo is put through the network; @scales to @base are for protocols
 *   other than `whole`
 * @n_scales: how many of @scales are set; 0: those of the protocol
 * @scales: of the base
 * @no_flip: leave out the mirror image where the protocol has it
 * @flip: take the mirror image where the protocol leaves it out
 * @crop: side of the window in pixels, of a size that the model takes (8n + 1 for the official
 *   ones); 0: that of the model where it is known or the protocol is `slide`, else the protocol's
 * @base: what the photo is scaled to at scale 1, in pixels (psp-protocol.h); 0: that of the model
 *   in the same way, where it is the longer side
 * @memory_bytes: what a run may use beyond the weights, on the host and the device together: the
 *   photo, activations, what convolutions take beside them, windows and rows being merged, results;
 *   what is left keeps weights (psp_backend_keep_weights()); 0: no limit, batches of windows that
 *   stay within 1 GiB, and no more weights kept than are
 * @n_top: how many classes of each pixel are kept, with their probabilities; 0: the first only
 * @n_without_bins: how many of @without_bins are set
 * @without_bins: (array length=n_without_bins): levels of the pyramid that count as zero, by their
 *   bins; what they would cost is saved
 * @fold: whether enlarged levels are computed; results differ only in rounding
 *
 * All zero: one whole pass.
 */
typedef struct
{
  PspProtocol protocol;
  int         n_scales;
  double      scales[PSP_RUN_MAX_SCALES];
  gboolean    no_flip;
  gboolean    flip;
  int         crop;
  int         base;
  gsize       memory_bytes;
  int         n_top;
  int         n_without_bins;
  int         without_bins[PSP_MODEL_MAX_BINS];
  PspFold     fold;
} PspRunOptions;

/**
 * psp_runner_new:
 * @model: the network
 * @backend: the device
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): the model with its weights on the device, or %NULL with @error set
 */
PspRunner     *psp_runner_new         (PspModel             *model,
                                       PspBackend           *backend,
                                       GError              **error) G_GNUC_WARN_UNUSED_RESULT;
PspRunner     *psp_runner_ref         (PspRunner            *self);
void           psp_runner_unref       (PspRunner            *self);

PspModel      *psp_runner_get_model   (const PspRunner      *self);
PspBackend    *psp_runner_get_backend (const PspRunner      *self);

/**
 * psp_runner_check_crop:
 * @self: a runner
 * @crop: side of a window in pixels
 * @error: %PSP_ERROR_BAD_VALUE, with sizes that fit
 *
 * Returns: whether the model takes inputs of @crop x @crop
 */
gboolean       psp_runner_check_crop   (const PspRunner      *self,
                                        int                   crop,
                                        GError              **error);

/**
 * psp_runner_check_bins:
 * @self: a runner
 * @options: those that are looked at are @without_bins
 * @error: %PSP_ERROR_BAD_VALUE, with the bins that there are
 *
 * Returns: whether the model's pyramid has these levels
 */
gboolean       psp_runner_check_bins   (const PspRunner      *self,
                                        const PspRunOptions  *options,
                                        GError              **error);

/**
 * psp_runner_predict:
 * @self: a runner
 * @image: the photo
 * @options: (nullable): %NULL: one whole pass
 * @details: whether the confidence, the auxiliary branch and the pyramid bins are wanted too; they
 *   cost time.  `whole` only: other protocols know the confidence anyway, and no branches or bins
 * @progress: told about the share of the work that is done
 * @cancellable: (nullable): ends the run within 0.5 s
 * @error: %PSP_ERROR_NO_MEMORY, %PSP_ERROR_OVER_LIMIT, %PSP_ERROR_DEVICE, %PSP_ERROR_BAD_VALUE
 *   (options), %G_IO_ERROR_CANCELLED; as psp_model_check_file()
 *
 * Normalises, runs and interprets as the protocol says; of `whole`: logits x 8 with aligned
 * corners, cut to the photo, first maximum.  Input sizes and the enlargement of logits are those of
 * the model's facts, under every protocol.  A result with NaN is %PSP_ERROR_DEVICE, never a
 * picture.
 *
 * Returns: (transfer full): the prediction, or %NULL with @error set
 */
PspPrediction *psp_runner_predict     (PspRunner            *self,
                                       PspImage             *image,
                                       const PspRunOptions  *options,
                                       gboolean              details,
                                       PspProgress           progress,
                                       GCancellable         *cancellable,
                                       GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the last psp_runner_predict() needed beyond the weights at most, as it was reckoned before
 * the run (memory_bytes says what is counted); 0 before the first one. */
gsize          psp_runner_get_peak_bytes (PspRunner          *self);

/**
 * psp_runner_get_taps:
 * @self: a runner
 * @input: [N, 3, H, W], normalised, red first, H and W of a size that the model takes
 * @names: (array zero-terminated): values, as psp_pspnet_build() names them: “layer4”, “ppm.1”,
 *   “head.features”, “logits”
 * @options: (nullable): those that count are @memory_bytes (of the pass alone), @without_bins and
 *   @fold
 * @cancellable: (nullable)
 * @error: as psp_runner_predict(); %PSP_ERROR_NOT_FOUND for a name that the model does not have
 *
 * Returns: (transfer full) (element-type utf8 PspTensor): name to tensor [N, C, h, w], or %NULL
 *   with @error set
 */
GHashTable    *psp_runner_get_taps    (PspRunner            *self,
                                       PspTensor            *input,
                                       const char * const   *names,
                                       const PspRunOptions  *options,
                                       GCancellable         *cancellable,
                                       GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_runner_prepare_input:
 * @self: a runner
 * @image: the photo
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): what `whole` feeds the network: [1, 3, H, W] normalised and padded, or
 *   resized, to a size that the model takes
 */
PspTensor     *psp_runner_prepare_input (const PspRunner    *self,
                                         const PspImage     *image,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspRunner, psp_runner_unref)
