/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-family.h"

static const char * const datasets[] = { "ade20k-150", "voc-21", "cityscapes-19", NULL };

/* hszhao/PSPNet, the original release: evaluation/prototxt/pspnet50_ADE20K_473.prototxt,
 * pspnet101_VOC2012_473.prototxt, pspnet101_cityscapes_713.prototxt, evaluation/scale_process.m.
 * Blob N of layer NAME is the tensor NAME/N (psp-caffe.h); a BN layer has gamma, beta, mean and
 * variance, each in four dimensions. */
const PspFamily psp_family_caffe = {
  .id = "caffe",
  .name = "original Caffe",
  .giveaway = "conv5_3_pool1_conv/0",
  .parts = {
    [PSP_PART_STEM] = { "conv1_1_3x3_s2", "conv1_1_3x3_s2/bn" },
    [PSP_PART_STEM_2] = { "conv1_2_3x3", "conv1_2_3x3/bn" },
    [PSP_PART_STEM_3] = { "conv1_3_3x3", "conv1_3_3x3/bn" },
    [PSP_PART_BLOCK_1] = { "conv{conv}_{unit}_1x1_reduce", "conv{conv}_{unit}_1x1_reduce/bn" },
    [PSP_PART_BLOCK_2] = { "conv{conv}_{unit}_3x3", "conv{conv}_{unit}_3x3/bn" },
    [PSP_PART_BLOCK_3] = { "conv{conv}_{unit}_1x1_increase", "conv{conv}_{unit}_1x1_increase/bn" },
    [PSP_PART_PROJECTION] = { "conv{conv}_{unit}_1x1_proj", "conv{conv}_{unit}_1x1_proj/bn" },
    [PSP_PART_LEVEL] = { "conv5_3_pool{bins}_conv", "conv5_3_pool{bins}_conv/bn" },
    [PSP_PART_FUSE] = { "conv5_4", "conv5_4/bn" },
    [PSP_PART_CLASSIFIER] = { "conv6", NULL },
  },
  .suffixes = { "/0", "/1", "/0", "/1", "/2", "/3" },
  .tolerant = TRUE,
  .framed_vectors = TRUE,
  .pool_rounds_up = TRUE,
  .stride_first_depth = 50,
  .stride_key = "caffe.conv3_1_1x1_reduce.stride",
  .levels_reversed = TRUE,
  .fuse_kernel = 3,
  .classifier_kernel = 1,
  .names_tell_bins = TRUE,
  .bgr = TRUE,
  .mean = { 123.68f, 116.779f, 103.939f },
  .standard_deviation = { 1, 1, 1 },
  .size_multiple = 8,
  .size_offset = 1,
  .usual = { 473, 512 },
  .street = { 713, 2048 },
  .datasets = datasets,
};
