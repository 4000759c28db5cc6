/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-tensor.h"

#include <gio/gio.h>

/**
 * PspChannelRange:
 * @count: logical channels
 * @physical: where the first of them lies in memory
 */
typedef struct
{
  int count;
  int physical;
} PspChannelRange;

/**
 * PspFolding:
 * @weights: [outputs, inputs, kernel, kernel]
 * @bias: (nullable): [outputs]
 * @gamma: (nullable): [outputs]; %NULL: no batch normalisation; then @beta, @mean and @variance are
 *   %NULL too
 * @beta: [outputs]
 * @mean: [outputs]
 * @variance: [outputs]
 * @n_ranges: 1 or more
 * @ranges: where the logical input channels lie in memory, in their order
 * @physical_inputs: input channels in memory, a multiple of 8
 * @name: of the layer, for messages
 *
 * One convolution as a checkpoint holds it.
 */
typedef struct
{
  const PspTensor       *weights;
  const PspTensor       *bias;
  const PspTensor       *gamma;
  const PspTensor       *beta;
  const PspTensor       *mean;
  const PspTensor       *variance;
  int                    n_ranges;
  const PspChannelRange *ranges;
  int                    physical_inputs;
  const char            *name;
} PspFolding;

/**
 * psp_folding_run:
 * @self: what to fold
 * @weights: (out): [kernel][kernel][physical inputs][outputs rounded up to 8], float32
 * @bias: (out): [outputs rounded up to 8], float32
 * @error: %PSP_ERROR_BAD_VALUE for NaN, infinite numbers or a negative variance, or
 *   %PSP_ERROR_NO_MEMORY
 *
 * w gamma / sqrt (variance + 1e-5) and beta + (bias - mean) gamma / sqrt (variance + 1e-5), in
 * double precision, rounded once: PyTorch's BatchNorm2d in evaluation.
 */
gboolean psp_folding_run (const PspFolding  *self,
                          GBytes           **weights,
                          GBytes           **bias,
                          GError           **error);
