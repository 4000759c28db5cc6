/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-private.h"

#include "engine/project/psp-scene-loader.h"
#include "engine/project/psp-workspace-dataset.h"
#include "engine/run/psp-device.h"

/* What scenes that are not shown may take in memory before the oldest saved ones are forgotten. */
#define SCENE_BYTES ((gsize) 512 << 20)

enum {
  FAILED,
  DEVICE_FAILED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (PspProject, psp_project, G_TYPE_OBJECT)

static GParamSpec *properties[PSP_PROJECT_N_PROPS];
static guint signals[N_SIGNALS];

static void
psp_project_dispose (GObject *object)
{
  PspProject *self = PSP_PROJECT (object);

  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->scene);
  g_clear_object (&self->current);
  psp_scene_store_remove_all (self->scenes);
  g_clear_pointer (&self->disk, psp_disk_queue_free);

  G_OBJECT_CLASS (psp_project_parent_class)->dispose (object);
}

static void
psp_project_finalize (GObject *object)
{
  PspProject *self = PSP_PROJECT (object);

  psp_scene_store_free (self->scenes);
  g_hash_table_unref (self->entries);
  g_ptr_array_unref (self->saves);
  g_hash_table_unref (self->predictions);
  g_queue_clear_full (&self->prediction_order, g_free);
  g_hash_table_unref (self->told);
  g_hash_table_unref (self->items_by_stem);
  g_object_unref (self->items);
  g_clear_pointer (&self->evaluation, psp_evaluation_unref);
  g_clear_pointer (&self->workspace, psp_workspace_unref);
  g_clear_pointer (&self->recovery, psp_workspace_unref);
  psp_open_workspaces_free (self->open_workspaces);
  g_free (self->recovery_folder);
  g_clear_pointer (&self->dataset, psp_dataset_unref);
  g_clear_pointer (&self->dataset_paths, g_strfreev);
  g_clear_pointer (&self->predictor, psp_predictor_unref);
  g_clear_pointer (&self->model, psp_model_unref);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_clear_pointer (&self->network_taxonomy, psp_taxonomy_unref);
  psp_workers_unref (self->workers);
  psp_model_options_clear (&self->model_options);
  g_free (self->answers_path);
  g_free (self->device_choice);
  g_free (self->device_name);

  G_OBJECT_CLASS (psp_project_parent_class)->finalize (object);
}

static void
get_run_property (PspProject *self,
                  guint       property,
                  GValue     *value)
{
  int done, total;

  psp_project_get_run_counts (self, &done, &total);
  if (property == PSP_PROJECT_PROP_RUN_DONE)
    g_value_set_int (value, done);
  else
    g_value_set_int (value, total);
}

static void
psp_project_get_property (GObject    *object,
                          guint       property,
                          GValue     *value,
                          GParamSpec *spec)
{
  PspProject *self = PSP_PROJECT (object);

  switch (property)
    {
    case PSP_PROJECT_PROP_DATASET_NAME:
      g_value_set_string (value, psp_project_get_dataset_name (self));
      break;
    case PSP_PROJECT_PROP_MODEL_NAME:
      g_value_set_string (value, psp_project_get_model_name (self));
      break;
    case PSP_PROJECT_PROP_DEVICE_NAME:
      g_value_set_string (value, self->device_name);
      break;
    case PSP_PROJECT_PROP_WORKSPACE_PATH:
      g_value_set_string (value, psp_project_get_workspace_path (self));
      break;
    case PSP_PROJECT_PROP_TAXONOMY:
      g_value_set_pointer (value, self->taxonomy);
      break;
    case PSP_PROJECT_PROP_SCENE:
      g_value_set_object (value, self->scene);
      break;
    case PSP_PROJECT_PROP_CURRENT:
      g_value_set_object (value, self->current);
      break;
    case PSP_PROJECT_PROP_LOADING:
      g_value_set_boolean (value, self->loading != NULL);
      break;
    case PSP_PROJECT_PROP_RUNNING:
      g_value_set_boolean (value, psp_project_get_running (self));
      break;
    case PSP_PROJECT_PROP_PROGRESS:
      g_value_set_double (value, psp_project_get_progress (self));
      break;
    case PSP_PROJECT_PROP_RUN_DONE:
    case PSP_PROJECT_PROP_RUN_TOTAL:
      get_run_property (self, property, value);
      break;
    case PSP_PROJECT_PROP_TIME_LEFT:
      g_value_set_double (value, psp_project_get_time_left (self));
      break;
    case PSP_PROJECT_PROP_MODIFIED:
      g_value_set_boolean (value, psp_project_get_modified (self));
      break;
    case PSP_PROJECT_PROP_LEVELS_OFF:
      g_value_set_uint (value, self->levels_off);
      break;
    case PSP_PROJECT_PROP_SHOWN_LEVELS_OFF:
      g_value_set_uint (value, self->shown_levels_off);
      break;
    case PSP_PROJECT_PROP_EVALUATION_VERSION:
      g_value_set_uint (value, self->evaluation_version);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, spec);
    }
}

