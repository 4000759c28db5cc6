/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-operations.h"

#include "engine/core/psp-floats.h"

#include <cblas.h>
#include <string.h>

/* Every factor and product is a square of so many numbers on a side: as deep as a wide layer, and
 * large enough that OpenBLAS reaches the rate of larger ones. */
#define SIDE 1024
#define SQUARE ((gsize) SIDE * SIDE)

/* What each thread copies, and all of them at least: far more than their share of the caches. */
#define THREAD_COPY ((gsize) 4 << 20)
#define LEAST_COPY ((gsize) 32 << 20)

/* So that a thread which is kept from its work does not keep the others. */
#define TASKS_PER_THREAD 4

/* The fastest counts. */
#define N_RUNS 3

typedef struct
{
  PspThreadPool *pool;
  GCancellable  *cancellable;
  int            n_tasks;
  gsize          n_numbers;
  float         *numbers;
  gsize          n_copied; /* of a copy: numbers of each task */
} Measurement;

static void
clear_measurement (Measurement *self)
{
  psp_floats_free (self->numbers, self->n_numbers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Measurement, clear_measurement)

/* Memory that was never written lies in one page, which is in the cache. */
static void
fill_task (int      task,
           int      thread,
           gpointer data)
{
  Measurement *self = data;
  gsize first = self->n_numbers / self->n_tasks * task;
  gsize end = task < self->n_tasks - 1 ? first + self->n_numbers / self->n_tasks : self->n_numbers;

  for (gsize i = first; i < end; i++)
    self->numbers[i] = (float) (i % 7) - 3;
}

static gboolean
fill_memory (Measurement  *self,
             GError      **error)
{
  self->numbers = psp_floats_new (self->n_numbers);
  if (self->numbers == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory to measure the processor with: %.1f MiB",
                   self->n_numbers * sizeof (float) / 1048576.0);
      return FALSE;
    }
  psp_thread_pool_run (self->pool, self->n_tasks, fill_task, self);
  return TRUE;
}

/* The fewest seconds of some runs. */
static gboolean
time_tasks (Measurement  *self,
            PspTaskFunc   func,
            double       *seconds,
            GError      **error)
{
  *seconds = G_MAXDOUBLE;
  for (int i = 0; i < N_RUNS; i++)
    {
      gint64 start_us = g_get_monotonic_time ();

      psp_thread_pool_run (self->pool, self->n_tasks, func, self);
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      *seconds = MIN (*seconds, MAX (1, g_get_monotonic_time () - start_us) / 1e6);
    }
  return TRUE;
}

/* One factor is the same for all threads; the other and the product are a thread's own. */
static void
multiply_task (int      task,
               int      thread,
               gpointer data)
{
  const Measurement *self = data;
  float *left = self->numbers + (2 * thread + 1) * SQUARE;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1, left, SIDE,
               self->numbers, SIDE, 0, left + SQUARE, SIDE);
}

static gboolean
measure_products (PspThreadPool  *pool,
                  double         *rate,
                  GCancellable   *cancellable,
                  GError        **error)
{
  int n_threads = psp_thread_pool_get_n_threads (pool);
  g_auto(Measurement) self = {
    .pool = pool, .cancellable = cancellable, .n_tasks = n_threads * TASKS_PER_THREAD,
    .n_numbers = (2 * (gsize) n_threads + 1) * SQUARE,
  };
  double seconds;

  if (!fill_memory (&self, error) || !time_tasks (&self, multiply_task, &seconds, error))
    return FALSE;
  *rate = (double) self.n_tasks * SQUARE * SIDE / seconds;
  return TRUE;
}

/* From the first half of the numbers to the second. */
static void
copy_task (int      task,
           int      thread,
           gpointer data)
{
  const Measurement *self = data;
  float *source = self->numbers + task * self->n_copied;

  if (!g_cancellable_is_cancelled (self->cancellable))
    memcpy (source + self->n_numbers / 2, source, self->n_copied * sizeof *source);
}

static gboolean
measure_copies (PspThreadPool  *pool,
                double         *rate,
                GCancellable   *cancellable,
                GError        **error)
{
  int n_threads = psp_thread_pool_get_n_threads (pool);
  g_auto(Measurement) self = {
    .pool = pool, .cancellable = cancellable, .n_tasks = n_threads * TASKS_PER_THREAD,
  };
  double seconds;

  self.n_copied = MAX (LEAST_COPY, n_threads * THREAD_COPY) / self.n_tasks;
  self.n_numbers = 2 * self.n_copied * self.n_tasks;
  if (!fill_memory (&self, error) || !time_tasks (&self, copy_task, &seconds, error))
    return FALSE;
  *rate = (double) self.n_numbers * sizeof (float) / seconds;
  return TRUE;
}

gboolean
psp_cpu_measure_ceiling (PspBackend    *backend,
                         PspCeiling    *ceiling,
                         GCancellable  *cancellable,
                         GError       **error)
{
  ceiling->product_means = "sgemm of OpenBLAS";
  ceiling->copy_means = "memcpy";
  return measure_products (backend->pool, &ceiling->product_rate, cancellable, error) &&
         measure_copies (backend->pool, &ceiling->copy_rate, cancellable, error);
}
