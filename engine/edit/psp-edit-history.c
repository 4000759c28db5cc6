/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-edit-history.h"

/* What a step takes in memory: its bytes and their head, itself, its link in the queue. */
static gsize
step_bytes (const PspEditStep *step)
{
  return g_bytes_get_size (step->delta) + sizeof *step + sizeof (GList) + 64;
}

static void
drop (PspEditHistory *self,
      PspEditStep    *step)
{
  self->n_bytes -= step_bytes (step);
  g_bytes_unref (step->delta);
  g_free (step);
}

void
psp_edit_history_init (PspEditHistory *self,
                       gsize           limit)
{
  g_queue_init (&self->undo);
  g_queue_init (&self->redo);
  self->n_bytes = 0;
  self->limit = limit;
}

static void
clear_queue (PspEditHistory *self,
             GQueue         *steps)
{
  while (!g_queue_is_empty (steps))
    drop (self, g_queue_pop_head (steps));
}

void
psp_edit_history_clear (PspEditHistory *self)
{
  clear_queue (self, &self->undo);
  clear_queue (self, &self->redo);
}

void
psp_edit_history_push (PspEditHistory *self,
                       PspEditStep     step)
{
  clear_queue (self, &self->redo);
  g_queue_push_tail (&self->undo, g_memdup2 (&step, sizeof step));
  self->n_bytes += step_bytes (&step);
  while (self->n_bytes > self->limit)
    drop (self, g_queue_pop_head (&self->undo));
}

static PspEditStep *
move_step (GQueue *from,
           GQueue *to)
{
  PspEditStep *step = g_queue_pop_tail (from);

  if (step != NULL)
    g_queue_push_tail (to, step);
  return step;
}

PspEditStep *
psp_edit_history_undo (PspEditHistory *self)
{
  return move_step (&self->undo, &self->redo);
}

PspEditStep *
psp_edit_history_redo (PspEditHistory *self)
{
  return move_step (&self->redo, &self->undo);
}
