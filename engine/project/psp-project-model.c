/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-private.h"

#include "engine/model/psp-model-answers.h"
#include "engine/model/psp-model-files.h"
#include "engine/run/psp-device.h"

#include <string.h>

typedef struct
{
  PspModel        *model;   /* (nullable) */
  PspModelOptions  options; /* that it was loaded with */
  gboolean         asks;
  GError          *answers_error; /* (nullable): no reason not to use the model */
  PspPredictor    *predictor; /* (nullable): without a model there is none */
  char            *device_name;
} ModelResult;

/* A checkpoint on its way to a device. */
typedef struct
{
  guint            number;  /* of PspLatest, of a model that is opened or a device */
  char            *path;    /* (nullable): the model below is to be moved, or stays */
  PspModel        *model;   /* (nullable) */
  char            *answers_path; /* (nullable) */
  gboolean         given;   /* the person says @options now; else what is remembered counts */
  PspModelOptions  options;
  PspPredictorOpenFunc open_device;
  char            *choice;  /* of the device */
  PspProject      *project; /* who is told what takes over; the task holds it */
  PspWorkers      *workers;
  ModelResult     *result;  /* (out) (nullable) */
} ModelJob;

static void
model_result_free (ModelResult *self)
{
  g_clear_pointer (&self->model, psp_model_unref);
  g_clear_pointer (&self->predictor, psp_predictor_unref);
  g_free (self->device_name);
  g_clear_error (&self->answers_error);
  psp_model_options_clear (&self->options);
  g_free (self);
}

static void
model_job_free (ModelJob *self)
{
  g_free (self->path);
  g_free (self->answers_path);
  psp_model_options_clear (&self->options);
  g_free (self->choice);
  psp_workers_unref (self->workers);
  g_clear_pointer (&self->model, psp_model_unref);
  g_clear_pointer (&self->result, model_result_free);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModelResult, model_result_free)

/* Whether something is assumed that what is shown hangs on.  That is not so for the sizes of
 * `slide`, which a project does not run, nor for the pyramid of a network without one. */
static gboolean
has_assumed_fact (const PspModelFacts *facts)
{
  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    {
      gboolean of_pyramid = fact == PSP_FACT_BINS || fact == PSP_FACT_POOLING;
      gboolean of_slide = fact == PSP_FACT_CROP || fact == PSP_FACT_BASE;

      if (facts->sources[fact] == PSP_FACT_ASSUMED && !of_slide &&
          (facts->n_bins > 0 || !of_pyramid))
        return TRUE;
    }
  return FALSE;
}

static int
compare_fingerprints (gconstpointer a,
                      gconstpointer b)
{
  return strcmp (*(char * const *) a, *(char * const *) b);
}

/* What answers about the checkpoint at @path are remembered under.  Of two files both count, and it
 * does not matter which one is named first, or whether one was found beside the other. */
static char *
find_fingerprint (const char  *path,
                  GError     **error)
{
  g_autoptr(PspCheckpoint) checkpoint = psp_model_files_open (path, error);
  const char *second;
  char *fingerprints[3] = { NULL };
  char *both = NULL;

  if (checkpoint == NULL)
    return NULL;
  second = psp_checkpoint_get_companion_path (checkpoint);
  fingerprints[0] = psp_model_answers_fingerprint (psp_checkpoint_get_path (checkpoint), error);
  if (fingerprints[0] == NULL || second == NULL)
    return fingerprints[0];

  fingerprints[1] = psp_model_answers_fingerprint (second, error);
  if (fingerprints[1] != NULL)
    {
      qsort (fingerprints, 2, sizeof *fingerprints, compare_fingerprints);
      both = g_strjoinv ("+", fingerprints);
    }
  g_free (fingerprints[0]);
  g_free (fingerprints[1]);
  return both;
}

/* Loads the model with what is remembered about its file; if that does not do, without. */
static gboolean
recall_model (const ModelJob  *job,
              ModelResult     *result,
              GCancellable    *cancellable,
              GError         **error)
{
  g_autofree char *fingerprint = find_fingerprint (job->path, error);
  const PspModelOptions none = { 0 };

  if (fingerprint == NULL)
    return FALSE;
  if (psp_model_answers_load (job->answers_path, fingerprint, &result->options,
                              &result->answers_error) &&
      !psp_model_options_equal (&result->options, &none))
    result->model = psp_model_load (job->path, &result->options, cancellable,
                                    &result->answers_error);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (result->model == NULL)
    {
      psp_model_options_clear (&result->options);
      result->options = none;
      result->model = psp_model_load (job->path, NULL, cancellable, error);
    }
  if (result->model == NULL)
    return FALSE;
  result->asks = has_assumed_fact (psp_model_get_facts (result->model)) &&
                 !psp_model_answers_knows (job->answers_path, fingerprint);
  return TRUE;
}

