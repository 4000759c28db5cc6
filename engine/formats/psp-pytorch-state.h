/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"
#include "engine/formats/psp-pickle.h"

/**
 * PspPytorchStorage:
 * @offset: where it starts in the file, in bytes
 * @n_bytes: how long it is
 * @crc32: of all of it; 0: not known
 * @is_big_endian: as in #PspStoredTensor
 *
 * The bytes that one or several tensors share.
 */
typedef struct
{
  guint64  offset;
  guint64  n_bytes;
  guint32  crc32;
  gboolean is_big_endian;
} PspPytorchStorage;

/**
 * PspPytorchStorageFunc:
 * @key: the name of a storage, as the pickle has it
 * @storage: (out): where it is
 * @user_data: of the container's reader
 *
 * Returns: whether there is such a storage
 */
typedef gboolean (*PspPytorchStorageFunc) (const char        *key,
                                           PspPytorchStorage *storage,
                                           gpointer           user_data);

/**
 * psp_pytorch_state_read:
 * @root: what torch.save was given
 * @index: where the tensors are added
 * @find_storage: tells where a storage is
 * @user_data: for @find_storage
 * @error: %PSP_ERROR_BAD_FILE, %PSP_ERROR_UNSUPPORTED or %PSP_ERROR_TRUNCATED, naming the file
 *
 * Finds the state dict: what @root has under “state_dict”, “model”, “model_state_dict” or
 * “ema_state_dict”, the first that holds tensors, else @root itself.  Its tensors are added to
 * @index; what else is in it (counters of extensions, say) is left out.  (Layout of a tensor:
 * PyTorch, torch/_utils.py, _rebuild_tensor_v2.)
 */
gboolean psp_pytorch_state_read (const PspPickleNode    *root,
                                 PspCheckpointIndex     *index,
                                 PspPytorchStorageFunc   find_storage,
                                 gpointer                user_data,
                                 GError                **error);
