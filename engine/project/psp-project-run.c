/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-private.h"

#include "engine/formats/psp-image-file.h"
#include "engine/project/psp-scene-loader.h"

#include <sys/resource.h>

/* How often progress is told, in milliseconds. */
#define TICK_MS 60

/* Of the thread that runs the model, as setpriority() takes it: the window comes first. */
#define BACKGROUND_NICENESS 10

/* What predictions may take in memory before the oldest are forgotten. */
#define PREDICTION_BYTES ((gsize) 512 << 20)

struct _PspRunJob
{
  GCancellable  *cancellable;
  GPtrArray     *sources;    /* PspSceneSource: images that have no prediction yet */
  PspPredictor  *predictor;
  PspEvaluation *evaluation; /* (nullable): without classes that fit there is none */
  PspWorkers    *workers;
  guint          levels_off; /* psp_project_set_levels_off() */
  gint64         start_us;
  int            done;       /* images; main thread only */
  int            n_failed;   /* of these; main thread only */
  GError        *failure;    /* (nullable) of the first of them; main thread only */
  guint          tick;       /* id of the timeout; main thread only */
  int            permille;   /* (atomic): of the image that is being run */
};

/* One image's result on its way to the main thread. */
typedef struct
{
  GTask         *task;       /* keeps the job and the project alive */
  char          *stem;
  PspPrediction *prediction; /* (nullable) */
  double         score;      /* -1: not known */
  char          *device_name; /* (nullable): that is in charge since */
  GError        *error;      /* (nullable) */
} Delivery;

static void
run_job_free (PspRunJob *self)
{
  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->sources);
  psp_project_release_predictor (self->workers, self->predictor);
  g_clear_pointer (&self->evaluation, psp_evaluation_unref);
  psp_workers_unref (self->workers);
  g_clear_error (&self->failure);
  g_free (self);
}

static void
delivery_free (gpointer data)
{
  Delivery *self = data;

  g_clear_pointer (&self->prediction, psp_prediction_unref);
  g_clear_error (&self->error);
  g_free (self->stem);
  g_free (self->device_name);
  g_object_unref (self->task);
  g_free (self);
}

static gsize
bytes_of (PspPrediction *prediction)
{
  PspSize size = psp_prediction_get_size (prediction);
  gsize n_pixels = (gsize) size.width * size.height;

  /* Two label maps, the confidence, and two maps of logits at an eighth of the resolution. */
  return n_pixels * 8 + n_pixels / 64 * psp_prediction_get_n_classes (prediction) * 8;
}

static void
forget_oldest (PspProject *self)
{
  while (self->prediction_bytes > PREDICTION_BYTES && self->prediction_order.length > 1)
    {
      g_autofree char *stem = g_queue_pop_tail (&self->prediction_order);

      self->prediction_bytes -= bytes_of (g_hash_table_lookup (self->predictions, stem));
      g_hash_table_remove (self->predictions, stem);
    }
}

/* Moves @stem to the head of the order; whether it was there. */
static gboolean
touch (PspProject *self,
       const char *stem)
{
  GList *link = g_queue_find_custom (&self->prediction_order, stem, (GCompareFunc) g_strcmp0);

  if (link == NULL)
    return FALSE;
  g_queue_unlink (&self->prediction_order, link);
  g_queue_push_head_link (&self->prediction_order, link);
  return TRUE;
}

static void
remember_prediction (PspProject    *self,
                     const char    *stem,
                     PspPrediction *prediction)
{
  PspPrediction *former = g_hash_table_lookup (self->predictions, stem);

  if (former != NULL)
    self->prediction_bytes -= bytes_of (former);
  if (!touch (self, stem))
    g_queue_push_head (&self->prediction_order, g_strdup (stem));
  g_hash_table_insert (self->predictions, g_strdup (stem), psp_prediction_ref (prediction));
  self->prediction_bytes += bytes_of (prediction);
  forget_oldest (self);
}

static void
forget_prediction (PspProject *self,
                   const char *stem)
{
  GList *link = g_queue_find_custom (&self->prediction_order, stem, (GCompareFunc) g_strcmp0);

  self->prediction_bytes -= bytes_of (g_hash_table_lookup (self->predictions, stem));
  g_hash_table_remove (self->predictions, stem);
  g_free (link->data);
  g_queue_delete_link (&self->prediction_order, link);
}

PspPrediction *
psp_project_find_prediction (PspProject *self,
                             const char *stem)
{
  PspPrediction *prediction = g_hash_table_lookup (self->predictions, stem);

  if (prediction != NULL)
    touch (self, stem);
  return prediction;
}

