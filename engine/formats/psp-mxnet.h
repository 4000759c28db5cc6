/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"

/* The first bytes of such a file: the number 0x112. */
#define PSP_MXNET_MAGIC "\x12\x01\0\0\0\0\0\0"

/**
 * psp_mxnet_read:
 * @index: of a file that starts with %PSP_MXNET_MAGIC; filled
 * @error: as psp_checkpoint_open()
 *
 * The .params files of MXNet and GluonCV.  All numbers are little-endian:
 *
 * 1. the magic number and a zero, 8 bytes each;
 * 2. the count of arrays, 8 bytes, and the arrays;
 * 3. the count of names, the same, and the names: a length of 8 bytes and the text.
 *
 * An array of version 2 or 3: a magic number and the kind of storage (0: dense), 4 bytes each; the
 * count of dimensions, 4 bytes, and 8 for each; the device's type and number and the type of the
 * numbers, 4 bytes each; the numbers.  Version 1 has no kind of storage; before that there was no
 * magic number either, and a dimension took 4 bytes.  An array without dimensions (version 3: with
 * an unknown count of them) ends there and is left out.
 *
 * “arg:” and “aux:” are taken off the names.  Sparse arrays and files without names are refused.
 * What follows the last name is left alone, as MXNet does.  (Layout: Apache MXNet,
 * src/ndarray/ndarray.cc, NDArray::Save and NDArray::Load.)
 */
gboolean psp_mxnet_read (PspCheckpointIndex  *index,
                         GError             **error);
