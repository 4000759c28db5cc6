/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint.h"

/**
 * psp_model_files_open:
 * @path: a checkpoint, or two with a comma between them: “FIRST,SECOND”
 * @error: as psp_checkpoint_open_pair(); %PSP_ERROR_NOT_FOUND if @path is one half of a network and
 *   the other half is not beside it; %PSP_ERROR_UNSUPPORTED if the file holds several networks
 *
 * Opens a checkpoint.  Where a family saves networks in two files, either may be named: the other
 * is looked for beside it, under the same name with “encoder” for “decoder”.  A pair may have any
 * names; a file whose own name has a comma counts more than a pair.
 *
 * A network may be one part of what was saved: its tensors have a prefix, “module.” beside the
 * “n_averaged” of PyTorch's AveragedModel, “model.” beside the weights of a loss.  Then only the
 * network is there, without the prefix.
 *
 * Returns: (transfer full): the checkpoint with the tensors of both, or %NULL with @error set
 */
PspCheckpoint *psp_model_files_open  (const char  *path,
                                      GError     **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (array zero-terminated): the one or two files that @path names. */
GStrv          psp_model_files_split (const char  *path) G_GNUC_WARN_UNUSED_RESULT;
