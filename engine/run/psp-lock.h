/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

/**
 * PspLock:
 *
 * A lock for long work: the thread that has it may take it again, the others get it in the order in
 * which they asked, and one that waits can be told to give up.  A plain value inside its owner.
 */
typedef struct
{
  /*< private >*/
  GMutex   mutex;   /* guards what follows */
  GCond    passed;  /* the lock has a new owner */
  GThread *owner;   /* (nullable) */
  int      depth;   /* how often the owner took it */
  GQueue   waiting; /* GThread, the next owner first */
} PspLock;

/* A lock that is held, released when the autoptr goes. */
typedef PspLock PspLockHolder;

void           psp_lock_init    (PspLock        *self);

/* Nobody holds it or waits for it. */
void           psp_lock_clear   (PspLock        *self);

/**
 * psp_lock_hold:
 * @self: a lock
 * @cancellable: (nullable): ends the waiting within 0.1 s; not looked at where nobody else has the
 *   lock
 * @error: %G_IO_ERROR_CANCELLED; never set without @cancellable
 *
 * Waits until the lock is the calling thread's.
 *
 * Returns: @self, or %NULL with @error set
 */
PspLockHolder *psp_lock_hold    (PspLock        *self,
                                 GCancellable   *cancellable,
                                 GError        **error);

/* Once for each psp_lock_hold(), by the thread that holds it. */
void           psp_lock_release (PspLockHolder  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspLockHolder, psp_lock_release)
