/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-private.h"

#include "engine/formats/psp-file.h"
#include "engine/project/psp-scene-loader.h"
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
  recovery = psp_workspace_open (path, PSP_WORKSPACE_CREATE, error);
  if (recovery == NULL)
    return NULL;
  *images = psp_workspace_list (recovery, error);
  return *images != NULL ? g_steal_pointer (&recovery) : NULL;
}

void
psp_project_close_workspace (PspProject *self)
{
  g_clear_pointer (&self->recovery, psp_workspace_unref);
  if (self->workspace == NULL)
    return;
  g_clear_pointer (&self->workspace, psp_workspace_unref);
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

/* (transfer full) (element-type PspScene): the scenes in memory that have unsaved edits. */
static GPtrArray *
list_modified_scenes (PspProject *self)
{
  GPtrArray *scenes = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iterator;
  gpointer scene;

  if (self->scene != NULL)
    {
      psp_scene_end_stroke (self->scene);
      if (psp_scene_get_modified (self->scene))
        g_ptr_array_add (scenes, g_object_ref (self->scene));
    }
  g_hash_table_iter_init (&iterator, self->scenes);
  while (g_hash_table_iter_next (&iterator, NULL, &scene))
    if (scene != self->scene && psp_scene_get_modified (scene))
      g_ptr_array_add (scenes, g_object_ref (scene));
  return scenes;
}

static PspSceneSource *
source_of (PspProject     *self,
           PspProjectItem *item)
{
  return psp_scene_source_new (psp_project_item_get_stem (item),
                               psp_project_item_get_image_path (item),
                               psp_project_item_get_label_path (item),
                               psp_project_get_journal (self), self->taxonomy);
}

/* An image with unsaved edits, as a worker sees it. */
typedef struct
{
  PspScene       *scene;   /* (nullable): not in memory: the journal alone has the edits */
  PspSceneSource *source;
  PspMask        *mask;    /* (nullable): a snapshot of the scene's */
  guint64         state;   /* of that snapshot */
  GPtrArray      *entries; /* (nullable): edits made without a workspace */
  PspMaskEditor  *editor;  /* (nullable): what shall replace the scene's */
  gboolean        saved;
} Snapshot;

static void
snapshot_free (gpointer data)
{
  Snapshot *self = data;

  g_clear_object (&self->scene);
  g_clear_pointer (&self->source, psp_scene_source_free);
  g_clear_pointer (&self->mask, psp_mask_unref);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->editor, psp_mask_editor_free);
  g_free (self);
}

