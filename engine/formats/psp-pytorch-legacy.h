/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"

/* The first bytes of such a file as torch.save writes it unless told otherwise: the integer
 * 0x1950a86a20f9469cfc6c, pickled by protocol 2. */
#define PSP_PYTORCH_LEGACY_MAGIC "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"

/**
 * psp_pytorch_legacy_match:
 * @bytes: the first of a file
 * @n_bytes: 64 of them, or all
 *
 * Returns: how many of them that integer takes, pickled by any protocol from 2 to 5; 0: this is no
 *   such file
 */
gsize    psp_pytorch_legacy_match (const guint8 *bytes,
                                   gsize         n_bytes);

/**
 * psp_pytorch_legacy_read:
 * @index: of a file that psp_pytorch_legacy_match() knows; filled
 * @error: as psp_checkpoint_open()
 *
 * The file that torch.save wrote before PyTorch 1.6, with Python 2 or 3, and still writes when told
 * to.  One after the other:
 *
 * 1. four pickles: the magic number, the protocol (1001), a dict about the machine, the object;
 * 2. a pickled list of the storages' names;
 * 3. in the order of that list, each storage: the count of its numbers in 8 bytes, little-endian,
 *    then the numbers, not aligned.  Their type is known only from where the object names the
 *    storage.
 *
 * The pickles are read if they lie within the first 64 MiB, and 100 000 storages.  Files of
 * big-endian machines are refused.  What follows the last storage is left alone, as PyTorch does.
 * (Layout: PyTorch, torch/serialization.py, _legacy_save.)
 */
gboolean psp_pytorch_legacy_read  (PspCheckpointIndex  *index,
                                   GError             **error);
