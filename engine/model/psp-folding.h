/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-tensor.h"

#include <gio/gio.h>

/**
 * PspFoldingPart:
 * @inputs: input channels
 * @reversed: whether the last of them comes first in memory
 * @inputs_first: whether they lie in memory as [inputs][kernel][kernel][outputs], not as
 *   [kernel][kernel][inputs][outputs]
 *
 * A range of a convolution's inputs whose weights lie together in memory.
 */
typedef struct
{
  int      inputs;
  gboolean reversed;
  gboolean inputs_first;
} PspFoldingPart;

/**
 * PspFolding:
 * @weights: [outputs, inputs, kernel, kernel]
 * @bias: (nullable): [outputs]
 * @gamma: (nullable): [outputs]; %NULL: no batch normalisation; then @beta, @mean and @variance are
 *   %NULL too
 * @beta: [outputs]
 * @mean: [outputs]
 * @variance: [outputs]
 * @n_parts: 1 or more
 * @parts: (array length=n_parts): all inputs, in their order
 * @name: of the layer, for messages
 *
 * One convolution as a checkpoint holds it; all numbers are finite and no variance is negative.
 */
typedef struct
{
  const PspTensor      *weights;
  const PspTensor      *bias;
  const PspTensor      *gamma;
  const PspTensor      *beta;
  const PspTensor      *mean;
  const PspTensor      *variance;
  int                   n_parts;
  const PspFoldingPart *parts;
  const char           *name;
} PspFolding;

/**
 * psp_folding_run:
 * @self: what to fold
 * @weights: (out) (array length=n_parts): of each part, float32; inputs and outputs are rounded up
 *   to 8, with zeros
 * @bias: (out): [outputs rounded up to 8], float32
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * w gamma / sqrt (variance + 1e-5) and beta + (bias - mean) gamma / sqrt (variance + 1e-5), in
 * double precision, rounded once: PyTorch's BatchNorm2d in evaluation.
 */
gboolean psp_folding_run (const PspFolding  *self,
                          GBytes           **weights,
                          GBytes           **bias,
                          GError           **error);
