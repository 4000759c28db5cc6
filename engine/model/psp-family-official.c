/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-family.h"

static const char * const ignored[] = { "*.num_batches_tracked", NULL };

static const char * const datasets[] = {
  "ade20k-150", "voc-21", "cityscapes-19", "mseg-universal", NULL
};

/* hszhao/semseg: model/pspnet.py, model/resnet.py, tool/test.py. */
const PspFamily psp_family_official = {
  .id = "pytorch-official",
  .name = "official PyTorch",
  .giveaway = "cls.4.weight",
  .parts = {
    [PSP_PART_STEM] = { "layer0.0", "layer0.1" },
    [PSP_PART_STEM_2] = { "layer0.3", "layer0.4" },
    [PSP_PART_STEM_3] = { "layer0.6", "layer0.7" },
    [PSP_PART_BLOCK_1] = { "layer{stage}.{block}.conv1", "layer{stage}.{block}.bn1" },
    [PSP_PART_BLOCK_2] = { "layer{stage}.{block}.conv2", "layer{stage}.{block}.bn2" },
    [PSP_PART_BLOCK_3] = { "layer{stage}.{block}.conv3", "layer{stage}.{block}.bn3" },
    [PSP_PART_PROJECTION] = { "layer{stage}.{block}.downsample.0",
                              "layer{stage}.{block}.downsample.1" },
    [PSP_PART_LEVEL] = { "ppm.features.{level}.1", "ppm.features.{level}.2" },
    [PSP_PART_FUSE] = { "cls.0", "cls.1" },
    [PSP_PART_CLASSIFIER] = { "cls.4", NULL },
    [PSP_PART_AUXILIARY] = { "aux.0", "aux.1" },
    [PSP_PART_AUXILIARY_CLASSIFIER] = { "aux.4", NULL },
  },
  .suffixes = PSP_PYTORCH_SUFFIXES,
  .ignored = ignored,
  .fuse_kernel = 3,
  .classifier_kernel = 1,
  .mean = PSP_IMAGENET_MEAN,
  .standard_deviation = PSP_IMAGENET_STANDARD_DEVIATION,
  .size_multiple = 8,
  .size_offset = 1,
  .usual = { 473, 512 },
  .street = { 713, 2048 },
  .datasets = datasets,
};
