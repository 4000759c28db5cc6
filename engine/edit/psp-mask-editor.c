/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-mask-editor.h"

#include "engine/core/psp-error.h"
#include "engine/edit/psp-edit-history.h"
#include "engine/edit/psp-edit-private.h"
#include "engine/edit/psp-mask-painter.h"

struct _PspMaskEditor
{
  PspMask          *mask;
  PspMask          *original;     /* (nullable) */
  PspDeltaRecorder *recorder;     /* of the step that is being made */
  PspEditHistory    history;
  PspClassSet       locked;

  guint64           state;        /* each step makes a new one; undo leads back to the former */
  guint64           last_state;
  guint64           saved_state;

  /* How many of the next undos and redos a journal can express by marks: those whose steps are
   * entries since the last copy of the mask. */
  gsize             n_undo_marks;
  gsize             n_redo_marks;

  gboolean          stroking;
  int               class_id;     /* of the stroke */
  double            radius;
  GArray           *points;       /* PspPoint */
  PspRect           stroke_rect;
};

PspMaskEditor *
psp_mask_editor_new (const PspMask  *base,
                     PspMask        *original,
                     GError        **error)
{
  g_autoptr(PspMask) mask = NULL;
  PspMaskEditor *self;

  if (original != NULL && (!psp_size_equal (base->size, original->size) ||
                           base->bit_depth != original->bit_depth))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "the corrected mask has %d x %d pixels of %d bits, but the original label has "
                   "%d x %d of %d bits", base->size.width, base->size.height, base->bit_depth,
                   original->size.width, original->size.height, original->bit_depth);
      return NULL;
    }

  mask = psp_mask_copy (base, error);
  if (mask == NULL)
    return NULL;

  self = g_new0 (PspMaskEditor, 1);
  self->mask = g_steal_pointer (&mask);
  self->original = original != NULL ? psp_mask_ref (original) : NULL;
  self->recorder = psp_delta_recorder_new (self->mask);
  psp_edit_history_init (&self->history, PSP_MASK_EDITOR_HISTORY_BYTES);
  self->points = g_array_new (FALSE, FALSE, sizeof (PspPoint));
  return self;
}

void
psp_mask_editor_free (PspMaskEditor *self)
{
  psp_edit_history_clear (&self->history);
  psp_delta_recorder_free (self->recorder);
  g_clear_pointer (&self->original, psp_mask_unref);
  psp_mask_unref (self->mask);
  g_array_unref (self->points);
  g_free (self);
}

const PspMask *
psp_mask_editor_get_mask (PspMaskEditor *self)
{
  return self->mask;
}

PspMask *
psp_mask_editor_get_original (PspMaskEditor *self)
{
  return self->original;
}

void
psp_mask_editor_set_locked (PspMaskEditor *self,
                            int            class_id,
                            gboolean       locked)
{
  g_return_if_fail (class_id >= 0 && class_id < PSP_CLASS_SET_SIZE);
  g_return_if_fail (!self->stroking);

  if (locked)
    psp_class_set_add (&self->locked, class_id);
  else
    psp_class_set_remove (&self->locked, class_id);
}

gboolean
psp_mask_editor_get_locked (PspMaskEditor *self,
                            int            class_id)
{
  g_return_val_if_fail (class_id >= 0 && class_id < PSP_CLASS_SET_SIZE, FALSE);

  return psp_class_set_has (&self->locked, class_id);
}

static PspMaskPainter
make_painter (PspMaskEditor     *self,
              int                class_id,
              const PspClassSet *locked)
{
  PspMaskPainter painter = {
    .mask = self->mask,
    .recorder = self->recorder,
    .class_id = class_id,
    .locked = locked,
  };

  if (class_id == PSP_EDIT_ORIGINAL)
    {
      painter.source = self->original;
      painter.class_id = psp_mask_get_ignore (self->mask);
    }
  return painter;
}

/* Makes a step of what was painted; FALSE if nothing changed in the end. */
static gboolean
commit_step (PspMaskEditor *self,
             PspRect        rect)
{
  GBytes *delta = psp_delta_recorder_finish (self->recorder);
  PspEditStep step = { delta, rect, self->state, self->last_state + 1 };

  if (delta == NULL)
    return FALSE;

  psp_edit_history_push (&self->history, step);
  self->last_state++;
  self->state = self->last_state;
  self->n_undo_marks++;
  self->n_redo_marks = 0;
  return TRUE;
}

/* Applies @edit, whose locked classes are the only ones; empty if nothing changed. */
static PspRect
apply_step (PspMaskEditor *self,
            const PspEdit *edit)
{
  g_autofree PspClassSet *locked = edit->n_locked > 0 ? g_new0 (PspClassSet, 1) : NULL;
  PspMaskPainter painter = make_painter (self, edit->class_id, locked);

  if (locked != NULL)
    psp_class_set_add_all (locked, edit->locked, edit->n_locked);
  psp_mask_painter_edit (&painter, edit);
  return commit_step (self, painter.changed) ? painter.changed : (PspRect) { 0 };
}

