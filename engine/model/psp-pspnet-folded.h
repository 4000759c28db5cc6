/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-safetensors-writer.h"
#include "engine/model/psp-pspnet-private.h"
#include "engine/model/psp-pspnet.h"

/*
 * The tensors of a file of ours: weights as layers have them, to be mapped and used as they lie.
 *
 *   CONVOLUTION.weights    [kernel, kernel, inputs, outputs], float32 or float16
 *   CONVOLUTION.weights.N  the same for range N of its inputs, where these are a concatenation: the
 *                          features and the levels of the pyramid, in the order of the project that
 *                          the network comes from; of a level: [inputs, kernel, kernel, outputs]
 *   CONVOLUTION.bias       [outputs], float32
 *
 * Batch normalisation is folded in; inputs and outputs are rounded up to 8 with zeros; red comes
 * first.  CONVOLUTION is what the project calls it, without “.weight”.  The metadata entry
 * “architecture” tells what is there (psp-architecture-json.h), “parameters” the learnable numbers
 * of the network before it was folded.  Weights come first in the file, at multiples of 64 bytes.
 */

/* As psp_pspnet_weights_inspect(), of such a file. */
gboolean psp_pspnet_folded_inspect (const PspPspnetWeights      *self,
                                    gint64                      *n_parameters,
                                    GError                     **error);

/* Whether the numbers of @source can be those of a network: @error as psp_checkpoint_verify(). */
gboolean psp_pspnet_folded_verify  (const PspPspnetWeights      *self,
                                    const PspConvolutionSource  *source,
                                    GError                     **error);

/**
 * psp_pspnet_folded_read:
 * @self: a verified file
 * @source: one of the convolutions
 * @weights: (out) (array): of each of its parts
 * @bias: (out): [outputs]
 * @error: as psp_checkpoint_get_floats()
 *
 * Where @source says that a part is reversed, its inputs are turned over.  Any thread.
 */
gboolean psp_pspnet_folded_read    (const PspPspnetWeights      *self,
                                    const PspConvolutionSource  *source,
                                    GBytes                     **weights,
                                    GBytes                     **bias,
                                    GError                     **error);

/**
 * psp_pspnet_folded_write:
 * @sources: (element-type PspConvolutionSource): the convolutions
 * @network: whose layers they are, with weights
 * @half: whether weights are rounded to 16 bits; biases are not
 * @writer: the tensors are added
 * @error: %PSP_ERROR_BAD_VALUE for a weight that @half cannot hold, naming the tensor and the value
 */
gboolean psp_pspnet_folded_write   (const GArray                *sources,
                                    const PspNetwork            *network,
                                    gboolean                     half,
                                    PspSafetensorsWriter        *writer,
                                    GError                     **error);
