/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-unsaved-private.h"

#include "engine/formats/psp-file.h"
#include "engine/project/psp-workspace-dataset.h"

const char *
psp_project_get_workspace_path (PspProject *self)
{
  return self->workspace != NULL ? psp_workspace_get_path (self->workspace) : NULL;
}

PspWorkspace *
psp_project_get_journal (PspProject *self)
{
  return self->workspace != NULL ? self->workspace : self->recovery;
}

PspWorkspace *
psp_project_open_recovery (const char          *folder,
                           const char * const  *paths,
                           PspOpenWorkspaces   *open,
                           GPtrArray          **images,
                           GError             **error)
{
  g_autofree char *joined = g_strjoinv ("\n", (GStrv) paths);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, joined, -1);
  g_autofree char *path = NULL;
  g_autoptr(PspWorkspace) recovery = NULL;

  if (folder == NULL)
    return NULL;
  path = g_build_filename (folder, digest, NULL);
  if (!psp_file_make_folder (path, error))
    return NULL;
  recovery = psp_open_workspaces_open (open, path, PSP_WORKSPACE_CREATE, error);
  if (recovery == NULL)
    return NULL;
  *images = psp_workspace_list (recovery, error);
  return *images != NULL ? g_steal_pointer (&recovery) : NULL;
}

void
psp_project_close_workspace (PspProject *self)
{
  gboolean chosen = self->workspace != NULL;

  g_clear_pointer (&self->recovery, psp_workspace_unref);
  g_clear_pointer (&self->workspace, psp_workspace_unref);
  psp_open_workspaces_purge (self->open_workspaces);
  if (chosen)
    psp_project_notify (self, PSP_PROJECT_PROP_WORKSPACE_PATH);
}

gboolean
psp_project_get_modified (PspProject *self)
{
  GListModel *items = G_LIST_MODEL (self->items);

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      if (psp_project_item_get_modified (item))
        return TRUE;
    }
  return FALSE;
}

void
psp_project_update_modified (PspProject *self)
{
  gboolean modified = psp_project_get_modified (self);

  if (self->modified == modified)
    return;

  self->modified = modified;
  psp_project_notify (self, PSP_PROJECT_PROP_MODIFIED);
}

static void
scene_modified (PspScene   *scene,
                GParamSpec *spec,
                PspProject *self)
{
  PspProjectItem *item = psp_project_find_item (self, psp_scene_get_stem (scene));

  if (item != NULL)
    psp_project_item_set_modified (item, psp_scene_get_modified (scene));
  psp_project_update_modified (self);
}

/* One journal entry on its way to the disk. */
typedef struct
{
  PspProject   *project;
  PspWorkspace *workspace;
  char         *stem;
  PspEdit      *edit;
  GError       *error;
} AppendJob;

static void
append_entry (gpointer data)
{
  AppendJob *job = data;

  (void) psp_workspace_append_edit (job->workspace, job->stem, job->edit, &job->error);
}

static void
append_done (gpointer data)
{
  AppendJob *job = data;

  if (job->error != NULL)
    psp_project_report_failure (job->project, "An edit could not be written to the journal; save "
                                "soon", job->error);
  g_clear_error (&job->error);
  psp_edit_unref (job->edit);
  psp_workspace_unref (job->workspace);
  g_object_unref (job->project);
  g_free (job->stem);
  g_free (job);
}

static void
remember_entry (PspProject *self,
                const char *stem,
                PspEdit    *entry)
{
  GPtrArray *entries = g_hash_table_lookup (self->entries, stem);

  if (entries == NULL)
    {
      entries = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_edit_unref);
      g_hash_table_insert (self->entries, g_strdup (stem), entries);
    }
  g_ptr_array_add (entries, psp_edit_ref (entry));
}