/* (transfer full): @edit with its own locked classes and those of the editor. */
static PspEdit *
lock_edit (PspMaskEditor *self,
           const PspEdit *edit)
{
  PspClassSet both = self->locked;
  g_autoptr(GArray) ids = NULL;

  psp_class_set_add_all (&both, edit->locked, edit->n_locked);
  ids = psp_class_set_list (&both);
  return psp_edit_new_locked (edit, (const guint16 *) ids->data, ids->len);
}

PspRect
psp_mask_editor_apply (PspMaskEditor  *self,
                       const PspEdit  *edit,
                       PspEdit       **entry)
{
  g_autoptr(PspEdit) locked = NULL;
  PspRect changed;

  if (entry != NULL)
    *entry = NULL;
  g_return_val_if_fail (!self->stroking, (PspRect) { 0 });
  g_return_val_if_fail (edit->kind < PSP_EDIT_UNDO, (PspRect) { 0 });
  g_return_val_if_fail (psp_edit_check_fits (edit, self->mask, NULL), (PspRect) { 0 });

  locked = lock_edit (self, edit);
  changed = apply_step (self, locked);
  if (entry != NULL && !psp_rect_is_empty (changed))
    *entry = g_steal_pointer (&locked);
  return changed;
}

/* Paints from the last point of the stroke to @point. */
static PspRect
paint_to (PspMaskEditor *self,
          PspPoint       point)
{
  PspMaskPainter painter = make_painter (self, self->class_id, &self->locked);
  PspPoint from;

  point = psp_edit_limit_point (point);
  from = self->points->len > 0 ? g_array_index (self->points, PspPoint, self->points->len - 1)
                               : point;
  g_array_append_val (self->points, point);
  psp_mask_painter_segment (&painter, from, point, self->radius);
  self->stroke_rect = psp_rect_union (self->stroke_rect, painter.changed);
  return painter.changed;
}

PspRect
psp_mask_editor_begin_stroke (PspMaskEditor *self,
                              int            class_id,
                              double         radius,
                              PspPoint       point)
{
  g_return_val_if_fail (!self->stroking, (PspRect) { 0 });
  g_return_val_if_fail (class_id >= PSP_EDIT_ORIGINAL &&
                        class_id <= psp_mask_get_ignore (self->mask), (PspRect) { 0 });

  self->stroking = TRUE;
  self->class_id = class_id;
  self->radius = psp_edit_limit_radius (radius);
  self->stroke_rect = (PspRect) { 0 };
  g_array_set_size (self->points, 0);
  return paint_to (self, point);
}

PspRect
psp_mask_editor_extend_stroke (PspMaskEditor *self,
                               PspPoint       point)
{
  g_return_val_if_fail (self->stroking, (PspRect) { 0 });

  return self->points->len < PSP_EDIT_MAX_POINTS ? paint_to (self, point) : (PspRect) { 0 };
}

PspEdit *
psp_mask_editor_end_stroke (PspMaskEditor *self)
{
  g_autoptr(PspEdit) stroke = NULL;

  g_return_val_if_fail (self->stroking, NULL);

  self->stroking = FALSE;
  if (!commit_step (self, self->stroke_rect))
    return NULL;

  stroke = psp_edit_new_stroke (self->class_id, self->radius,
                                (const PspPoint *) self->points->data, self->points->len);
  return lock_edit (self, stroke);
}

PspRect
psp_mask_editor_cancel_stroke (PspMaskEditor *self)
{
  g_return_val_if_fail (self->stroking, (PspRect) { 0 });

  self->stroking = FALSE;
  psp_delta_recorder_rollback (self->recorder);
  return self->stroke_rect;
}

gboolean
psp_mask_editor_get_stroking (PspMaskEditor *self)
{
  return self->stroking;
}

/* Moves by @step.  (transfer full): @mark, or without one the pixels that changed. */
static PspEdit *
move_by_step (PspMaskEditor     *self,
              const PspEditStep *step,
              PspEdit           *mark)
{
  g_autoptr(PspRegion) changed = mark == NULL ? psp_region_new (self->mask->size) : NULL;

  psp_mask_delta_apply (step->delta, self->mask, changed);
  return mark != NULL ? mark : psp_edit_new_accept (self->mask, changed);
}

