/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-family.h"

static const char * const ignored[] = {
  "*.num_batches_tracked", "*._tmp_running_mean", "*._tmp_running_var", "*._running_iter", NULL
};

static const char * const datasets[] = { "ade20k-150", NULL };

/* CSAILVision/semantic-segmentation-pytorch: models/models.py (ResnetDilated, PPM, PPMDeepsup),
 * models/resnet.py, eval.py. */
const PspFamily psp_family_csail = {
  .id = "csail",
  .name = "CSAIL's semantic-segmentation-pytorch",
  .giveaway = "ppm.0.1.weight",
  .halves = { { "encoder", "conv3.weight" }, { "decoder", "ppm.0.1.weight" } },
  .parts = {
    [PSP_PART_STEM] = { "conv1", "bn1" },
    [PSP_PART_STEM_2] = { "conv2", "bn2" },
    [PSP_PART_STEM_3] = { "conv3", "bn3" },
    [PSP_PART_BLOCK_1] = { "layer{stage}.{block}.conv1", "layer{stage}.{block}.bn1" },
    [PSP_PART_BLOCK_2] = { "layer{stage}.{block}.conv2", "layer{stage}.{block}.bn2" },
    [PSP_PART_BLOCK_3] = { "layer{stage}.{block}.conv3", "layer{stage}.{block}.bn3" },
    [PSP_PART_PROJECTION] = { "layer{stage}.{block}.downsample.0",
                              "layer{stage}.{block}.downsample.1" },
    [PSP_PART_LEVEL] = { "ppm.{level}.1", "ppm.{level}.2" },
    [PSP_PART_FUSE] = { "conv_last.0", "conv_last.1" },
    [PSP_PART_CLASSIFIER] = { "conv_last.4", NULL },
    [PSP_PART_AUXILIARY] = { "cbr_deepsup.0", "cbr_deepsup.1" },
    [PSP_PART_AUXILIARY_CLASSIFIER] = { "conv_last_deepsup", NULL },
  },
  .suffixes = PSP_PYTORCH_SUFFIXES,
  .ignored = ignored,
  .first_dilation_halved = TRUE,
  .fuse_kernel = 3,
  .classifier_kernel = 1,
  .half_pixels = TRUE,
  .mean = PSP_IMAGENET_MEAN,
  .standard_deviation = PSP_IMAGENET_STANDARD_DEVIATION,
  .size_multiple = 8,
  .resized = TRUE,
  .usual = { 480, 512 },
  .street = { 480, 512 },
  .datasets = datasets,
};
