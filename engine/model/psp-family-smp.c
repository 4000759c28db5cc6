/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-family.h"

static const char * const ignored[] = {
  "*.num_batches_tracked", "mean", "std", "classification_head.*", "encoder.fc.*", NULL
};

/* qubvel-org/segmentation_models.pytorch: decoders/pspnet, encoders/resnet.py, from version 0.1 on;
 * encoders that are torchvision's ResNets, to a depth of 3 to 5. */
const PspFamily psp_family_smp = {
  .id = "segmentation-models-pytorch",
  .name = "segmentation_models.pytorch",
  .giveaway = "decoder.psp.blocks.0.pool.1.0.weight",
  .parts = {
    [PSP_PART_BLOCK_1] = { "encoder.layer{stage}.{block}.conv1",
                           "encoder.layer{stage}.{block}.bn1" },
    [PSP_PART_BLOCK_2] = { "encoder.layer{stage}.{block}.conv2",
                           "encoder.layer{stage}.{block}.bn2" },
    [PSP_PART_BLOCK_3] = { "encoder.layer{stage}.{block}.conv3",
                           "encoder.layer{stage}.{block}.bn3" },
    [PSP_PART_PROJECTION] = { "encoder.layer{stage}.{block}.downsample.0",
                              "encoder.layer{stage}.{block}.downsample.1" },
    [PSP_PART_LEVEL] = { "decoder.psp.blocks.{level}.pool.1.0",
                         "decoder.psp.blocks.{level}.pool.1.1" },
    [PSP_PART_FUSE] = { "decoder.conv.0", "decoder.conv.1" },
    [PSP_PART_CLASSIFIER] = { "segmentation_head.0", NULL },
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
