/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include "ui/psp-action-table.h"
#include "ui/psp-job-bar.h"

#include <glib/gi18n.h>

static void
update_progress (PspWindow *self)
{
  double progress;
  int n_done;
  int n_total;
  double seconds;
  g_autoptr(GString) text = NULL;

  if (self->run_job == NULL)
    return;

  g_object_get (self->project,
                "progress", &progress,
                "run-done", &n_done,
                "run-total", &n_total,
                "time-left", &seconds,
                NULL);

  text = g_string_new (NULL);
  if (n_total > 1)
    g_string_printf (text, _("%d of %d"), n_done, n_total);
  else
    g_string_printf (text, "%.0f %%", 100 * progress);
  if (seconds >= 0)
    {
      g_autofree char *duration = psp_job_format_duration (seconds);

      g_string_append_printf (text, _(", %s left"), duration);
    }

  psp_job_set_progress (self->run_job, CLAMP (progress, 0, 1), text->str);
}

/* Says in the panes why there is no prediction, and the key that makes one. */
static void
update_prediction_problem (PspWindow *self)
{
  g_autofree char *key = psp_action_entry_dup_key_label (psp_action_table_find ("win.run"));
  g_autofree char *problem = NULL;

  if (psp_project_get_model (self->project) == NULL)
    problem = g_strdup (_("No checkpoint"));
  else if (psp_project_get_running (self->project))
    problem = g_strdup (_("Running…"));
  else
    problem = g_strdup_printf (_("Not run (%s)"), key);
  psp_canvas_set_prediction_problem (self->canvas, problem);
}

static void
running_cb (PspWindow *self)
{
  gboolean running = psp_project_get_running (self->project);
  GCancellable *cancellable;

  update_prediction_problem (self);
  if (running == (self->run_job != NULL))
    return;

  if (!running)
    {
      psp_window_end_job (self, self->run_job);
      g_clear_object (&self->run_job);
      return;
    }

  self->run_job = psp_window_begin_job (self, _("Running the model"));
  cancellable = psp_job_get_cancellable (self->run_job);
  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (psp_project_cancel_run),
                           self->project, G_CONNECT_SWAPPED);
  update_progress (self);
}

void
psp_window_follow_run (PspWindow *self)
{
  const char * const signals[] = {
    "notify::progress", "notify::run-done", "notify::run-total", "notify::time-left",
  };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (self->project, signals[i], G_CALLBACK (update_progress), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (self->project, "notify::running", G_CALLBACK (running_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->project, "notify::model-name",
                           G_CALLBACK (update_prediction_problem), self, G_CONNECT_SWAPPED);
  running_cb (self);
}

void
psp_window_update_levels (PspWindow *self)
{
  guint levels = psp_project_get_shown_levels_off (self->project);
  PspModel *model = psp_project_get_model (self->project);
  const PspModelFacts *facts = model != NULL ? psp_model_get_facts (model) : NULL;
  g_autoptr(GString) bins = g_string_new (NULL);
  g_autofree char *title = NULL;

  for (int i = 0; facts != NULL && i < facts->n_bins; i++)
    if (levels >> i & 1)
      g_string_append_printf (bins, bins->len > 0 ? ", %d" : "%d", facts->bins[i]);

  if (bins->len > 0)
    {
      title = g_strdup_printf (_("This prediction is without bins %s of the pyramid. It does not "
                                 "count in the results."), bins->str);
      psp_window_show_hint (self, PSP_WINDOW_HINT_LEVELS_OFF, title, NULL);
    }
  else if (self->hint == PSP_WINDOW_HINT_LEVELS_OFF)
    psp_window_show_hint (self, PSP_WINDOW_HINT_NONE, NULL, NULL);
}
