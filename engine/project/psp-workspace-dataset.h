/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-dataset.h"
#include "engine/dataset/psp-export.h"
#include "engine/dataset/psp-workspace.h"

/* What a workspace says of the dataset that it corrects: {"paths": […], "photos": "…",
 * "taxonomy": {…}} in its database, psp_taxonomy_to_json() being the taxonomy.  “photos” is a
 * digest of the stems of all photos and their lengths in bytes: it finds the dataset again where it
 * was moved or copied to. */

/**
 * psp_workspace_check_dataset:
 * @self: a workspace
 * @paths: (array zero-terminated): what psp_dataset_open() was given
 * @dataset: the dataset at @paths
 * @error: %PSP_ERROR_BAD_VALUE: the workspace corrects another dataset: it was opened from other
 *   paths, and its photos were not these
 */
gboolean    psp_workspace_check_dataset    (PspWorkspace        *self,
                                            const char * const  *paths,
                                            PspDataset          *dataset,
                                            GError             **error);

/**
 * psp_workspace_remember_dataset:
 * @self: a workspace that may be written
 * @paths: (array zero-terminated): what psp_dataset_open() was given; made absolute
 * @dataset: the dataset at @paths
 * @taxonomy: (nullable): of its masks
 * @error: as psp_workspace_set_dataset()
 */
gboolean    psp_workspace_remember_dataset (PspWorkspace        *self,
                                            const char * const  *paths,
                                            PspDataset          *dataset,
                                            PspTaxonomy         *taxonomy,
                                            GError             **error);

/**
 * psp_workspace_open_dataset:
 * @self: a workspace
 * @taxonomy: (out) (optional) (transfer full) (nullable): of its masks
 * @cancellable: (nullable)
 * @error: %PSP_ERROR_NOT_FOUND if no dataset was ever remembered; %PSP_ERROR_BAD_FILE if what is
 *   remembered is damaged; or as psp_dataset_open()
 *
 * Returns: (transfer full): the dataset that the workspace corrects, or %NULL with @error set
 */
PspDataset *psp_workspace_open_dataset     (PspWorkspace        *self,
                                            PspTaxonomy        **taxonomy,
                                            GCancellable        *cancellable,
                                            GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* As psp_workspace_find_mask(), but %PSP_ERROR_NOT_FOUND if there was one once, and its file is
 * gone: an export must not pass over it. */
PspMask    *psp_workspace_find_corrected   (PspWorkspace        *self,
                                            const char          *stem,
                                            GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (nullable): the corrected mask of @stem; %NULL without @error if there is
 * none. */
PspMask    *psp_workspace_find_mask        (PspWorkspace        *self,
                                            const char          *stem,
                                            GError             **error) G_GNUC_WARN_UNUSED_RESULT;
