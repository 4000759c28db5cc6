/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/analysis/psp-evaluation.h"
#include "engine/dataset/psp-export.h"
#include "engine/model/psp-model-options.h"
#include "engine/project/psp-project-item.h"
#include "engine/project/psp-scene.h"
#include "engine/run/psp-runner.h"

/**
 * PspProject:
 *
 * What is open: a dataset, a model on a device, the predictions, the workspace with the corrected
 * masks.  The window shows it and the tests drive it.  Main thread only; all work happens in worker
 * threads.
 *
 * Properties (all notify):
 *  “dataset-name” (string, nullable), “model-name” (string, nullable),
 *  “device-name” (string, nullable: “OpenBLAS · fp32”),
 *  “workspace-path” (string, nullable), “taxonomy” (pointer PspTaxonomy, nullable),
 *  “scene” (PspScene, nullable: the image that is open), “current” (PspProjectItem, nullable),
 *  “loading” (boolean: a scene is on its way), “running” (boolean: the model is at work),
 *  “progress” (double, 0 to 1, of that run),
 *  “run-done” and “run-total” (int: images of that run),
 *  “time-left” (double, seconds; -1: not known),
 *  “modified” (boolean: some image has edits that the workspace does not hold),
 *  “evaluation-version” (uint: grows whenever the evaluation changed),
 *  “levels-off” and “shown-levels-off” (uint: see psp_project_set_levels_off()).
 *
 * Signal “failed” (PspProject *project, char *title, GError *error): background work failed; show
 * it, go on.
 * Signal “device-failed” (PspProject *project, char *title, GError *error): so did the device, and
 * @title says what took over; nothing is lost.  With one model on one device, the same is told
 * once.
 */
#define PSP_TYPE_PROJECT (psp_project_get_type ())
G_DECLARE_FINAL_TYPE (PspProject, psp_project, PSP, PROJECT, GObject)

