/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/edit/psp-region.h"

/* What a step changed, as bytes: for every tile with a change its number (row by row
 * from the top), then for its pixels, row by row, (length, difference) until the tile is full.
 * The difference is before XOR after: the same bytes lead back and forth.  All numbers are
 * psp_varint_append()'s. */

/* How many rows a tile has.  An edit of many rows is best made in bands of this many, from a
 * multiple of it on, with psp_delta_recorder_settle() behind each. */
#define PSP_DELTA_BAND 32

/**
 * PspDeltaRecorder:
 *
 * Watches a mask that is about to change.  Keeps the first state of the tiles that are touched;
 * when these grow to many, codes them early, so that a change of everything needs little memory.
 */
typedef struct _PspDeltaRecorder PspDeltaRecorder;

/* (transfer full): a recorder of @mask, which must outlive it. */
PspDeltaRecorder *psp_delta_recorder_new      (PspMask          *mask) G_GNUC_WARN_UNUSED_RESULT;
void              psp_delta_recorder_free     (PspDeltaRecorder *self);

/* To be called before the pixels @start to @end - 1 of row @y change; they must be inside. */
void              psp_delta_recorder_touch    (PspDeltaRecorder *self,
                                               int               y,
                                               int               start,
                                               int               end);

/* Codes what changed so far while it is still near the processor.  Right at any time, but pixels
 * that are touched again take memory again. */
void              psp_delta_recorder_settle   (PspDeltaRecorder *self);

/* Adds what @other, of the same mask, recorded of other pixels; @other is empty then. */
void              psp_delta_recorder_take     (PspDeltaRecorder *self,
                                               PspDeltaRecorder *other);

/* (transfer full) (nullable): what changed since the last finish or rollback; %NULL if nothing. */
GBytes           *psp_delta_recorder_finish   (PspDeltaRecorder *self) G_GNUC_WARN_UNUSED_RESULT;

/* Takes back what changed since the last finish or rollback. */
void              psp_delta_recorder_rollback (PspDeltaRecorder *self);

/**
 * psp_mask_delta_apply:
 * @delta: from the recorder of @mask
 * @mask: in the state before or after that change
 * @changed: (nullable): gets the pixels that change
 *
 * Undoes or redoes a change.
 */
void              psp_mask_delta_apply        (GBytes           *delta,
                                               PspMask          *mask,
                                               PspRegion        *changed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspDeltaRecorder, psp_delta_recorder_free)