static void
scene_journal (PspScene   *scene,
               PspEdit    *entry,
               PspProject *self)
{
  AppendJob *job;

  if (self->workspace == NULL)
    remember_entry (self, psp_scene_get_stem (scene), entry);
  if (psp_project_get_journal (self) == NULL)
    return;

  job = g_new0 (AppendJob, 1);
  job->project = g_object_ref (self);
  job->workspace = psp_workspace_ref (psp_project_get_journal (self));
  job->stem = g_strdup (psp_scene_get_stem (scene));
  job->edit = psp_edit_ref (entry);
  psp_disk_queue_push (self->disk, append_entry, append_done, job);
}

void
psp_project_watch_scene (PspProject *self,
                         PspScene   *scene)
{
  g_signal_connect_object (scene, "notify::modified", G_CALLBACK (scene_modified), self, 0);
  g_signal_connect_object (scene, "journal", G_CALLBACK (scene_journal), self, 0);
  scene_modified (scene, NULL, self);
}

/* Choosing a workspace. */
typedef struct
{
  guint         number;        /* of PspLatest, with its dataset */
  char         *path;
  gboolean      open_its_dataset;
  PspOpenWorkspaces *open;     /* of the project, which the task holds */
  PspDataset   *opened;        /* (nullable): the dataset that is open */
  GStrv         dataset_paths; /* (nullable): of it */
  PspTaxonomy  *taxonomy;      /* (nullable) */
  GPtrArray    *snapshots;     /* edits that move into the workspace */
  PspWorkspace *workspace;     /* (out) */
  PspDataset   *dataset;       /* (out) (nullable) */
  GPtrArray    *images;        /* (out) PspWorkspaceImage */
} WorkspaceJob;

static void
workspace_job_free (WorkspaceJob *self)
{
  g_free (self->path);
  g_clear_pointer (&self->opened, psp_dataset_unref);
  g_strfreev (self->dataset_paths);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_clear_pointer (&self->snapshots, g_ptr_array_unref);
  g_clear_pointer (&self->workspace, psp_workspace_unref);
  g_clear_pointer (&self->dataset, psp_dataset_unref);
  g_clear_pointer (&self->images, g_ptr_array_unref);
  g_free (self);
}

/* A workspace corrects one dataset; a new one is told which. */
static gboolean
bind_dataset (WorkspaceJob  *job,
              GError       **error)
{
  const char * const *paths = (const char * const *) job->dataset_paths;

  return paths == NULL ||
         (psp_workspace_check_dataset (job->workspace, paths, job->opened, error) &&
          psp_workspace_remember_dataset (job->workspace, paths, job->opened, job->taxonomy,
                                          error));
}

static gboolean
append_all (PspWorkspace  *workspace,
            const char    *stem,
            GPtrArray     *entries,
            GError       **error)
{
  for (guint i = 0; i < entries->len; i++)
    if (!psp_workspace_append_edit (workspace, stem, g_ptr_array_index (entries, i), error))
      return FALSE;
  return TRUE;
}

/* Whether the edits make the snapshot's mask of what @editor has: not if there were others before,
 * which a journal brought back. */
static gboolean
lead_to_mask (GPtrArray     *entries,
              PspMaskEditor *editor,
              const PspMask *mask)
{
  g_autoptr(PspMaskEditor) trial = psp_mask_editor_new (psp_mask_editor_get_mask (editor),
                                                        psp_mask_editor_get_original (editor),
                                                        NULL);

  return trial != NULL && psp_mask_editor_replay (trial, entries, NULL) &&
         psp_mask_equal (psp_mask_editor_get_mask (trial), mask);
}

