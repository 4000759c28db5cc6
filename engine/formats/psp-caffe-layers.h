/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"

/**
 * PspCaffeLayer:
 * @name: of the layer
 * @bottom: what it reads, the first of several; empty: the file does not say
 * @top: what it makes, the first of several; empty: the file does not say
 * @tensors: (element-type PspStoredTensor): its blobs, without names
 *
 * A layer with blobs, as it stands in a file.
 */
typedef struct
{
  char   *name;
  char   *bottom;
  char   *top;
  GArray *tensors;
} PspCaffeLayer;

void            psp_caffe_layer_clear (PspCaffeLayer *self);

/**
 * PspCaffeLayers:
 *
 * Gives the layers of a Caffe model to a checkpoint's index, in the order of the file.  Blob i of
 * layer NAME becomes the tensor “NAME/i”, but for what normalises the outputs of a convolution:
 * that becomes CONVOLUTION/bn/0 to 3, gamma, beta, mean and variance, whatever its own name, if it
 *
 * - has those four blobs, as the original PSPNet's layer BN;
 * - or is BVLC's pair of layers: BatchNorm with three blobs, the mean and the variance each times a
 *   factor, and that factor, 0 for nothing summed up yet; and behind it Scale with two, gamma and
 *   beta.
 *
 * Such a layer comes next after the convolution among those with blobs, and reads what that made or
 * is called after it: “CONVOLUTION/bn”, “CONVOLUTION_bn”.
 *
 * (What the blobs are: BVLC Caffe, src/caffe/layers/batch_norm_layer.cpp and scale_layer.cpp;
 * hszhao/PSPNet, src/caffe/layers/bn_layer.cpp.)
 */
typedef struct _PspCaffeLayers PspCaffeLayers;

/* @index: filled; outlives the result. */
PspCaffeLayers *psp_caffe_layers_new    (PspCheckpointIndex   *index) G_GNUC_WARN_UNUSED_RESULT;
void            psp_caffe_layers_free   (PspCaffeLayers       *self);

/**
 * psp_caffe_layers_take:
 * @layer: the next one, with at least one blob; emptied
 * @error: as psp_checkpoint_index_add()
 */
gboolean        psp_caffe_layers_take   (PspCaffeLayers       *self,
                                         PspCaffeLayer        *layer,
                                         GError              **error);

/* After the last layer.  @error: as psp_checkpoint_index_add(). */
gboolean        psp_caffe_layers_finish (PspCaffeLayers       *self,
                                         GError              **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PspCaffeLayer, psp_caffe_layer_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspCaffeLayers, psp_caffe_layers_free)
