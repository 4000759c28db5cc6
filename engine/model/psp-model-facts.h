/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-safetensors-writer.h"
#include "engine/model/psp-architecture.h"
#include "engine/model/psp-model.h"

/* Where the facts of a model come from and how a file of ours keeps them. */

/**
 * psp_model_facts_find:
 * @self: (out caller-allocates): all but n_parameters is filled in
 * @architecture: as detected in @checkpoint
 * @checkpoint: its metadata are read
 * @options: (nullable): count more than the metadata
 * @error: %PSP_ERROR_BAD_VALUE for metadata or bins that cannot be
 *
 * Each fact comes from @options, else from the metadata, else from the family; then it is marked as
 * assumed.
 */
gboolean psp_model_facts_find  (PspModelFacts          *self,
                                const PspArchitecture  *architecture,
                                const PspCheckpoint    *checkpoint,
                                const PspModelOptions  *options,
                                GError                **error);

/* Sets the metadata that psp_model_facts_find() reads. */
void     psp_model_facts_write (const PspModelFacts    *self,
                                const PspFamily        *family,
                                PspSafetensorsWriter   *writer);