static void
ask_levels_off (PspProject *self,
                guint       levels)
{
  if (self->levels_off == levels)
    return;
  self->levels_off = levels;
  psp_project_notify (self, PSP_PROJECT_PROP_LEVELS_OFF);
}

/* Not if the photo became another size between the two: everyone reads one at the place of the
 * other. */
static gboolean
fits_scene (PspProject    *self,
            PspPrediction *prediction)
{
  return psp_size_equal (psp_prediction_get_size (prediction), psp_scene_get_size (self->scene));
}

static void
show_prediction (PspProject    *self,
                 PspPrediction *prediction,
                 guint          levels_off)
{
  if (self->scene != NULL)
    psp_scene_set_prediction (self->scene, prediction != NULL && fits_scene (self, prediction)
                                           ? prediction : NULL);
  if (self->shown_levels_off == levels_off)
    return;
  self->shown_levels_off = levels_off;
  psp_project_notify (self, PSP_PROJECT_PROP_SHOWN_LEVELS_OFF);
}

void
psp_project_show_prediction (PspProject *self)
{
  PspPrediction *prediction = NULL;

  if (self->scene != NULL && self->levels_off == 0)
    prediction = psp_project_find_prediction (self, psp_scene_get_stem (self->scene));
  if (prediction != NULL && !fits_scene (self, prediction))
    {
      forget_prediction (self, psp_scene_get_stem (self->scene));
      prediction = NULL;
    }
  show_prediction (self, prediction, 0);
}

/* What was asked for does not come: what is shown holds again. */
static void
take_back_levels_off (PspProject *self)
{
  if (self->levels_off == self->shown_levels_off)
    return;
  ask_levels_off (self, self->shown_levels_off);
  if (self->levels_off == 0)
    psp_project_show_prediction (self);
}

/* Everything that a model said is void: there is another model, device or dataset. */
void
psp_project_forget_predictions (PspProject *self)
{
  GListModel *items = G_LIST_MODEL (self->items);

  psp_project_stop_jobs (self);
  g_hash_table_remove_all (self->predictions);
  g_queue_clear_full (&self->prediction_order, g_free);
  self->prediction_bytes = 0;
  g_clear_pointer (&self->evaluation, psp_evaluation_unref);
  self->evaluation_version++;
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      psp_project_item_set_predicted (item, FALSE);
      psp_project_item_set_score (item, -1);
      psp_project_item_set_problem (item, PSP_ITEM_PROBLEM_RUN, NULL);
    }
  ask_levels_off (self, 0);
  psp_project_show_prediction (self);
  psp_project_notify (self, PSP_PROJECT_PROP_EVALUATION_VERSION);
}

static gboolean
is_current_job (PspProject *self,
                PspRunJob  *job)
{
  return job == self->batch || job == self->preview;
}

static gboolean
is_shown (PspProject *self,
          const char *stem)
{
  return self->scene != NULL && g_str_equal (psp_scene_get_stem (self->scene), stem);
}

static void
take_prediction (PspProject     *self,
                 PspProjectItem *item,
                 Delivery       *delivery)
{
  remember_prediction (self, delivery->stem, delivery->prediction);
  psp_project_item_set_predicted (item, TRUE);
  psp_project_item_set_score (item, delivery->score);
  psp_project_item_set_problem (item, PSP_ITEM_PROBLEM_PHOTO, NULL);
  psp_project_item_set_problem (item, PSP_ITEM_PROBLEM_RUN, NULL);
  if (self->levels_off == 0 && is_shown (self, delivery->stem))
    show_prediction (self, delivery->prediction, 0);
}

/* One image was run without some levels: it is looked at, and that is all. */
static void
take_reduced (PspProject *self,
              PspRunJob  *job,
              Delivery   *delivery)
{
  if (delivery->prediction != NULL && is_shown (self, delivery->stem))
    show_prediction (self, delivery->prediction, job->levels_off);
  if (delivery->error == NULL)
    return;
  take_back_levels_off (self);
  psp_project_report_failure (self, "The image could not be run", delivery->error);
}

static void
take_failure (PspRunJob *job,
              Delivery  *delivery)
{
  if (delivery->error == NULL)
    return;
  job->n_failed++;
  if (job->failure == NULL)
    job->failure = g_error_copy (delivery->error);
}

/* Once a run, however many images have failed: each has its own message in the list. */
static void
tell_failure (PspProject *self,
              PspRunJob  *job)
{
  g_autofree char *title = NULL;

  if (job->failure == NULL)
    return;
  if (job->sources->len == 1)
    title = g_strdup ("The image could not be run");
  else
    title = g_strdup_printf ("%d of %u images could not be run", job->n_failed, job->sources->len);
  psp_project_report_failure (self, title, job->failure);
}

