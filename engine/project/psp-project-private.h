/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/project/psp-project.h"

#include "engine/dataset/psp-workspace.h"
#include "engine/project/psp-disk-queue.h"
#include "engine/project/psp-latest.h"
#include "engine/project/psp-open-workspaces.h"
#include "engine/project/psp-project-item-private.h"
#include "engine/project/psp-scene-store.h"
#include "engine/project/psp-workers.h"
#include "engine/run/psp-predictor-private.h"

/* How the files called psp-project-*.c share their work. */

enum {
  PSP_PROJECT_PROP_0,
  PSP_PROJECT_PROP_DATASET_NAME,
  PSP_PROJECT_PROP_MODEL_NAME,
  PSP_PROJECT_PROP_DEVICE_NAME,
  PSP_PROJECT_PROP_WORKSPACE_PATH,
  PSP_PROJECT_PROP_TAXONOMY,
  PSP_PROJECT_PROP_SCENE,
  PSP_PROJECT_PROP_CURRENT,
  PSP_PROJECT_PROP_LOADING,
  PSP_PROJECT_PROP_RUNNING,
  PSP_PROJECT_PROP_PROGRESS,
  PSP_PROJECT_PROP_RUN_DONE,
  PSP_PROJECT_PROP_RUN_TOTAL,
  PSP_PROJECT_PROP_TIME_LEFT,
  PSP_PROJECT_PROP_MODIFIED,
  PSP_PROJECT_PROP_EVALUATION_VERSION,
  PSP_PROJECT_PROP_LEVELS_OFF,
  PSP_PROJECT_PROP_SHOWN_LEVELS_OFF,
  PSP_PROJECT_N_PROPS
};

/* The model at work on a list of images; see psp-project-run.c. */
typedef struct _PspRunJob PspRunJob;

struct _PspProject
{
  GObject         parent_instance;

  GListStore     *items;        /* PspProjectItem */
  GHashTable     *items_by_stem;/* borrowed stem to borrowed item */
  PspDataset     *dataset;      /* (nullable) */
  GStrv           dataset_paths;/* (nullable) what it was opened from */
  PspLatest       latest_dataset; /* or workspace */
  PspTaxonomy    *taxonomy;     /* (nullable) */
  PspTaxonomy    *network_taxonomy; /* (nullable): of predictions, where classes do not fit */

  PspPredictorOpenFunc open_device;
  char           *device_choice;
  PspLatest       latest_device;
  char           *device_name;  /* (nullable) */
  PspModel       *model;        /* (nullable) */
  PspLatest       latest_model;
  PspModelOptions model_options; /* what the person said of it */
  gboolean        model_asks;   /* psp_project_get_model_asks() */
  char           *answers_path; /* (nullable) */
  PspPredictor   *predictor;    /* (nullable): the model on a device, and what takes over */
  GHashTable     *told;         /* what took over so far, in words: each is told once */

  PspProjectItem *current;      /* (nullable) */
  PspScene       *scene;        /* (nullable) */
  GCancellable   *loading;      /* (nullable) */
  PspSceneStore  *scenes;       /* those with edits or history */

  GHashTable     *predictions;  /* stem to PspPrediction */
  GQueue          prediction_order; /* stems, the one used last at the head */
  gsize           prediction_bytes;

  PspWorkers     *workers;      /* threads that use the model */
  PspRunJob      *batch;        /* (nullable) what the person asked for */
  PspRunJob      *preview;      /* (nullable) the open image, run by itself */
  guint           levels_off;   /* psp_project_set_levels_off() */
  guint           shown_levels_off; /* of the prediction that is shown */
  PspEvaluation  *evaluation;   /* (nullable) */
  guint           evaluation_version;

  PspOpenWorkspaces *open_workspaces;
  PspWorkspace   *workspace;    /* (nullable) the one that was chosen */
  char           *recovery_folder; /* (nullable) */
  PspWorkspace   *recovery;     /* (nullable) holds the journal while none is chosen */
  PspDiskQueue   *disk;
  GHashTable     *entries;      /* stem to GPtrArray of PspEdit: edits without a workspace */
  GPtrArray      *saves;        /* GPtrArray of PspUnsaved each: on their way to the workspace */
  gboolean        modified;     /* as last notified */
};

/* Notifies one of the properties above. */
void            psp_project_notify              (PspProject     *self,
                                                 int             property);

/* Emits “failed”. */
void            psp_project_report_failure      (PspProject     *self,
                                                 const char     *title,
                                                 const GError   *error);

/* (transfer none) (nullable): the image called @stem. */
PspProjectItem *psp_project_find_item           (PspProject     *self,
                                                 const char     *stem);