/* Puts the edits that an image got without a workspace on top of what the workspace has of it. */
static gboolean
adopt_edits (PspUnsaved    *snapshot,
             PspWorkspace  *workspace,
             GError       **error)
{
  PspSceneSource *source = snapshot->source;
  g_autofree char *problem = NULL;
  g_autoptr(PspMask) truth = NULL;
  g_autoptr(PspMask) corrected = NULL;
  g_autoptr(PspMaskEditor) editor = NULL;
  g_autoptr(PspEdit) accept = NULL;
  g_autoptr(PspEdit) entry = NULL;

  if (!psp_unsaved_recover_mask (snapshot, error))
    return FALSE;
  g_clear_pointer (&source->workspace, psp_workspace_unref);
  source->workspace = psp_workspace_ref (workspace);
  truth = psp_scene_source_load_truth (source, snapshot->mask->size, &problem);
  editor = psp_scene_source_load_editor (source, snapshot->mask->size, truth, error);
  if (editor == NULL)
    return FALSE;

  corrected = psp_workspace_find_mask (workspace, source->stem, NULL);
  if (corrected == NULL && snapshot->entries != NULL && !psp_mask_editor_get_can_undo (editor) &&
      lead_to_mask (snapshot->entries, editor, snapshot->mask))
    return append_all (workspace, source->stem, snapshot->entries, error);

  accept = psp_edit_new_accept_all (snapshot->mask);
  psp_mask_editor_apply (editor, accept, &entry);
  if (entry != NULL && !psp_workspace_append_edit (workspace, source->stem, entry, error))
    return FALSE;
  snapshot->editor = g_steal_pointer (&editor);
  return TRUE;
}

static gboolean
open_workspace (WorkspaceJob  *job,
                GCancellable  *cancellable,
                GError       **error)
{
  PspWorkspaceMode mode = job->open_its_dataset ? PSP_WORKSPACE_WRITE : PSP_WORKSPACE_CREATE;

  job->workspace = psp_open_workspaces_open (job->open, job->path, mode, error);
  if (job->workspace == NULL)
    return FALSE;
  if (!job->open_its_dataset)
    return bind_dataset (job, error);
  job->dataset = psp_workspace_open_dataset (job->workspace, NULL, cancellable, error);
  return job->dataset != NULL;
}

static gboolean
run_workspace_job (WorkspaceJob  *job,
                   GCancellable  *cancellable,
                   GError       **error)
{
  if (job->workspace == NULL && !open_workspace (job, cancellable, error))
    return FALSE;
  for (guint i = 0; i < job->snapshots->len; i++)
    if (!adopt_edits (g_ptr_array_index (job->snapshots, i), job->workspace, error))
      return FALSE;

  g_clear_pointer (&job->images, g_ptr_array_unref);
  job->images = psp_workspace_list (job->workspace, error);
  return job->images != NULL;
}

/* @data: the caller's task */
static void
workspace_worker (GTask        *step,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  GError *error = NULL;

  if (run_workspace_job (g_task_get_task_data (data), cancellable, &error))
    g_task_return_boolean (step, TRUE);
  else
    g_task_return_error (step, error);
}

static void start_workspace_job (GTask *task);

/* In the main thread.  What was edited meanwhile belongs into the workspace, too. */
static void
workspace_ready (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  PspProject *self = PSP_PROJECT (source);
  GTask *task = g_task_get_task_data (G_TASK (result));
  WorkspaceJob *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_error (task, error);
  else if (!job->open_its_dataset && self->dataset != job->opened)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                             "%s: another dataset was opened meanwhile", job->path);
  else if (job->open_its_dataset || psp_project_are_current (self, job->snapshots))
    g_task_return_boolean (task, TRUE);
  else if (psp_project_snapshot_again (self, &job->snapshots, &error))
    start_workspace_job (task);
  else
    g_task_return_error (task, error);
}

/* @task: with a WorkspaceJob; it is completed when the workspace has all edits. */
static void
start_workspace_job (GTask *task)
{
  PspProject *self = g_task_get_source_object (task);
  g_autoptr(GTask) step = g_task_new (self, g_task_get_cancellable (task), workspace_ready, NULL);

  g_task_set_source_tag (step, start_workspace_job);
  psp_project_run_in_thread (self, step, workspace_worker, g_object_ref (task), g_object_unref);
}

