/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-family.h"

static const char * const ignored[] = { "*.num_batches_tracked", NULL };

static const char * const datasets[] = { "ade20k-150", "voc-21", "cityscapes-19", NULL };

/* dmlc/gluon-cv: model_zoo/pspnet.py, model_zoo/resnetv1b.py (resnet50_v1s, resnet101_v1s), as
 * save_parameters() names them; 7x7 stems are those of resnet50_v1b and its kind. */
const PspFamily psp_family_gluoncv = {
  .id = "gluoncv",
  .name = "GluonCV",
  .giveaway = "head.psp.conv1.0.weight",
  .parts = {
    [PSP_PART_STEM] = { "conv1.0", "conv1.1" },
    [PSP_PART_STEM_2] = { "conv1.3", "conv1.4" },
    [PSP_PART_STEM_3] = { "conv1.6", "bn1" },
    [PSP_PART_BLOCK_1] = { "layer{stage}.{block}.conv1", "layer{stage}.{block}.bn1" },
    [PSP_PART_BLOCK_2] = { "layer{stage}.{block}.conv2", "layer{stage}.{block}.bn2" },
    [PSP_PART_BLOCK_3] = { "layer{stage}.{block}.conv3", "layer{stage}.{block}.bn3" },
    [PSP_PART_PROJECTION] = { "layer{stage}.{block}.downsample.0",
                              "layer{stage}.{block}.downsample.1" },
    [PSP_PART_LEVEL] = { "head.psp.conv{branch}.0", "head.psp.conv{branch}.1" },
    [PSP_PART_FUSE] = { "head.block.0", "head.block.1" },
    [PSP_PART_CLASSIFIER] = { "head.block.4", NULL },
    [PSP_PART_AUXILIARY] = { "auxlayer.block.0", "auxlayer.block.1" },
    [PSP_PART_AUXILIARY_CLASSIFIER] = { "auxlayer.block.4", NULL },
  },
  .plain_stem = { "conv1", "bn1" },
  .suffixes = { ".weight", ".bias", ".gamma", ".beta", ".running_mean", ".running_var" },
  .ignored = ignored,
  .first_dilation_halved = TRUE,
  .fuse_kernel = 3,
  .classifier_kernel = 1,
  .early_bins = "1,2,3,4",
  .mean = PSP_IMAGENET_MEAN,
  .standard_deviation = PSP_IMAGENET_STANDARD_DEVIATION,
  .size_multiple = 1,
  .usual = { 480, 520 },
  .street = { 480, 520 },
  .datasets = datasets,
};
