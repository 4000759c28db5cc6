/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-safetensors-writer.h"
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
 * PspNetworkParams:
 * @architecture: as detected in the checkpoint
 * @bins: (array): cells on a side of each of the architecture's pyramid levels
 * @max_pooling: whether the cells hold maxima, not averages
 * @align_corners: of both bilinear upsamplings
 * @bgr: whether the weights in the checkpoint read blue first; what is built always reads red first
 * @enlargement: how often the logits are enlarged; 0: to the size of the input
 *
 * What a network is built from beside its weights.
 */
typedef struct
{
  const PspArchitecture *architecture;
  const int             *bins;
  gboolean               max_pooling;
  gboolean               align_corners;
  gboolean               bgr;
  int                    enlargement;
} PspNetworkParams;

/**
 * psp_pspnet_build:
 * @params: what to build
 * @checkpoint: the weights
 * @cancellable: (nullable): looked at between tensors
 * @network: (out caller-allocates): the result; its graph is the caller's
 * @error: %PSP_ERROR_BAD_SHAPE with every missing, unexpected and misshapen tensor;
 *   %PSP_ERROR_BAD_VALUE for numbers that no network has; what psp_checkpoint_read() says
 *
 * The network of Zhao et al., “Pyramid Scene Parsing Network”, CVPR 2017, as the project builds it
 * whose family the architecture has (psp-family.h).
 *
 * Named values: input, layer0 … layer4 (or the last stage that is used); ppm.BIN.pooled, ppm.BIN
 * (after the 1x1 convolution; without one, there is only this) and ppm.BIN.upsampled; head (the
 * first convolution of the head, after its ReLU), and what it is the sum of beside its bias:
 * head.features and head.BIN, the shares of the feature map and of each level, exactly, as the
 * convolution is linear; logits, aux, logits_full, aux_full.
 */
gboolean psp_pspnet_build (const PspNetworkParams  *params,
                           PspCheckpoint           *checkpoint,
                           GCancellable            *cancellable,
                           PspNetwork              *network,
                           GError                 **error);

/**
 * psp_pspnet_write:
 * @params: what was built
 * @network: what it became
 * @half: whether weights are rounded to 16 bits
 * @writer: gets the tensors of psp-pspnet-folded.h, and the metadata that go with them
 * @error: %PSP_ERROR_BAD_VALUE for a weight that @half cannot hold
 */
gboolean psp_pspnet_write (const PspNetworkParams  *params,
                           const PspNetwork        *network,
                           gboolean                 half,
                           PspSafetensorsWriter    *writer,
                           GError                 **error);
