/* SPDX-License-Identifier: MIT */
#include "app/psp-interrupt.h"

#include <glib-unix.h>
#include <signal.h>

#define N_SIGNALS 3

static const int signals[N_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

/* One signal that is waited for. */
typedef struct
{
  PspInterrupt *interrupt;
  int           number;
  GSource      *source;   /* (nullable): of the thread's context */
} Watch;

struct _PspInterrupt
{
  GCancellable *cancellable;
  GMainContext *context;
  GMainLoop    *loop;
  GThread      *thread;    /* runs @loop */
  Watch         watches[N_SIGNALS];
  int           number;    /* of the first signal; of the thread, until it has ended */
};

static void
end_by (int number)
{
  (void) signal (number, SIG_DFL);
  (void) raise (number);
}

static gboolean
on_signal (gpointer data)
{
  const Watch *watch = data;
  PspInterrupt *self = watch->interrupt;

  if (self->number != 0)
    end_by (watch->number);
  self->number = watch->number;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_CONTINUE;
}

/* What the program was started to ignore, as by nohup, stays ignored. */
static gboolean
is_ignored (int number)
{
  struct sigaction action;

  return sigaction (number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void
start_watch (PspInterrupt *self,
             Watch        *watch,
             int           number)
{
  *watch = (Watch) { self, number, NULL };
  if (is_ignored (number))
    return;
  watch->source = g_unix_signal_source_new (number);
  g_source_set_callback (watch->source, on_signal, watch, NULL);
  g_source_attach (watch->source, self->context);
}

static gpointer
run_loop (gpointer data)
{
  g_main_loop_run (data);
  return NULL;
}

PspInterrupt *
psp_interrupt_new (void)
{
  PspInterrupt *self = g_new0 (PspInterrupt, 1);

  self->cancellable = g_cancellable_new ();
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  for (int i = 0; i < N_SIGNALS; i++)
    start_watch (self, &self->watches[i], signals[i]);
  self->thread = g_thread_new ("signals", run_loop, self->loop);
  return self;
}

static gboolean
quit_loop (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
psp_interrupt_free (PspInterrupt *self)
{
  /* From within, as the loop may not have begun yet. */
  g_autoptr(GSource) quit = g_idle_source_new ();
  int number;

  g_source_set_callback (quit, quit_loop, self->loop, NULL);
  g_source_attach (quit, self->context);
  g_thread_join (self->thread);
  for (int i = 0; i < N_SIGNALS; i++)
    if (self->watches[i].source != NULL)
      {
        g_source_destroy (self->watches[i].source);
        g_source_unref (self->watches[i].source);
      }
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_object_unref (self->cancellable);

  number = self->number;
  g_free (self);
  if (number != 0)
    end_by (number);
}

GCancellable *
psp_interrupt_get_cancellable (const PspInterrupt *self)
{
  return self->cancellable;
}