/* In the main thread: one image is done. */
static gboolean
deliver (gpointer data)
{
  Delivery *delivery = data;
  PspProject *self = g_task_get_source_object (delivery->task);
  PspRunJob *job = g_task_get_task_data (delivery->task);
  PspProjectItem *item = psp_project_find_item (self, delivery->stem);

  if (!is_current_job (self, job))
    return G_SOURCE_REMOVE;

  job->done++;
  if (delivery->device_name != NULL)
    psp_project_set_device_name (self, delivery->device_name);
  if (job->levels_off != 0)
    {
      take_reduced (self, job, delivery);
      return G_SOURCE_REMOVE;
    }
  if (item != NULL && delivery->prediction != NULL)
    take_prediction (self, item, delivery);
  else if (item != NULL)
    psp_project_item_set_problem (item, PSP_ITEM_PROBLEM_RUN, delivery->error->message);
  take_failure (job, delivery);

  self->evaluation_version++;
  psp_project_notify (self, PSP_PROJECT_PROP_EVALUATION_VERSION);
  psp_project_notify (self, PSP_PROJECT_PROP_RUN_DONE);
  psp_project_notify (self, PSP_PROJECT_PROP_PROGRESS);
  return G_SOURCE_REMOVE;
}

static void
follow_progress (double   fraction,
                 gpointer data)
{
  PspRunJob *job = data;

  g_atomic_int_set (&job->permille, (int) (fraction * 1000));
}

/* The mean IoU of one image; -1 without a label that can be compared. */
static double
judge (PspRunJob            *job,
       const PspSceneSource *source,
       PspPrediction        *prediction)
{
  g_autofree char *problem = NULL;
  g_autoptr(PspMask) truth = NULL;
  g_autoptr(PspEvaluatedImage) image = NULL;

  if (job->evaluation == NULL)
    return -1;
  truth = psp_scene_source_load_truth (source, psp_prediction_get_size (prediction), &problem);
  if (truth == NULL)
    {
      psp_evaluation_add_failure (job->evaluation, source->stem,
                                  problem != NULL ? problem
                                                  : "there is no label for this image");
      return -1;
    }
  if (!psp_evaluation_add (job->evaluation, source->stem, truth,
                           psp_prediction_get_labels (prediction), NULL))
    return -1;
  image = psp_evaluation_get_image (job->evaluation, source->stem);
  return image != NULL && image->mean_iou >= 0 ? image->mean_iou : -1;
}

static PspRunOptions
make_options (const PspRunJob *job)
{
  const PspModelFacts *facts = psp_model_get_facts (psp_predictor_get_model (job->predictor));
  PspRunOptions options = { 0 };

  for (int i = 0; i < facts->n_bins; i++)
    if (job->levels_off >> i & 1)
      options.without_bins[options.n_without_bins++] = facts->bins[i];
  return options;
}

/* In the worker thread: runs one image and sends the result on its way. */
static void
run_source (GTask                *task,
            PspRunJob            *job,
            const PspSceneSource *source)
{
  Delivery *delivery = g_new0 (Delivery, 1);
  const PspRunOptions options = make_options (job);
  g_autoptr(PspImage) image = psp_image_load (source->image_path, &delivery->error);

  delivery->task = g_object_ref (task);
  delivery->stem = g_strdup (source->stem);
  delivery->score = -1;
  if (image != NULL)
    delivery->prediction = psp_predictor_predict (job->predictor, image, &options, TRUE,
                                                  (PspProgress) { follow_progress, job },
                                                  job->cancellable, &delivery->error);
  if (g_error_matches (delivery->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      delivery_free (delivery);
      return;
    }
  delivery->device_name = psp_project_describe_device (job->predictor);
  if (delivery->prediction != NULL)
    delivery->score = judge (job, source, delivery->prediction);
  else if (job->evaluation != NULL)
    psp_evaluation_add_failure (job->evaluation, source->stem, delivery->error->message);

  g_atomic_int_set (&job->permille, 0);
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver, delivery, delivery_free);
}

/* In the main thread: that is where the project and what it holds may be freed. */
static gboolean
end_job (gpointer data)
{
  g_task_return_boolean (data, TRUE);
  return G_SOURCE_REMOVE;
}

/* A thread of its own, since it gives way to the window's: one that GTask lends could not get its
 * former priority back. */
