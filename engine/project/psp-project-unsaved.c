/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-unsaved-private.h"

/* (transfer full) (element-type PspScene): the scenes in memory that have unsaved edits. */
static GPtrArray *
list_modified_scenes (PspProject *self)
{
  GPtrArray *scenes = g_ptr_array_new_with_free_func (g_object_unref);
  if (self->scene != NULL)
    {
      psp_scene_end_stroke (self->scene);
      if (psp_scene_get_modified (self->scene))
        g_ptr_array_add (scenes, g_object_ref (self->scene));
    }
  for (guint i = 0; i < psp_scene_store_get_n (self->scenes); i++)
    {
      PspScene *scene = psp_scene_store_get (self->scenes, i);

      if (scene != self->scene && psp_scene_get_modified (scene))
        g_ptr_array_add (scenes, g_object_ref (scene));
    }
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

static void
snapshot_free (gpointer data)
{
  PspUnsaved *self = data;

  g_clear_object (&self->scene);
  g_clear_pointer (&self->source, psp_scene_source_free);
  g_clear_pointer (&self->mask, psp_mask_unref);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->editor, psp_mask_editor_free);
  g_free (self);
}

static gpointer
ref_edit (gconstpointer edit,
          gpointer      data)
{
  return psp_edit_ref ((PspEdit *) edit);
}

static gboolean
add_scene_snapshot (PspProject  *self,
                    PspScene    *scene,
                    GPtrArray   *snapshots,
                    GError     **error)
{
  const char *stem = psp_scene_get_stem (scene);
  GPtrArray *entries = g_hash_table_lookup (self->entries, stem);
  PspUnsaved *snapshot = g_new0 (PspUnsaved, 1);

  g_ptr_array_add (snapshots, snapshot);
  snapshot->scene = g_object_ref (scene);
  snapshot->source = source_of (self, psp_project_find_item (self, stem));
  snapshot->entries = entries != NULL ? g_ptr_array_copy (entries, ref_edit, NULL) : NULL;
  snapshot->mask = psp_mask_editor_copy_mask (psp_scene_get_editor (scene), &snapshot->state,
                                              error);
  return snapshot->mask != NULL;
}

static gboolean
add_scene_snapshots (PspProject  *self,
                     GPtrArray   *snapshots,
                     GError     **error)
{
  g_autoptr(GPtrArray) scenes = list_modified_scenes (self);

  for (guint i = 0; i < scenes->len; i++)
    if (!add_scene_snapshot (self, g_ptr_array_index (scenes, i), snapshots, error))
      return FALSE;
  return TRUE;
}

PspUnsaved *
psp_unsaved_find (GPtrArray  *snapshots,
                  const char *stem)
{
  for (guint i = 0; i < snapshots->len; i++)
    if (g_str_equal (((PspUnsaved *) g_ptr_array_index (snapshots, i))->source->stem, stem))
      return g_ptr_array_index (snapshots, i);
  return NULL;
}

GPtrArray *
psp_project_snapshot_unsaved (PspProject  *self,
                              GError     **error)
{
  g_autoptr(GPtrArray) snapshots = g_ptr_array_new_with_free_func (snapshot_free);
  GListModel *items = G_LIST_MODEL (self->items);

  if (!add_scene_snapshots (self, snapshots, error))
    return NULL;
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);
      PspUnsaved *snapshot;

      if (!psp_project_item_get_modified (item) ||
          psp_unsaved_find (snapshots, psp_project_item_get_stem (item)) != NULL)
        continue;
      snapshot = g_new0 (PspUnsaved, 1);
      snapshot->source = source_of (self, item);
      g_ptr_array_add (snapshots, snapshot);
    }
  return g_steal_pointer (&snapshots);
}

gboolean
psp_unsaved_recover_mask (PspUnsaved  *self,
                          GError     **error)
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

PspMask *
psp_project_find_unsaved (GPtrArray   *snapshots,
                          const char  *stem,
                          GError     **error)
{
  PspUnsaved *snapshot = psp_unsaved_find (snapshots, stem);

  if (snapshot == NULL)
    return NULL;
  return psp_unsaved_recover_mask (snapshot, error) ? psp_mask_ref (snapshot->mask) : NULL;
}

gboolean
psp_project_are_current (PspProject *self,
                         GPtrArray  *snapshots)
{
  g_autoptr(GPtrArray) scenes = list_modified_scenes (self);

  for (guint i = 0; i < scenes->len; i++)
    {
      PspScene *scene = g_ptr_array_index (scenes, i);
      PspUnsaved *snapshot = psp_unsaved_find (snapshots, psp_scene_get_stem (scene));

      if (snapshot == NULL || snapshot->scene != scene)
        return FALSE;
    }
  for (guint i = 0; i < snapshots->len; i++)
    {
      PspUnsaved *snapshot = g_ptr_array_index (snapshots, i);

      if (snapshot->scene != NULL &&
          psp_mask_editor_get_state (psp_scene_get_editor (snapshot->scene)) != snapshot->state)
        return FALSE;
    }
  return TRUE;
}

gboolean
psp_project_snapshot_again (PspProject  *self,
                            GPtrArray  **snapshots,
                            GError     **error)
{
  g_autoptr(GPtrArray) former = g_steal_pointer (snapshots);

  *snapshots = psp_project_snapshot_unsaved (self, error);
  for (guint i = 0; *snapshots != NULL && i < former->len; i++)
    {
      PspUnsaved *snapshot = g_ptr_array_index (former, i);

      if (snapshot->scene != NULL &&
          psp_unsaved_find (*snapshots, snapshot->source->stem) == NULL &&
          !add_scene_snapshot (self, snapshot->scene, *snapshots, error))
        return FALSE;
    }
  return *snapshots != NULL;
}
