/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-image.h"

#include <gio/gio.h>

/**
 * PspProjectItem:
 *
 * One image of the project, as the list shows it.  Main thread only; the project writes it.
 *
 * Properties (all notify): “stem” (string), “score” (double: mean IoU over the classes present, 0
 * to 1; -1: not known), “predicted” (boolean: the model has run on it), “modified” (boolean: edits
 * that the workspace does not hold yet), “corrected” (boolean: the workspace holds a mask for it),
 * “problem” (string, nullable: what failed, for people).
 */
#define PSP_TYPE_PROJECT_ITEM (psp_project_item_get_type ())
G_DECLARE_FINAL_TYPE (PspProjectItem, psp_project_item, PSP, PROJECT_ITEM, GObject)

const char *psp_project_item_get_stem       (PspProjectItem *self);
const char *psp_project_item_get_image_path (PspProjectItem *self);

/* (nullable): %NULL if there is no label. */
const char *psp_project_item_get_label_path (PspProjectItem *self);
double      psp_project_item_get_score      (PspProjectItem *self);
gboolean    psp_project_item_get_predicted  (PspProjectItem *self);
gboolean    psp_project_item_get_modified   (PspProjectItem *self);
gboolean    psp_project_item_get_corrected  (PspProjectItem *self);
const char *psp_project_item_get_problem    (PspProjectItem *self);

/**
 * psp_project_item_load_thumbnail_async:
 * @self: an item
 * @longest_side: in pixels
 * @cancellable: (nullable)
 * @callback: called in the main thread
 *
 * Decodes and shrinks the photo in a worker thread.
 */
void        psp_project_item_load_thumbnail_async  (PspProjectItem       *self,
                                                    int                   longest_side,
                                                    GCancellable         *cancellable,
                                                    GAsyncReadyCallback   callback,
                                                    gpointer              data);
PspImage   *psp_project_item_load_thumbnail_finish (PspProjectItem       *self,
                                                    GAsyncResult         *result,
                                                    GError              **error) G_GNUC_WARN_UNUSED_RESULT;