static gpointer
run_job (gpointer data)
{
  GTask *task = data;
  PspRunJob *job = g_task_get_task_data (task);
  g_autoptr(PspWorkers) workers = psp_workers_ref (job->workers);

  (void) setpriority (PRIO_PROCESS, 0, BACKGROUND_NICENESS);
  for (guint i = 0; i < job->sources->len && !g_cancellable_is_cancelled (job->cancellable); i++)
    run_source (task, job, g_ptr_array_index (job->sources, i));
  g_idle_add_full (G_PRIORITY_DEFAULT, end_job, task, g_object_unref);
  psp_workers_leave (workers);
  return NULL;
}

static void
notify_run (PspProject *self)
{
  psp_project_notify (self, PSP_PROJECT_PROP_RUN_DONE);
  psp_project_notify (self, PSP_PROJECT_PROP_RUN_TOTAL);
  psp_project_notify (self, PSP_PROJECT_PROP_PROGRESS);
  psp_project_notify (self, PSP_PROJECT_PROP_TIME_LEFT);
  psp_project_notify (self, PSP_PROJECT_PROP_RUNNING);
}

static gboolean
tick (gpointer data)
{
  PspProject *self = data;

  psp_project_notify (self, PSP_PROJECT_PROP_PROGRESS);
  psp_project_notify (self, PSP_PROJECT_PROP_TIME_LEFT);
  return G_SOURCE_CONTINUE;
}

/* Forgets a job that has ended or is to end; its thread goes on until it notices. */
static void
drop_job (PspProject  *self,
          PspRunJob  **slot)
{
  PspRunJob *job = *slot;

  *slot = NULL;
  g_clear_handle_id (&job->tick, g_source_remove);
  notify_run (self);
}

static void
job_done (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  PspProject *self = PSP_PROJECT (source);
  PspRunJob *job = g_task_get_task_data (G_TASK (result));

  if (is_current_job (self, job))
    tell_failure (self, job);
  if (job == self->batch)
    drop_job (self, &self->batch);
  else if (job == self->preview)
    drop_job (self, &self->preview);
}

static gboolean
fits_classes (PspProject *self)
{
  return self->taxonomy != NULL &&
         psp_taxonomy_get_n_classes (self->taxonomy) ==
         psp_model_get_facts (self->model)->n_classes;
}

static PspEvaluation *
ensure_evaluation (PspProject *self)
{
  g_autoptr(GError) error = NULL;

  if (self->evaluation != NULL)
    return self->evaluation;

  if (fits_classes (self))
    self->evaluation = psp_evaluation_new (self->taxonomy, &error);
  else
    g_set_error (&error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                 "%s has %d classes and the dataset %d: there are no metrics",
                 psp_model_get_name (self->model),
                 psp_model_get_facts (self->model)->n_classes,
                 self->taxonomy != NULL ? psp_taxonomy_get_n_classes (self->taxonomy) : 0);
  if (error != NULL)
    psp_project_report_failure (self, "Predictions cannot be compared with the labels", error);
  return self->evaluation;
}

/* @task: (transfer full): with a PspRunJob, which fails if there is no thread for it. */
static void
start_thread (GTask *task)
{
  PspRunJob *job = g_task_get_task_data (task);
  GThread *thread;

  psp_workers_enter (job->workers);
  thread = g_thread_try_new ("scenescope-run", run_job, task, &job->failure);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return;
    }
  psp_workers_leave (job->workers);
  job->n_failed = job->sources->len;
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Starts a job on @items (PspProjectItem) in @slot.  Without levels of the pyramid, nothing is
 * judged. */
static void
start_job (PspProject  *self,
           PspRunJob  **slot,
           GPtrArray   *items,
           guint        levels_off)
{
  PspRunJob *job = g_new0 (PspRunJob, 1);
  PspEvaluation *evaluation = levels_off == 0 ? ensure_evaluation (self) : NULL;
  g_autoptr(GTask) task = NULL;

  job->cancellable = g_cancellable_new ();
  job->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_scene_source_free);
  job->predictor = psp_predictor_ref (self->predictor);
  job->evaluation = evaluation != NULL ? psp_evaluation_ref (evaluation) : NULL;
  job->workers = psp_workers_ref (self->workers);
  job->levels_off = levels_off;
  job->start_us = g_get_monotonic_time ();
  for (guint i = 0; i < items->len; i++)
    {
      PspProjectItem *item = g_ptr_array_index (items, i);

      g_ptr_array_add (job->sources,
                       psp_scene_source_new (psp_project_item_get_stem (item),
                                             psp_project_item_get_image_path (item),
                                             psp_project_item_get_label_path (item),
                                             NULL, self->taxonomy));
    }

  task = g_task_new (self, job->cancellable, job_done, NULL);
  g_task_set_source_tag (task, start_job);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, (GDestroyNotify) run_job_free);
  *slot = job;
  job->tick = g_timeout_add (TICK_MS, tick, self);
  notify_run (self);
  start_thread (g_steal_pointer (&task));
}

