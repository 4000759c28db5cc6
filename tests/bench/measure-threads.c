/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-thread-pool.h"
#include "engine/run/psp-benchmark.h"
#include "engine/run/psp-device.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

/*
 * Measures how well threads share a network, on a machine with fewer processors than threads: for
 * each number of threads the milliseconds of a run, and how many times faster that is than with
 * one.
 *
 * With N threads every task takes N times the processor's time that it used: the thread sleeps for
 * the rest, so that one processor is enough for all of them.  An N-th of the time of a run is what
 * N processors would take that have caches and memory of their own: it shows who waits for whom,
 * not what the memory of a real machine gives.  The linker puts our psp_thread_pool_run() before
 * the real one.
 *
 * usage: measure-threads MODEL [--size PIXELS] [--repeat N] [--threads N]…
 */

typedef struct
{
  PspTaskFunc func;
  gpointer    data;
  int         factor; /* how much longer a task takes */
} SlowList;

void __real_psp_thread_pool_run (PspThreadPool *self,
                                 int            n_tasks,
                                 PspTaskFunc    func,
                                 gpointer       data);
void __wrap_psp_thread_pool_run (PspThreadPool *self,
                                 int            n_tasks,
                                 PspTaskFunc    func,
                                 gpointer       data);

static gint64
get_nanoseconds (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
run_slowly (int      task,
            int      thread,
            gpointer data)
{
  const SlowList *list = data;
  gint64 start = get_nanoseconds (CLOCK_MONOTONIC);
  gint64 used = get_nanoseconds (CLOCK_THREAD_CPUTIME_ID);
  struct timespec until;
  gint64 end;

  list->func (task, thread, list->data);
  end = start + (get_nanoseconds (CLOCK_THREAD_CPUTIME_ID) - used) * list->factor;
  until = (struct timespec) { .tv_sec = end / 1000000000, .tv_nsec = end % 1000000000 };
  prctl (PR_SET_TIMERSLACK, 1);
  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
    continue;
}

void
__wrap_psp_thread_pool_run (PspThreadPool *self,
                            int            n_tasks,
                            PspTaskFunc    func,
                            gpointer       data)
{
  SlowList list = { func, data, psp_thread_pool_get_n_threads (self) };

  __real_psp_thread_pool_run (self, n_tasks, run_slowly, &list);
}

/* Milliseconds of a run by @n_threads processors; negative with @error set. */
static double
measure (PspModel                  *model,
         const PspBenchmarkParams  *params,
         int                        n_threads,
         GError                   **error)
{
  g_autoptr(PspBackend) backend = psp_device_open ("cpu", &(PspBackendOptions) {
    .n_threads = n_threads
  }, error);
  g_autoptr(PspRunner) runner = backend != NULL ? psp_runner_new (model, backend, error) : NULL;
  PspBenchmark result;

  return runner != NULL && psp_benchmark_run (runner, params, &result, (PspProgress) { 0 }, NULL,
                                              error) ? result.median_ms / n_threads : -1;
}

static gboolean
measure_all (const char                *path,
             GStrv                      threads,
             const PspBenchmarkParams  *params,
             GError                   **error)
{
  g_autoptr(PspModel) model = psp_model_load (path, NULL, NULL, error);
  double alone_ms = model != NULL ? measure (model, params, 1, error) : -1;

  if (alone_ms < 0)
    return FALSE;
  g_print (" 1 thread  %8.1f ms\n", alone_ms);
  for (guint i = 0; threads[i] != NULL; i++)
    {
      int n_threads = CLAMP (atoi (threads[i]), 1, PSP_THREAD_POOL_MAX_THREADS);
      double ms = measure (model, params, n_threads, error);

      if (ms < 0)
        return FALSE;
      g_print ("%2d threads %8.1f ms: %.2f times as fast\n", n_threads, ms, alone_ms / ms);
    }
  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  g_auto(GStrv) threads = NULL;
  int size = 473;
  PspBenchmarkParams params = { .n_repeats = 3 };
  GOptionEntry entries[] = {
    { "size", 0, 0, G_OPTION_ARG_INT, &size, "of the input", "PIXELS" },
    { "repeat", 0, 0, G_OPTION_ARG_INT, &params.n_repeats, "runs of each", "N" },
    { "threads", 0, 0, G_OPTION_ARG_STRING_ARRAY, &threads, "any number of times", "N" },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("MODEL");
  g_autoptr(GError) error = NULL;

  psp_device_restart_if_slow (argv);
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, &argc, &argv, &error) && argc == 2 && size > 0 &&
      params.n_repeats > 0)
    {
      params.size = (PspSize) { size, size };
      if (threads == NULL)
        threads = g_strsplit ("2 4 6 8 12 16", " ", -1);
      if (measure_all (argv[1], threads, &params, &error))
        return 0;
    }
  g_printerr ("%s\n", error != NULL ? error->message
                                    : "measure-threads --help tells the usage");
  return 1;
}
