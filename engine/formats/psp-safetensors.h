/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"

/**
 * psp_safetensors_read:
 * @index: of a file with “{” at byte 8; filled
 * @error: as psp_checkpoint_open()
 *
 * 1. n: 8 bytes, little-endian; at most 100 000 000 and inside the file;
 * 2. n bytes of UTF-8: a JSON object from name to dtype, shape and data_offsets [begin, end], and
 *    from “__metadata__” to texts; blanks may follow it;
 * 3. the data, in which the tensors lie end to end: no gap, no overlap, nothing before or after.
 *
 * (https://github.com/huggingface/safetensors, section “Format”.)
 */
gboolean psp_safetensors_read (PspCheckpointIndex  *index,
                               GError             **error);
