/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspThreadPool:
 *
 * Threads that wait for one list of independent tasks at a time.  psp_thread_pool_run() is called
 * by one thread at a time.
 */
typedef struct _PspThreadPool PspThreadPool;

/**
 * PspTaskFunc:
 * @task: 0 to n_tasks - 1
 * @thread: 0 to n_threads - 1: which scratch memory to use
 * @data: the caller's
 */
typedef void (*PspTaskFunc) (int      task,
                             int      thread,
                             gpointer data);

/* More are not made; OpenBLAS keeps a buffer for each that computes, and ends the program where it
 * finds none. */
#define PSP_THREAD_POOL_MAX_THREADS 256

/* The niceness of threads that give way to others, as setpriority() takes it. */
#define PSP_THREAD_POOL_BACKGROUND_NICENESS 10

/**
 * psp_thread_pool_new:
 * @n_threads: 1 to %PSP_THREAD_POOL_MAX_THREADS, the calling thread included; 0: one for each
 *   processor that we may use
 * @background: whether the pool's own threads give way to others
 *
 * Where the system has no more threads to give, there are fewer.
 *
 * Returns: (transfer full): a pool with no tasks
 */
PspThreadPool *psp_thread_pool_new           (int                  n_threads,
                                              gboolean             background) G_GNUC_WARN_UNUSED_RESULT;
void           psp_thread_pool_free          (PspThreadPool       *self);
int            psp_thread_pool_get_n_threads (const PspThreadPool *self);

/* Runs all tasks, the calling thread helping, and returns when the last one is done. */
void           psp_thread_pool_run           (PspThreadPool       *self,
                                              int                  n_tasks,
                                              PspTaskFunc          func,
                                              gpointer             data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspThreadPool, psp_thread_pool_free)