static gboolean
load_model (const ModelJob  *job,
            ModelResult     *result,
            GCancellable    *cancellable,
            GError         **error)
{
  if (!job->given && job->answers_path != NULL)
    return recall_model (job, result, cancellable, error);
  psp_model_options_copy (&job->options, &result->options);
  result->model = psp_model_load (job->path, &result->options, cancellable, error);
  return result->model != NULL;
}

static void
remember_options (const ModelJob  *job,
                  GError         **error)
{
  g_autofree char *fingerprint = NULL;

  if (!job->given || job->answers_path == NULL)
    return;
  fingerprint = find_fingerprint (psp_model_get_path (job->model), error);
  if (fingerprint != NULL)
    psp_model_answers_save (job->answers_path, fingerprint, &job->options, error);
}

/* A step that a device's failure made necessary, on its way to the main thread. */
typedef struct
{
  PspProject *project;
  GError     *failure;
  char       *title;
} Notice;

static void
notice_free (gpointer data)
{
  Notice *self = data;

  g_object_unref (self->project);
  g_error_free (self->failure);
  g_free (self->title);
  g_free (self);
}

static gboolean
show_notice (gpointer data)
{
  const Notice *self = data;

  psp_project_report_step (self->project, self->title, self->failure);
  return G_SOURCE_REMOVE;
}

/* In the thread that opens or runs the model. */
static void
follow_device (const GError *failure,
               const char   *remedy,
               gpointer      data)
{
  Notice *notice = g_new0 (Notice, 1);

  notice->project = g_object_ref (data);
  notice->failure = g_error_copy (failure);
  notice->title = g_strdup_printf ("The device failed: %s", remedy);
  g_idle_add_full (G_PRIORITY_DEFAULT, show_notice, notice, notice_free);
}

static char *
describe_backend (const PspBackend *backend)
{
  return g_strdup_printf ("%s · %s", psp_backend_get_device_name (backend),
                          psp_backend_get_precision (backend) == PSP_PRECISION_FP32 ? "fp32"
                                                                                    : "fp16");
}

char *
psp_project_describe_device (PspPredictor *predictor)
{
  g_autoptr(PspRunner) runner = psp_predictor_ref_runner (predictor, NULL);

  return runner != NULL ? describe_backend (psp_runner_get_backend (runner)) : NULL;
}

/* (transfer full): the device that is chosen. */
static char *
split_choice (const char   *choice,
              PspPrecision *precision)
{
  gboolean fp16 = g_str_has_suffix (choice, PSP_PROJECT_DEVICE_FP16);

  *precision = fp16 ? PSP_PRECISION_FP16 : PSP_PRECISION_FP32;
  return fp16 ? g_strndup (choice, strlen (choice) - strlen (PSP_PROJECT_DEVICE_FP16))
              : g_strdup (choice);
}

/* Opens the device, with the model if there is one. */
static gboolean
open_device (const ModelJob  *job,
             ModelResult     *result,
             GError         **error)
{
  PspBackendOptions options = { .background = TRUE };
  g_autofree char *device = split_choice (job->choice, &options.precision);
  g_autoptr(PspBackend) backend = NULL;

  if (result->model != NULL)
    {
      result->predictor = psp_predictor_new_full (job->open_device, result->model, device,
                                                  &options, follow_device, job->project, error);
      if (result->predictor != NULL)
        result->device_name = psp_project_describe_device (result->predictor);
      return result->predictor != NULL;
    }

  backend = job->open_device (device, &options, error);
  if (backend != NULL)
    result->device_name = describe_backend (backend);
  return backend != NULL;
}

