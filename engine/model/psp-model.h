/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-taxonomy.h"
#include "engine/formats/psp-checkpoint.h"
#include "engine/model/psp-graph.h"
#include "engine/model/psp-model-options.h"

#include <gio/gio.h>

/**
 * PspModel:
 *
 * A network that is ready to run on any backend: layers with folded weights, and the facts that a
 * weight file does not hold.  Immutable and reference-counted; use it from any thread.
 */
typedef struct _PspModel PspModel;

/* Where a fact comes from; what comes later counts more. */
typedef enum
{
  PSP_FACT_ASSUMED, /* the project that the file comes from usually has it so */
  PSP_FACT_IN_FILE,
  PSP_FACT_GIVEN,   /* by PspModelOptions */
} PspFactSource;

/**
 * PspModelFacts:
 * @family: whose layout the file has: “official PyTorch”, “mmsegmentation” (psp-family.h)
 * @container: of the file: “PyTorch zip”
 * @depth: of the residual network: 18, 34, 50, 101, 152 or 269
 * @n_classes: outputs of the classifier
 * @has_auxiliary: whether the auxiliary head is there
 * @n_parameters: learnable numbers, without running statistics
 * @output_stride: image pixels for each pixel of the logits: 8, or else 16 or 32
 * @enlargement: how often the logits are enlarged, where the project leaves that to its users; 0:
 *   to the size of the input.  If it is not @output_stride, the project's own masks are smaller or
 *   larger than its input; predictions are enlarged from the logits to the size of the photo all
 *   the same, with the same bilinear interpolation
 * @enlargement_assumed: whether nothing tells @enlargement
 * @n_bins: levels of the pyramid; 0: a network without pyramid pooling
 * @bins: (array length=n_bins): cells on a side of each level, in the order of concatenation
 * @early_bins: (nullable): if @bins are assumed, what early versions of the project had instead
 * @max_pooling: whether the cells hold maxima, not averages
 * @align_corners: of both bilinear upsamplings
 * @mean: subtracted from R, G, B, in units of 0 to 255
 * @standard_deviation: R, G, B are divided by it, in units of 0 to 255
 * @bgr: whether the file's network reads blue first; the graph reads red first in any case
 * @crop: side of the windows of `slide`, in pixels
 * @base: longer side of a photo at scale 1, in pixels
 * @size_multiple: sides of the network's input are a multiple of this …
 * @size_offset: … plus this: 8 and 1 for the official networks, 1 and 0 where any size will do
 * @resized: whether the project resizes photos to such a size instead of padding them
 * @sources: where those that are a #PspFact come from
 */
typedef struct
{
  const char    *family;
  const char    *container;
  int            depth;
  int            n_classes;
  gboolean       has_auxiliary;
  gint64         n_parameters;
  int            output_stride;
  int            enlargement;
  gboolean       enlargement_assumed;
  int            n_bins;
  int            bins[PSP_MODEL_MAX_BINS];
  const char    *early_bins;
  gboolean       max_pooling;
  gboolean       align_corners;
  float          mean[3];
  float          standard_deviation[3];
  gboolean       bgr;
  int            crop;
  int            base;
  int            size_multiple;
  int            size_offset;
  gboolean       resized;
  PspFactSource  sources[PSP_N_FACTS];
} PspModelFacts;

/**
 * psp_model_load:
 * @path: a checkpoint, see psp_checkpoint_open(); of two files, either, or both (psp-model-files.h)
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

/* What psp_model_load() takes: “FIRST,SECOND” where there are two files, be it that one was found
 * beside the other. */
const char          *psp_model_get_path     (const PspModel         *self);

/* The name of the first file, without folder and extension. */
const char          *psp_model_get_name     (const PspModel         *self);
const PspModelFacts *psp_model_get_facts    (const PspModel         *self);

/* The shortest side of an input, in pixels, that such a model takes and that is not below
 * @length. */
int                  psp_model_facts_fit_length (const PspModelFacts *self,
                                             int                     length);

/* (transfer none) (nullable): class names and colours, if given or in the file. */
PspTaxonomy         *psp_model_get_taxonomy (const PspModel         *self);

/* (transfer full): @fact as psp_model_options_set() reads it; “none” for bins of a network without
 * a pyramid, “unknown” for names that are. */
char                *psp_model_format_fact  (const PspModel         *self,
                                             PspFact                 fact) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_model_propose_names:
 * @self: a model
 *
 * Which built-in taxonomies its outputs may be, by their number; those of datasets that its family
 * published checkpoints for come first.  A proposal, which nothing here uses by itself.
 *
 * Returns: (transfer full) (array zero-terminated): names for psp_taxonomy_load_builtin()
 */
GStrv                psp_model_propose_names (const PspModel        *self) G_GNUC_WARN_UNUSED_RESULT;
const PspGraph      *psp_model_get_graph    (const PspModel         *self);

/**
 * psp_model_check_file:
 * @self: a model
 * @error: as psp_file_mapping_check(), naming the file
 *
 * Weights may lie in the file they came from, mapped.  Looks whether somebody changed it; whoever
 * reads weights does so afterwards, before the result counts.  Any thread; takes microseconds.
 *
 * Returns: whether all weights that were read so far were right
 */
gboolean             psp_model_check_file   (const PspModel         *self,
                                             GError                **error);

/**
 * psp_model_convert:
 * @path: a checkpoint that psp_model_load() accepts
 * @output_path: the safetensors file to write; replaced atomically
 * @options: (nullable): as for psp_model_load(); what it says is written into the metadata
 * @half: whether weights are rounded to 16 bits; biases stay 32-bit
 * @cancellable: (nullable): looked at between tensors while @path is read, and as in
 *   psp_safetensors_writer_write() afterwards
 * @error: as psp_model_load(); %PSP_ERROR_BAD_VALUE for a weight that @half cannot hold, naming the
 *   tensor and the value; %PSP_ERROR_IO
 *
 * Writes the weights as the layers have them, folded (psp-pspnet-folded.h), and every fact into
 * __metadata__: “format”, “version”, “family”, “architecture”, “parameters”, “enlargement” of the
 * logits where there is one, those of psp_fact_get_key() but “names”, “assumed” with the names of
 * those of them that nobody told and that stay assumptions, and “taxonomy” with the class names, if
 * they are known.  The copy takes no work to load: with 32 bits it is mapped.  The family tells all
 * that is the same in every network of it: dilations, the place of strides, the order of the
 * concatenation, sizes.
 *
 * Files of version 1 held the tensors of the checkpoint, under their own names; they are still
 * read, as what they are: a checkpoint of that family.
 */
gboolean             psp_model_convert      (const char             *path,
                                             const char             *output_path,
                                             const PspModelOptions  *options,
                                             gboolean                half,
                                             GCancellable           *cancellable,
                                             GError                **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspModel, psp_model_unref)
