/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/project/psp-project-private.h"
#include "engine/project/psp-scene-loader.h"

/**
 * PspUnsaved:
 *
 * An image with unsaved edits, as it was when the snapshot was taken; for one worker thread, which
 * leaves the scene alone.
 */
typedef struct
{
  PspScene       *scene;   /* (nullable): not in memory: the journal alone has the edits; main
                              thread only */
  PspSceneSource *source;
  PspMask        *mask;    /* (nullable): a snapshot of the scene's */
  guint64         state;   /* of that snapshot */
  GPtrArray      *entries; /* (nullable): edits made without a workspace until then */
  PspMaskEditor  *editor;  /* (nullable): what shall replace the scene's */
  gboolean        saved;
} PspUnsaved;

/* Makes sure that a snapshot has its mask; one that is not in memory is replayed from the
 * journal. */
gboolean   psp_unsaved_recover_mask     (PspUnsaved  *self,
                                         GError     **error);

/* (transfer none) (nullable): that of @stem among @snapshots (element-type PspUnsaved). */
PspUnsaved *psp_unsaved_find            (GPtrArray   *snapshots,
                                         const char  *stem);

/* Whether the scenes in memory are still what @snapshots (element-type PspUnsaved) were taken of;
 * main thread only. */
gboolean   psp_project_are_current      (PspProject  *self,
                                         GPtrArray   *snapshots);

/* Replaces @snapshots by those of now; what they held, and was undone meanwhile, is among them.
 * Main thread only; %FALSE with @error set where there is no memory. */
gboolean   psp_project_snapshot_again   (PspProject  *self,
                                         GPtrArray  **snapshots,
                                         GError     **error);
