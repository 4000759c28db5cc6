/* SPDX-License-Identifier: MIT */

#include "ui/psp-class-bars.h"

#include "ui/psp-class-bar.h"

#include <glib/gi18n.h>

struct _PspClassBars
{
  GtkWidget  parent_instance;

  GtkWidget *list;
  GtkWidget *absent;
};

enum
{
  CLASS_ACTIVATED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (PspClassBars, psp_class_bars, GTK_TYPE_WIDGET)

static guint signals[N_SIGNALS];

static void
row_cb (PspClassBars  *self,
        GtkListBoxRow *row)
{
  g_signal_emit (self, signals[CLASS_ACTIVATED], 0,
                 psp_class_bar_get_class_id (PSP_CLASS_BAR (row)), row);
}

static void
psp_class_bars_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_class_bars_parent_class)->dispose (object);
}

static void
psp_class_bars_class_init (PspClassBarsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_class_bars_dispose;

  signals[CLASS_ACTIVATED] = g_signal_new ("class-activated", PSP_TYPE_CLASS_BARS,
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 2, G_TYPE_INT, GTK_TYPE_WIDGET);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-class-bars.ui");
  gtk_widget_class_bind_template_child (widget_class, PspClassBars, list);
  gtk_widget_class_bind_template_child (widget_class, PspClassBars, absent);
}

static void
psp_class_bars_init (PspClassBars *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_cb), self,
                           G_CONNECT_SWAPPED);
}

static int
compare_iou (gconstpointer a,
             gconstpointer b,
             gpointer      data)
{
  const PspMetrics *metrics = data;
  double first = metrics->classes[*(const int *) a].iou;
  double second = metrics->classes[*(const int *) b].iou;

  return (first > second) - (first < second);
}

/* (transfer full) (element-type int): the classes that have pixels, worst first. */
static GArray *
sort_present (const PspMetrics *metrics)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (int));

  for (int id = 0; id < metrics->n_classes; id++)
    {
      if (metrics->classes[id].present)
        g_array_append_val (ids, id);
    }

  g_array_sort_with_data (ids, compare_iou, (gpointer) metrics);
  return ids;
}

void
psp_class_bars_set_metrics (PspClassBars      *self,
                            const PspTaxonomy *taxonomy,
                            const PspMetrics  *metrics)
{
  g_autoptr(GArray) ids = sort_present (metrics);
  guint n_absent = (guint) metrics->n_classes - ids->len;
  g_autofree char *absent = NULL;
  GtkListBoxRow *row;

  g_return_if_fail (PSP_IS_CLASS_BARS (self));

  while ((row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), GTK_WIDGET (row));

  for (guint i = 0; i < ids->len; i++)
    {
      int id = g_array_index (ids, int, i);

      gtk_list_box_append (GTK_LIST_BOX (self->list),
                           psp_class_bar_new (id, psp_taxonomy_get_class_name (taxonomy, id),
                                              psp_taxonomy_get_class_color (taxonomy, id),
                                              &metrics->classes[id]));
    }

  absent = g_strdup_printf (ngettext ("%u class has no pixels, neither labelled nor predicted.",
                                      "%u classes have no pixels, neither labelled nor predicted.",
                                      n_absent), n_absent);
  gtk_label_set_label (GTK_LABEL (self->absent), absent);
  gtk_widget_set_visible (self->absent, n_absent > 0);
}
