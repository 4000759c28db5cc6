/* SPDX-License-Identifier: MIT */

#include "ui/psp-job-bar.h"

#include "ui/psp-job-row.h"

/* Milliseconds between two steps of a bar whose end is not known. */
#define PULSE_INTERVAL_MS 120

struct _PspJobBar
{
  GtkWidget   parent_instance;

  GListStore *jobs; /* the latest first */
  PspJob     *shown; /* (nullable): the first of them */
  guint       pulse_id;

  GtkWidget  *content;
  GtkWidget  *text;
  GtkWidget  *bar;
  GtkWidget  *list;
};

G_DEFINE_FINAL_TYPE (PspJobBar, psp_job_bar, GTK_TYPE_WIDGET)

static gboolean
pulse (gpointer data)
{
  PspJobBar *self = data;

  gtk_progress_bar_pulse (GTK_PROGRESS_BAR (self->bar));
  return G_SOURCE_CONTINUE;
}

static void
set_pulsing (PspJobBar *self,
             gboolean   pulsing)
{
  if (pulsing == (self->pulse_id != 0))
    return;

  if (pulsing)
    self->pulse_id = g_timeout_add (PULSE_INTERVAL_MS, pulse, self);
  else
    g_clear_handle_id (&self->pulse_id, g_source_remove);
}

static void
update_shown (PspJobBar *self)
{
  double fraction = psp_job_get_fraction (self->shown);
  const char *text = psp_job_get_text (self->shown);

  if (fraction >= 0)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), fraction);
  set_pulsing (self, fraction < 0);

  /* Until there is a number the title says more than an empty place. */
  gtk_label_set_label (GTK_LABEL (self->text),
                       *text != '\0' ? text : psp_job_get_title (self->shown));
}

static void
show_first (PspJobBar *self)
{
  g_autoptr(PspJob) first = g_list_model_get_item (G_LIST_MODEL (self->jobs), 0);

  if (self->shown != NULL)
    g_signal_handlers_disconnect_by_func (self->shown, update_shown, self);
  g_set_object (&self->shown, first);

  gtk_widget_set_visible (self->content, first != NULL);
  if (first == NULL)
    {
      set_pulsing (self, FALSE);
      return;
    }

  g_signal_connect_object (first, "notify", G_CALLBACK (update_shown), self, G_CONNECT_SWAPPED);
  update_shown (self);
}

static GtkWidget *
create_row (gpointer item,
            gpointer data)
{
  return psp_job_row_new (item);
}

static void
psp_job_bar_dispose (GObject *object)
{
  PspJobBar *self = PSP_JOB_BAR (object);
  GtkWidget *child;

  set_pulsing (self, FALSE);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->shown);
  g_clear_object (&self->jobs);

  G_OBJECT_CLASS (psp_job_bar_parent_class)->dispose (object);
}

static void
psp_job_bar_class_init (PspJobBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_job_bar_dispose;

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-job-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, PspJobBar, content);
  gtk_widget_class_bind_template_child (widget_class, PspJobBar, text);
  gtk_widget_class_bind_template_child (widget_class, PspJobBar, bar);
  gtk_widget_class_bind_template_child (widget_class, PspJobBar, list);
}

static void
psp_job_bar_init (PspJobBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->jobs = g_list_store_new (PSP_TYPE_JOB);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->list), G_LIST_MODEL (self->jobs),
                           create_row, NULL, NULL);
}

void
psp_job_bar_add (PspJobBar *self,
                 PspJob    *job)
{
  g_return_if_fail (PSP_IS_JOB_BAR (self));
  g_return_if_fail (PSP_IS_JOB (job));

  g_list_store_insert (self->jobs, 0, job);
  show_first (self);
}

void
psp_job_bar_remove (PspJobBar *self,
                    PspJob    *job)
{
  guint position;

  g_return_if_fail (PSP_IS_JOB_BAR (self));

  /* The bar is gone when the window was closed before its work had ended. */
  if (self->jobs == NULL || !g_list_store_find (self->jobs, job, &position))
    return;

  g_list_store_remove (self->jobs, position);
  show_first (self);
}

void
psp_job_bar_cancel (PspJobBar *self)
{
  g_return_if_fail (PSP_IS_JOB_BAR (self));

  if (self->shown != NULL)
    g_cancellable_cancel (psp_job_get_cancellable (self->shown));
}

void
psp_job_bar_cancel_all (PspJobBar *self)
{
  g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (PSP_IS_JOB_BAR (self));

  /* A job may end, and leave the list, while it is being cancelled. */
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->jobs)); i++)
    g_ptr_array_add (jobs, g_list_model_get_item (G_LIST_MODEL (self->jobs), i));
  for (guint i = 0; i < jobs->len; i++)
    g_cancellable_cancel (psp_job_get_cancellable (g_ptr_array_index (jobs, i)));
}

GListModel *
psp_job_bar_get_jobs (PspJobBar *self)
{
  g_return_val_if_fail (PSP_IS_JOB_BAR (self), NULL);

  return G_LIST_MODEL (self->jobs);
}
