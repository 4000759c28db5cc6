/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-private.h"

#include "engine/run/psp-device.h"

/* A checkpoint on its way to a device. */
typedef struct
{
  char       *path;    /* (nullable): the model below is to be moved */
  PspModel   *model;   /* (nullable) */
  char       *choice;  /* of the device */
  PspBackend *backend; /* (nullable): open already */
  PspWorkers *workers;
} ModelJob;

typedef struct
{
  PspModel   *model;   /* (nullable) */
  PspBackend *backend;
  PspRunner  *runner;  /* (nullable) */
} ModelResult;

static void
model_job_free (ModelJob *self)
{
  g_free (self->path);
  g_free (self->choice);
  psp_workers_unref (self->workers);
  g_clear_pointer (&self->model, psp_model_unref);
  g_clear_pointer (&self->backend, psp_backend_unref);
  g_free (self);
}

static void
model_result_free (ModelResult *self)
{
  g_clear_pointer (&self->model, psp_model_unref);
  g_clear_pointer (&self->backend, psp_backend_unref);
  g_clear_pointer (&self->runner, psp_runner_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModelResult, model_result_free)

static ModelResult *
run_model_job (const ModelJob  *job,
               GCancellable    *cancellable,
               GError         **error)
{
  PspBackendOptions options = { .background = TRUE };
  g_autoptr(ModelResult) result = g_new0 (ModelResult, 1);

  if (job->path != NULL)
    result->model = psp_model_load (job->path, NULL, cancellable, error);
  else if (job->model != NULL)
    result->model = psp_model_ref (job->model);
  if (job->path != NULL && result->model == NULL)
    return NULL;

  result->backend = job->backend != NULL ? psp_backend_ref (job->backend)
                                         : psp_device_open (job->choice, &options, error);
  if (result->backend == NULL)
    return NULL;
  if (result->model == NULL)
    return g_steal_pointer (&result);
  result->runner = psp_runner_new (result->model, result->backend, error);
  return result->runner != NULL ? g_steal_pointer (&result) : NULL;
}

static void
model_worker (GTask        *task,
              gpointer      source,
              gpointer      data,
              GCancellable *cancellable)
{
  const ModelJob *job = data;
  g_autoptr(PspWorkers) workers = psp_workers_ref (job->workers);
  GError *error = NULL;
  ModelResult *result = run_model_job (job, cancellable, &error);

  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify) model_result_free);
  else
    g_task_return_error (task, error);
  psp_workers_leave (workers);
}

static void
run_in_thread (PspProject *self,
               GTask      *task,
               ModelJob   *job)
{
  job->workers = psp_workers_ref (self->workers);
  g_task_set_task_data (task, job, (GDestroyNotify) model_job_free);
  psp_workers_enter (self->workers);
  g_task_run_in_thread (task, model_worker);
}

static void
update_device_name (PspProject *self)
{
  g_free (self->device_name);
  self->device_name =
    g_strdup_printf ("%s · %s", psp_backend_get_device_name (self->backend),
                     psp_backend_get_precision (self->backend) == PSP_PRECISION_FP32 ? "fp32"
                                                                                     : "fp16");
  psp_project_notify (self, PSP_PROJECT_PROP_DEVICE_NAME);
}

static void
take_model_result (PspProject  *self,
                   ModelResult *result)
{
  psp_project_stop_jobs (self);
  g_clear_pointer (&self->runner, psp_runner_unref);
  g_clear_pointer (&self->model, psp_model_unref);
  g_clear_pointer (&self->backend, psp_backend_unref);
  self->runner = g_steal_pointer (&result->runner);
  self->model = g_steal_pointer (&result->model);
  self->backend = g_steal_pointer (&result->backend);
  psp_project_update_taxonomy (self);
  psp_project_forget_predictions (self);
  update_device_name (self);
  psp_project_notify (self, PSP_PROJECT_PROP_MODEL_NAME);
  if (self->scene != NULL)
    psp_project_run_preview (self);
}

void
psp_project_open_model_async (PspProject          *self,
                              const char          *path,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  ModelJob *job = g_new0 (ModelJob, 1);

  job->path = g_strdup (path);
  job->choice = g_strdup (self->device_choice);
  job->backend = self->backend != NULL ? psp_backend_ref (self->backend) : NULL;
  g_task_set_source_tag (task, psp_project_open_model_async);
  run_in_thread (self, task, job);
}

gboolean
psp_project_open_model_finish (PspProject    *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_autoptr(ModelResult) opened = g_task_propagate_pointer (G_TASK (result), error);

  if (opened == NULL)
    return FALSE;
  take_model_result (self, opened);
  return TRUE;
}

void
psp_project_set_device_async (PspProject          *self,
                              const char          *choice,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  ModelJob *job = g_new0 (ModelJob, 1);

  job->model = self->model != NULL ? psp_model_ref (self->model) : NULL;
  job->choice = g_strdup (choice);
  g_task_set_source_tag (task, psp_project_set_device_async);
  run_in_thread (self, task, job);
}

gboolean
psp_project_set_device_finish (PspProject    *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  const ModelJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr(ModelResult) opened = g_task_propagate_pointer (G_TASK (result), error);

  if (opened == NULL)
    return FALSE;
  g_free (self->device_choice);
  self->device_choice = g_strdup (job->choice);
  take_model_result (self, opened);
  return TRUE;
}
