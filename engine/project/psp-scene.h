/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-image.h"
#include "engine/core/psp-mask.h"
#include "engine/core/psp-taxonomy.h"
#include "engine/edit/psp-edit.h"
#include "engine/run/psp-prediction.h"

#include <glib-object.h>

/**
 * PspScene:
 *
 * One photo that is open for inspection and correction: pixels, ground truth, prediction, and the
 * mask being edited with its history.  Main thread only.
 *
 * Properties: “prediction” (PspPrediction pointer, notify only), “can-undo”, “can-redo”, “modified”
 * (edits that the workspace does not hold yet) — booleans that notify.
 *
 * Signal “mask-changed” (PspScene *scene, int x, int y, int width, int height): pixels of the
 * edited mask changed inside that rectangle.
 */
#define PSP_TYPE_SCENE (psp_scene_get_type ())
G_DECLARE_FINAL_TYPE (PspScene, psp_scene, PSP, SCENE, GObject)

/* The class of a stroke that restores the label as the dataset has it (ignored where it has
 * none). */
#define PSP_SCENE_ERASE (-1)

const char    *psp_scene_get_stem       (PspScene      *self);
PspSize        psp_scene_get_size       (PspScene      *self);

/* (transfer none): the photo. */
PspImage      *psp_scene_get_photo      (PspScene      *self);

/* (transfer none) (nullable): the dataset's label; %NULL if there is none. */
PspMask       *psp_scene_get_truth      (PspScene      *self);

/* (nullable): why there is no usable label although the dataset has a file for it. */
const char    *psp_scene_get_truth_problem (PspScene   *self);

/* (transfer none) (nullable): of the model that is open; %NULL until it ran. */
PspPrediction *psp_scene_get_prediction (PspScene      *self);

/* (transfer none): the mask being edited; its pixels change under the caller. */
const PspMask *psp_scene_get_mask       (PspScene      *self);

/* (transfer none): names and colours of the ids in the label and the mask. */
PspTaxonomy   *psp_scene_get_taxonomy   (PspScene      *self);

/* (transfer none): those of the ids in predictions: the same taxonomy, unless a network is open
 * that has another number of classes.  Then nothing that it says can be compared with labels, or
 * become part of the mask. */
PspTaxonomy   *psp_scene_get_network_taxonomy (PspScene *self);

/**
 * psp_scene_begin_stroke:
 * @self: a scene
 * @class_id: what is painted, or %PSP_SCENE_ERASE: back to the label as it was in the dataset
 * @radius: of the brush, in image pixels
 * @point: in image pixels; pixel (0, 0) covers 0 to 1 on both axes
 *
 * Starts painting; psp_scene_extend_stroke() goes on, psp_scene_end_stroke() makes one undo step of
 * it and writes it to the journal of the workspace, psp_scene_cancel_stroke() takes it back.
 */
void           psp_scene_begin_stroke   (PspScene      *self,
                                         int            class_id,
                                         double         radius,
                                         PspPoint       point);
void           psp_scene_extend_stroke  (PspScene      *self,
                                         PspPoint       point);
void           psp_scene_end_stroke     (PspScene      *self);
void           psp_scene_cancel_stroke  (PspScene      *self);

/* Applies a whole edit (fill, polygon, accept) as one undo step; no step if it changes nothing. */
void           psp_scene_apply          (PspScene      *self,
                                         const PspEdit *edit);
void           psp_scene_undo           (PspScene      *self);
void           psp_scene_redo           (PspScene      *self);

gboolean       psp_scene_get_can_undo   (PspScene      *self);
gboolean       psp_scene_get_can_redo   (PspScene      *self);
gboolean       psp_scene_get_modified   (PspScene      *self);
