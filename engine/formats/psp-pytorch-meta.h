/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"
#include "engine/formats/psp-pickle.h"

/**
 * psp_pytorch_meta_read:
 * @root: what a PyTorch file holds
 * @index: its metadata get
 *
 * - “mmsegmentation.config”: the configuration's text, meta['config'] or meta['cfg'];
 * - “classes”: a taxonomy in JSON with what meta['CLASSES'] and meta['PALETTE'] say, or “classes”
 *   and “palette” of meta['dataset_meta'] (mmengine).
 *
 * What is not there, or is no text or no list of texts, is left out; nothing here is an error.
 */
void psp_pytorch_meta_read (const PspPickleNode *root,
                            PspCheckpointIndex  *index);
