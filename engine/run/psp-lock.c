/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-lock.h"

/* How long a cancelled wait goes on at most. */
#define LOOK_INTERVAL_US (G_TIME_SPAN_SECOND / 10)

void
psp_lock_init (PspLock *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->passed);
  g_queue_init (&self->waiting);
  self->owner = NULL;
  self->depth = 0;
}

void
psp_lock_clear (PspLock *self)
{
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->passed);
}

/* Waits until the lock was passed on to @thread. */
static gboolean
wait_in_line (PspLock       *self,
              GThread       *thread,
              GCancellable  *cancellable,
              GError       **error)
{
  g_queue_push_tail (&self->waiting, thread);
  while (self->owner != thread)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          g_queue_remove (&self->waiting, thread);
          return FALSE;
        }
      if (cancellable != NULL)
        g_cond_wait_until (&self->passed, &self->mutex,
                           g_get_monotonic_time () + LOOK_INTERVAL_US);
      else
        g_cond_wait (&self->passed, &self->mutex);
    }
  return TRUE;
}

PspLockHolder *
psp_lock_hold (PspLock       *self,
               GCancellable  *cancellable,
               GError       **error)
{
  GThread *thread = g_thread_self ();
  gboolean held = TRUE;

  g_mutex_lock (&self->mutex);
  if (self->owner == NULL)
    self->owner = thread;
  else if (self->owner != thread)
    held = wait_in_line (self, thread, cancellable, error);
  if (held)
    self->depth++;
  g_mutex_unlock (&self->mutex);
  return held ? self : NULL;
}

void
psp_lock_release (PspLockHolder *self)
{
  g_return_if_fail (self->owner == g_thread_self ());

  g_mutex_lock (&self->mutex);
  self->depth--;
  if (self->depth == 0)
    {
      self->owner = g_queue_pop_head (&self->waiting);
      g_cond_broadcast (&self->passed);
    }
  g_mutex_unlock (&self->mutex);
}
