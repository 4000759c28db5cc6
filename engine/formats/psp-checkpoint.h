/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"
#include "engine/core/psp-tensor.h"
#include "engine/formats/psp-dtype.h"

/**
 * PspCheckpoint:
 *
 * The named tensors of a weight file, whatever its container, and the text metadata that came with
 * them.  Opening reads the directory only; tensors are read one by one.  Immutable and
 * reference-counted; use it from any thread.
 */
typedef struct _PspCheckpoint PspCheckpoint;

/**
 * PspCheckpointEntry:
 * @name: the name in the file, without “module.”, “model.”, “net.” and “_orig_mod.” where all names
 *   share them (a “mean” or “std” beside them does not count)
 * @dtype: how its elements are stored
 * @n_dimensions: 0 to %PSP_TENSOR_MAX_DIMENSIONS
 * @shape: the slowest dimension first
 *
 * What the directory says of one tensor.
 */
typedef struct
{
  const char *name;
  PspDtype    dtype;
  int         n_dimensions;
  gint64      shape[PSP_TENSOR_MAX_DIMENSIONS];
} PspCheckpointEntry;

/**
 * psp_checkpoint_open:
 * @path: a file: PyTorch zip (torch.save since 1.6), PyTorch legacy (torch.save before that),
 *   safetensors, Caffe (.caffemodel) or MXNet (.params), told apart by their first bytes
 * @error: %PSP_ERROR_NOT_FOUND, %PSP_ERROR_IO, %PSP_ERROR_BAD_FILE, %PSP_ERROR_TRUNCATED or
 *   %PSP_ERROR_UNSUPPORTED; the message names @path and, where one is at fault, the tensor
 *
 * Of PyTorch's files state dicts are read, and networks that were saved whole (torch.save (model)):
 * alone or beside an optimiser and the like, as psp-pytorch-state.h says.  The names are those of
 * the state dict either way.
 *
 * Nothing in the file is ever executed: pickles run through an inert interpreter (psp-pickle.h).
 * What is refused is named if it is known: an HDF5 file, a tar or gzip archive, a Git-LFS pointer,
 * an HTML page, a directory, a truncated download.
 *
 * Returns: (transfer full): the checkpoint, or %NULL with @error set
 */
PspCheckpoint            *psp_checkpoint_open          (const char           *path,
                                                        GError              **error)
  G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_checkpoint_open_pair:
 * @path: a file that counts as the checkpoint's: for its path, container and metadata
 * @companion_path: a file with the rest of the tensors
 * @error: as psp_checkpoint_open(); %PSP_ERROR_BAD_FILE if both have a tensor of the same name
 *
 * Two files as one checkpoint: first the tensors of @path, then those of @companion_path.
 *
 * Returns: (transfer full): the checkpoint, or %NULL with @error set
 */
PspCheckpoint            *psp_checkpoint_open_pair     (const char           *path,
                                                        const char           *companion_path,
                                                        GError              **error)
  G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_checkpoint_keep_below:
 * @self: a checkpoint that nobody else has seen yet
 * @prefix: “student.”, which some names begin with
 *
 * Forgets every tensor whose name does not begin with @prefix, and takes it off the others.
 */
void                      psp_checkpoint_keep_below    (PspCheckpoint        *self,
                                                        const char           *prefix);
PspCheckpoint            *psp_checkpoint_ref           (PspCheckpoint        *self);
void                      psp_checkpoint_unref         (PspCheckpoint        *self);

const char               *psp_checkpoint_get_path      (const PspCheckpoint  *self);

/* (nullable): the file with the rest of the tensors; %NULL: there is but one file. */
const char               *psp_checkpoint_get_companion_path (const PspCheckpoint *self);

/* “PyTorch zip”, “PyTorch legacy”, “safetensors”, “Caffe” or “MXNet”. */
const char               *psp_checkpoint_get_container (const PspCheckpoint  *self);

gsize                     psp_checkpoint_get_n_entries (const PspCheckpoint  *self);

/* (transfer none): @index below psp_checkpoint_get_n_entries(), in the order of the file. */
const PspCheckpointEntry *psp_checkpoint_get_entry     (const PspCheckpoint  *self,
                                                        gsize                 index);

/* (transfer none) (nullable): the entry called exactly @name. */
const PspCheckpointEntry *psp_checkpoint_find          (const PspCheckpoint  *self,
                                                        const char           *name);

/* (transfer none) (nullable): the text metadata under @key: safetensors' __metadata__, what a Caffe
 * model says of its convolutions (psp-caffe.h), or what mmsegmentation leaves beside the tensors
 * (psp-pytorch-meta.h). */
const char               *psp_checkpoint_get_metadata  (const PspCheckpoint  *self,
                                                        const char           *key);

/**
 * psp_checkpoint_verify:
 * @self: a checkpoint; several threads may verify at once
 * @name: an entry's name
 * @minimum: of every number; -%HUGE_VAL: none
 * @error: %PSP_ERROR_BAD_VALUE, naming file, tensor, number and place; else as
 *   psp_checkpoint_read()
 *
 * Looks at all numbers of the tensor before any memory is spent on them: they are read in small
 * pieces, of which none is kept.
 *
 * Returns: whether they can be read, are those that the container has a checksum of, and are finite
 *   and @minimum or more
 */
gboolean                  psp_checkpoint_verify        (PspCheckpoint        *self,
                                                        const char           *name,
                                                        double                minimum,
                                                        GError              **error);

/**
 * psp_checkpoint_read:
 * @self: a checkpoint; several threads may read at once
 * @name: an entry's name
 * @error: %PSP_ERROR_NOT_FOUND, %PSP_ERROR_IO, %PSP_ERROR_TRUNCATED (the file shrank),
 *   %PSP_ERROR_BAD_FILE (a checksum of the container differs) or %PSP_ERROR_NO_MEMORY
 *
 * Converts any dtype to float32, follows strides and offsets.
 *
 * Returns: (transfer full): the values, contiguous, or %NULL with @error set
 */
PspTensor                *psp_checkpoint_read          (PspCheckpoint        *self,
                                                        const char           *name,
                                                        GError              **error)
  G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_checkpoint_read_into:
 * @tensor: (inout): takes the shape and the values; nobody else refers to it
 *
 * As psp_checkpoint_read(), into memory that was used before, which saves the system from clearing
 * some more; and for a tensor that psp_checkpoint_verify() has looked at: no checksum is compared.
 */
gboolean                  psp_checkpoint_read_into     (PspCheckpoint        *self,
                                                        const char           *name,
                                                        PspTensor            *tensor,
                                                        GError              **error)
  G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_checkpoint_get_floats:
 * @self: a checkpoint; several threads may ask at once
 * @name: an entry's name
 * @error: as psp_checkpoint_read()
 *
 * As psp_checkpoint_read_into(), but without a copy where the file holds the values as they are
 * wanted: contiguous float32 at a multiple of %PSP_FLOATS_ALIGNMENT bytes, without a checksum.
 * Then the result is the file itself, mapped (psp-file-mapping.h), and is worth what
 * psp_checkpoint_check_mapping() says after it was looked at.
 *
 * Returns: (transfer full): float32, or %NULL with @error set
 */
GBytes                   *psp_checkpoint_get_floats    (PspCheckpoint        *self,
                                                        const char           *name,
                                                        GError              **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* Whether what psp_checkpoint_get_floats() gave so far was right up to now: @error as
 * psp_file_mapping_check().  Any thread. */
gboolean                  psp_checkpoint_check_mapping (PspCheckpoint        *self,
                                                        GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspCheckpoint, psp_checkpoint_unref)
