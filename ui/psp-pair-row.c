/* SPDX-License-Identifier: MIT */

#include "ui/psp-pair-row.h"

#include "ui/psp-swatch.h"

#include <glib/gi18n.h>

struct _PspPairRow
{
  GtkListBoxRow    parent_instance;

  PspConfusedPair  pair;
  GtkWidget       *truth_swatch;
  GtkWidget       *truth_name;
  GtkWidget       *prediction_swatch;
  GtkWidget       *prediction_name;
  GtkWidget       *pixels;
  GtkWidget       *share;
};

G_DEFINE_FINAL_TYPE (PspPairRow, psp_pair_row, GTK_TYPE_LIST_BOX_ROW)

static void
psp_pair_row_class_init (PspPairRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (PSP_TYPE_SWATCH);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-pair-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PspPairRow, truth_swatch);
  gtk_widget_class_bind_template_child (widget_class, PspPairRow, truth_name);
  gtk_widget_class_bind_template_child (widget_class, PspPairRow, prediction_swatch);
  gtk_widget_class_bind_template_child (widget_class, PspPairRow, prediction_name);
  gtk_widget_class_bind_template_child (widget_class, PspPairRow, pixels);
  gtk_widget_class_bind_template_child (widget_class, PspPairRow, share);
}

static void
psp_pair_row_init (PspPairRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_pair_row_new (const PspTaxonomy     *taxonomy,
                  const PspConfusedPair *pair)
{
  PspPairRow *self = g_object_new (PSP_TYPE_PAIR_ROW, NULL);
  const char *truth = psp_taxonomy_get_class_name (taxonomy, pair->truth);
  const char *prediction = psp_taxonomy_get_class_name (taxonomy, pair->prediction);
  g_autofree char *share = g_strdup_printf (_("%.1f %%"), 100 * pair->share);
  g_autofree char *pixels = NULL;
  g_autofree char *label = NULL;

  pixels = g_strdup_printf (g_dngettext (NULL, "%'" G_GUINT64_FORMAT " pixel",
                                         "%'" G_GUINT64_FORMAT " pixels",
                                         (gulong) pair->n_pixels), pair->n_pixels);
  label = g_strdup_printf (_("%s taken for %s: %'" G_GUINT64_FORMAT " pixels, %.1f %% of %s"),
                           truth, prediction, pair->n_pixels, 100 * pair->share, truth);
  self->pair = *pair;
  psp_swatch_set_color (PSP_SWATCH (self->truth_swatch),
                        psp_taxonomy_get_class_color (taxonomy, pair->truth));
  psp_swatch_set_color (PSP_SWATCH (self->prediction_swatch),
                        psp_taxonomy_get_class_color (taxonomy, pair->prediction));
  gtk_label_set_label (GTK_LABEL (self->truth_name), truth);
  gtk_label_set_label (GTK_LABEL (self->prediction_name), prediction);
  gtk_label_set_label (GTK_LABEL (self->pixels), pixels);
  gtk_label_set_label (GTK_LABEL (self->share), share);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_WIDGET (self);
}

const PspConfusedPair *
psp_pair_row_get_pair (PspPairRow *self)
{
  g_return_val_if_fail (PSP_IS_PAIR_ROW (self), NULL);

  return &self->pair;
}
