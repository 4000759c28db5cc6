/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspDiskQueue:
 *
 * A thread that does one job after another, in their order: what is written to the workspace.
 */
typedef struct _PspDiskQueue PspDiskQueue;

/**
 * PspDiskJobFunc:
 * @data: of the job
 */
typedef void (*PspDiskJobFunc) (gpointer data);

PspDiskQueue *psp_disk_queue_new  (void) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until all jobs are done; main thread only. */
void          psp_disk_queue_free (PspDiskQueue   *self);

/**
 * psp_disk_queue_push:
 * @self: a queue
 * @work: called in the queue's thread
 * @done: called in the main thread afterwards; frees @data
 * @data: the job
 */
void          psp_disk_queue_push (PspDiskQueue   *self,
                                   PspDiskJobFunc  work,
                                   PspDiskJobFunc  done,
                                   gpointer        data);
