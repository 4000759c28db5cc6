/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-workers.h"

struct _PspWorkers
{
  GMutex          mutex;
  GCond           changed;
  int             n_at_work;
  gatomicrefcount ref_count;
};

PspWorkers *
psp_workers_new (void)
{
  PspWorkers *self = g_new0 (PspWorkers, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

PspWorkers *
psp_workers_ref (PspWorkers *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_workers_unref (PspWorkers *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_cond_clear (&self->changed);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
psp_workers_enter (PspWorkers *self)
{
  g_mutex_lock (&self->mutex);
  self->n_at_work++;
  g_mutex_unlock (&self->mutex);
}

void
psp_workers_leave (PspWorkers *self)
{
  g_mutex_lock (&self->mutex);
  self->n_at_work--;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

void
psp_workers_wait (PspWorkers *self)
{
  g_mutex_lock (&self->mutex);
  while (self->n_at_work > 0)
    g_cond_wait (&self->changed, &self->mutex);
  g_mutex_unlock (&self->mutex);
}