static void
psp_project_class_init (PspProjectClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = psp_project_dispose;
  object_class->finalize = psp_project_finalize;
  object_class->get_property = psp_project_get_property;

  properties[PSP_PROJECT_PROP_DATASET_NAME] =
    g_param_spec_string ("dataset-name", NULL, NULL, NULL, flags);
  properties[PSP_PROJECT_PROP_MODEL_NAME] =
    g_param_spec_string ("model-name", NULL, NULL, NULL, flags);
  properties[PSP_PROJECT_PROP_DEVICE_NAME] =
    g_param_spec_string ("device-name", NULL, NULL, NULL, flags);
  properties[PSP_PROJECT_PROP_WORKSPACE_PATH] =
    g_param_spec_string ("workspace-path", NULL, NULL, NULL, flags);
  properties[PSP_PROJECT_PROP_TAXONOMY] = g_param_spec_pointer ("taxonomy", NULL, NULL, flags);
  properties[PSP_PROJECT_PROP_SCENE] =
    g_param_spec_object ("scene", NULL, NULL, PSP_TYPE_SCENE, flags);
  properties[PSP_PROJECT_PROP_CURRENT] =
    g_param_spec_object ("current", NULL, NULL, PSP_TYPE_PROJECT_ITEM, flags);
  properties[PSP_PROJECT_PROP_LOADING] =
    g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PSP_PROJECT_PROP_RUNNING] =
    g_param_spec_boolean ("running", NULL, NULL, FALSE, flags);
  properties[PSP_PROJECT_PROP_PROGRESS] =
    g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, flags);
  properties[PSP_PROJECT_PROP_RUN_DONE] =
    g_param_spec_int ("run-done", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PSP_PROJECT_PROP_RUN_TOTAL] =
    g_param_spec_int ("run-total", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PSP_PROJECT_PROP_TIME_LEFT] =
    g_param_spec_double ("time-left", NULL, NULL, -1, G_MAXDOUBLE, -1, flags);
  properties[PSP_PROJECT_PROP_MODIFIED] =
    g_param_spec_boolean ("modified", NULL, NULL, FALSE, flags);
  properties[PSP_PROJECT_PROP_LEVELS_OFF] =
    g_param_spec_uint ("levels-off", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PSP_PROJECT_PROP_SHOWN_LEVELS_OFF] =
    g_param_spec_uint ("shown-levels-off", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PSP_PROJECT_PROP_EVALUATION_VERSION] =
    g_param_spec_uint ("evaluation-version", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, PSP_PROJECT_N_PROPS, properties);

  signals[FAILED] = g_signal_new ("failed", PSP_TYPE_PROJECT, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_ERROR);
  signals[DEVICE_FAILED] = g_signal_new ("device-failed", PSP_TYPE_PROJECT, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                         G_TYPE_ERROR);
}

