/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspWorkers:
 *
 * How many threads are at work for somebody, who can wait until none is: libraries that end with
 * the program must not be in use then.  Reference-counted; any thread.
 */
typedef struct _PspWorkers PspWorkers;

PspWorkers *psp_workers_new   (void) G_GNUC_WARN_UNUSED_RESULT;
PspWorkers *psp_workers_ref   (PspWorkers *self);
void        psp_workers_unref (PspWorkers *self);

/* One more is at work; called before its thread is started. */
void        psp_workers_enter (PspWorkers *self);

/* One of them has ended; the last thing that its thread does. */
void        psp_workers_leave (PspWorkers *self);

/* Waits until all have ended. */
void        psp_workers_wait  (PspWorkers *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspWorkers, psp_workers_unref)
