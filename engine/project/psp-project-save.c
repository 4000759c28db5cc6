/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-unsaved-private.h"

/* What the disk queue does beside single edits: masks are saved, journals given up. */

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
      PspUnsaved *snapshot = g_ptr_array_index (job->snapshots, i);
      gint64 journal_end = psp_workspace_get_journal_end (job->workspace);
      GError **error = job->error == NULL ? &job->error : NULL;

      snapshot->saved = psp_unsaved_recover_mask (snapshot, error) &&
                        psp_workspace_save_mask (job->workspace, snapshot->source->stem,
                                                 snapshot->mask, journal_end, error);
    }
}

static void
snapshot_saved (PspProject *self,
                PspUnsaved *snapshot)
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

void
psp_project_join_saves (PspProject *self,
                        PspScene   *scene)
{
  for (guint i = 0; i < self->saves->len; i++)
    {
      PspUnsaved *snapshot = psp_unsaved_find (g_ptr_array_index (self->saves, i),
                                               psp_scene_get_stem (scene));

      if (snapshot == NULL || snapshot->scene != NULL)
        continue;
      snapshot->scene = g_object_ref (scene);
      snapshot->state = psp_mask_editor_note_copy (psp_scene_get_editor (scene));
    }
}

/* Whether the image that is being loaded was saved meanwhile: what was read of it may be from
 * before that. */
static gboolean
is_loading_saved (PspProject *self,
                  GPtrArray  *snapshots)
{
  return self->loading != NULL &&
         psp_unsaved_find (snapshots, psp_project_item_get_stem (self->current)) != NULL;
}

static void
save_done (gpointer data)
{
  SaveJob *job = data;
  PspProject *self = g_task_get_source_object (job->task);

  g_ptr_array_remove (self->saves, job->snapshots);
  for (guint i = 0; i < job->snapshots->len; i++)
    {
      PspUnsaved *snapshot = g_ptr_array_index (job->snapshots, i);

      /* Another workspace that was chosen meanwhile does not hold it. */
      if (snapshot->saved && job->workspace == self->workspace)
        snapshot_saved (self, snapshot);
    }
  psp_project_update_modified (self);
  if (is_loading_saved (self, job->snapshots))
    psp_project_restart_loading (self);
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
  snapshots = psp_project_snapshot_unsaved (self, &error);
  if (snapshots == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  job = g_new0 (SaveJob, 1);
  job->task = g_steal_pointer (&task);
  job->workspace = psp_workspace_ref (self->workspace);
  job->snapshots = g_steal_pointer (&snapshots);
  g_ptr_array_add (self->saves, g_ptr_array_ref (job->snapshots));
  psp_disk_queue_push (self->disk, save_snapshots, save_done, job);
}

gboolean
psp_project_save_finish (PspProject    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Journals that are cleared, behind what is still to be appended to them. */
typedef struct
{
  PspProject   *project;
  GTask        *task;     /* (nullable): of psp_project_discard_async() */
  PspWorkspace *journal;  /* (nullable) */
  GPtrArray    *stems;
  GError       *error;    /* (nullable): the first failure */
} ClearJob;

static ClearJob *
clear_job_new (PspProject   *self,
               PspWorkspace *journal)
{
  ClearJob *job = g_new0 (ClearJob, 1);

  job->project = g_object_ref (self);
  job->journal = journal != NULL ? psp_workspace_ref (journal) : NULL;
  job->stems = g_ptr_array_new_with_free_func (g_free);
  return job;
}

static void
clear_job_free (ClearJob *self)
{
  g_clear_pointer (&self->journal, psp_workspace_unref);
  g_ptr_array_unref (self->stems);
  g_clear_error (&self->error);
  g_clear_object (&self->task);
  g_object_unref (self->project);
  g_free (self);
}

static void
clear_journals (gpointer data)
{
  ClearJob *job = data;

  for (guint i = 0; job->journal != NULL && i < job->stems->len; i++)
    (void) psp_workspace_clear_journal (job->journal, g_ptr_array_index (job->stems, i),
                                        job->error == NULL ? &job->error : NULL);
}

static void
recovery_cleared (gpointer data)
{
  ClearJob *job = data;

  if (job->error != NULL)
    psp_project_report_failure (job->project, "Edits that the workspace holds now are still in the "
                                "recovery folder, too", job->error);
  clear_job_free (job);
}

void
psp_project_clear_recovery (PspProject *self,
                            GPtrArray  *snapshots)
{
  ClearJob *job;

  if (self->workspace != NULL || self->recovery == NULL)
    return;
  job = clear_job_new (self, self->recovery);
  for (guint i = 0; i < snapshots->len; i++)
    {
      PspUnsaved *snapshot = g_ptr_array_index (snapshots, i);

      g_ptr_array_add (job->stems, g_strdup (snapshot->source->stem));
    }
  psp_disk_queue_push (self->disk, clear_journals, recovery_cleared, job);
}

/* Everything in memory goes; the open image is loaded as the workspace has it. */
static void
forget_edits (PspProject *self,
              GPtrArray  *stems)
{
  psp_scene_store_remove_all (self->scenes);
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
  ClearJob *job = data;

  forget_edits (job->project, job->stems);
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_boolean (job->task, TRUE);
  clear_job_free (job);
}

void
psp_project_discard_async (PspProject          *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             data)
{
  GListModel *items = G_LIST_MODEL (self->items);
  ClearJob *job = clear_job_new (self, psp_project_get_journal (self));

  job->task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (job->task, psp_project_discard_async);
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
