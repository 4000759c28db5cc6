/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"

/**
 * psp_caffe_read:
 * @index: of a file that starts as a named or unnamed NetParameter does; filled
 * @error: as psp_checkpoint_open()
 *
 * A Caffe model (.caffemodel): a protobuf message with layers, each with a name and blobs of
 * numbers.  Layers of the first generation (“layers”, 2) and the second (“layer”, 100) are read.
 *
 * Blob number i of layer NAME becomes the tensor “NAME/i”: “conv5_4/0” holds the weights of a
 * convolution and “conv5_4/bn/2” the means of its normalisation, whatever layers that is
 * (psp-caffe-layers.h).  What a layer's type is called does not matter: forks disagree on it.
 * Shapes are as in the file; from before BlobShape there always are four dimensions, (num,
 * channels, height, width).  Where a blob has numbers in double precision, these count.
 *
 * What a layer with blobs says of its convolution becomes metadata, if it says it:
 *
 * - “caffe.NAME.stride”: one number, or several with commas between them, the vertical one first;
 * - “caffe.NAME.dilation”: the same.
 *
 * The numbers stay in the file, and no more than a few KiB of it are in memory at any time.  Small
 * messages go through protobuf-c.  A blob's numbers must lie in one piece: packed, or one by one
 * with nothing between them.  The format has no mark at its end: a file that was cut off between
 * two layers looks like a shorter model.
 *
 * (Layout: BVLC Caffe, src/caffe/proto/caffe.proto; which fields count: src/caffe/blob.cpp,
 * Blob::FromProto.)
 */
gboolean psp_caffe_read (PspCheckpointIndex  *index,
                         GError             **error);
