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

/* What may be wrong with an image, each for itself: the first of them is told. */
typedef enum
{
  PSP_ITEM_PROBLEM_PHOTO, /* it could not be opened */
  PSP_ITEM_PROBLEM_LABEL, /* there is one, which is of no use */
  PSP_ITEM_PROBLEM_RUN,   /* the model could not run on it */
  PSP_N_ITEM_PROBLEMS
} PspItemProblem;

/* @text: (nullable): %NULL: all is well with that now */
void            psp_project_item_set_problem   (PspProjectItem       *self,
                                                PspItemProblem        problem,
                                                const char           *text);
