/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-architecture.h"
#include "engine/model/psp-graph.h"

/**
 * PspNetwork:
 * @graph: the layers, with folded weights
 * @n_parameters: learnable numbers in the file
 */
typedef struct
{
  PspGraph *graph;
  gint64    n_parameters;
} PspNetwork;

/**
 * psp_pspnet_build:
 * @architecture: as detected in @checkpoint
 * @bins: (array): cells on a side of each of the architecture's pyramid levels
 * @checkpoint: the weights
 * @cancellable: (nullable): looked at between tensors
 * @network: (out caller-allocates): the result; its graph is the caller's
 * @error: %PSP_ERROR_BAD_SHAPE with every missing, unexpected and misshapen tensor;
 *   %PSP_ERROR_BAD_VALUE for numbers that no network has; what psp_checkpoint_read() says
 *
 * The network of Zhao et al., “Pyramid Scene Parsing Network”, CVPR 2017, as the official PyTorch
 * release builds it: deep stem, stage 3 and 4 with dilation 2 and 4 in every 3x3 convolution and no
 * stride, pyramid levels concatenated behind the features, upsampling with aligned corners.
 *
 * Named values: input, layer0 … layer4, ppm.BIN (after the 1x1 convolution, before upsampling),
 * logits, aux, logits_full, aux_full.
 */
gboolean psp_pspnet_build (const PspArchitecture  *architecture,
                           const int              *bins,
                           PspCheckpoint          *checkpoint,
                           GCancellable           *cancellable,
                           PspNetwork             *network,
                           GError                **error);

/* Whether @name is a counter or another tensor that inference never needs. */
gboolean psp_pspnet_ignores (const char *name);
