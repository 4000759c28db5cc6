/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-architecture.h"
#include "engine/model/psp-folding.h"
#include "engine/model/psp-graph.h"

/* Between the builder of the graph and the reader of its weights. */

/**
 * PspWeightsPlace:
 * @layer: of the graph
 * @part: of that layer, or -1 for its only weights
 * @contribution: a layer whose only part has the same weights, or -1
 *
 * Where a range of the inputs of a convolution goes.
 */
typedef struct
{
  int layer;
  int part;
  int contribution;
} PspWeightsPlace;

/**
 * PspConvolutionSource:
 * @layer: that it becomes, or that ends the sum which it becomes: it gets the bias
 * @weight: name of the convolution in the checkpoint
 * @normalisation: (nullable): name of the batch normalisation
 * @has_bias: of the convolution
 * @shape: of the weights
 * @n_parts: into how many ranges its inputs are divided
 * @parts: (array length=n_parts): those ranges, in the checkpoint's order
 * @places: (array length=n_parts): where each of them goes
 *
 * One convolution in the checkpoint.
 */
typedef struct
{
  int             layer;
  char           *weight;
  char           *normalisation;
  gboolean        has_bias;
  gint64          shape[4];
  int             n_parts;
  PspFoldingPart  parts[PSP_ARCHITECTURE_MAX_LEVELS + 1];
  PspWeightsPlace places[PSP_ARCHITECTURE_MAX_LEVELS + 1];
} PspConvolutionSource;

/* What the weights of a graph are read from. */
typedef struct
{
  const PspArchitecture *architecture;
  PspCheckpoint         *checkpoint;
  PspGraph              *graph;
  const GArray          *sources; /* PspConvolutionSource */
} PspPspnetWeights;

/**
 * psp_pspnet_weights_inspect:
 * @n_parameters: (out): learnable numbers
 * @error: %PSP_ERROR_BAD_SHAPE with every missing, unexpected and misshapen tensor
 *
 * Reads only names and shapes.
 */
gboolean psp_pspnet_weights_inspect (const PspPspnetWeights  *self,
                                     gint64                  *n_parameters,
                                     GError                 **error);

/* Gives every layer its weights, folded by several threads, after all of them were looked at: a
 * file that is refused has cost little memory.  @error: see psp_pspnet_build(). */
gboolean psp_pspnet_weights_load    (const PspPspnetWeights  *self,
                                     GCancellable            *cancellable,
                                     GError                 **error);