/* Emits “device-failed”, unless it was told before in the same words. */
void            psp_project_report_step         (PspProject     *self,
                                                 const char     *title,
                                                 const GError   *failure);

/**
 * psp_project_run_in_thread:
 * @self: the project
 * @task: of @self, without task data
 * @work: runs in a worker thread
 * @data: for @work, as g_task_get_task_data()
 * @free_data: what ends @data; called in the main thread
 *
 * As g_task_run_in_thread(), whose thread may hold the last reference to the task, and so to its
 * data and to @self: those are let go in the main thread.
 */
void            psp_project_run_in_thread       (PspProject     *self,
                                                 GTask          *task,
                                                 GTaskThreadFunc work,
                                                 gpointer        data,
                                                 GDestroyNotify  free_data);

/* psp-project-model.c */

/* How devices are opened: psp_device_open(), or what a test has that fails.  Call it before
 * anything is opened. */
void            psp_project_set_device_opener   (PspProject     *self,
                                                 PspPredictorOpenFunc open);

/* (transfer full) (nullable): for people, the device that is in charge now; any thread. */
char           *psp_project_describe_device     (PspPredictor   *predictor);
void            psp_project_set_device_name     (PspProject     *self,
                                                 const char     *name);

/* (transfer full) @predictor: ends it in a thread of @workers if this is its last reference, which
 * waits for the device. */
void            psp_project_release_predictor   (PspWorkers     *workers,
                                                 PspPredictor   *predictor);

/* psp-project-run.c */
void            psp_project_run_preview         (PspProject     *self);

/* Shows what is at hand of the open image; nothing while levels are off. */
void            psp_project_show_prediction     (PspProject     *self);
void            psp_project_stop_jobs           (PspProject     *self);
void            psp_project_forget_predictions  (PspProject     *self);
PspPrediction  *psp_project_find_prediction     (PspProject     *self,
                                                 const char     *stem);
double          psp_project_get_time_left       (PspProject     *self);
void            psp_project_get_run_counts      (PspProject     *self,
                                                 int            *done,
                                                 int            *total);

/* psp-project-workspace.c */
void            psp_project_watch_scene         (PspProject     *self,
                                                 PspScene       *scene);
void            psp_project_update_modified     (PspProject     *self);
void            psp_project_close_workspace     (PspProject     *self);

/* Opens the dataset that the workspace at @path corrects; psp_project_set_workspace_finish() ends
 * it. */
void            psp_project_open_workspace_async (PspProject    *self,
                                                 const char     *path,
                                                 GCancellable   *cancellable,
                                                 GAsyncReadyCallback callback,
                                                 gpointer        data);

/* (nullable): what holds the journal: the workspace, else the recovery folder. */
PspWorkspace   *psp_project_get_journal         (PspProject     *self);

/* Opens the journal for edits of the dataset at @paths that have no workspace; any thread.
 * @folder: (nullable): psp_project_set_recovery_folder() */
PspWorkspace   *psp_project_open_recovery       (const char     *folder,
                                                 const char * const *paths,
                                                 PspOpenWorkspaces *open,
                                                 GPtrArray     **images,
                                                 GError        **error);

/* Puts what a workspace knows of the images (element-type PspWorkspaceImage) into the list. */
void            psp_project_mark_items          (PspProject     *self,
                                                 GPtrArray      *images);

/* psp-project-unsaved.c */

/* (transfer full) (element-type PspUnsaved): all masks with edits that the workspace lacks, as they
 * are now: those of scenes in memory, then of images whose edits are in the journal alone. */
GPtrArray      *psp_project_snapshot_unsaved    (PspProject     *self,
                                                 GError        **error);

/* In one worker thread.  (transfer full) (nullable): the mask of @stem; %NULL without @error if it
 * has no such edits. */
PspMask        *psp_project_find_unsaved        (GPtrArray      *snapshots,
                                                 const char     *stem,
                                                 GError        **error);

/* psp-project-save.c */

/* For a scene that was just loaded: what is being saved of its journal meanwhile is saved of it. */
void            psp_project_join_saves          (PspProject     *self,
                                                 PspScene       *scene);

/* The workspace that was chosen has the edits of @snapshots now: nothing is left to be recovered.
 * Before it takes the place of the recovery folder. */
void            psp_project_clear_recovery      (PspProject     *self,
                                                 GPtrArray      *snapshots);

/* psp-project.c */
void            psp_project_take_dataset        (PspProject     *self,
                                                 PspDataset     *dataset,
                                                 const char * const *paths);
void            psp_project_reload_scene        (PspProject     *self);

/* Begins again what is being loaded: the journal or the workspace is another now.  What is shown
 * until then stays. */
void            psp_project_restart_loading     (PspProject     *self);
void            psp_project_update_taxonomy     (PspProject     *self);
