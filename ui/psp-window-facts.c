/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include "ui/psp-facts-dialog.h"

#include <glib/gi18n.h>

void
psp_window_show_facts (PspWindow *self)
{
  if (self->facts_dialog == NULL)
    g_set_weak_pointer (&self->facts_dialog, psp_facts_dialog_new (self));
  gtk_window_present (GTK_WINDOW (self->facts_dialog));
}

/* A dialog about a checkpoint that is no longer open has nothing to ask. */
void
psp_window_drop_facts (PspWindow *self)
{
  if (self->facts_dialog != NULL &&
      psp_facts_dialog_get_model (PSP_FACTS_DIALOG (self->facts_dialog)) !=
      psp_project_get_model (self->project))
    gtk_window_destroy (GTK_WINDOW (self->facts_dialog));
}

/* The window and the work in its status bar. */
typedef struct
{
  PspWindow *window;
  PspJob    *job;
} Answering;

static void
facts_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Answering *answering = data;
  g_autoptr(PspWindow) self = answering->window;
  g_autoptr(PspJob) job = answering->job;
  g_autoptr(GError) error = NULL;

  g_free (answering);
  psp_window_end_job (self, job);
  if (!psp_project_set_model_options_finish (PSP_PROJECT (source), result, &error))
    psp_window_show_error (self, _("The checkpoint cannot be so. It stays as it was."), error,
                           _("Checkpoint Facts…"), "win.model-facts");
}

void
psp_window_set_facts (PspWindow             *self,
                      const PspModelOptions *options)
{
  Answering *answering = g_new0 (Answering, 1);

  /* Where nothing changes, what failed before still holds. */
  if (!psp_model_options_equal (options, psp_project_get_model_options (self->project)))
    psp_message_bar_close (PSP_MESSAGE_BAR (self->error_bar));
  answering->window = g_object_ref (self);
  answering->job = psp_window_begin_job (self, _("Loading the checkpoint anew"));
  psp_project_set_model_options_async (self->project, options,
                                       psp_job_get_cancellable (answering->job), facts_cb,
                                       answering);
}