static gboolean
add_scene_snapshots (PspProject  *self,
                     GPtrArray   *snapshots,
                     GError     **error)
{
  g_autoptr(GPtrArray) scenes = list_modified_scenes (self);

  for (guint i = 0; i < scenes->len; i++)
    {
      PspScene *scene = g_ptr_array_index (scenes, i);
      const char *stem = psp_scene_get_stem (scene);
      GPtrArray *entries = g_hash_table_lookup (self->entries, stem);
      Snapshot *snapshot = g_new0 (Snapshot, 1);

      g_ptr_array_add (snapshots, snapshot);
      snapshot->scene = g_object_ref (scene);
      snapshot->source = source_of (self, psp_project_find_item (self, stem));
      snapshot->entries = entries != NULL ? g_ptr_array_ref (entries) : NULL;
      snapshot->mask = psp_mask_editor_copy_mask (psp_scene_get_editor (scene), &snapshot->state,
                                                  error);
      if (snapshot->mask == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_snapshot (GPtrArray  *snapshots,
              const char *stem)
{
  for (guint i = 0; i < snapshots->len; i++)
    if (g_str_equal (((Snapshot *) g_ptr_array_index (snapshots, i))->source->stem, stem))
      return TRUE;
  return FALSE;
}

/* Everything unsaved: scenes in memory, then images whose edits are in the journal alone. */
static GPtrArray *
take_snapshots (PspProject  *self,
                GError     **error)
{
  g_autoptr(GPtrArray) snapshots = g_ptr_array_new_with_free_func (snapshot_free);
  GListModel *items = G_LIST_MODEL (self->items);

  if (!add_scene_snapshots (self, snapshots, error))
    return NULL;
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);
      Snapshot *snapshot;

      if (!psp_project_item_get_modified (item) ||
          has_snapshot (snapshots, psp_project_item_get_stem (item)))
        continue;
      snapshot = g_new0 (Snapshot, 1);
      snapshot->source = source_of (self, item);
      g_ptr_array_add (snapshots, snapshot);
    }
  return g_steal_pointer (&snapshots);
}

/* Makes sure that a snapshot has its mask; one that is not in memory is replayed from the
 * journal. */
static gboolean
recover_mask (Snapshot  *self,
              GError   **error)
{
  g_autoptr(PspSceneParts) parts = NULL;

  if (self->mask != NULL)
    return TRUE;
  parts = psp_scene_source_load (self->source, NULL, error);
  if (parts == NULL)
    return FALSE;
  self->mask = psp_mask_editor_copy_mask (parts->editor, NULL, error);
  return self->mask != NULL;
}

GPtrArray *
psp_project_snapshot_unsaved (PspProject  *self,
                              GError     **error)
{
  return take_snapshots (self, error);
}

PspMask *
psp_project_find_unsaved (GPtrArray   *snapshots,
                          const char  *stem,
                          GError     **error)
{
  for (guint i = 0; i < snapshots->len; i++)
    {
      Snapshot *snapshot = g_ptr_array_index (snapshots, i);

      if (g_str_equal (snapshot->source->stem, stem))
        return recover_mask (snapshot, error) ? psp_mask_ref (snapshot->mask) : NULL;
    }
  return NULL;
}

/* Choosing a workspace. */
typedef struct
{
  char         *path;
  gboolean      open_its_dataset;
  GStrv         dataset_paths; /* (nullable): of the dataset that is open */
  PspTaxonomy  *taxonomy;      /* (nullable) */
  GPtrArray    *snapshots;     /* edits that move into the workspace */
  PspWorkspace *recovery;      /* (nullable): where their journal is until then */
  PspWorkspace *workspace;     /* (out) */
  PspDataset   *dataset;       /* (out) (nullable) */
  GPtrArray    *images;        /* (out) PspWorkspaceImage */
} WorkspaceJob;

static void
workspace_job_free (WorkspaceJob *self)
{
  g_free (self->path);
  g_strfreev (self->dataset_paths);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_clear_pointer (&self->snapshots, g_ptr_array_unref);
  g_clear_pointer (&self->recovery, psp_workspace_unref);
  g_clear_pointer (&self->workspace, psp_workspace_unref);
  g_clear_pointer (&self->dataset, psp_dataset_unref);
  g_clear_pointer (&self->images, g_ptr_array_unref);
  g_free (self);
}

static gboolean
same_dataset (PspDataset         *dataset,
              const char * const *paths)
{
  g_autoptr(PspDataset) other = psp_dataset_open (paths, NULL, NULL);

  if (other == NULL || psp_dataset_get_n_items (other) != psp_dataset_get_n_items (dataset))
    return FALSE;
  for (gsize i = 0; i < psp_dataset_get_n_items (other); i++)
    if (!g_str_equal (psp_dataset_get_items (other)[i].stem,
                      psp_dataset_get_items (dataset)[i].stem))
      return FALSE;
  return TRUE;
}

/* A workspace corrects one dataset; a new one is told which. */
static gboolean
bind_dataset (WorkspaceJob  *job,
              GError       **error)
{
  g_autofree char *json = NULL;
  g_autoptr(PspDataset) remembered = NULL;

  if (job->dataset_paths == NULL)
    return TRUE;
  if (!psp_workspace_dup_dataset (job->workspace, &json, error))
    return FALSE;
  if (json != NULL)
    {
      remembered = psp_workspace_open_dataset (job->workspace, NULL, NULL, NULL);
      if (remembered != NULL &&
          !same_dataset (remembered, (const char * const *) job->dataset_paths))
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                       "%s: this workspace corrects another dataset, “%s”; choose an empty folder",
                       job->path, psp_dataset_get_name (remembered));
          return FALSE;
        }
    }
  return psp_workspace_remember_dataset (job->workspace,
                                         (const char * const *) job->dataset_paths,
                                         job->taxonomy, error);
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

/* Puts the edits that an image got without a workspace on top of what the workspace has of it. */
static gboolean
adopt_edits (Snapshot      *snapshot,
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

  if (!recover_mask (snapshot, error))
    return FALSE;
  g_clear_pointer (&source->workspace, psp_workspace_unref);
  source->workspace = psp_workspace_ref (workspace);
  truth = psp_scene_source_load_truth (source, snapshot->mask->size, &problem);
  editor = psp_scene_source_load_editor (source, snapshot->mask->size, truth, error);
  if (editor == NULL)
    return FALSE;

  corrected = psp_workspace_find_mask (workspace, source->stem, NULL);
  if (corrected == NULL && snapshot->entries != NULL && !psp_mask_editor_get_can_undo (editor))
    return append_all (workspace, source->stem, snapshot->entries, error);

  accept = psp_edit_new_accept_all (snapshot->mask);
  psp_mask_editor_apply (editor, accept, &entry);
  if (entry != NULL && !psp_workspace_append_edit (workspace, source->stem, entry, error))
    return FALSE;
  snapshot->editor = g_steal_pointer (&editor);
  return TRUE;
}

