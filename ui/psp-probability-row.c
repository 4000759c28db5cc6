/* SPDX-License-Identifier: MIT */
#include "ui/psp-probability-row.h"

#include "ui/psp-swatch.h"

/* Logical pixels. */
#define BAR_HEIGHT 3

struct _PspProbabilityRow
{
  GtkWidget  parent_instance;

  GtkWidget *name;        /* template children */
  GtkWidget *number;
  GtkWidget *swatch;

  double     probability; /* 0 to 1 */
};

G_DEFINE_FINAL_TYPE (PspProbabilityRow, psp_probability_row, GTK_TYPE_WIDGET)

static void
append_bar (GtkSnapshot *snapshot,
            GdkRGBA      color,
            float        alpha,
            double       width,
            double       height)
{
  color.alpha *= alpha;
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT (0, height - BAR_HEIGHT, width, BAR_HEIGHT));
}

static void
psp_probability_row_snapshot (GtkWidget   *widget,
                              GtkSnapshot *snapshot)
{
  PspProbabilityRow *self = PSP_PROBABILITY_ROW (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  GdkRGBA color;

  GTK_WIDGET_CLASS (psp_probability_row_parent_class)->snapshot (widget, snapshot);

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  append_bar (snapshot, color, 0.1f, width, height);
  append_bar (snapshot, color, 0.6f, width * self->probability, height);
}

static void
psp_probability_row_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_probability_row_parent_class)->dispose (object);
}

static void
psp_probability_row_class_init (PspProbabilityRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_probability_row_dispose;
  widget_class->snapshot = psp_probability_row_snapshot;

  g_type_ensure (PSP_TYPE_SWATCH);
  gtk_widget_class_set_css_name (widget_class, "probability");
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-probability-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PspProbabilityRow, name);
  gtk_widget_class_bind_template_child (widget_class, PspProbabilityRow, number);
  gtk_widget_class_bind_template_child (widget_class, PspProbabilityRow, swatch);
}

static void
psp_probability_row_init (PspProbabilityRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
psp_probability_row_show (PspProbabilityRow *self,
                          const PspTaxonomy *taxonomy,
                          int                class_id,
                          double             probability)
{
  g_autofree char *number = NULL;

  g_return_if_fail (PSP_IS_PROBABILITY_ROW (self));

  if (class_id >= 0)
    number = g_strdup_printf ("%.2f", probability);

  self->probability = class_id >= 0 ? probability : 0;
  gtk_widget_set_opacity (GTK_WIDGET (self), class_id >= 0 ? 1 : 0);
  gtk_label_set_label (GTK_LABEL (self->name),
                       class_id >= 0 ? psp_taxonomy_get_class_name (taxonomy, class_id) : "");
  gtk_label_set_label (GTK_LABEL (self->number), number != NULL ? number : "");
  psp_swatch_set_color (PSP_SWATCH (self->swatch),
                        class_id >= 0 ? psp_taxonomy_get_class_color (taxonomy, class_id) : 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
