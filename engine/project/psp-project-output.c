/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-private.h"

#include "engine/analysis/psp-report.h"
#include "engine/formats/psp-image-file.h"
#include "engine/project/psp-scene-loader.h"
#include "engine/project/psp-workspace-dataset.h"

/* What leaves the project: exports and reports. */

typedef struct
{
  PspDataset       *dataset;
  PspTaxonomy      *taxonomy;
  PspWorkspace     *workspace; /* (nullable) */
  GPtrArray        *unsaved;   /* psp_project_snapshot_unsaved() */
  PspExportProfile  profile;
  char             *path;
  PspProgress       progress;
} ExportJob;

static void
export_job_free (ExportJob *self)
{
  psp_dataset_unref (self->dataset);
  psp_taxonomy_unref (self->taxonomy);
  g_clear_pointer (&self->workspace, psp_workspace_unref);
  g_ptr_array_unref (self->unsaved);
  g_free (self->path);
  g_free (self);
}

static PspMask *
find_corrected (const char  *stem,
                gpointer     data,
                GError     **error)
{
  ExportJob *job = data;
  g_autoptr(GError) reason = NULL;
  PspMask *mask = psp_project_find_unsaved (job->unsaved, stem, &reason);

  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  if (mask != NULL)
    return mask;
  return job->workspace != NULL ? psp_workspace_find_corrected (job->workspace, stem, error) : NULL;
}

static void
export_worker (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  ExportJob *job = data;
  GError *error = NULL;
  PspExportResult *result = psp_export_run (&(PspExportRequest) {
    .items = psp_dataset_get_items (job->dataset),
    .n_items = psp_dataset_get_n_items (job->dataset),
    .source_folder = psp_dataset_get_folder (job->dataset),
    .taxonomy = job->taxonomy,
    .profile = job->profile,
    .folder = job->path,
    .find_corrected = find_corrected,
    .find_corrected_data = job,
    .progress = job->progress,
  }, cancellable, &error);

  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify) psp_export_result_free);
  else
    g_task_return_error (task, error);
}

void
psp_project_export_async (PspProject          *self,
                          PspExportProfile     profile,
                          const char          *path,
                          PspProgress          progress,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  g_autoptr(GPtrArray) unsaved = NULL;
  ExportJob *job;
  GError *error = NULL;

  g_task_set_source_tag (task, psp_project_export_async);
  if (self->dataset == NULL)
    {
      g_task_return_new_error (task, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                               "there is nothing to export; open a dataset first");
      return;
    }
  unsaved = psp_project_snapshot_unsaved (self, &error);
  if (unsaved == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  job = g_new0 (ExportJob, 1);
  job->dataset = psp_dataset_ref (self->dataset);
  job->taxonomy = psp_taxonomy_ref (self->taxonomy);
  job->workspace = self->workspace != NULL ? psp_workspace_ref (self->workspace) : NULL;
  job->unsaved = g_steal_pointer (&unsaved);
  job->profile = profile;
  job->path = g_strdup (path);
  job->progress = progress;
  psp_project_run_in_thread (self, task, export_worker, job, (GDestroyNotify) export_job_free);
}

PspExportResult *
psp_project_export_finish (PspProject    *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  PspEvaluation *evaluation;
  PspDataset    *dataset;
  GHashTable    *predictions; /* stem to PspPrediction */
  char          *path;
  char          *model;
  char          *device;
} ReportJob;

static void
report_job_free (ReportJob *self)
{
  psp_evaluation_unref (self->evaluation);
  psp_dataset_unref (self->dataset);
  g_hash_table_unref (self->predictions);
  g_free (self->path);
  g_free (self->model);
  g_free (self->device);
  g_free (self);
}

static void
load_pictures (const char        *stem,
               PspReportPictures *pictures,
               gpointer           data)
{
  ReportJob *job = data;
  const PspDatasetItem *item = psp_dataset_find (job->dataset, stem);
  PspPrediction *prediction = g_hash_table_lookup (job->predictions, stem);

  if (item == NULL)
    return;
  pictures->photo = psp_image_load (item->image_path, NULL);
  pictures->truth = item->label_path != NULL ? psp_mask_load (item->label_path, NULL) : NULL;
  if (prediction != NULL)
    pictures->prediction = psp_mask_ref (psp_prediction_get_labels (prediction));
}

static void
report_worker (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  ReportJob *job = data;
  GError *error = NULL;

  if (psp_report_write (job->evaluation, job->path, &(PspReportParams) {
        .dataset = psp_dataset_get_name (job->dataset),
        .model = job->model,
        .device = job->device,
        .protocol = "whole",
        .load_pictures = load_pictures,
        .load_pictures_data = job,
      }, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* (transfer full): the predictions that are in memory now. */
static GHashTable *
copy_predictions (PspProject *self)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify) psp_prediction_unref);
  GHashTableIter iterator;
  gpointer stem, prediction;

  g_hash_table_iter_init (&iterator, self->predictions);
  while (g_hash_table_iter_next (&iterator, &stem, &prediction))
    g_hash_table_insert (copy, g_strdup (stem), psp_prediction_ref (prediction));
  return copy;
}

void
psp_project_report_async (PspProject          *self,
                          const char          *path,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  ReportJob *job;

  g_task_set_source_tag (task, psp_project_report_async);
  if (self->evaluation == NULL)
    {
      g_task_return_new_error (task, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                               "there is nothing to report; run a model first");
      return;
    }

  job = g_new0 (ReportJob, 1);
  job->evaluation = psp_evaluation_ref (self->evaluation);
  job->dataset = psp_dataset_ref (self->dataset);
  job->predictions = copy_predictions (self);
  job->path = g_strdup (path);
  job->model = g_strdup (psp_project_get_model_name (self));
  job->device = g_strdup (self->device_name);
  psp_project_run_in_thread (self, task, report_worker, job, (GDestroyNotify) report_job_free);
}

gboolean
psp_project_report_finish (PspProject    *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