static gboolean
run_workspace_job (WorkspaceJob  *job,
                   GCancellable  *cancellable,
                   GError       **error)
{
  job->workspace = psp_workspace_open (job->path, job->open_its_dataset ? PSP_WORKSPACE_WRITE
                                                                        : PSP_WORKSPACE_CREATE,
                                       error);
  if (job->workspace == NULL)
    return FALSE;
  if (job->open_its_dataset)
    {
      job->dataset = psp_workspace_open_dataset (job->workspace, NULL, cancellable, error);
      if (job->dataset == NULL)
        return FALSE;
    }
  else if (!bind_dataset (job, error))
    return FALSE;

  for (guint i = 0; i < job->snapshots->len; i++)
    {
      Snapshot *snapshot = g_ptr_array_index (job->snapshots, i);

      if (!adopt_edits (snapshot, job->workspace, error) ||
          (job->recovery != NULL &&
           !psp_workspace_clear_journal (job->recovery, snapshot->source->stem, error)))
        return FALSE;
    }
  job->images = psp_workspace_list (job->workspace, error);
  return job->images != NULL;
}

static void
workspace_worker (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  GError *error = NULL;

  if (run_workspace_job (data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
start_workspace_job (PspProject   *self,
                     GTask        *task,
                     WorkspaceJob *job)
{
  g_task_set_source_tag (task, start_workspace_job);
  psp_project_run_in_thread (self, task, workspace_worker, job,
                             (GDestroyNotify) workspace_job_free);
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

  snapshots = take_snapshots (self, &error);
  if (snapshots == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  job = g_new0 (WorkspaceJob, 1);
  job->path = g_strdup (path);
  job->snapshots = g_steal_pointer (&snapshots);
  job->dataset_paths = g_strdupv (self->dataset_paths);
  job->taxonomy = self->taxonomy != NULL ? psp_taxonomy_ref (self->taxonomy) : NULL;
  job->recovery = self->workspace == NULL && self->recovery != NULL
                  ? psp_workspace_ref (self->recovery) : NULL;
  start_workspace_job (self, task, job);
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
  start_workspace_job (self, task, job);
}

void
psp_project_mark_items (PspProject *self,
                        GPtrArray  *images)
{
  for (guint i = 0; i < images->len; i++)
    {
      const PspWorkspaceImage *image = g_ptr_array_index (images, i);
      PspProjectItem *item = psp_project_find_item (self, image->stem);

      if (item == NULL)
        continue;
      psp_project_item_set_corrected (item, image->corrected);
      if (image->unsaved)
        psp_project_item_set_modified (item, TRUE);
    }
  psp_project_update_modified (self);
}

/* Scenes that are not being edited may be others in this workspace: they are loaded again. */
static void
refresh_scenes (PspProject *self,
                GPtrArray  *snapshots)
{
  GHashTableIter iterator;
  gpointer scene;

  for (guint i = 0; i < snapshots->len; i++)
    {
      Snapshot *snapshot = g_ptr_array_index (snapshots, i);

      if (snapshot->editor != NULL && snapshot->scene != NULL)
        psp_scene_take_editor (snapshot->scene, g_steal_pointer (&snapshot->editor));
    }
  g_hash_table_iter_init (&iterator, self->scenes);
  while (g_hash_table_iter_next (&iterator, NULL, &scene))
    if (!psp_scene_get_modified (scene))
      g_hash_table_iter_remove (&iterator);
  if (self->scene == NULL || !psp_scene_get_modified (self->scene))
    psp_project_reload_scene (self);
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

  if (job->dataset != NULL)
    {
      g_auto(GStrv) paths = NULL;

      dup_dataset_paths (job->dataset, &paths);
      psp_project_take_dataset (self, job->dataset, (const char * const *) paths);
    }
  g_clear_pointer (&self->workspace, psp_workspace_unref);
  self->workspace = psp_workspace_ref (job->workspace);
  g_hash_table_remove_all (self->entries);
  psp_project_notify (self, PSP_PROJECT_PROP_WORKSPACE_PATH);
  psp_project_mark_items (self, job->images);
  refresh_scenes (self, job->snapshots);
  return TRUE;
}

/* Saving. */
typedef struct
{
  GTask        *task;
  PspWorkspace *workspace;
  GPtrArray    *snapshots;
  GError       *error;     /* the first failure */
} SaveJob;

/* In the disk thread: every journal entry that the snapshots contain has been appended by now. */
static void
save_snapshots (gpointer data)
{
  SaveJob *job = data;

  for (guint i = 0; i < job->snapshots->len; i++)
    {
      Snapshot *snapshot = g_ptr_array_index (job->snapshots, i);
      gint64 journal_end = psp_workspace_get_journal_end (job->workspace);
      GError **error = job->error == NULL ? &job->error : NULL;

      snapshot->saved = recover_mask (snapshot, error) &&
                        psp_workspace_save_mask (job->workspace, snapshot->source->stem,
                                                 snapshot->mask, journal_end, error);
    }
}

static void
snapshot_saved (PspProject *self,
                Snapshot   *snapshot)
{
  PspProjectItem *item = psp_project_find_item (self, snapshot->source->stem);

  if (snapshot->scene != NULL)
    {
      psp_mask_editor_mark_saved (psp_scene_get_editor (snapshot->scene), snapshot->state);
      psp_scene_update_state (snapshot->scene);
    }
  if (item == NULL)
    return;
  psp_project_item_set_corrected (item, TRUE);
  psp_project_item_set_modified (item, snapshot->scene != NULL &&
                                       psp_scene_get_modified (snapshot->scene));
}

static void
save_done (gpointer data)
{
  SaveJob *job = data;
  PspProject *self = g_task_get_source_object (job->task);

  for (guint i = 0; i < job->snapshots->len; i++)
    {
      Snapshot *snapshot = g_ptr_array_index (job->snapshots, i);

      if (snapshot->saved)
        snapshot_saved (self, snapshot);
    }
  psp_project_update_modified (self);
  if (job->error != NULL)
    g_task_return_error (job->task, job->error);
  else
    g_task_return_boolean (job->task, TRUE);

  g_ptr_array_unref (job->snapshots);
  psp_workspace_unref (job->workspace);
  g_object_unref (job->task);
  g_free (job);
}

void
psp_project_save_async (PspProject          *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, data);
  g_autoptr(GPtrArray) snapshots = NULL;
  GError *error = NULL;
  SaveJob *job;

  g_task_set_source_tag (task, psp_project_save_async);
  if (self->workspace == NULL)
    {
      g_task_return_new_error (task, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                               "there is no workspace yet; choose a folder for corrected masks");
      return;
    }
  snapshots = take_snapshots (self, &error);
  if (snapshots == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  job = g_new0 (SaveJob, 1);
  job->task = g_steal_pointer (&task);
  job->workspace = psp_workspace_ref (self->workspace);
  job->snapshots = g_steal_pointer (&snapshots);
  psp_disk_queue_push (self->disk, save_snapshots, save_done, job);
}

gboolean
psp_project_save_finish (PspProject    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Discarding. */
typedef struct
{
  GTask        *task;
  PspWorkspace *journal;  /* (nullable) */
  GPtrArray    *stems;
  GError       *error;    /* the first failure */
} DiscardJob;

static void
clear_journals (gpointer data)
{
  DiscardJob *job = data;

  for (guint i = 0; job->journal != NULL && i < job->stems->len; i++)
    (void) psp_workspace_clear_journal (job->journal, g_ptr_array_index (job->stems, i),
                                        job->error == NULL ? &job->error : NULL);
}

/* Everything in memory goes; the open image is loaded as the workspace has it. */
static void
forget_edits (PspProject *self,
              GPtrArray  *stems)
{
  g_hash_table_remove_all (self->scenes);
  g_hash_table_remove_all (self->entries);
  for (guint i = 0; i < stems->len; i++)
    {
      PspProjectItem *item = psp_project_find_item (self, g_ptr_array_index (stems, i));

      if (item != NULL)
        psp_project_item_set_modified (item, FALSE);
    }
  psp_project_update_modified (self);
  psp_project_reload_scene (self);
}

static void
discard_done (gpointer data)
{
  DiscardJob *job = data;

  forget_edits (g_task_get_source_object (job->task), job->stems);
  if (job->error != NULL)
    g_task_return_error (job->task, job->error);
  else
    g_task_return_boolean (job->task, TRUE);
  g_clear_pointer (&job->journal, psp_workspace_unref);
  g_ptr_array_unref (job->stems);
  g_object_unref (job->task);
  g_free (job);
}

void
psp_project_discard_async (PspProject          *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             data)
{
  GListModel *items = G_LIST_MODEL (self->items);
  DiscardJob *job = g_new0 (DiscardJob, 1);

  job->task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (job->task, psp_project_discard_async);
  job->journal = psp_project_get_journal (self);
  if (job->journal != NULL)
    psp_workspace_ref (job->journal);
  job->stems = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      if (psp_project_item_get_modified (item))
        g_ptr_array_add (job->stems, g_strdup (psp_project_item_get_stem (item)));
    }
  psp_disk_queue_push (self->disk, clear_journals, discard_done, job);
}

gboolean
psp_project_discard_finish (PspProject    *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