static void
psp_project_init (PspProject *self)
{
  self->items = g_list_store_new (PSP_TYPE_PROJECT_ITEM);
  self->items_by_stem = g_hash_table_new (g_str_hash, g_str_equal);
  self->scenes = psp_scene_store_new (SCENE_BYTES);
  self->predictions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) psp_prediction_unref);
  g_queue_init (&self->prediction_order);
  self->open_device = psp_device_open;
  self->device_choice = g_strdup ("auto");
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->disk = psp_disk_queue_new ();
  self->workers = psp_workers_new ();
  self->open_workspaces = psp_open_workspaces_new ();
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) g_ptr_array_unref);
  self->saves = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
}

void
psp_project_set_recovery_folder (PspProject *self,
                                 const char *path)
{
  g_free (self->recovery_folder);
  self->recovery_folder = g_strdup (path);
}

void
psp_project_set_answers_path (PspProject *self,
                              const char *path)
{
  g_free (self->answers_path);
  self->answers_path = g_strdup (path);
}

PspProject *
psp_project_new (void)
{
  return g_object_new (PSP_TYPE_PROJECT, NULL);
}

void
psp_project_notify (PspProject *self,
                    int         property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
psp_project_report_failure (PspProject   *self,
                            const char   *title,
                            const GError *error)
{
  g_signal_emit (self, signals[FAILED], 0, title, error);
}

void
psp_project_report_step (PspProject   *self,
                         const char   *title,
                         const GError *failure)
{
  if (g_hash_table_add (self->told, g_strdup (title)))
    g_signal_emit (self, signals[DEVICE_FAILED], 0, title, failure);
}

/* What a task is on, until the task is gone. */
typedef struct
{
  PspProject     *project;
  gpointer        data;
  GDestroyNotify  free_data;
} Kept;

static gboolean
let_go (gpointer data)
{
  Kept *self = data;

  self->free_data (self->data);
  g_object_unref (self->project);
  g_free (self);
  return G_SOURCE_REMOVE;
}

/* In whatever thread dropped the task last. */
static void
task_gone (gpointer kept)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, let_go, kept, NULL);
}

void
psp_project_run_in_thread (PspProject      *self,
                           GTask           *task,
                           GTaskThreadFunc  work,
                           gpointer         data,
                           GDestroyNotify   free_data)
{
  Kept *kept = g_new (Kept, 1);

  *kept = (Kept) { g_object_ref (self), data, free_data };
  /* Unlike a weak reference, this is let go when the task has let go of @self. */
  g_object_set_data_full (G_OBJECT (task), "psp-kept", kept, task_gone);
  g_task_set_task_data (task, data, NULL);
  g_task_run_in_thread (task, work);
}

PspProjectItem *
psp_project_find_item (PspProject *self,
                       const char *stem)
{
  return g_hash_table_lookup (self->items_by_stem, stem);
}

GListModel *
psp_project_get_items (PspProject *self)
{
  return G_LIST_MODEL (self->items);
}

const char *
psp_project_get_dataset_name (PspProject *self)
{
  return self->dataset != NULL ? psp_dataset_get_name (self->dataset) : NULL;
}

const char *
psp_project_get_dataset_path (PspProject *self)
{
  return self->dataset != NULL ? psp_dataset_get_folder (self->dataset) : NULL;
}

const char * const *
psp_project_get_dataset_problems (PspProject *self)
{
  return self->dataset != NULL ? psp_dataset_get_problems (self->dataset) : NULL;
}

const char *
psp_project_get_model_name (PspProject *self)
{
  return self->model != NULL ? psp_model_get_name (self->model) : NULL;
}

PspModel *
psp_project_get_model (PspProject *self)
{
  return self->model;
}

const char *
psp_project_get_device_name (PspProject *self)
{
  return self->device_name;
}

PspTaxonomy *
psp_project_get_taxonomy (PspProject *self)
{
  return self->taxonomy;
}

PspProjectItem *
psp_project_get_current (PspProject *self)
{
  return self->current;
}