PspRect
psp_mask_editor_undo (PspMaskEditor  *self,
                      PspEdit       **entry)
{
  g_autoptr(PspEdit) written = NULL;
  PspEditStep *step;

  g_return_val_if_fail (!self->stroking, (PspRect) { 0 });

  step = psp_edit_history_undo (&self->history);
  if (step != NULL)
    {
      gboolean marks = self->n_undo_marks > 0;

      written = move_by_step (self, step, marks ? psp_edit_new_undo () : NULL);
      self->state = step->before;
      self->n_undo_marks -= marks ? 1 : 0;
      self->n_redo_marks = marks ? self->n_redo_marks + 1 : 0;
    }
  if (entry != NULL)
    *entry = g_steal_pointer (&written);
  return step != NULL ? step->rect : (PspRect) { 0 };
}

PspRect
psp_mask_editor_redo (PspMaskEditor  *self,
                      PspEdit       **entry)
{
  g_autoptr(PspEdit) written = NULL;
  PspEditStep *step;

  g_return_val_if_fail (!self->stroking, (PspRect) { 0 });

  step = psp_edit_history_redo (&self->history);
  if (step != NULL)
    {
      gboolean marks = self->n_redo_marks > 0;

      written = move_by_step (self, step, marks ? psp_edit_new_redo () : NULL);
      self->state = step->after;
      self->n_undo_marks++;
      self->n_redo_marks -= marks ? 1 : 0;
    }
  if (entry != NULL)
    *entry = g_steal_pointer (&written);
  return step != NULL ? step->rect : (PspRect) { 0 };
}

gboolean
psp_mask_editor_get_can_undo (PspMaskEditor *self)
{
  return !g_queue_is_empty (&self->history.undo);
}

gboolean
psp_mask_editor_get_can_redo (PspMaskEditor *self)
{
  return !g_queue_is_empty (&self->history.redo);
}

gsize
psp_mask_editor_get_n_undo (PspMaskEditor *self)
{
  return self->history.undo.length;
}

gsize
psp_mask_editor_get_n_bytes (PspMaskEditor *self)
{
  return self->history.n_bytes;
}

/* (transfer full) (element-type PspEdit): the edits that are in force at the end of @entries. */
static GPtrArray *
resolve_marks (PspMaskEditor  *self,
               GPtrArray      *entries,
               GError        **error)
{
  g_autoptr(GPtrArray) done = g_ptr_array_new ();
  g_autoptr(GPtrArray) undone = g_ptr_array_new ();

  for (guint i = 0; i < entries->len; i++)
    {
      PspEdit *edit = entries->pdata[i];
      GPtrArray *from = edit->kind == PSP_EDIT_UNDO ? done : undone;

      if (edit->kind < PSP_EDIT_UNDO)
        {
          if (!psp_edit_check_fits (edit, self->mask, error))
            return NULL;
          g_ptr_array_add (done, edit);
          g_ptr_array_set_size (undone, 0);
        }
      else if (from->len == 0)
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                       "entry %u of the journal %s an edit, but there is none", i + 1,
                       edit->kind == PSP_EDIT_UNDO ? "takes back" : "brings back");
          return NULL;
        }
      else
        g_ptr_array_add (from == done ? undone : done,
                         g_ptr_array_steal_index (from, from->len - 1));
    }
  return g_steal_pointer (&done);
}

gboolean
psp_mask_editor_replay (PspMaskEditor  *self,
                        GPtrArray      *entries,
                        GError        **error)
{
  g_autoptr(GPtrArray) edits = NULL;
  gboolean exact = TRUE;

  g_return_val_if_fail (!self->stroking && self->last_state == 0, FALSE);

  edits = resolve_marks (self, entries, error);
  if (edits == NULL)
    return FALSE;

  for (guint i = 0; i < edits->len; i++)
    if (psp_rect_is_empty (apply_step (self, edits->pdata[i])))
      exact = FALSE;

  /* An entry that changed nothing made no step: marks would count it, so that none are used. */
  if (!exact)
    self->n_undo_marks = 0;
  return TRUE;
}

/* Steps from before the copy are none of the journal's any more. */
guint64
psp_mask_editor_note_copy (PspMaskEditor *self)
{
  self->n_undo_marks = 0;
  self->n_redo_marks = 0;
  return self->state;
}

PspMask *
psp_mask_editor_copy_mask (PspMaskEditor  *self,
                           guint64        *state,
                           GError        **error)
{
  PspMask *copy;
  guint64 copied;

  g_return_val_if_fail (!self->stroking, NULL);

  copy = psp_mask_copy (self->mask, error);
  if (copy == NULL)
    return NULL;

  copied = psp_mask_editor_note_copy (self);
  if (state != NULL)
    *state = copied;
  return copy;
}

guint64
psp_mask_editor_get_state (PspMaskEditor *self)
{
  return self->state;
}

void
psp_mask_editor_mark_saved (PspMaskEditor *self,
                            guint64        state)
{
  self->saved_state = state;
}

gboolean
psp_mask_editor_get_modified (PspMaskEditor *self)
{
  return self->state != self->saved_state;
}
