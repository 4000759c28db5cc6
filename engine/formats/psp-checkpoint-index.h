/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-stored-tensor.h"

/* More names than any network has; a file that claims more is hostile. */
#define PSP_CHECKPOINT_MAX_ENTRIES 50000

/* Nor is any name longer. */
#define PSP_CHECKPOINT_MAX_NAME_BYTES 512

/**
 * PspCheckpointIndex:
 * @file: the open file
 * @tensors: (element-type PspStoredTensor): in the order of the file
 * @metadata: string → string
 *
 * The directory of a checkpoint, whatever its container: what a container's reader fills in.  One
 * thread while it is filled; read-only from any thread then.
 */
typedef struct
{
  PspFileReader *file;
  GArray        *tensors;
  GHashTable    *metadata;

  /*< private >*/
  GHashTable    *by_name;
} PspCheckpointIndex;

/**
 * psp_checkpoint_index_new:
 * @file: (transfer full): the file it describes
 */
PspCheckpointIndex    *psp_checkpoint_index_new          (PspFileReader             *file)
  G_GNUC_WARN_UNUSED_RESULT;
void                   psp_checkpoint_index_free         (PspCheckpointIndex        *self);

/**
 * psp_checkpoint_index_add:
 * @name: (array length=n_name_bytes): the bytes that the file has for a name
 * @n_name_bytes: the length of @name
 * @tensor: all but the name; copied
 * @error: %PSP_ERROR_BAD_FILE or %PSP_ERROR_TRUNCATED, naming the file and the tensor
 *
 * Checks that the name is text and not there yet, then psp_stored_tensor_check().
 */
gboolean               psp_checkpoint_index_add          (PspCheckpointIndex        *self,
                                                          const char                *name,
                                                          gsize                      n_name_bytes,
                                                          const PspStoredTensor     *tensor,
                                                          GError                   **error);

/**
 * psp_checkpoint_index_strip_prefixes:
 *
 * Takes “module.”, “model.”, “net.” and “_orig_mod.” off all names, again and again, as long as all
 * names share one (reference: how DataParallel, Lightning and torch.compile rename a network's
 * tensors).  A “mean” or “std” beside them, as segmentation_models.pytorch saves, stays as it is.
 */
void                   psp_checkpoint_index_strip_prefixes (PspCheckpointIndex      *self);

/**
 * psp_checkpoint_index_keep_below:
 * @prefix: “student.”
 *
 * Forgets every tensor whose name does not begin with @prefix, and takes it off the others.
 */
void                   psp_checkpoint_index_keep_below   (PspCheckpointIndex        *self,
                                                          const char                *prefix);

/* (transfer none) (nullable): the tensor called exactly @name. */
const PspStoredTensor *psp_checkpoint_index_find         (const PspCheckpointIndex  *self,
                                                          const char                *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspCheckpointIndex, psp_checkpoint_index_free)
