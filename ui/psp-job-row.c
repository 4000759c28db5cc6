/* SPDX-License-Identifier: MIT */

#include "ui/psp-job-row.h"

struct _PspJobRow
{
  GtkWidget  parent_instance;

  PspJob    *job;
  GtkWidget *title;
  GtkWidget *bar;
  GtkWidget *text;
};

G_DEFINE_FINAL_TYPE (PspJobRow, psp_job_row, GTK_TYPE_WIDGET)

static void
cancel_action (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  g_cancellable_cancel (psp_job_get_cancellable (PSP_JOB_ROW (widget)->job));
}

static void
psp_job_row_update (PspJobRow *self)
{
  double fraction = psp_job_get_fraction (self->job);

  if (fraction < 0)
    gtk_progress_bar_pulse (GTK_PROGRESS_BAR (self->bar));
  else
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), fraction);
  gtk_label_set_label (GTK_LABEL (self->text), psp_job_get_text (self->job));
}

static void
psp_job_row_dispose (GObject *object)
{
  PspJobRow *self = PSP_JOB_ROW (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->job);

  G_OBJECT_CLASS (psp_job_row_parent_class)->dispose (object);
}

static void
psp_job_row_class_init (PspJobRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_job_row_dispose;

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-job-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PspJobRow, title);
  gtk_widget_class_bind_template_child (widget_class, PspJobRow, bar);
  gtk_widget_class_bind_template_child (widget_class, PspJobRow, text);
  gtk_widget_class_install_action (widget_class, "job.cancel", NULL, cancel_action);
}

static void
psp_job_row_init (PspJobRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_job_row_new (PspJob *job)
{
  PspJobRow *self = g_object_new (PSP_TYPE_JOB_ROW, NULL);

  self->job = g_object_ref (job);
  gtk_label_set_label (GTK_LABEL (self->title), psp_job_get_title (job));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, psp_job_get_title (job), -1);
  g_signal_connect_object (job, "notify", G_CALLBACK (psp_job_row_update), self,
                           G_CONNECT_SWAPPED);
  psp_job_row_update (self);
  return GTK_WIDGET (self);
}
