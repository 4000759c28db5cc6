/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-disk-queue.h"

struct _PspDiskQueue
{
  GThreadPool *pool; /* of one thread */
};

typedef struct
{
  PspDiskJobFunc work;
  PspDiskJobFunc done;
  gpointer       data;
} DiskJob;

static gboolean
finish_job (gpointer data)
{
  DiskJob *job = data;

  job->done (job->data);
  return G_SOURCE_REMOVE;
}

static void
run_job (gpointer data,
         gpointer user_data)
{
  DiskJob *job = data;

  job->work (job->data);
  g_idle_add_full (G_PRIORITY_DEFAULT, finish_job, job, g_free);
}

PspDiskQueue *
psp_disk_queue_new (void)
{
  PspDiskQueue *self = g_new0 (PspDiskQueue, 1);

  self->pool = g_thread_pool_new (run_job, NULL, 1, FALSE, NULL);
  return self;
}

void
psp_disk_queue_free (PspDiskQueue *self)
{
  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_free (self);
}

void
psp_disk_queue_push (PspDiskQueue   *self,
                     PspDiskJobFunc  work,
                     PspDiskJobFunc  done,
                     gpointer        data)
{
  DiskJob *job = g_new (DiskJob, 1);

  *job = (DiskJob) { work, done, data };
  g_thread_pool_push (self->pool, job, NULL);
}