PspScene *
psp_project_get_scene (PspProject *self)
{
  return self->scene;
}

/* The dataset's classes, else the model's, else numbers. */
static PspTaxonomy *
choose_taxonomy (PspProject *self)
{
  PspTaxonomy *taxonomy = self->dataset != NULL ? psp_dataset_get_taxonomy (self->dataset) : NULL;

  if (taxonomy == NULL && self->model != NULL)
    taxonomy = psp_model_get_taxonomy (self->model);
  if (taxonomy != NULL)
    return psp_taxonomy_ref (taxonomy);
  return psp_taxonomy_new_numbered (self->model != NULL
                                    ? psp_model_get_facts (self->model)->n_classes : 255);
}

/* (nullable): the model's classes, where there are more or fewer than @taxonomy has. */
static PspTaxonomy *
choose_network_taxonomy (PspProject  *self,
                         PspTaxonomy *taxonomy)
{
  int n_classes = self->model != NULL ? psp_model_get_facts (self->model)->n_classes : 0;
  PspTaxonomy *own = self->model != NULL ? psp_model_get_taxonomy (self->model) : NULL;

  if (self->model == NULL || psp_taxonomy_get_n_classes (taxonomy) == n_classes)
    return NULL;
  return own != NULL ? psp_taxonomy_ref (own) : psp_taxonomy_new_numbered (n_classes);
}

void
psp_project_update_taxonomy (PspProject *self)
{
  g_autoptr(PspTaxonomy) taxonomy = choose_taxonomy (self);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  self->taxonomy = g_steal_pointer (&taxonomy);
  g_clear_pointer (&self->network_taxonomy, psp_taxonomy_unref);
  self->network_taxonomy = choose_network_taxonomy (self, self->taxonomy);
  for (guint i = 0; i < psp_scene_store_get_n (self->scenes); i++)
    psp_scene_set_taxonomy (psp_scene_store_get (self->scenes, i), self->taxonomy,
                            self->network_taxonomy);
  if (self->scene != NULL)
    psp_scene_set_taxonomy (self->scene, self->taxonomy, self->network_taxonomy);
  psp_project_notify (self, PSP_PROJECT_PROP_TAXONOMY);
}

/* Keeps what has edits or history in memory; what has neither is loaded again when it is wanted. */
static void
keep_scene (PspProject *self)
{
  if (self->scene == NULL)
    return;

  psp_scene_end_stroke (self->scene);
  psp_scene_set_prediction (self->scene, NULL);
  if (psp_scene_get_modified (self->scene) || psp_scene_get_can_undo (self->scene) ||
      psp_scene_get_can_redo (self->scene))
    psp_scene_store_add (self->scenes, self->scene);
}

/* Until now the former scene was open for edits.  @scene may be %NULL. */
static void
show_scene (PspProject *self,
            PspScene   *scene)
{
  if (scene != self->scene)
    keep_scene (self);
  g_set_object (&self->scene, scene);
  psp_project_show_prediction (self);
  psp_project_notify (self, PSP_PROJECT_PROP_SCENE);
  if (scene != NULL)
    psp_project_run_preview (self);
}

static void
stop_loading (PspProject *self)
{
  if (self->loading == NULL)
    return;
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  psp_project_notify (self, PSP_PROJECT_PROP_LOADING);
}

static void
load_scene (GTask        *task,
            gpointer      source,
            gpointer      data,
            GCancellable *cancellable)
{
  GError *error = NULL;
  PspSceneParts *parts = psp_scene_source_load (data, cancellable, &error);

  if (parts != NULL)
    g_task_return_pointer (task, parts, (GDestroyNotify) psp_scene_parts_free);
  else
    g_task_return_error (task, error);
}

