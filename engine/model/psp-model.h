/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-taxonomy.h"
#include "engine/formats/psp-checkpoint.h"
#include "engine/model/psp-graph.h"

#include <gio/gio.h>

/**
 * PspModel:
 *
 * A network that is ready to run on any backend: layers with folded weights, and the facts that a
 * weight file does not hold.  Immutable and reference-counted; use it from any thread.
 */
typedef struct _PspModel PspModel;

#define PSP_MODEL_MAX_BINS 16

/**
 * PspModelFacts:
 * @family: whose layout the file has: “official PyTorch”, “mmsegmentation” (psp-family.h)
 * @depth: of the residual network: 18, 34, 50, 101, 152 or 269
 * @n_classes: outputs of the classifier
 * @n_bins: levels of the pyramid; 0: a network without pyramid pooling
 * @bins: (array length=n_bins): cells on a side of each level, in the order of concatenation
 * @bins_assumed: whether @bins were not in the file but follow from the family
 * @has_auxiliary: whether the auxiliary head is there
 * @n_parameters: learnable numbers, without running statistics
 * @align_corners: of both bilinear upsamplings
 * @output_stride: image pixels for each pixel of the logits: 8, or else 16 or 32
 * @mean: subtracted from R, G, B, in units of 0 to 255
 * @standard_deviation: R, G, B are divided by it, in units of 0 to 255
 * @preprocessing_assumed: whether any of @align_corners, @mean, @standard_deviation and @bgr were
 *   neither in the file nor given but follow from the family
 * @container: of the file: “PyTorch zip”
 * @bgr: whether the file's network reads blue first; the graph reads red first in any case
 * @align_corners_assumed: of the facts above, this one
 * @mean_assumed: this one
 * @standard_deviation_assumed: this one
 * @bgr_assumed: this one
 * @size_multiple: sides of the network's input are a multiple of this …
 * @size_offset: … plus this: 8 and 1 for the official networks, 1 and 0 where any size will do
 * @resized: whether the project resizes photos to such a size instead of padding them
 */
typedef struct
{
  const char *family;
  int         depth;
  int         n_classes;
  int         n_bins;
  int         bins[PSP_MODEL_MAX_BINS];
  gboolean    bins_assumed;
  gboolean    has_auxiliary;
  gint64      n_parameters;
  gboolean    align_corners;
  int         output_stride;
  float       mean[3];
  float       standard_deviation[3];
  gboolean    preprocessing_assumed;
  const char *container;
  gboolean    bgr;
  gboolean    align_corners_assumed;
  gboolean    mean_assumed;
  gboolean    standard_deviation_assumed;
  gboolean    bgr_assumed;
  int         size_multiple;
  int         size_offset;
  gboolean    resized;
} PspModelFacts;

/**
 * PspModelOptions:
 * @n_bins: how many of @bins are set; 0: what the file or the family says
 * @bins: cells on a side of each pyramid level, for files that do not hold them
 * @has_align_corners: whether @align_corners is set
 * @align_corners: of both bilinear upsamplings
 * @has_mean: whether @mean is set
 * @mean: subtracted from R, G, B, in units of 0 to 255
 * @has_standard_deviation: whether @standard_deviation is set
 * @standard_deviation: R, G, B are divided by it, each above 0
 * @has_bgr: whether @bgr is set
 * @bgr: whether the file's network reads blue first
 *
 * Facts that count more than those of the file and its family.
 */
typedef struct
{
  int      n_bins;
  int      bins[PSP_MODEL_MAX_BINS];
  gboolean has_align_corners;
  gboolean align_corners;
  gboolean has_mean;
  float    mean[3];
  gboolean has_standard_deviation;
  float    standard_deviation[3];
  gboolean has_bgr;
  gboolean bgr;
} PspModelOptions;

/**
 * psp_model_load:
 * @path: a checkpoint, see psp_checkpoint_open(); of two files, either (psp-model-files.h)
 * @options: (nullable): %NULL: all from the file and its family
 * @cancellable: (nullable): looked at between tensors
 * @error: as psp_checkpoint_open(); %PSP_ERROR_UNSUPPORTED for an architecture that is not a
 *   PSPNet; %PSP_ERROR_BAD_SHAPE with the lists of missing, unexpected and misshapen tensors;
 *   %PSP_ERROR_BAD_VALUE for NaN, infinite weights or a negative variance, naming the tensor
 *
 * Every tensor that the architecture needs must be there with its exact shape.  Batch
 * normalisation is folded into the convolutions in double precision: w gamma / sqrt (var + 1e-5).
 *
 * Returns: (transfer full): the model, or %NULL with @error set
 */
PspModel            *psp_model_load         (const char             *path,
                                             const PspModelOptions  *options,
                                             GCancellable           *cancellable,
                                             GError                **error) G_GNUC_WARN_UNUSED_RESULT;
PspModel            *psp_model_ref          (PspModel               *self);
void                 psp_model_unref        (PspModel               *self);

const char          *psp_model_get_path     (const PspModel         *self);

/* The file name without folder and extension. */
const char          *psp_model_get_name     (const PspModel         *self);
const PspModelFacts *psp_model_get_facts    (const PspModel         *self);

/* (transfer none) (nullable): class names and colours, when the file holds them. */
PspTaxonomy         *psp_model_get_taxonomy (const PspModel         *self);
const PspGraph      *psp_model_get_graph    (const PspModel         *self);

/**
 * psp_model_convert:
 * @path: a checkpoint that psp_model_load() accepts
 * @output_path: the safetensors file to write; replaced atomically
 * @options: (nullable): as for psp_model_load(); what it says is written into the metadata
 * @taxonomy: (nullable): written into the metadata; %NULL: the checkpoint's own, if any
 * @half: whether convolution weights are rounded to 16 bits; the rest stays 32-bit
 * @error: as psp_model_load(), or %PSP_ERROR_IO
 *
 * Writes the tensors under their own names, unfolded, and every fact into __metadata__ (keys
 * “format”, “version”, “family”, “bins”, “align_corners”, “mean”, “std”, “channel_order”,
 * “pooling”, “taxonomy”), so that the copy needs no assumption.  The names tell the family, and the
 * family all that is the same in every network of it: dilations, the place of strides, the order of
 * the concatenation, sizes.
 */
gboolean             psp_model_convert      (const char             *path,
                                             const char             *output_path,
                                             const PspModelOptions  *options,
                                             PspTaxonomy            *taxonomy,
                                             gboolean                half,
                                             GError                **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspModel, psp_model_unref)
