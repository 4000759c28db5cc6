/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-pytorch-tensor.h"

/**
 * psp_pytorch_state_read:
 * @root: what torch.save was given
 * @reader: the file; its index gets the tensors, and what psp_pytorch_meta_read() finds
 * @error: %PSP_ERROR_BAD_FILE, %PSP_ERROR_UNSUPPORTED or %PSP_ERROR_TRUNCATED, naming the file
 *
 * Finds a state dict or a network that was saved whole (psp-pytorch-module.h): what @root has
 * under “state_dict”, “model”, “model_state_dict” or “ema_state_dict”, the first that has tensors;
 * else @root itself; else its only member that has; else the only one among the members of its
 * members.  The tensors are added to the index; what else is in it (counters of extensions, say) is
 * left out.
 */
gboolean psp_pytorch_state_read (const PspPickleNode           *root,
                                 const PspPytorchTensorReader  *reader,
                                 GError                       **error);
