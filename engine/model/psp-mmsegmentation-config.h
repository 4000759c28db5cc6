/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-model-options.h"

/**
 * psp_mmsegmentation_config_read:
 * @text: a configuration of mmsegmentation, Python, as it stands in its checkpoints
 * @options: (inout): what it says is set, the rest stays
 *
 * Reads align_corners and pool_scales of decode_head, mean, std and to_rgb of the normalisation,
 * and crop_size where it is a square, whether written as “key=value” or as “'key': value”.  The
 * text is only searched, never run; what cannot be read that way is left out.
 */
void psp_mmsegmentation_config_read (const char       *text,
                                     PspModelOptions  *options);
