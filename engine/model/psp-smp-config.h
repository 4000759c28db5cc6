/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-architecture.h"

/**
 * psp_smp_config_check:
 * @checkpoint: of segmentation_models.pytorch
 * @architecture: what its tensors are
 * @found: (out): whether there is a configuration
 * @error: %PSP_ERROR_UNSUPPORTED, naming the entry, if the configuration is of another network than
 *   the tensors, or enlarges the output to another size than the input's; %PSP_ERROR_BAD_FILE for
 *   one that is no JSON object
 *
 * Compares config.json, which that project's save_pretrained() writes beside the weights, with the
 * network: encoder_name, encoder_depth, psp_out_channels, decoder_use_norm, classes, in_channels
 * and upsampling, those that are there.  A config.json without encoder_name is somebody else's.
 */
gboolean psp_smp_config_check (const PspCheckpoint    *checkpoint,
                               const PspArchitecture  *architecture,
                               gboolean               *found,
                               GError                **error);
