/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/project/psp-scene-private.h"

/**
 * PspSceneStore:
 *
 * Scenes that were open and have edits or a history, kept in memory for when they are opened again.
 * Where they take more than a limit, the ones that were not open for the longest time go; those
 * with edits that are not saved stay whatever they take.  Main thread only.
 */
typedef struct
{
  /*< private >*/
  GPtrArray *scenes; /* PspScene, the one that was added last at the end */
  gsize      limit_bytes;
} PspSceneStore;

PspSceneStore *psp_scene_store_new               (gsize          limit_bytes)
                                                  G_GNUC_WARN_UNUSED_RESULT;
void           psp_scene_store_free              (PspSceneStore *self);

/* Adds @scene, or moves it to the end, in place of another of the same stem. */
void           psp_scene_store_add               (PspSceneStore *self,
                                                  PspScene      *scene);

/* (transfer none) (nullable): the scene of @stem. */
PspScene      *psp_scene_store_find              (PspSceneStore *self,
                                                  const char    *stem);

guint          psp_scene_store_get_n             (PspSceneStore *self);

/* (transfer none): one of psp_scene_store_get_n(). */
PspScene      *psp_scene_store_get               (PspSceneStore *self,
                                                  guint          index);

void           psp_scene_store_remove_all        (PspSceneStore *self);

/* Keeps only scenes with edits that are not saved. */
void           psp_scene_store_remove_unmodified (PspSceneStore *self);
