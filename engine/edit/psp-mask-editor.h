/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/edit/psp-edit.h"

/**
 * PspMaskEditor:
 *
 * A label mask that is being corrected, and its history.  One thread at a time; for as long as an
 * edit of many pixels takes, it has others help.
 *
 * A step is what one undo takes back: one gesture.  Gestures that change no pixel add no step.  The
 * history is kept as run-length coded differences of tiles; what it costs depends on the tiles that
 * changed, not on the size of the mask.  It holds as many steps as fit into
 * %PSP_MASK_EDITOR_HISTORY_BYTES; then the oldest are forgotten, and a step that is larger on its
 * own cannot be undone.
 *
 * Every function that changes the mask gives the entry that a journal must append.  Entries that
 * are replayed on the mask that the editor started from, or on the last
 * psp_mask_editor_copy_mask() that was saved, give the same pixels: see psp_mask_editor_replay().
 */
typedef struct _PspMaskEditor PspMaskEditor;

/* The most memory that undo and redo take together. */
#define PSP_MASK_EDITOR_HISTORY_BYTES ((gsize) 256 << 20)

/**
 * psp_mask_editor_new:
 * @base: the mask to start from: the original label, a corrected one, or an ignored one; copied
 * @original: (nullable): what %PSP_EDIT_ORIGINAL brings back; %NULL: ignored pixels.  Must stay
 *   unchanged
 * @error: %PSP_ERROR_BAD_SHAPE if the two differ in size or bit depth; %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): an editor with an empty history that is not modified, or %NULL with
 *   @error set
 */
PspMaskEditor *psp_mask_editor_new           (const PspMask  *base,
                                              PspMask        *original,
                                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;
void           psp_mask_editor_free          (PspMaskEditor  *self);

/* (transfer none): the mask as it is now; its pixels change under the caller. */
const PspMask *psp_mask_editor_get_mask      (PspMaskEditor  *self);

/* (transfer none) (nullable): the original label. */
PspMask       *psp_mask_editor_get_original  (PspMaskEditor  *self);

/**
 * psp_mask_editor_set_locked:
 * @self: an editor
 * @class_id: 0 to 65535; the id for “ignored” may be locked as well
 * @locked: whether edits leave pixels of that class alone from now on
 *
 * Undo and redo still restore what was.  Not during a stroke.
 */
void           psp_mask_editor_set_locked    (PspMaskEditor  *self,
                                              int             class_id,
                                              gboolean        locked);
gboolean       psp_mask_editor_get_locked    (PspMaskEditor  *self,
                                              int             class_id);

/**
 * psp_mask_editor_apply:
 * @self: an editor that no stroke is going on in
 * @edit: any kind but %PSP_EDIT_UNDO and %PSP_EDIT_REDO; it must fit: psp_edit_check_fits()
 * @entry: (out) (optional) (nullable) (transfer full): for the journal: @edit with the locked
 *   classes; %NULL if nothing changed
 *
 * Applies a whole edit as one step.
 *
 * Returns: the smallest rectangle around the pixels that changed; empty if none did
 */
PspRect        psp_mask_editor_apply         (PspMaskEditor  *self,
                                              const PspEdit  *edit,
                                              PspEdit       **entry);

/**
 * psp_mask_editor_begin_stroke:
 * @self: an editor that no stroke is going on in
 * @class_id: what is painted, or %PSP_EDIT_ORIGINAL to erase
 * @radius: of the brush, in image pixels; psp_edit_new_stroke() says how it is limited
 * @point: in image pixels; finite
 *
 * Starts painting.  Until the stroke is ended or cancelled, nothing else may change the mask.
 *
 * Returns: the rectangle that changed
 */
PspRect        psp_mask_editor_begin_stroke  (PspMaskEditor  *self,
                                              int             class_id,
                                              double          radius,
                                              PspPoint        point);

/* Goes on to @point.  Returns the rectangle that changed. */
PspRect        psp_mask_editor_extend_stroke (PspMaskEditor  *self,
                                              PspPoint        point);

/* Makes one step of the stroke.  Returns: (transfer full) (nullable): the stroke, for the journal;
 * %NULL if it changed nothing. */
PspEdit       *psp_mask_editor_end_stroke    (PspMaskEditor  *self) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the stroke back as if it had not begun.  Returns the rectangle that changed. */
PspRect        psp_mask_editor_cancel_stroke (PspMaskEditor  *self);

/* Whether a stroke has begun and neither ended nor been cancelled. */
gboolean       psp_mask_editor_get_stroking  (PspMaskEditor  *self);

/**
 * psp_mask_editor_undo:
 * @self: an editor that no stroke is going on in
 * @entry: (out) (optional) (nullable) (transfer full): for the journal; a %PSP_EDIT_UNDO, or the
 *   pixels themselves if the step is older than the journal; %NULL if there was nothing to undo
 *
 * Returns: the rectangle that changed; empty if there was nothing to undo
 */
PspRect        psp_mask_editor_undo          (PspMaskEditor  *self,
                                              PspEdit       **entry);
PspRect        psp_mask_editor_redo          (PspMaskEditor  *self,
                                              PspEdit       **entry);
gboolean       psp_mask_editor_get_can_undo  (PspMaskEditor  *self);
gboolean       psp_mask_editor_get_can_redo  (PspMaskEditor  *self);

/* How many steps can be undone, and what undo and redo hold in memory, in bytes. */
gsize          psp_mask_editor_get_n_undo    (PspMaskEditor  *self);
gsize          psp_mask_editor_get_n_bytes   (PspMaskEditor  *self);

/**
 * psp_mask_editor_replay:
 * @self: an editor with an empty history
 * @entries: (element-type PspEdit): a journal, the oldest entry first
 * @error: %PSP_ERROR_BAD_SHAPE or %PSP_ERROR_BAD_VALUE: an entry that cannot belong to this mask
 *
 * Brings the mask to where the journal ends.  The edits that are in force there become steps that
 * can be undone; the journal may be continued.
 *
 * Returns: %FALSE with @error set if nothing was replayed
 */
gboolean       psp_mask_editor_replay        (PspMaskEditor  *self,
                                              GPtrArray      *entries,
                                              GError        **error);

/**
 * psp_mask_editor_copy_mask:
 * @self: an editor that no stroke is going on in
 * @state: (out) (optional): what to tell psp_mask_editor_mark_saved() when the copy is safe
 * @error: %PSP_ERROR_NO_MEMORY
 *
 * A snapshot to be saved by another thread while editing goes on.  Later journal entries
 * can be replayed on it, and on what the earlier ones gave as well.
 *
 * Returns: (transfer full): a copy of the mask, or %NULL with @error set
 */
PspMask       *psp_mask_editor_copy_mask     (PspMaskEditor  *self,
                                              guint64        *state,
                                              GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* What psp_mask_editor_copy_mask() does but the copy, for a mask that somebody is saving already:
 * later journal entries can be replayed on it.  Returns: its state. */
guint64        psp_mask_editor_note_copy     (PspMaskEditor  *self);

/* Which state the mask is in, as psp_mask_editor_copy_mask() gives it. */
guint64        psp_mask_editor_get_state     (PspMaskEditor  *self);

/* The copy that @state came with is what the workspace holds now. */
void           psp_mask_editor_mark_saved    (PspMaskEditor  *self,
                                              guint64         state);

/* Whether the mask is another than the one last marked as saved (or, before that, the base): undo
 * and redo back to that step make it unmodified again. */
gboolean       psp_mask_editor_get_modified  (PspMaskEditor  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspMaskEditor, psp_mask_editor_free)
