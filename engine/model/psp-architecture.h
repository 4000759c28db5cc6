/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint.h"
#include "engine/model/psp-family.h"

#define PSP_ARCHITECTURE_STAGES 4
#define PSP_ARCHITECTURE_MAX_LEVELS 16

/* In the metadata of a file of ours: psp-architecture-json.h; the id of the family. */
#define PSP_ARCHITECTURE_KEY "architecture"
#define PSP_ARCHITECTURE_FAMILY_KEY "family"

/**
 * PspArchitecture:
 * @family: whose layout it is
 * @depth: 18, 34, 50, 101, 152 or 269
 * @bottleneck: whether blocks are 1x1, 3x3, 1x1 (from depth 50 on) instead of 3x3, 3x3
 * @n_stages: how many stages of the residual network are used: 4, or fewer in a partial encoder
 * @blocks: residual blocks of each stage
 * @deep_stem: whether the stem is three 3x3 convolutions instead of one 7x7
 * @stem: outputs of the convolutions of the stem
 * @planes: inner channels of the blocks of the first stage; they double with each stage
 * @stride_first: (bottleneck) whether the 1x1 convolution at the start of stage 2 has the stride,
 *   not the 3x3
 * @n_levels: of the pyramid; 0: no pyramid pooling
 * @level_reduced: whether each level has a 1x1 convolution
 * @level_channels: its outputs; without it, those of the last stage
 * @level_normalised: (reduced): whether batch normalisation follows it, and not a bias
 * @head_channels: between the two convolutions of the main head
 * @head_normalised: whether batch normalisation follows the first of them, and not a bias
 * @auxiliary_channels: the same for the auxiliary head; 0: there is none
 * @n_classes: outputs
 * @folded: whether it was read from a file of ours, which holds weights as layers have them
 *   (psp-pspnet-folded.h); then nothing is known of biases and batch normalisations
 *
 * What names and shapes of a checkpoint tell, and what the container says of a stride.
 */
typedef struct
{
  const PspFamily *family;
  int              depth;
  gboolean         bottleneck;
  int              n_stages;
  int              blocks[PSP_ARCHITECTURE_STAGES];
  gboolean         deep_stem;
  int              stem[3];
  int              planes;
  gboolean         stride_first;
  int              n_levels;
  gboolean         level_reduced;
  int              level_channels;
  gboolean         level_normalised[PSP_ARCHITECTURE_MAX_LEVELS];
  int              head_channels;
  gboolean         head_normalised;
  int              auxiliary_channels;
  int              n_classes;
  gboolean         folded;
} PspArchitecture;

/* Output channels of @stage (0 to 3): planes, times four in bottlenecks. */
int      psp_architecture_stage_channels (const PspArchitecture  *self,
                                          int                     stage);

/**
 * psp_architecture_set_depth:
 * @self: (inout): gets the blocks and their kind
 * @depth: layers of the residual network
 *
 * Returns: whether there is such a depth
 */
gboolean psp_architecture_set_depth      (PspArchitecture        *self,
                                          int                     depth);

/* Image pixels for each pixel of the logits: 8, or what the strides of a partial encoder make. */
int      psp_architecture_output_stride  (const PspArchitecture  *self);

/* Whether @checkpoint is a file of ours, with folded weights (psp-pspnet-folded.h). */
gboolean psp_architecture_is_folded      (const PspCheckpoint    *checkpoint);

/**
 * psp_architecture_detect:
 * @self: (out caller-allocates): filled
 * @checkpoint: any checkpoint
 * @error: %PSP_ERROR_UNSUPPORTED, saying what the file seems to be and what can be opened
 *
 * Reads only names, shapes and metadata.
 */
gboolean psp_architecture_detect         (PspArchitecture        *self,
                                          const PspCheckpoint    *checkpoint,
                                          GError                **error);