static ModelResult *
run_model_job (const ModelJob  *job,
               GCancellable    *cancellable,
               GError         **error)
{
  g_autoptr(ModelResult) result = g_new0 (ModelResult, 1);

  if (job->given && job->path == NULL)
    {
      remember_options (job, &result->answers_error);
      return g_steal_pointer (&result);
    }
  if (job->path != NULL && !load_model (job, result, cancellable, error))
    return NULL;
  if (job->path == NULL && job->model != NULL)
    result->model = psp_model_ref (job->model);

  if (!open_device (job, result, error))
    return NULL;
  if (result->model != NULL)
    remember_options (job, &result->answers_error);
  return g_steal_pointer (&result);
}

static void
model_worker (GTask        *task,
              gpointer      source,
              gpointer      data,
              GCancellable *cancellable)
{
  ModelJob *job = data;
  g_autoptr(PspWorkers) workers = psp_workers_ref (job->workers);
  GError *error = NULL;

  job->result = run_model_job (job, cancellable, &error);
  if (job->result != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  psp_workers_leave (workers);
}

static void
run_in_thread (PspProject *self,
               GTask      *task,
               ModelJob   *job)
{
  job->project = self;
  job->open_device = self->open_device;
  job->workers = psp_workers_ref (self->workers);
  psp_workers_enter (self->workers);
  psp_project_run_in_thread (self, task, model_worker, job, (GDestroyNotify) model_job_free);
}

/* (transfer full): what the job of @result gave, or %NULL with @error set. */
static ModelResult *
propagate_result (GAsyncResult  *result,
                  GError       **error)
{
  ModelJob *job = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&job->result) : NULL;
}

void
psp_project_set_device_opener (PspProject           *self,
                               PspPredictorOpenFunc  open)
{
  self->open_device = open;
}

void
psp_project_set_device_name (PspProject *self,
                             const char *name)
{
  if (g_strcmp0 (self->device_name, name) == 0)
    return;
  g_free (self->device_name);
  self->device_name = g_strdup (name);
  psp_project_notify (self, PSP_PROJECT_PROP_DEVICE_NAME);
}

/* A predictor that is let go. */
typedef struct
{
  PspWorkers   *workers;
  PspPredictor *predictor;
} Release;

static void
release_free (Release *self)
{
  psp_workers_unref (self->workers);
  g_free (self);
}

static void
release_predictor (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  Release *self = data;

  psp_predictor_unref (self->predictor);
  psp_workers_leave (self->workers);
}

void
psp_project_release_predictor (PspWorkers   *workers,
                               PspPredictor *predictor)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  Release *self = g_new (Release, 1);

  *self = (Release) { psp_workers_ref (workers), predictor };
  psp_workers_enter (workers);
  g_task_set_source_tag (task, psp_project_release_predictor);
  g_task_set_task_data (task, self, (GDestroyNotify) release_free);
  g_task_run_in_thread (task, release_predictor);
}

static void
take_model_result (PspProject  *self,
                   ModelResult *result)
{
  psp_project_stop_jobs (self);
  if (self->predictor != NULL)
    psp_project_release_predictor (self->workers, g_steal_pointer (&self->predictor));
  g_clear_pointer (&self->model, psp_model_unref);
  g_hash_table_remove_all (self->told);
  self->predictor = g_steal_pointer (&result->predictor);
  self->model = g_steal_pointer (&result->model);
  psp_project_update_taxonomy (self);
  psp_project_forget_predictions (self);
  psp_project_set_device_name (self, result->device_name);
  psp_project_notify (self, PSP_PROJECT_PROP_MODEL_NAME);
  if (self->scene != NULL)
    psp_project_run_preview (self);
}

