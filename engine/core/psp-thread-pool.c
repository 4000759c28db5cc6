/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-thread-pool.h"

#include <sys/resource.h>

typedef struct
{
  PspThreadPool *pool;
  int            number; /* 1 and up; the caller is 0 */
  GThread       *thread;
} Worker;

struct _PspThreadPool
{
  int      n_threads;
  gboolean background;
  Worker  *workers; /* n_threads - 1 */

  GMutex   mutex;   /* guards all below */
  GCond    wake;    /* a new list, or the end */
  GCond    idle;    /* the last busy worker went to sleep */
  guint    list;    /* grows with each list of tasks */
  int      n_busy;
  gboolean ending;

  /* The list of tasks; written while every worker sleeps. */
  PspTaskFunc func;
  gpointer    data;
  int         n_tasks;
  int         next_task; /* (atomic) */
};

static void
take_tasks (PspThreadPool *self,
            int            number)
{
  for (;;)
    {
      int task = g_atomic_int_add (&self->next_task, 1);

      if (task >= self->n_tasks)
        return;
      self->func (task, number, self->data);
    }
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  PspThreadPool *self = worker->pool;
  guint seen = 0;

  /* On Linux this is the calling thread alone; where it is refused, nothing is lost. */
  if (self->background)
    (void) setpriority (PRIO_PROCESS, 0, PSP_THREAD_POOL_BACKGROUND_NICENESS);

  g_mutex_lock (&self->mutex);
  for (;;)
    {
      while (self->list == seen && !self->ending)
        g_cond_wait (&self->wake, &self->mutex);
      if (self->ending)
        break;
      seen = self->list;
      g_mutex_unlock (&self->mutex);

      take_tasks (self, worker->number);

      g_mutex_lock (&self->mutex);
      if (--self->n_busy == 0)
        g_cond_signal (&self->idle);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

PspThreadPool *
psp_thread_pool_new (int      n_threads,
                     gboolean background)
{
  PspThreadPool *self = g_new0 (PspThreadPool, 1);

  n_threads = n_threads > 0 ? n_threads : (int) g_get_num_processors ();
  n_threads = CLAMP (n_threads, 1, PSP_THREAD_POOL_MAX_THREADS);
  self->background = background;
  self->workers = g_new0 (Worker, n_threads);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->wake);
  g_cond_init (&self->idle);
  for (self->n_threads = 1; self->n_threads < n_threads; self->n_threads++)
    {
      Worker *worker = &self->workers[self->n_threads - 1];

      *worker = (Worker) { .pool = self, .number = self->n_threads };
      worker->thread = g_thread_try_new ("scenescope", work, worker, NULL);
      if (worker->thread == NULL)
        break;
    }
  return self;
}

void
psp_thread_pool_free (PspThreadPool *self)
{
  g_mutex_lock (&self->mutex);
  self->ending = TRUE;
  g_cond_broadcast (&self->wake);
  g_mutex_unlock (&self->mutex);

  for (int i = 0; i < self->n_threads - 1; i++)
    g_thread_join (self->workers[i].thread);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->wake);
  g_cond_clear (&self->idle);
  g_free (self->workers);
  g_free (self);
}

int
psp_thread_pool_get_n_threads (const PspThreadPool *self)
{
  return self->n_threads;
}

void
psp_thread_pool_run (PspThreadPool *self,
                     int            n_tasks,
                     PspTaskFunc    func,
                     gpointer       data)
{
  g_mutex_lock (&self->mutex);
  self->func = func;
  self->data = data;
  self->n_tasks = n_tasks;
  g_atomic_int_set (&self->next_task, 0);
  self->n_busy = self->n_threads - 1;
  self->list++;
  g_cond_broadcast (&self->wake);
  g_mutex_unlock (&self->mutex);

  take_tasks (self, 0);

  g_mutex_lock (&self->mutex);
  while (self->n_busy > 0)
    g_cond_wait (&self->idle, &self->mutex);
  g_mutex_unlock (&self->mutex);
}
