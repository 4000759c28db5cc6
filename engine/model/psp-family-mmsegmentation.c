/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-family.h"

/* mmcv's EMAHook keeps the averages, or what they replaced, as buffers of the model. */
static const char * const ignored[] = { "*.num_batches_tracked", "ema_*", NULL };

static const char * const datasets[] = {
  "cityscapes-19", "ade20k-150", "voc-21", "pascal-context-60", "pascal-context-59",
  "coco-stuff-171", NULL
};

/* open-mmlab/mmsegmentation: models/backbones/resnet.py, models/decode_heads/psp_head.py,
 * fcn_head.py, configs/_base_/models/pspnet_r50-d8.py.  The stem is deep (ResNet-V1c) or 7x7 (the
 * “b” variants).  align_corners is True in the configurations for crops of 769 only. */
const PspFamily psp_family_mmsegmentation = {
  .id = "mmsegmentation",
  .name = "mmsegmentation",
  .giveaway = "decode_head.psp_modules.0.1.conv.weight",
  .parts = {
    [PSP_PART_STEM] = { "backbone.stem.0", "backbone.stem.1" },
    [PSP_PART_STEM_2] = { "backbone.stem.3", "backbone.stem.4" },
    [PSP_PART_STEM_3] = { "backbone.stem.6", "backbone.stem.7" },
    [PSP_PART_BLOCK_1] = { "backbone.layer{stage}.{block}.conv1",
                           "backbone.layer{stage}.{block}.bn1" },
    [PSP_PART_BLOCK_2] = { "backbone.layer{stage}.{block}.conv2",
                           "backbone.layer{stage}.{block}.bn2" },
    [PSP_PART_BLOCK_3] = { "backbone.layer{stage}.{block}.conv3",
                           "backbone.layer{stage}.{block}.bn3" },
    [PSP_PART_PROJECTION] = { "backbone.layer{stage}.{block}.downsample.0",
                              "backbone.layer{stage}.{block}.downsample.1" },
    [PSP_PART_LEVEL] = { "decode_head.psp_modules.{level}.1.conv",
                         "decode_head.psp_modules.{level}.1.bn" },
    [PSP_PART_FUSE] = { "decode_head.bottleneck.conv", "decode_head.bottleneck.bn" },
    [PSP_PART_CLASSIFIER] = { "decode_head.conv_seg", NULL },
    [PSP_PART_AUXILIARY] = { "auxiliary_head.convs.0.conv", "auxiliary_head.convs.0.bn" },
    [PSP_PART_AUXILIARY_CLASSIFIER] = { "auxiliary_head.conv_seg", NULL },
  },
  .plain_stem = { "backbone.conv1", "backbone.bn1" },
  .suffixes = PSP_PYTORCH_SUFFIXES,
  .ignored = ignored,
  .first_dilation_halved = TRUE,
  .second_undilated = TRUE,
  .fuse_kernel = 3,
  .classifier_kernel = 1,
  .half_pixels = TRUE,
  .mean = PSP_IMAGENET_MEAN,
  .standard_deviation = PSP_IMAGENET_STANDARD_DEVIATION,
  .size_multiple = 1,
  .usual = { 512, 512 },
  .street = { 512, 2048 },
  .aligned = { 769, 2049 },
  .config_key = "mmsegmentation.config",
  .datasets = datasets,
};