static void
model_moved (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  PspProject *self = PSP_PROJECT (source);
  g_autoptr(GError) error = NULL;

  if (!psp_project_set_device_finish (self, result, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    psp_project_report_failure (self, "The model could not be moved to the device", error);
}

/* @task: (transfer full); @number: of PspLatest */
static void
move_model (PspProject *self,
            GTask      *task,
            const char *choice,
            guint       number)
{
  ModelJob *job = g_new0 (ModelJob, 1);

  job->number = number;
  job->model = self->model != NULL ? psp_model_ref (self->model) : NULL;
  job->choice = g_strdup (choice);
  g_task_set_source_tag (task, psp_project_set_device_async);
  run_in_thread (self, task, job);
  g_object_unref (task);
}

/* The open model is not on the device that was chosen: it was loaded meanwhile. */
static void
move_to_choice (PspProject *self)
{
  move_model (self, g_task_new (self, NULL, model_moved, NULL), self->device_choice,
              psp_latest_get_number (&self->latest_device));
}

/* What the model that was just taken was loaded with. */
static void
take_options (PspProject  *self,
              ModelResult *result)
{
  psp_model_options_clear (&self->model_options);
  psp_model_options_copy (&result->options, &self->model_options);
  self->model_asks = result->asks;
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

  job->number = psp_latest_ask (&self->latest_model);
  job->path = g_strdup (path);
  job->answers_path = g_strdup (self->answers_path);
  job->choice = g_strdup (self->device_choice);
  g_task_set_source_tag (task, psp_project_open_model_async);
  run_in_thread (self, task, job);
}

gboolean
psp_project_open_model_finish (PspProject    *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  const ModelJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr(ModelResult) opened = propagate_result (result, error);

  if (opened == NULL || !psp_latest_take (&self->latest_model, job->number, error))
    return FALSE;
  take_options (self, opened);
  take_model_result (self, opened);
  if (g_strcmp0 (job->choice, self->device_choice) != 0)
    move_to_choice (self);
  if (opened->answers_error != NULL)
    psp_project_report_failure (self, "What was remembered about this checkpoint does not fit it",
                                opened->answers_error);
  return TRUE;
}

gboolean
psp_project_get_model_asks (PspProject *self)
{
  return self->model_asks;
}

const PspModelOptions *
psp_project_get_model_options (PspProject *self)
{
  return &self->model_options;
}

void
psp_project_set_model_options_async (PspProject            *self,
                                     const PspModelOptions *options,
                                     GCancellable          *cancellable,
                                     GAsyncReadyCallback    callback,
                                     gpointer               data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  ModelJob *job;

  g_task_set_source_tag (task, psp_project_set_model_options_async);
  if (self->model == NULL)
    {
      g_task_return_new_error (task, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                               "no checkpoint is open that this could be said of");
      return;
    }
  job = g_new0 (ModelJob, 1);
  job->model = psp_model_ref (self->model);
  job->answers_path = g_strdup (self->answers_path);
  job->given = TRUE;
  psp_model_options_copy (options, &job->options);
  if (!psp_model_options_equal (options, &self->model_options))
    job->path = g_strdup (psp_model_get_path (self->model));
  job->choice = g_strdup (self->device_choice);
  run_in_thread (self, task, job);
}

/* Whether all images were run, or are to be. */
static gboolean
ran_all (PspProject *self)
{
  GListModel *items = G_LIST_MODEL (self->items);
  guint n_items = g_list_model_get_n_items (items);
  guint n_predicted = 0;
  int n_done, n_to_do;

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      n_predicted += psp_project_item_get_predicted (item);
    }
  psp_project_get_run_counts (self, &n_done, &n_to_do);
  return n_to_do > 1 || (n_items > 1 && n_predicted == n_items);
}

gboolean
psp_project_set_model_options_finish (PspProject    *self,
                                      GAsyncResult  *result,
                                      GError       **error)
{
  const ModelJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr(ModelResult) opened = propagate_result (result, error);
  gboolean all = ran_all (self);

  if (opened == NULL)
    return FALSE;
  /* Another model was opened meanwhile: what was said is remembered, and that is all. */
  if (self->model != job->model)
    return TRUE;

  self->model_asks = FALSE;
  if (job->path != NULL)
    {
      take_options (self, opened);
      take_model_result (self, opened);
      if (g_strcmp0 (job->choice, self->device_choice) != 0)
        move_to_choice (self);
      if (all)
        psp_project_run_all (self);
    }
  if (opened->answers_error != NULL)
    psp_project_report_failure (self, "What was said of this checkpoint could not be remembered",
                                opened->answers_error);
  return TRUE;
}

void
psp_project_set_device_async (PspProject          *self,
                              const char          *choice,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             data)
{
  move_model (self, g_task_new (self, cancellable, callback, data), choice,
              psp_latest_ask (&self->latest_device));
}

gboolean
psp_project_set_device_finish (PspProject    *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  const ModelJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr(ModelResult) opened = propagate_result (result, error);

  if (opened == NULL || !psp_latest_take (&self->latest_device, job->number, error))
    return FALSE;
  g_free (self->device_choice);
  self->device_choice = g_strdup (job->choice);
  if (self->model == job->model)
    take_model_result (self, opened);
  else
    move_to_choice (self);
  return TRUE;
}
