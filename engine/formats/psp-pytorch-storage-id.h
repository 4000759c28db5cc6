/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-dtype.h"
#include "engine/formats/psp-pickle.h"

/* Longer names of storages are hostile: they are numbers, or addresses in memory. */
#define PSP_PYTORCH_MAX_KEY_BYTES 64

/**
 * PspPytorchStorageId:
 * @key: the storage's name
 * @type: the global that says what its numbers are: “torch.FloatStorage”
 * @is_untyped: whether the counts below are of bytes instead of numbers
 * @n_elements: of the storage
 * @first_element: of the part of it that is meant
 * @n_view_elements: of that part; it lies inside the storage
 *
 * What the persistent identifier in a pickle says of a storage.
 */
typedef struct
{
  char                 key[PSP_PYTORCH_MAX_KEY_BYTES + 1];
  const PspPickleNode *type;
  gboolean             is_untyped;
  gint64               n_elements;
  gint64               first_element;
  gint64               n_view_elements;
} PspPytorchStorageId;

/**
 * psp_pytorch_storage_id_read:
 * @self: (out caller-allocates): filled
 * @node: the value that stands for a storage
 *
 * Takes a persistent value with the tuple ('storage', type, key, location, n_elements).  Files from
 * before PyTorch 1.6 have a sixth item: None, or (key, first, n) for a part of the storage.
 * (Layout: PyTorch, torch/serialization.py, persistent_id.)
 *
 * Returns: whether @node is that; @self is undefined otherwise
 */
gboolean psp_pytorch_storage_id_read (PspPytorchStorageId *self,
                                      const PspPickleNode *node);

/**
 * psp_pytorch_dtype_from_global:
 * @node: any value
 * @dtype: (out): the type that it names
 *
 * Returns: whether @node is a storage class (torch.FloatStorage) or a type (torch.float32) whose
 *   numbers can be read; @dtype is left alone otherwise
 */
gboolean psp_pytorch_dtype_from_global (const PspPickleNode *node,
                                        PspDtype            *dtype);