static void
scene_loaded (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  PspProject *self = PSP_PROJECT (source);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspScene) scene = NULL;
  PspSceneParts *parts = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->loading)
    {
      g_clear_pointer (&parts, psp_scene_parts_free);
      return;
    }
  g_clear_object (&self->loading);
  psp_project_notify (self, PSP_PROJECT_PROP_LOADING);
  if (parts == NULL)
    {
      psp_project_item_set_problem (self->current, PSP_ITEM_PROBLEM_PHOTO, error->message);
      show_scene (self, NULL);
      psp_project_report_failure (self, "The image could not be opened", error);
      return;
    }

  scene = psp_scene_new (parts);
  psp_scene_set_taxonomy (scene, self->taxonomy, self->network_taxonomy);
  psp_project_item_set_problem (self->current, PSP_ITEM_PROBLEM_PHOTO, NULL);
  psp_project_item_set_problem (self->current, PSP_ITEM_PROBLEM_LABEL,
                                psp_scene_get_truth_problem (scene));
  psp_project_join_saves (self, scene);
  psp_project_watch_scene (self, scene);
  show_scene (self, scene);
}

static void
start_loading (PspProject *self)
{
  g_autoptr(GTask) task = NULL;

  self->loading = g_cancellable_new ();
  psp_project_notify (self, PSP_PROJECT_PROP_LOADING);
  task = g_task_new (self, self->loading, scene_loaded, NULL);
  g_task_set_source_tag (task, start_loading);
  psp_project_run_in_thread (self, task, load_scene,
                             psp_scene_source_new (psp_project_item_get_stem (self->current),
                                                   psp_project_item_get_image_path (self->current),
                                                   psp_project_item_get_label_path (self->current),
                                                   psp_project_get_journal (self),
                                                   self->taxonomy),
                             (GDestroyNotify) psp_scene_source_free);
}

void
psp_project_select (PspProject     *self,
                    PspProjectItem *item)
{
  PspScene *kept;

  if (item == self->current && (self->scene != NULL || self->loading != NULL))
    return;

  stop_loading (self);
  if (g_set_object (&self->current, item))
    psp_project_notify (self, PSP_PROJECT_PROP_CURRENT);
  kept = item != NULL ? psp_scene_store_find (self->scenes, psp_project_item_get_stem (item))
                      : NULL;
  if (item == NULL || kept != NULL)
    show_scene (self, kept);
  else
    start_loading (self);
}

void
psp_project_restart_loading (PspProject *self)
{
  if (self->loading == NULL)
    return;
  stop_loading (self);
  start_loading (self);
}

/* Loads the open image again: its mask may come from another workspace now. */
void
psp_project_reload_scene (PspProject *self)
{
  if (self->current == NULL)
    return;
  stop_loading (self);
  g_clear_object (&self->scene);
  psp_project_notify (self, PSP_PROJECT_PROP_SCENE);
  start_loading (self);
}

void
psp_project_take_dataset (PspProject         *self,
                          PspDataset         *dataset,
                          const char * const *paths)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  gsize n_items = psp_dataset_get_n_items (dataset);

  psp_project_stop_jobs (self);
  psp_project_select (self, NULL);
  psp_scene_store_remove_all (self->scenes);
  g_hash_table_remove_all (self->entries);
  psp_project_close_workspace (self);
  g_hash_table_remove_all (self->items_by_stem);
  for (gsize i = 0; i < n_items; i++)
    {
      PspProjectItem *item = psp_project_item_new (&psp_dataset_get_items (dataset)[i]);

      g_ptr_array_add (items, item);
      g_hash_table_insert (self->items_by_stem, (char *) psp_project_item_get_stem (item), item);
    }
  g_clear_pointer (&self->dataset, psp_dataset_unref);
  self->dataset = psp_dataset_ref (dataset);
  g_strfreev (self->dataset_paths);
  self->dataset_paths = g_strdupv ((GStrv) paths);
  psp_project_update_taxonomy (self);
  psp_project_forget_predictions (self);
  g_list_store_splice (self->items, 0, g_list_model_get_n_items (G_LIST_MODEL (self->items)),
                       items->pdata, items->len);
  psp_project_notify (self, PSP_PROJECT_PROP_DATASET_NAME);
  psp_project_update_modified (self);
}

