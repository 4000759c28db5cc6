/* SPDX-License-Identifier: MIT */

#include "ui/psp-class-bar.h"

#include "ui/psp-swatch.h"

#include <glib/gi18n.h>

struct _PspClassBar
{
  GtkListBoxRow  parent_instance;

  int            class_id;
  GtkWidget     *swatch;
  GtkWidget     *name;
  GtkWidget     *bar;
  GtkWidget     *iou;
};

G_DEFINE_FINAL_TYPE (PspClassBar, psp_class_bar, GTK_TYPE_LIST_BOX_ROW)

static void
psp_class_bar_class_init (PspClassBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (PSP_TYPE_SWATCH);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-class-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, PspClassBar, swatch);
  gtk_widget_class_bind_template_child (widget_class, PspClassBar, name);
  gtk_widget_class_bind_template_child (widget_class, PspClassBar, bar);
  gtk_widget_class_bind_template_child (widget_class, PspClassBar, iou);
}

static void
psp_class_bar_init (PspClassBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_class_bar_new (int                    class_id,
                   const char            *name,
                   guint32                color,
                   const PspClassMetrics *metrics)
{
  PspClassBar *self = g_object_new (PSP_TYPE_CLASS_BAR, NULL);
  g_autofree char *iou = g_strdup_printf ("%.3f", metrics->iou);
  g_autofree char *label = g_strdup_printf (_("%s, IoU %s"), name, iou);
  g_autofree char *tooltip = NULL;

  tooltip = g_strdup_printf (_("%s\nIoU %.4f\nAccuracy (recall) %.4f\nPrecision %.4f"),
                             name, metrics->iou, metrics->accuracy, metrics->precision);
  self->class_id = class_id;
  psp_swatch_set_color (PSP_SWATCH (self->swatch), color);
  gtk_label_set_label (GTK_LABEL (self->name), name);
  gtk_label_set_label (GTK_LABEL (self->iou), iou);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), metrics->iou);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_WIDGET (self);
}

int
psp_class_bar_get_class_id (PspClassBar *self)
{
  g_return_val_if_fail (PSP_IS_CLASS_BAR (self), -1);

  return self->class_id;
}
