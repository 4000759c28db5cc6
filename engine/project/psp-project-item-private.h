/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-dataset.h"
#include "engine/project/psp-project-item.h"

/* What the project does with its items; main thread only. */

PspProjectItem *psp_project_item_new           (const PspDatasetItem *item) G_GNUC_WARN_UNUSED_RESULT;
void            psp_project_item_set_score     (PspProjectItem       *self,
                                                double                score);
void            psp_project_item_set_predicted (PspProjectItem       *self,
                                                gboolean              predicted);
void            psp_project_item_set_modified  (PspProjectItem       *self,
                                                gboolean              modified);
void            psp_project_item_set_corrected (PspProjectItem       *self,
                                                gboolean              corrected);
void            psp_project_item_set_problem   (PspProjectItem       *self,
                                                const char           *problem);
