/* SPDX-License-Identifier: MIT */
#include "app/psp-terminal-progress.h"

#include <stdio.h>
#include <unistd.h>

struct _PspTerminalProgress
{
  char     *name;
  gboolean  is_terminal;
  int       percent;     /* what the line shows; -1: nothing yet */
};

static void
show (double   fraction,
      gpointer data)
{
  PspTerminalProgress *self = data;
  int percent = fraction * 100;

  if (!self->is_terminal || percent == self->percent)
    return;
  self->percent = percent;
  fprintf (stderr, "\r%s %3d %%\033[K", self->name, percent);
  fflush (stderr);
}

PspTerminalProgress *
psp_terminal_progress_new (const char *name)
{
  PspTerminalProgress *self = g_new0 (PspTerminalProgress, 1);

  self->name = g_strdup (name);
  self->is_terminal = isatty (STDERR_FILENO);
  self->percent = -1;
  return self;
}

void
psp_terminal_progress_free (PspTerminalProgress *self)
{
  if (self->percent >= 0)
    fputs ("\r\033[K", stderr);
  g_free (self->name);
  g_free (self);
}

PspProgress
psp_terminal_progress_get (PspTerminalProgress *self)
{
  return (PspProgress) { .func = show, .data = self };
}
