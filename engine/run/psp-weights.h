/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-graph.h"
#include "engine/run/psp-backend.h"

/**
 * PspWeights:
 *
 * The folded weights of a graph in a device's memory, each once however many layers have it.
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
PspWeights     *psp_weights_new         (const PspGraph    *graph,
                                         PspBackend        *backend,
                                         GError           **error) G_GNUC_WARN_UNUSED_RESULT;
void            psp_weights_free        (PspWeights        *self);

const PspGraph *psp_weights_get_graph   (const PspWeights  *self);
PspBackend     *psp_weights_get_backend (const PspWeights  *self);

/* (transfer none): where @floats, weights or a bias of one of the graph's layers, lie. */
PspBuffer      *psp_weights_get_buffer  (const PspWeights  *self,
                                         GBytes            *floats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspWeights, psp_weights_free)
