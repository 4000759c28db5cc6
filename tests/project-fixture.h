/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/project/psp-project.h"
#include "tests/psp-test-folder.h"

#define PROJECT_PHOTO_SIZE ((PspSize) { 48, 36 })

/* A project on a dataset of three photos with labels, and what it reported. */
typedef struct
{
  PspTestFolder *folder;
  PspProject    *project;
  int            n_failed;   /* “failed” signals */
  GAsyncResult  *result;     /* of the last asynchronous call */
} ProjectFixture;

/* What is waited for. */
typedef gboolean (*ProjectDoneFunc) (ProjectFixture *self);

void            project_set_up          (ProjectFixture      *self,
                                         gconstpointer        data);
void            project_tear_down       (ProjectFixture      *self,
                                         gconstpointer        data);

void            project_open            (ProjectFixture      *self);

/* Nothing of the project's is left behind, as if the process had been killed between two
 * strokes. */
void            project_close           (ProjectFixture      *self);

/* Turns the main loop until @done says so; ten seconds are a failure. */
void            project_wait_until      (ProjectFixture      *self,
                                         ProjectDoneFunc      done);
gboolean        project_has_scene       (ProjectFixture      *self);
gboolean        project_has_prediction  (ProjectFixture      *self);
gboolean        project_has_failed      (ProjectFixture      *self);
gboolean        project_is_idle         (ProjectFixture      *self);

/* Before an asynchronous call; its callback, with the fixture as data; (transfer none): its result,
 * once it is there. */
void            project_expect_result   (ProjectFixture      *self);
void            project_take_result     (GObject             *source,
                                         GAsyncResult        *result,
                                         gpointer             data);
GAsyncResult   *project_wait_for_result (ProjectFixture      *self);

/* What a person does; each waits until it is done. */
PspProjectItem *project_get_item        (ProjectFixture      *self,
                                         guint                index);
void            project_select_item     (ProjectFixture      *self,
                                         guint                index);
void            project_open_model      (ProjectFixture      *self);
void            project_paint           (ProjectFixture      *self,
                                         int                  class_id);
int             project_id_at           (ProjectFixture      *self,
                                         int                  x,
                                         int                  y);
void            project_set_workspace   (ProjectFixture      *self);
void            project_save            (ProjectFixture      *self);
