/* SPDX-License-Identifier: MIT */
#include <gio/gio.h>

/*
 * What tests/tsan/run must find out before it is believed.  “control CASE”: each of the cases below
 * has an error that has to be reported, except “none”, which has none.
 */

typedef struct
{
  GMutex      one;
  GMutex      two;
  GCond       changed;
  GMainLoop  *loop;
  GPtrArray  *names;
  int         value;
  gboolean    ready;
} Shared;

static gpointer
write_value (gpointer data)
{
  ((Shared *) data)->value++;
  return NULL;
}

/* Two threads, and nothing between them. */
static void
race_on_memory (Shared *self)
{
  GThread *thread = g_thread_new ("writer", write_value, self);

  self->value++;
  g_thread_join (thread);
}

static gpointer
add_name (gpointer data)
{
  g_ptr_array_add (((Shared *) data)->names, NULL);
  return NULL;
}

/* The same inside GLib: what is not instrumented writes. */
static void
race_on_container (Shared *self)
{
  GThread *thread = g_thread_new ("writer", add_name, self);

  self->value = self->names->len;
  g_thread_join (thread);
}

/* Each thread with a lock of its own. */
static gpointer
write_under_one (gpointer data)
{
  Shared *self = data;

  g_mutex_lock (&self->one);
  self->value++;
  g_mutex_unlock (&self->one);
  return NULL;
}

static void
race_under_locks (Shared *self)
{
  GThread *thread = g_thread_new ("writer", write_under_one, self);

  g_mutex_lock (&self->two);
  self->value++;
  g_mutex_unlock (&self->two);
  g_thread_join (thread);
}

static gpointer
lock_one_then_two (gpointer data)
{
  Shared *self = data;

  g_mutex_lock (&self->one);
  g_mutex_lock (&self->two);
  g_mutex_unlock (&self->two);
  g_mutex_unlock (&self->one);
  return NULL;
}

/* One after the other, so that it does not really happen. */
static void
invert_locks (Shared *self)
{
  g_thread_join (g_thread_new ("locker", lock_one_then_two, self));
  g_mutex_lock (&self->two);
  g_mutex_lock (&self->one);
  g_mutex_unlock (&self->one);
  g_mutex_unlock (&self->two);
}

/* Everything that the engine passes things on with: each must be known to order what it orders. */

static gpointer
announce (gpointer data)
{
  Shared *self = data;

  self->value++;
  g_mutex_lock (&self->one);
  self->ready = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->one);
  return NULL;
}

static void
pass_by_condition (Shared *self)
{
  GThread *thread = g_thread_new ("writer", announce, self);

  g_mutex_lock (&self->one);
  while (!self->ready)
    g_cond_wait (&self->changed, &self->one);
  g_mutex_unlock (&self->one);
  self->value++;
  g_thread_join (thread);
}

static void
write_in_pool (gpointer task,
               gpointer data)
{
  ((Shared *) task)->value++;
}

static void
pass_by_pool (Shared *self)
{
  GThreadPool *pool = g_thread_pool_new (write_in_pool, NULL, 1, FALSE, NULL);

  self->value++;
  g_thread_pool_push (pool, self, NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
  self->value++;
}

static gboolean
write_in_loop (gpointer data)
{
  Shared *self = data;

  self->value++;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static gpointer
write_and_hand_over (gpointer data)
{
  ((Shared *) data)->value++;
  g_idle_add_full (G_PRIORITY_DEFAULT, write_in_loop, data, NULL);
  return NULL;
}

static void
pass_by_loop (Shared *self)
{
  GThread *thread = g_thread_new ("writer", write_and_hand_over, self);

  g_main_loop_run (self->loop);
  self->value++;
  g_thread_join (thread);
}

static void
write_in_task (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  ((Shared *) data)->value++;
  g_task_return_boolean (task, TRUE);
}

static void
task_done (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  write_in_loop (data);
}

static void
pass_by_task (Shared *self)
{
  GTask *task = g_task_new (NULL, NULL, task_done, self);

  self->value++;
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, write_in_task);
  g_object_unref (task);
  g_main_loop_run (self->loop);
  self->value++;
}

static gpointer
read_and_drop (gpointer data)
{
  GBytes *bytes = data;
  const char *text = g_bytes_get_data (bytes, NULL);
  gboolean right = text[0] == 'a';

  g_bytes_unref (bytes);
  return GINT_TO_POINTER (right);
}

/* Whoever drops the last reference frees what the other has read. */
static void
pass_by_reference (Shared *self)
{
  GBytes *bytes = g_bytes_new ("a", 1);
  GThread *thread = g_thread_new ("reader", read_and_drop, g_bytes_ref (bytes));

  (void) read_and_drop (bytes);
  g_thread_join (thread);
}

static void
no_error (Shared *self)
{
  pass_by_condition (self);
  pass_by_pool (self);
  pass_by_loop (self);
  pass_by_task (self);
  for (int i = 0; i < 100; i++)
    pass_by_reference (self);
}

int
main (int    argc,
      char **argv)
{
  const struct { const char *name; void (*run) (Shared *self); } cases[] = {
    { "memory", race_on_memory },
    { "container", race_on_container },
    { "locks", race_under_locks },
    { "inversion", invert_locks },
    { "none", no_error },
  };
  Shared shared = { .value = 0 };

  g_mutex_init (&shared.one);
  g_mutex_init (&shared.two);
  g_cond_init (&shared.changed);
  shared.loop = g_main_loop_new (NULL, FALSE);
  shared.names = g_ptr_array_new ();
  for (gsize i = 0; argc == 2 && i < G_N_ELEMENTS (cases); i++)
    if (g_str_equal (argv[1], cases[i].name))
      {
        cases[i].run (&shared);
        return 0;
      }
  return 2;
}
