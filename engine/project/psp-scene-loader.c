/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-scene-loader.h"

#include "engine/formats/psp-image-file.h"
#include "engine/project/psp-workspace-dataset.h"

PspSceneSource *
psp_scene_source_new (const char   *stem,
                      const char   *image_path,
                      const char   *label_path,
                      PspWorkspace *workspace,
                      PspTaxonomy  *taxonomy)
{
  PspSceneSource *self = g_new0 (PspSceneSource, 1);

  self->stem = g_strdup (stem);
  self->image_path = g_strdup (image_path);
  self->label_path = g_strdup (label_path);
  self->workspace = workspace != NULL ? psp_workspace_ref (workspace) : NULL;
  self->taxonomy = psp_taxonomy_ref (taxonomy);
  return self;
}

void
psp_scene_source_free (PspSceneSource *self)
{
  g_free (self->stem);
  g_free (self->image_path);
  g_free (self->label_path);
  g_clear_pointer (&self->workspace, psp_workspace_unref);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_free (self);
}

PspMask *
psp_scene_source_load_truth (const PspSceneSource  *self,
                             PspSize                size,
                             char                 **problem)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMask) truth = NULL;

  if (self->label_path == NULL)
    return NULL;
  truth = psp_mask_load (self->label_path, &error);
  if (truth == NULL)
    {
      *problem = g_strdup (error->message);
      return NULL;
    }
  if (!psp_size_equal (truth->size, size))
    {
      *problem = g_strdup_printf ("%s: the label is %d x %d pixels, the photo %d x %d",
                                  self->label_path, truth->size.width, truth->size.height,
                                  size.width, size.height);
      return NULL;
    }
  return g_steal_pointer (&truth);
}

/* (transfer full): what editing starts from. */
static PspMask *
load_base (const PspSceneSource  *self,
           PspSize                size,
           PspMask               *truth,
           GError               **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(PspMask) corrected = NULL;

  if (self->workspace != NULL)
    corrected = psp_workspace_find_mask (self->workspace, self->stem, &reason);
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  if (corrected != NULL && psp_size_equal (corrected->size, size))
    return g_steal_pointer (&corrected);
  if (corrected != NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "%s: the corrected mask in the workspace is %d x %d pixels, the photo %d x %d",
                   self->stem, corrected->size.width, corrected->size.height, size.width,
                   size.height);
      return NULL;
    }
  if (truth != NULL)
    return psp_mask_ref (truth);
  return psp_mask_new (size, psp_taxonomy_get_n_classes (self->taxonomy) > 255 ? 16 : 8, error);
}

static PspMaskEditor *
try_load_editor (const PspSceneSource  *self,
                 PspSize                size,
                 PspMask               *truth,
                 GError               **error)
{
  g_autoptr(PspMask) base = load_base (self, size, truth, error);
  g_autoptr(PspMaskEditor) editor = NULL;
  g_autoptr(GPtrArray) journal = NULL;
  g_autofree char *digest = NULL;

  if (base == NULL)
    return NULL;
  editor = psp_mask_editor_new (base, truth, error);
  if (editor == NULL || self->workspace == NULL)
    return g_steal_pointer (&editor);

  digest = psp_mask_dup_digest (base);
  journal = psp_workspace_load_journal (self->workspace, self->stem, digest, error);
  if (journal == NULL || !psp_mask_editor_replay (editor, journal, error))
    {
      g_prefix_error (error, "%s: ", self->stem);
      return NULL;
    }
  return g_steal_pointer (&editor);
}

/* A mask that is saved between the two reads takes the journal with it: both are read again. */
PspMaskEditor *
psp_scene_source_load_editor (const PspSceneSource  *self,
                              PspSize                size,
                              PspMask               *truth,
                              GError               **error)
{
  for (;;)
    {
      gint64 n_saves = self->workspace != NULL ? psp_workspace_get_n_saves (self->workspace) : 0;
      g_autoptr(GError) problem = NULL;
      g_autoptr(PspMaskEditor) editor = try_load_editor (self, size, truth, &problem);

      if (self->workspace != NULL && psp_workspace_get_n_saves (self->workspace) != n_saves)
        continue;
      if (problem != NULL)
        g_propagate_error (error, g_steal_pointer (&problem));
      return g_steal_pointer (&editor);
    }
}

PspSceneParts *
psp_scene_source_load (const PspSceneSource  *self,
                       GCancellable          *cancellable,
                       GError               **error)
{
  g_autoptr(PspSceneParts) parts = g_new0 (PspSceneParts, 1);

  parts->stem = g_strdup (self->stem);
  parts->taxonomy = psp_taxonomy_ref (self->taxonomy);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  parts->photo = psp_image_load (self->image_path, error);
  if (parts->photo == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  parts->truth = psp_scene_source_load_truth (self, parts->photo->size, &parts->truth_problem);
  parts->editor = psp_scene_source_load_editor (self, parts->photo->size, parts->truth, error);
  return parts->editor != NULL ? g_steal_pointer (&parts) : NULL;
}
