/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-lock.h"

#define N_THREADS 4

/* What threads that want the same lock share. */
typedef struct
{
  PspLock       lock;
  GCancellable *cancellable; /* (nullable) */
  int           n_held;      /* guarded by the lock */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  psp_lock_init (&fixture->lock);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->cancellable);
  psp_lock_clear (&fixture->lock);
}

/* Returns when @wanted threads wait for the lock. */
static void
wait_for_line (Fixture *fixture,
               guint    wanted)
{
  guint length = G_MAXUINT;

  while (length != wanted)
    {
      g_mutex_lock (&fixture->lock.mutex);
      length = g_queue_get_length (&fixture->lock.waiting);
      g_mutex_unlock (&fixture->lock.mutex);
      g_thread_yield ();
    }
}

static gpointer
hold_twice (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr(GError) error = NULL;
  PspLockHolder *outer = psp_lock_hold (&fixture->lock, fixture->cancellable, &error);
  PspLockHolder *inner;

  if (outer == NULL)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      return NULL;
    }
  inner = psp_lock_hold (&fixture->lock, fixture->cancellable, &error);
  g_assert_no_error (error);
  psp_lock_release (inner);
  fixture->n_held++;
  psp_lock_release (outer);
  return GINT_TO_POINTER (TRUE);
}

/* One that has the lock takes it again at once; the others come when all holders are gone. */
static void
test_nested (Fixture       *fixture,
             gconstpointer  data)
{
  PspLockHolder *outer = psp_lock_hold (&fixture->lock, NULL, NULL);
  PspLockHolder *inner = psp_lock_hold (&fixture->lock, NULL, NULL);
  GThread *thread = g_thread_new ("waiter", hold_twice, fixture);

  wait_for_line (fixture, 1);
  psp_lock_release (inner);
  g_assert_cmpint (fixture->n_held, ==, 0);
  wait_for_line (fixture, 1);
  psp_lock_release (outer);
  g_assert_true (GPOINTER_TO_INT (g_thread_join (thread)));
  g_assert_cmpint (fixture->n_held, ==, 1);
}

typedef struct
{
  Fixture *fixture;
  int      place;   /* in the line */
} Waiter;

static gpointer
check_place (gpointer data)
{
  Waiter *self = data;
  PspLockHolder *holder = psp_lock_hold (&self->fixture->lock, NULL, NULL);

  g_assert_cmpint (self->fixture->n_held++, ==, self->place);
  psp_lock_release (holder);
  return NULL;
}

/* First come, first served. */
static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  PspLockHolder *holder = psp_lock_hold (&fixture->lock, NULL, NULL);
  GThread *threads[N_THREADS];
  Waiter waiters[N_THREADS];

  for (int i = 0; i < N_THREADS; i++)
    {
      waiters[i] = (Waiter) { fixture, i };
      threads[i] = g_thread_new ("waiter", check_place, &waiters[i]);
      wait_for_line (fixture, i + 1);
    }
  psp_lock_release (holder);
  for (int i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (fixture->n_held, ==, N_THREADS);
}

/* Those that give up leave the line; the one behind them is served. */
static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  PspLockHolder *holder = psp_lock_hold (&fixture->lock, NULL, NULL);
  Waiter last = { fixture, 0 };
  GThread *threads[N_THREADS];
  GThread *patient;

  fixture->cancellable = g_cancellable_new ();
  for (int i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("waiter", hold_twice, fixture);
  wait_for_line (fixture, N_THREADS);
  patient = g_thread_new ("patient", check_place, &last);
  wait_for_line (fixture, N_THREADS + 1);

  g_cancellable_cancel (fixture->cancellable);
  for (int i = 0; i < N_THREADS; i++)
    g_assert_false (GPOINTER_TO_INT (g_thread_join (threads[i])));
  wait_for_line (fixture, 1);
  psp_lock_release (holder);
  g_thread_join (patient);
  g_assert_cmpint (fixture->n_held, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/lock/nested", Fixture, NULL, set_up, test_nested, tear_down);
  g_test_add ("/lock/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/lock/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  return g_test_run ();
}
