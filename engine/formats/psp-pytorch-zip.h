/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"

/**
 * psp_pytorch_zip_read:
 * @index: of a file that starts as a zip archive does; filled
 * @error: as psp_checkpoint_open()
 *
 * The file that torch.save has written since PyTorch 1.6: an archive of stored members,
 * NAME/data.pkl (the object) and NAME/data/KEY (the storages).  (Layout: PyTorch,
 * caffe2/serialize/inline_container.h.)
 */
gboolean psp_pytorch_zip_read (PspCheckpointIndex  *index,
                               GError             **error);
