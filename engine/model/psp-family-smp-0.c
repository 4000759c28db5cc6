/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-family.h"

static const char * const ignored[] = {
  "*.num_batches_tracked", "mean", "std", "classification_head.*", "encoder.fc.*", NULL
};

/* The same network under the names of versions 0.0. */
const PspFamily psp_family_smp_0 = {
  .id = "segmentation-models-pytorch-0.0",
  .name = "segmentation_models.pytorch 0.0",
  .giveaway = "decoder.psp.stages.0.pool.1.block.0.weight",
  .parts = {
    [PSP_PART_BLOCK_1] = { "encoder.layer{stage}.{block}.conv1",
                           "encoder.layer{stage}.{block}.bn1" },
    [PSP_PART_BLOCK_2] = { "encoder.layer{stage}.{block}.conv2",
                           "encoder.layer{stage}.{block}.bn2" },
    [PSP_PART_BLOCK_3] = { "encoder.layer{stage}.{block}.conv3",
                           "encoder.layer{stage}.{block}.bn3" },
    [PSP_PART_PROJECTION] = { "encoder.layer{stage}.{block}.downsample.0",
                              "encoder.layer{stage}.{block}.downsample.1" },
    [PSP_PART_LEVEL] = { "decoder.psp.stages.{level}.pool.1.block.0",
                         "decoder.psp.stages.{level}.pool.1.block.1" },
    [PSP_PART_FUSE] = { "decoder.conv.block.0", "decoder.conv.block.1" },
    [PSP_PART_CLASSIFIER] = { "decoder.final_conv", NULL },
  },
  .plain_stem = { "encoder.conv1", "encoder.bn1" },
  .suffixes = PSP_PYTORCH_SUFFIXES,
  .ignored = ignored,
  .optional_normalisation = TRUE,
  .partial_encoder = TRUE,
  .enlargement = 8,
  .undilated = TRUE,
  .features_last = TRUE,
  .fuse_kernel = 1,
  .classifier_kernel = 3,
  .mean = PSP_IMAGENET_MEAN,
  .standard_deviation = PSP_IMAGENET_STANDARD_DEVIATION,
  .usual = { 480, 512 },
  .street = { 480, 512 },
};
