/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint.h"
#include "engine/formats/psp-file-mapping.h"

/**
 * PspStoredTensor:
 * @entry: what callers of PspCheckpoint see
 * @strides: for each dimension, the elements from one index to the next; 0 or more
 * @first_element: index, in the storage, of the element at [0, 0, …]
 * @storage_offset: where the storage starts in the file, in bytes
 * @storage_elements: how many elements of @entry's dtype the storage holds
 * @pitch: bytes from one element of the storage to the next; 0: they lie end to end
 * @is_big_endian: the bytes of each element are in the order of large machines, not of ours
 * @divisor: each element counts divided by it; 0: as it is stored
 * @crc32: of the whole storage (IEEE 802.3, as in zip); 0: not known
 *
 * Where in a file the numbers of one tensor are: in a storage, which several tensors may share.
 */
typedef struct
{
  PspCheckpointEntry entry;
  gint64             strides[PSP_TENSOR_MAX_DIMENSIONS];
  gint64             first_element;
  guint64            storage_offset;
  gint64             storage_elements;
  gsize              pitch;
  gboolean           is_big_endian;
  double             divisor;
  guint32            crc32;
} PspStoredTensor;

/* Sets strides as a contiguous row-major tensor of the entry's shape has them. */
void       psp_stored_tensor_set_contiguous (PspStoredTensor  *self);

/**
 * psp_stored_tensor_count:
 * @self: a tensor with dtype and shape
 * @n_elements: (out): the product of the shape
 *
 * Returns: whether the shape is possible: nothing negative, no product beyond 63 bits
 */
gboolean   psp_stored_tensor_count          (const PspStoredTensor *self,
                                             gint64                *n_elements);

/**
 * psp_stored_tensor_find_last:
 * @self: a tensor with one element or more
 * @last: (out): the index of the element that lies farthest in the storage
 *
 * Returns: whether the strides are possible: nothing negative, no index beyond 63 bits
 */
gboolean   psp_stored_tensor_find_last      (const PspStoredTensor *self,
                                             gint64                *last);

/* Bytes from one element of the storage to the next. */
gsize      psp_stored_tensor_get_pitch      (const PspStoredTensor *self);

/**
 * psp_stored_tensor_check:
 * @self: as a reader found it; the strides of dimensions with one element or none are set to 0
 * @file: the file it was found in
 * @error: %PSP_ERROR_BAD_FILE or %PSP_ERROR_TRUNCATED, naming the file and the tensor
 *
 * Trusts nothing: the product of the shape, the strides and the storage stay within bounds, every
 * element lies in the storage, the storage in the file, and there are no more elements than the
 * storage holds (so that reading never takes more memory than the file explains).
 */
gboolean   psp_stored_tensor_check          (PspStoredTensor  *self,
                                             PspFileReader    *file,
                                             GError          **error);

/**
 * psp_stored_tensor_verify:
 * @self: a checked tensor
 * @file: the file it was checked against
 * @minimum: of every number; -%HUGE_VAL: none
 * @error: as psp_checkpoint_verify()
 *
 * Reads the numbers, piece by piece, and keeps none.  Any thread.  Where the whole storage is read,
 * its CRC is compared.
 *
 * Returns: whether all of them are finite and @minimum or more
 */
gboolean   psp_stored_tensor_verify         (const PspStoredTensor  *self,
                                             PspFileReader          *file,
                                             double                  minimum,
                                             GError                **error);

/**
 * psp_stored_tensor_read:
 * @self: a checked tensor
 * @file: the file it was checked against
 * @error: as psp_checkpoint_read()
 *
 * Any thread.  Where the whole storage is read, its CRC is compared.
 *
 * Returns: (transfer full): the values as contiguous float32, or %NULL with @error set
 */
PspTensor *psp_stored_tensor_read           (const PspStoredTensor  *self,
                                             PspFileReader          *file,
                                             GError                **error)
  G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_stored_tensor_map:
 * @self: a checked tensor
 * @mapping: the file it was checked against
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): the values as contiguous float32, where they lie in the
 *   file; %NULL if they do not lie there as in memory, at a multiple of %PSP_FLOATS_ALIGNMENT
 */
GBytes    *psp_stored_tensor_map           (const PspStoredTensor  *self,
                                             PspFileMapping         *mapping)
  G_GNUC_WARN_UNUSED_RESULT;

/* As psp_stored_tensor_read(), but without a look at the CRC; @tensor takes the shape and the
 * values. */
gboolean   psp_stored_tensor_read_into      (const PspStoredTensor  *self,
                                             PspFileReader          *file,
                                             PspTensor              *tensor,
                                             GError                **error)
  G_GNUC_WARN_UNUSED_RESULT;
