/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-progress.h"
#include "engine/core/psp-tensor.h"
#include "engine/model/psp-graph.h"
#include "engine/run/psp-backend.h"

/**
 * PspWeights:
 *
 * The folded weights of a graph in a device's memory.
 */
typedef struct _PspWeights PspWeights;

/**
 * psp_weights_new:
 * @graph: a network; must outlive the weights
 * @backend: the device
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): the uploaded weights, or %NULL with @error set
 */
PspWeights *psp_weights_new  (const PspGraph  *graph,
                              PspBackend      *backend,
                              GError         **error) G_GNUC_WARN_UNUSED_RESULT;
void        psp_weights_free (PspWeights      *self);

/**
 * PspSession:
 *
 * Network x device x input shape x wanted values: which layers run, and where each value lies in
 * one arena. Planned once, run many times, by one thread at a time.
 */
typedef struct _PspSession PspSession;

/**
 * psp_session_new:
 * @weights: of the network, on the device; must outlive the session
 * @input: height and width of the input
 * @batch: images of a run, 1 or more
 * @wanted: (array length=n_wanted): indices of the values that are read afterwards
 * @n_wanted: at least 1
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Layers that no wanted value needs are left out and cost nothing; values share memory once they
 * are not needed any more.
 *
 * Returns: (transfer full): the plan with its memory, or %NULL with @error set
 */
PspSession *psp_session_new            (PspWeights        *weights,
                                        PspSize            input,
                                        int                batch,
                                        const int         *wanted,
                                        int                n_wanted,
                                        GError           **error) G_GNUC_WARN_UNUSED_RESULT;
void        psp_session_free           (PspSession        *self);

/* Bytes of the arena. */
gsize       psp_session_get_bytes      (const PspSession  *self);

/* Layers that a run goes through. */
int         psp_session_get_n_steps    (const PspSession  *self);

/* Multiply-accumulates of a run. */
gint64      psp_session_get_macs       (const PspSession  *self);

/**
 * psp_session_run:
 * @self: a session
 * @input: [batch, channels, H, W] as the session was planned for
 * @progress: told about the share of the multiply-accumulates that is done
 * @cancellable: (nullable): ends the run within 0.5 s
 * @error: %PSP_ERROR_BAD_SHAPE, %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED
 *
 * Returns: whether the wanted values can be read
 */
gboolean    psp_session_run            (PspSession        *self,
                                        const PspTensor   *input,
                                        PspProgress        progress,
                                        GCancellable      *cancellable,
                                        GError           **error);

/**
 * psp_session_read:
 * @self: a session after a successful run
 * @value: one of the wanted values
 * @error: %PSP_ERROR_DEVICE or %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): [batch, channels, h, w], or %NULL with @error set
 */
PspTensor  *psp_session_read           (PspSession        *self,
                                        int                value,
                                        GError           **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspWeights, psp_weights_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspSession, psp_session_free)