/* A dataset on its way from the disk. */
typedef struct
{
  guint         number;          /* of PspLatest */
  GStrv         paths;
  char         *recovery_folder; /* (nullable) */
  PspOpenWorkspaces *open;       /* of the project, which the task holds */
  PspDataset   *dataset;         /* (out) */
  PspWorkspace *recovery;        /* (out) (nullable) */
  GPtrArray    *images;          /* (out) (nullable): what the recovery knows of the images */
  GError       *recovery_error;  /* (out) (nullable): no reason not to open the dataset */
} DatasetJob;

static void
dataset_job_free (DatasetJob *self)
{
  g_strfreev (self->paths);
  g_free (self->recovery_folder);
  g_clear_pointer (&self->dataset, psp_dataset_unref);
  g_clear_pointer (&self->recovery, psp_workspace_unref);
  g_clear_pointer (&self->images, g_ptr_array_unref);
  g_clear_error (&self->recovery_error);
  g_free (self);
}

static void
open_dataset (GTask        *task,
              gpointer      source,
              gpointer      data,
              GCancellable *cancellable)
{
  DatasetJob *job = data;
  const char * const *paths = (const char * const *) job->paths;
  GError *error = NULL;

  job->dataset = psp_dataset_open (paths, cancellable, &error);
  if (job->dataset == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  job->recovery = psp_project_open_recovery (job->recovery_folder, paths, job->open, &job->images,
                                             &job->recovery_error);
  g_task_return_boolean (task, TRUE);
}

static void
workspace_opened (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  g_autoptr(GTask) task = data;
  GError *error = NULL;

  if (psp_project_set_workspace_finish (PSP_PROJECT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static GStrv
make_absolute (const char * const *paths)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (int i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *absolute = g_canonicalize_filename (paths[i], NULL);

      g_strv_builder_add (builder, absolute);
    }
  return g_strv_builder_end (builder);
}

void
psp_project_open_dataset_async (PspProject          *self,
                                const char * const  *paths,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  DatasetJob *job;

  g_return_if_fail (paths[0] != NULL);

  g_task_set_source_tag (task, psp_project_open_dataset_async);
  if (paths[1] == NULL && psp_workspace_is_workspace (paths[0]))
    {
      psp_project_open_workspace_async (self, paths[0], cancellable, workspace_opened,
                                        g_steal_pointer (&task));
      return;
    }
  job = g_new0 (DatasetJob, 1);
  job->number = psp_latest_ask (&self->latest_dataset);
  job->paths = make_absolute (paths);
  job->recovery_folder = g_strdup (self->recovery_folder);
  job->open = self->open_workspaces;
  psp_project_run_in_thread (self, task, open_dataset, job, (GDestroyNotify) dataset_job_free);
}

static void
select_first (PspProject *self)
{
  g_autoptr(PspProjectItem) first = g_list_model_get_item (G_LIST_MODEL (self->items), 0);

  if (self->current == NULL)
    psp_project_select (self, first);
}

/* Makes the dataset of @job the open one, with the edits that a crash left in the recovery
 * folder. */
static void
take_dataset_job (PspProject *self,
                  DatasetJob *job)
{
  psp_project_take_dataset (self, job->dataset, (const char * const *) job->paths);
  self->recovery = g_steal_pointer (&job->recovery);
  if (job->images != NULL)
    psp_project_mark_items (self, job->images);
  if (job->recovery_error != NULL)
    psp_project_report_failure (self, "Edits are not journaled until a workspace is chosen",
                                job->recovery_error);
}

gboolean
psp_project_open_dataset_finish (PspProject    *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  DatasetJob *job = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error) ||
      (job != NULL && !psp_latest_take (&self->latest_dataset, job->number, error)))
    return FALSE;
  if (job != NULL)
    take_dataset_job (self, job);
  select_first (self);
  return TRUE;
}
