/* SPDX-License-Identifier: MIT */

#include "ui/psp-class-row.h"

#include "ui/psp-row-name.h"
#include "ui/psp-swatch.h"

#include <glib/gi18n.h>

struct _PspClassRow
{
  GtkWidget      parent_instance;

  PspClassEntry *entry; /* (nullable) */

  GtkWidget     *swatch;
  GtkWidget     *name;
  GtkWidget     *truth;
  GtkWidget     *prediction;
  GtkWidget     *iou;
};

G_DEFINE_FINAL_TYPE (PspClassRow, psp_class_row, GTK_TYPE_WIDGET)

/* Percent in four places at most: “31”, “0.4”, “<0.1”, “–” for none. */
static void
set_share (GtkWidget *label,
           double     share)
{
  double percent = 100 * share;
  g_autofree char *text = NULL;

  if (share < 0)
    text = g_strdup ("");
  else if (share <= 0)
    text = g_strdup ("–");
  else if (percent < 0.1)
    text = g_strdup ("<0.1");
  else
    text = g_strdup_printf (percent < 9.95 ? "%.1f" : "%.0f", percent);

  gtk_label_set_label (GTK_LABEL (label), text);
}

/* What the numbers of the row are, with their units. */
static void
set_tooltip (PspClassRow            *self,
             const PspClassMeasures *measures)
{
  g_autoptr(GString) text = g_string_new (psp_class_entry_get_name (self->entry));

  if (measures->truth >= 0)
    g_string_append_printf (text, _("\n%.2f %% of the pixels in the label"), 100 * measures->truth);
  if (measures->prediction >= 0)
    g_string_append_printf (text, _("\n%.2f %% of the pixels in the prediction"),
                            100 * measures->prediction);
  if (measures->iou >= 0)
    g_string_append_printf (text, _("\nIoU %.4f in this image"), measures->iou);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text->str);
}

static void
update (PspClassRow *self)
{
  const PspClassMeasures *measures = psp_class_entry_get_measures (self->entry);
  gboolean known = measures->truth >= 0 || measures->prediction >= 0;
  g_autofree char *iou = NULL;

  psp_swatch_set_color (PSP_SWATCH (self->swatch), psp_class_entry_get_color (self->entry));
  gtk_label_set_label (GTK_LABEL (self->name), psp_class_entry_get_name (self->entry));
  set_share (self->truth, measures->truth);
  set_share (self->prediction, measures->prediction);
  iou = measures->iou >= 0 ? g_strdup_printf ("%.2f", measures->iou) : g_strdup ("");
  gtk_label_set_label (GTK_LABEL (self->iou), iou);

  if (known && !psp_class_entry_get_present (self->entry))
    gtk_widget_add_css_class (GTK_WIDGET (self), "absent");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "absent");

  set_tooltip (self, measures);
  psp_name_row (GTK_WIDGET (self), psp_class_entry_get_name (self->entry));
}

static void
psp_class_row_dispose (GObject *object)
{
  PspClassRow *self = PSP_CLASS_ROW (object);
  GtkWidget *child;

  psp_class_row_set_entry (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_class_row_parent_class)->dispose (object);
}

static void
psp_class_row_class_init (PspClassRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_class_row_dispose;

  g_type_ensure (PSP_TYPE_SWATCH);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-class-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PspClassRow, swatch);
  gtk_widget_class_bind_template_child (widget_class, PspClassRow, name);
  gtk_widget_class_bind_template_child (widget_class, PspClassRow, truth);
  gtk_widget_class_bind_template_child (widget_class, PspClassRow, prediction);
  gtk_widget_class_bind_template_child (widget_class, PspClassRow, iou);
  gtk_widget_class_set_css_name (widget_class, "classrow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
psp_class_row_init (PspClassRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_class_row_new (void)
{
  return g_object_new (PSP_TYPE_CLASS_ROW, NULL);
}

void
psp_class_row_set_entry (PspClassRow   *self,
                         PspClassEntry *entry)
{
  g_return_if_fail (PSP_IS_CLASS_ROW (self));

  if (self->entry == entry)
    return;

  if (self->entry != NULL)
    g_signal_handlers_disconnect_by_func (self->entry, update, self);
  g_set_object (&self->entry, entry);
  if (entry == NULL)
    return;

  g_signal_connect_object (entry, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