PspProject     *psp_project_new                   (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_project_set_recovery_folder:
 * @path: a folder of the program's own
 *
 * Where edits are journaled while no workspace is chosen, one folder for each dataset.  After a
 * crash, opening the dataset brings them back.  Without it such edits are in memory only.  Call it
 * before anything is opened.
 */
void            psp_project_set_recovery_folder   (PspProject           *self,
                                                   const char           *path);

/**
 * psp_project_set_answers_path:
 * @path: a file of the program's own; it need not be there
 *
 * Where it is remembered what a person said about checkpoints: see psp-model-answers.h.  Without
 * it nothing is remembered, and no checkpoint asks.  Call it before a model is opened.
 */
void            psp_project_set_answers_path      (PspProject           *self,
                                                   const char           *path);

/* (transfer none): the images, a list of PspProjectItem; the same object for the life of the
 * project. */
GListModel     *psp_project_get_items             (PspProject           *self);

const char     *psp_project_get_dataset_name      (PspProject           *self);
const char     *psp_project_get_model_name        (PspProject           *self);
const char     *psp_project_get_device_name       (PspProject           *self);
const char     *psp_project_get_workspace_path    (PspProject           *self);

/* (transfer none) (nullable): the folder that the images share, for dialogs. */
const char     *psp_project_get_dataset_path      (PspProject           *self);

/* (transfer none) (nullable): the dataset's classes, else the model's; numbered ones if neither has
 * names. */
PspTaxonomy    *psp_project_get_taxonomy          (PspProject           *self);

/* (transfer none) (nullable): facts of the model that is open. */
PspModel       *psp_project_get_model             (PspProject           *self);

/* (transfer none) (nullable): what the dataset's layout lacks: one sentence each. */
const char * const *psp_project_get_dataset_problems (PspProject        *self);

/**
 * psp_project_open_dataset_async:
 * @paths: (array zero-terminated): one dataset folder, one folder of images, one workspace, or
 *   image files
 *
 * Replaces the images.  On success the first image is opened.  Predictions are forgotten.  Unsaved
 * edits must have been saved or discarded before: they stay in the journal of a workspace but not
 * elsewhere.  %G_IO_ERROR_CANCELLED if images that were to be opened after these are open already.
 */
void            psp_project_open_dataset_async    (PspProject           *self,
                                                   const char * const   *paths,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              data);
gboolean        psp_project_open_dataset_finish   (PspProject           *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

/* Loads a checkpoint onto the device, with what was remembered about it; predictions of the former
 * model are forgotten.  The open image is run.  If what was remembered does not fit, the model is
 * opened without it and “failed” says why.  %G_IO_ERROR_CANCELLED if a checkpoint that was to be
 * opened after this one is open already. */
void            psp_project_open_model_async      (PspProject           *self,
                                                   const char           *path,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              data);
gboolean        psp_project_open_model_finish     (PspProject           *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

/* Whether nobody has said yet what the file of the open model does not tell: some fact is assumed
 * that predictions or class names hang on, and nothing is remembered, be it that nothing differs.
 * The sizes of `slide` do not count: a project runs `whole`. */
gboolean        psp_project_get_model_asks        (PspProject           *self);

/* (transfer none): what the person said of the open model, now or when it was opened before. */
const PspModelOptions *psp_project_get_model_options (PspProject        *self);

/**
 * psp_project_set_model_options_async:
 * @options: all that the person says of the open model; copied
 *
 * Remembers it for this checkpoint.  If it differs from what holds, the model is loaded anew with
 * it, and what was run is run anew: the open image, or all images.  Until then, and on failure, the
 * former model stays.  %PSP_ERROR_NOT_FOUND without a model; else errors as psp_model_load().  That
 * an answer which holds could not be remembered is told by “failed”.
 */
void            psp_project_set_model_options_async (PspProject            *self,
                                                     const PspModelOptions *options,
                                                     GCancellable          *cancellable,
                                                     GAsyncReadyCallback    callback,
                                                     gpointer               data);
gboolean        psp_project_set_model_options_finish (PspProject        *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

/* Behind a device: weights and activations in 16 bits, summed in 32; graphics cards are faster. */
#define PSP_PROJECT_DEVICE_FP16 ",fp16"

/* The device for the model: “auto”, “cpu”, “vulkan:0” (see psp_device_open()), or one of them with
 * %PSP_PROJECT_DEVICE_FP16; a model that is open moves there.  %G_IO_ERROR_CANCELLED if a device
 * that was chosen after this one has it already. */
void            psp_project_set_device_async      (PspProject           *self,
                                                   const char           *choice,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              data);
gboolean        psp_project_set_device_finish     (PspProject           *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

/**
 * psp_project_select:
 * @item: (nullable): an image of the project; %NULL closes the scene
 *
 * Opens an image: “scene” changes when it is decoded, or “failed” is emitted.  A former selection
 * that is still loading is dropped.  Edits of the image that is left stay in memory and in the
 * journal.  With a model open and no prediction at hand, the image is run in the background.
 */
void            psp_project_select                (PspProject           *self,
                                                   PspProjectItem       *item);
PspProjectItem *psp_project_get_current           (PspProject           *self);
PspScene       *psp_project_get_scene             (PspProject           *self);

/* Runs the model on the open image, or on all images that have no prediction yet;
 * psp_project_cancel_run() ends it. */
void            psp_project_run_current           (PspProject           *self);
void            psp_project_run_all               (PspProject           *self);
void            psp_project_cancel_run            (PspProject           *self);
gboolean        psp_project_get_running           (PspProject           *self);

/**
 * psp_project_set_levels_off:
 * @levels: bit i is set: level i of the model's pyramid, in the order of its facts, counts as zero
 *
 * What did the context contribute?  Runs the open image in the background with these levels left
 * out and shows that in place of its prediction, until @levels is 0 again; so for every image that
 * is opened meanwhile.  Such a prediction is not kept and in no way judged: it enters neither the
 * evaluation nor scores.  “levels-off” is what is asked for, “shown-levels-off” what the prediction
 * that is shown was made with.  A run that fails or is cancelled takes back what it was asked for.
 * Another model, device or dataset switches all levels on.
 */
void            psp_project_set_levels_off        (PspProject           *self,
                                                   guint                 levels);
guint           psp_project_get_levels_off        (PspProject           *self);
guint           psp_project_get_shown_levels_off  (PspProject           *self);

/* Ends the run and waits until no thread uses the model any more; whoever opens one has cancelled
 * that.  It takes 0.5 s at most, unless a device is just being opened or does not answer, which is
 * given up after a minute.  Before the program ends: the device's libraries end with it. */
void            psp_project_shut_down             (PspProject           *self);

double          psp_project_get_progress          (PspProject           *self);

/**
 * psp_project_get_evaluation:
 *
 * Prediction against the dataset's labels over all images that ran.
 *
 * Returns: (transfer none) (nullable): %NULL before anything ran
 */
PspEvaluation  *psp_project_get_evaluation        (PspProject           *self);

/* The folder for corrected masks; made if it is not there.  Edits in its journal that were never
 * saved are replayed; those that were made without a workspace, or while it is being opened, move
 * there.  %G_IO_ERROR_CANCELLED if another dataset was opened meanwhile. */
void            psp_project_set_workspace_async   (PspProject           *self,
                                                   const char           *path,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              data);
gboolean        psp_project_set_workspace_finish  (PspProject           *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

/**
 * psp_project_save_async:
 *
 * Writes every modified mask into the workspace, atomically.  Needs a workspace:
 * %PSP_ERROR_NOT_FOUND without one.
 */
void            psp_project_save_async            (PspProject           *self,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              data);
gboolean        psp_project_save_finish           (PspProject           *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);
gboolean        psp_project_get_modified          (PspProject           *self);

/**
 * psp_project_discard_async:
 *
 * Gives up every edit that the workspace does not hold, in its journal too: for closing without
 * saving.  What is open is loaded anew.
 */
void            psp_project_discard_async         (PspProject           *self,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              data);
gboolean        psp_project_discard_finish        (PspProject           *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);

/**
 * psp_project_export_async:
 * @profile: images and masks as they are, or mapped into MSeg's universal taxonomy
 * @path: the folder to make; it must not exist or be empty
 *
 * Exports all images with their corrected masks, unsaved edits included, or else their labels.
 */
void              psp_project_export_async        (PspProject           *self,
                                                   PspExportProfile      profile,
                                                   const char           *path,
                                                   PspProgress           progress,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              data);

/* (transfer full): what was written and what failed; %NULL with @error set if nothing was. */
PspExportResult  *psp_project_export_finish       (PspProject           *self,
                                                   GAsyncResult         *result,
                                                   GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes metrics.json, report.csv, results.txt and report.html of psp_project_get_evaluation() into
 * a folder. */
void            psp_project_report_async          (PspProject           *self,
                                                   const char           *path,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              data);
gboolean        psp_project_report_finish         (PspProject           *self,
                                                   GAsyncResult         *result,
                                                   GError              **error);
