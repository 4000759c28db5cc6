/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-architecture.h"

/**
 * psp_smp_config_read:
 * @checkpoint: of segmentation_models.pytorch
 * @architecture: what its tensors are
 * @enlargement: (out): how often the logits are enlarged: “upsampling”, or 8, which is that
 *   project's default; 0: there is no configuration
 * @error: %PSP_ERROR_UNSUPPORTED, naming the entry, if the configuration is of another network than
 *   the tensors; %PSP_ERROR_BAD_VALUE if “upsampling” is no whole number from 1 to
 *   %PSP_MODEL_MAX_ENLARGEMENT; %PSP_ERROR_BAD_FILE for one that is no JSON object
 *
 * Compares config.json, which that project's save_pretrained() writes beside the weights, with the
 * network: encoder_name, encoder_depth, psp_out_channels, decoder_use_norm, classes and
 * in_channels, those that are there.  A config.json without encoder_name is somebody else's.
 */
gboolean psp_smp_config_read (const PspCheckpoint    *checkpoint,
                              const PspArchitecture  *architecture,
                              int                    *enlargement,
                              GError                **error);
