/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/edit/psp-mask-editor.h"
#include "engine/project/psp-scene.h"

/**
 * PspSceneParts:
 * @stem: of the image
 * @photo: its pixels
 * @truth: (nullable): the dataset's label
 * @truth_problem: (nullable): why there is none although there is a file
 * @editor: starts from the corrected mask, the label or an ignored mask, the journal replayed
 * @taxonomy: of the masks
 * @network_taxonomy: (nullable): of predictions, where a network with other classes is open
 *
 * What a scene is made of; loaded in a worker thread.
 */
typedef struct
{
  char          *stem;
  PspImage      *photo;
  PspMask       *truth;
  char          *truth_problem;
  PspMaskEditor *editor;
  PspTaxonomy   *taxonomy;
  PspTaxonomy   *network_taxonomy;
} PspSceneParts;

void           psp_scene_parts_free     (PspSceneParts *self);

/* Makes a scene; everything in @parts is taken over.
 *
 * It has one more signal, “journal” (PspScene *scene, PspEdit *entry): what the journal must
 * append. */
PspScene      *psp_scene_new            (PspSceneParts *parts) G_GNUC_WARN_UNUSED_RESULT;

void           psp_scene_set_prediction (PspScene      *self,
                                         PspPrediction *prediction);

/* @network_taxonomy: (nullable): that of predictions, unless it is @taxonomy. */
void           psp_scene_set_taxonomy   (PspScene      *self,
                                         PspTaxonomy   *taxonomy,
                                         PspTaxonomy   *network_taxonomy);

/* (transfer none): for snapshots and to mark them as saved; psp_scene_update_state() follows a
 * change. */
PspMaskEditor *psp_scene_get_editor     (PspScene      *self);

/* Replaces the editor: the mask and its history are others now. */
void           psp_scene_take_editor    (PspScene      *self,
                                         PspMaskEditor *editor);

/* What it takes in memory, about: photo, label, mask and history; not the prediction. */
gsize          psp_scene_get_n_bytes    (PspScene      *self);

/* Notifies “can-undo”, “can-redo” and “modified” where they changed. */
void           psp_scene_update_state   (PspScene      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspSceneParts, psp_scene_parts_free)
