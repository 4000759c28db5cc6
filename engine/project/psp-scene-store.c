/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-scene-store.h"

PspSceneStore *
psp_scene_store_new (gsize limit_bytes)
{
  PspSceneStore *self = g_new0 (PspSceneStore, 1);

  self->scenes = g_ptr_array_new_with_free_func (g_object_unref);
  self->limit_bytes = limit_bytes;
  return self;
}

void
psp_scene_store_free (PspSceneStore *self)
{
  g_ptr_array_unref (self->scenes);
  g_free (self);
}

guint
psp_scene_store_get_n (PspSceneStore *self)
{
  return self->scenes->len;
}

PspScene *
psp_scene_store_get (PspSceneStore *self,
                     guint          index)
{
  return g_ptr_array_index (self->scenes, index);
}

PspScene *
psp_scene_store_find (PspSceneStore *self,
                      const char    *stem)
{
  for (guint i = 0; i < self->scenes->len; i++)
    if (g_str_equal (psp_scene_get_stem (psp_scene_store_get (self, i)), stem))
      return psp_scene_store_get (self, i);
  return NULL;
}

/* From the oldest on, but not the one that was just added. */
static void
forget_oldest (PspSceneStore *self)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < self->scenes->len; i++)
    n_bytes += psp_scene_get_n_bytes (psp_scene_store_get (self, i));
  for (guint i = 0; n_bytes > self->limit_bytes && i + 1 < self->scenes->len;)
    {
      PspScene *scene = psp_scene_store_get (self, i);

      if (psp_scene_get_modified (scene))
        {
          i++;
          continue;
        }
      n_bytes -= psp_scene_get_n_bytes (scene);
      g_ptr_array_remove_index (self->scenes, i);
    }
}

void
psp_scene_store_add (PspSceneStore *self,
                     PspScene      *scene)
{
  PspScene *former = psp_scene_store_find (self, psp_scene_get_stem (scene));

  g_object_ref (scene);
  if (former != NULL)
    g_ptr_array_remove (self->scenes, former);
  g_ptr_array_add (self->scenes, scene);
  forget_oldest (self);
}

void
psp_scene_store_remove_all (PspSceneStore *self)
{
  g_ptr_array_set_size (self->scenes, 0);
}

void
psp_scene_store_remove_unmodified (PspSceneStore *self)
{
  for (guint i = self->scenes->len; i > 0; i--)
    if (!psp_scene_get_modified (psp_scene_store_get (self, i - 1)))
      g_ptr_array_remove_index (self->scenes, i - 1);
}
