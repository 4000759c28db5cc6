/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint.h"

#define PSP_ARCHITECTURE_STAGES 4
#define PSP_ARCHITECTURE_MAX_LEVELS 16

/**
 * PspArchitecture:
 * @depth: 18, 34, 50, 101, 152 or 269
 * @bottleneck: whether blocks are 1x1, 3x3, 1x1 (from depth 50 on) instead of 3x3, 3x3
 * @blocks: residual blocks of each stage
 * @stem: outputs of the three convolutions of the deep stem
 * @planes: inner channels of the blocks of the first stage; they double with each stage
 * @n_levels: of the pyramid; 0: no pyramid pooling
 * @level_channels: outputs of each level's 1x1 convolution
 * @head_channels: between the two convolutions of the main head
 * @auxiliary_channels: the same for the auxiliary head; 0: there is none
 * @n_classes: outputs
 *
 * What names and shapes of a checkpoint in the official PyTorch layout tell: hszhao/semseg,
 * model/pspnet.py and model/resnet.py.
 */
typedef struct
{
  int      depth;
  gboolean bottleneck;
  int      blocks[PSP_ARCHITECTURE_STAGES];
  int      stem[3];
  int      planes;
  int      n_levels;
  int      level_channels;
  int      head_channels;
  int      auxiliary_channels;
  int      n_classes;
} PspArchitecture;

/* Output channels of @stage (0 to 3): planes, times four in bottlenecks. */
int      psp_architecture_stage_channels (const PspArchitecture  *self,
                                          int                     stage);

/**
 * psp_architecture_detect:
 * @self: (out caller-allocates): filled
 * @checkpoint: any checkpoint
 * @error: %PSP_ERROR_UNSUPPORTED, saying what the file seems to be and what can be opened
 *
 * Reads only names and shapes.
 */
gboolean psp_architecture_detect         (PspArchitecture        *self,
                                          const PspCheckpoint    *checkpoint,
                                          GError                **error);