void
psp_project_set_workspace_async (PspProject          *self,
                                 const char          *path,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  g_autoptr(GPtrArray) snapshots = NULL;
  WorkspaceJob *job;
  GError *error = NULL;

  g_task_set_source_tag (task, psp_project_set_workspace_async);
  if (self->workspace != NULL && psp_file_is_same (psp_workspace_get_path (self->workspace), path))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  snapshots = psp_project_snapshot_unsaved (self, &error);
  if (snapshots == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  job = g_new0 (WorkspaceJob, 1);
  job->path = g_strdup (path);
  job->open = self->open_workspaces;
  job->snapshots = g_steal_pointer (&snapshots);
  job->opened = self->dataset != NULL ? psp_dataset_ref (self->dataset) : NULL;
  job->dataset_paths = g_strdupv (self->dataset_paths);
  job->taxonomy = self->taxonomy != NULL ? psp_taxonomy_ref (self->taxonomy) : NULL;
  g_task_set_task_data (task, job, (GDestroyNotify) workspace_job_free);
  start_workspace_job (task);
}

void
psp_project_open_workspace_async (PspProject          *self,
                                  const char          *path,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  WorkspaceJob *job = g_new0 (WorkspaceJob, 1);

  job->path = g_strdup (path);
  job->snapshots = g_ptr_array_new ();
  job->open_its_dataset = TRUE;
  job->open = self->open_workspaces;
  job->number = psp_latest_ask (&self->latest_dataset);
  g_task_set_source_tag (task, psp_project_open_workspace_async);
  g_task_set_task_data (task, job, (GDestroyNotify) workspace_job_free);
  start_workspace_job (task);
}

void
psp_project_mark_items (PspProject *self,
                        GPtrArray  *images)
{
  g_autoptr(GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  GListModel *items = G_LIST_MODEL (self->items);

  for (guint i = 0; i < images->len; i++)
    {
      PspWorkspaceImage *image = g_ptr_array_index (images, i);

      g_hash_table_insert (known, image->stem, image);
    }
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);
      const PspWorkspaceImage *image =
        g_hash_table_lookup (known, psp_project_item_get_stem (item));

      psp_project_item_set_corrected (item, image != NULL && image->corrected);
      if (image != NULL && image->unsaved)
        psp_project_item_set_modified (item, TRUE);
    }
  psp_project_update_modified (self);
}

/* Scenes that are not being edited may be others in this workspace: they are loaded again. */
static void
refresh_scenes (PspProject *self,
                GPtrArray  *snapshots)
{
  for (guint i = 0; i < snapshots->len; i++)
    {
      PspUnsaved *snapshot = g_ptr_array_index (snapshots, i);

      if (snapshot->editor != NULL && snapshot->scene != NULL)
        psp_scene_take_editor (snapshot->scene, g_steal_pointer (&snapshot->editor));
    }
  psp_scene_store_remove_unmodified (self->scenes);
  if (self->scene == NULL || !psp_scene_get_modified (self->scene))
    psp_project_reload_scene (self);
  else
    psp_project_restart_loading (self);
}

static void
dup_dataset_paths (PspDataset *dataset,
                   GStrv      *paths)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  if (psp_dataset_get_folder (dataset) != NULL)
    g_strv_builder_add (builder, psp_dataset_get_folder (dataset));
  else
    for (gsize i = 0; i < psp_dataset_get_n_items (dataset); i++)
      g_strv_builder_add (builder, psp_dataset_get_items (dataset)[i].image_path);
  *paths = g_strv_builder_end (builder);
}

gboolean
psp_project_set_workspace_finish (PspProject    *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  WorkspaceJob *job = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (job == NULL) /* it is the one already */
    return TRUE;
  if (job->open_its_dataset && !psp_latest_take (&self->latest_dataset, job->number, error))
    return FALSE;

  if (job->dataset != NULL)
    {
      g_auto(GStrv) paths = NULL;

      dup_dataset_paths (job->dataset, &paths);
      psp_project_take_dataset (self, job->dataset, (const char * const *) paths);
    }
  psp_project_clear_recovery (self, job->snapshots);
  g_clear_pointer (&self->workspace, psp_workspace_unref);
  self->workspace = psp_workspace_ref (job->workspace);
  psp_open_workspaces_purge (self->open_workspaces);
  g_hash_table_remove_all (self->entries);
  psp_project_notify (self, PSP_PROJECT_PROP_WORKSPACE_PATH);
  psp_project_mark_items (self, job->images);
  refresh_scenes (self, job->snapshots);
  return TRUE;
}
