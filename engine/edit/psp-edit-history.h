/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"

/**
 * PspEditStep:
 * @delta: what changed, see psp_mask_delta_apply(); owned
 * @rect: around the pixels that changed
 * @before: the number of the state that it started from
 * @after: the number of the state that it made
 */
typedef struct
{
  GBytes  *delta;
  PspRect  rect;
  guint64  before;
  guint64  after;
} PspEditStep;

/**
 * PspEditHistory:
 *
 * The steps that can be undone and redone, bounded in bytes.
 */
typedef struct
{
  /*< private >*/
  GQueue undo;    /* of PspEditStep, the newest at the tail */
  GQueue redo;    /* the next to be redone at the tail */
  gsize  n_bytes;
  gsize  limit;
} PspEditHistory;

/* Makes an empty history of at most @limit bytes. */
void         psp_edit_history_init    (PspEditHistory *self,
                                       gsize           limit);
void         psp_edit_history_clear   (PspEditHistory *self);

/* Adds a copy of @step, whose delta it takes over.  Forgets what could be redone, and the oldest
 * steps beyond the limit. */
void         psp_edit_history_push    (PspEditHistory *self,
                                       PspEditStep     step);

/* (transfer none) (nullable): the step that is now undone or redone; %NULL if there is none. */
PspEditStep *psp_edit_history_undo    (PspEditHistory *self);
PspEditStep *psp_edit_history_redo    (PspEditHistory *self);
