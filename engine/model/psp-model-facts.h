/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-safetensors-writer.h"
#include "engine/model/psp-architecture.h"
#include "engine/model/psp-model.h"

/* Where the facts of a model come from and how a file of ours keeps them. */

/**
 * psp_model_facts_find:
 * @self: (out caller-allocates): all but n_parameters and the source of the names is filled in
 * @architecture: as detected in @checkpoint
 * @checkpoint: its metadata are read
 * @options: (nullable): count more than the metadata
 * @error: %PSP_ERROR_BAD_VALUE for metadata or bins that cannot be
 *
 * Each fact comes from @options, else from the metadata, else from the family.
 */
gboolean psp_model_facts_find  (PspModelFacts          *self,
                                const PspArchitecture  *architecture,
                                const PspCheckpoint    *checkpoint,
                                const PspModelOptions  *options,
                                GError                **error);

/**
 * psp_model_facts_find_taxonomy:
 * @self: gets the source of the names
 * @checkpoint: its metadata are read
 * @names: (nullable): of PspModelOptions; count more
 * @taxonomy: (out) (nullable): %NULL if nothing tells the classes
 * @error: as psp_taxonomy_load(); %PSP_ERROR_BAD_SHAPE if the model has another number of classes
 */
gboolean psp_model_facts_find_taxonomy (PspModelFacts        *self,
                                const PspCheckpoint    *checkpoint,
                                const char             *names,
                                PspTaxonomy           **taxonomy,
                                GError                **error);

/* The facts that are a #PspFact, but the names, as options. */
PspModelOptions psp_model_facts_to_options (const PspModelFacts *self);

/* Sets the metadata that psp_model_facts_find() reads. */
void     psp_model_facts_write (const PspModelFacts    *self,
                                PspSafetensorsWriter   *writer);
