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
 * PspPytorchTensorReader:
 * @index: where tensors are added
 * @find_storage: tells where a storage is
 * @user_data: for @find_storage
 *
 * The file that tensors are read from.
 */
typedef struct
{
  PspCheckpointIndex    *index;
  PspPytorchStorageFunc  find_storage;
  gpointer               user_data;
} PspPytorchTensorReader;

/**
 * psp_pytorch_tensor_find:
 * @node: any value
 *
 * Returns: (transfer none) (nullable): the call that rebuilds the tensor that @node is, whether
 *   plain or a parameter; %NULL if it is none
 */
const PspPickleNode *psp_pytorch_tensor_find (const PspPickleNode           *node);

/**
 * psp_pytorch_tensor_read:
 * @self: the file
 * @name: (array length=n_name_bytes): what the tensor is called; any bytes
 * @n_name_bytes: the length of @name
 * @node: what psp_pytorch_tensor_find() found
 * @error: %PSP_ERROR_BAD_FILE, %PSP_ERROR_UNSUPPORTED or %PSP_ERROR_TRUNCATED, naming the file
 *
 * Adds one tensor to the index.  (Layout: PyTorch, torch/_utils.py, _rebuild_tensor_v2.)
 */
gboolean             psp_pytorch_tensor_read (const PspPytorchTensorReader  *self,
                                              const char                    *name,
                                              gsize                          n_name_bytes,
                                              const PspPickleNode           *node,
                                              GError                       **error);