static void
stop_job (PspProject  *self,
          PspRunJob  **slot)
{
  if (*slot == NULL)
    return;
  g_cancellable_cancel ((*slot)->cancellable);
  drop_job (self, slot);
}

void
psp_project_stop_jobs (PspProject *self)
{
  stop_job (self, &self->batch);
  stop_job (self, &self->preview);
}

void
psp_project_cancel_run (PspProject *self)
{
  psp_project_stop_jobs (self);
  take_back_levels_off (self);
}

void
psp_project_shut_down (PspProject *self)
{
  psp_project_stop_jobs (self);
  psp_workers_wait (self->workers);
}

/* The open image by itself, unless what is asked for is there. */
void
psp_project_run_preview (PspProject *self)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new ();

  stop_job (self, &self->preview);
  if (self->predictor == NULL || self->current == NULL ||
      (self->levels_off == 0 &&
       psp_project_find_prediction (self, psp_project_item_get_stem (self->current)) != NULL))
    return;
  g_ptr_array_add (items, self->current);
  start_job (self, &self->preview, items, self->levels_off);
}

void
psp_project_set_levels_off (PspProject *self,
                            guint       levels)
{
  guint known = self->model != NULL ? (1u << psp_model_get_facts (self->model)->n_bins) - 1 : 0;

  levels &= known;
  if (self->levels_off == levels)
    return;

  ask_levels_off (self, levels);
  if (levels == 0)
    psp_project_show_prediction (self);
  if (self->scene != NULL)
    psp_project_run_preview (self);
}

guint
psp_project_get_levels_off (PspProject *self)
{
  return self->levels_off;
}

guint
psp_project_get_shown_levels_off (PspProject *self)
{
  return self->shown_levels_off;
}

/* Ends what a new batch replaces: not the open image without levels, which the batch is not for. */
static void
stop_for_batch (PspProject *self)
{
  stop_job (self, &self->batch);
  if (self->levels_off == 0)
    stop_job (self, &self->preview);
}

void
psp_project_run_current (PspProject *self)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new ();

  if (self->predictor == NULL || self->current == NULL)
    return;
  stop_for_batch (self);
  g_ptr_array_add (items, self->current);
  start_job (self, &self->batch, items, 0);
}

/* The open image comes first: it is being looked at. */
void
psp_project_run_all (PspProject *self)
{
  GListModel *model = G_LIST_MODEL (self->items);
  g_autoptr(GPtrArray) items = g_ptr_array_new ();

  if (self->predictor == NULL)
    return;
  stop_for_batch (self);
  if (self->current != NULL && !psp_project_item_get_predicted (self->current))
    g_ptr_array_add (items, self->current);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (model, i);

      if (item != self->current && !psp_project_item_get_predicted (item))
        g_ptr_array_add (items, item);
    }
  if (items->len > 0)
    start_job (self, &self->batch, items, 0);
}

gboolean
psp_project_get_running (PspProject *self)
{
  return self->batch != NULL || self->preview != NULL;
}

static PspRunJob *
shown_job (PspProject *self)
{
  return self->batch != NULL ? self->batch : self->preview;
}

double
psp_project_get_progress (PspProject *self)
{
  PspRunJob *job = shown_job (self);

  if (job == NULL)
    return 0;
  return CLAMP ((job->done + g_atomic_int_get (&job->permille) / 1000.0) / job->sources->len,
                0, 1);
}

void
psp_project_get_run_counts (PspProject *self,
                            int        *done,
                            int        *total)
{
  PspRunJob *job = shown_job (self);

  *done = job != NULL ? job->done : 0;
  *total = job != NULL ? (int) job->sources->len : 0;
}

double
psp_project_get_time_left (PspProject *self)
{
  PspRunJob *job = shown_job (self);
  double progress = psp_project_get_progress (self);
  double seconds;

  if (job == NULL)
    return -1;
  seconds = (g_get_monotonic_time () - job->start_us) / 1e6;
  return progress > 0.01 && seconds > 0.5 ? seconds / progress * (1 - progress) : -1;
}

PspEvaluation *
psp_project_get_evaluation (PspProject *self)
{
  return self->evaluation;
}
