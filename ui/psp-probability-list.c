/* SPDX-License-Identifier: MIT */
#include "ui/psp-probability-list.h"

#include "ui/psp-class-readout.h"
#include "ui/psp-pixel-probe.h"
#include "ui/psp-probability-row.h"

#define N_ROWS 5

struct _PspProbabilityList
{
  GtkWidget      parent_instance;

  GtkWidget     *edited;       /* template children */
  GtkWidget     *message;
  GtkWidget     *rows[N_ROWS];
  GtkWidget     *truth;

  PspCanvas     *canvas;       /* (nullable) owned */
  PspPixelProbe *probe;        /* (nullable) owned */
};

G_DEFINE_FINAL_TYPE (PspProbabilityList, psp_probability_list, GTK_TYPE_WIDGET)

/* The place of the greatest number that is not negative; -1 if there is none. */
static int
find_greatest (const float *values,
               int          n_values)
{
  int greatest = -1;

  for (int i = 0; i < n_values; i++)
    if (values[i] >= 0 && (greatest < 0 || values[i] > values[greatest]))
      greatest = i;

  return greatest;
}

static void
update_rows (PspProbabilityList *self,
             PspTaxonomy        *taxonomy,
             float              *probabilities,
             int                 n_classes)
{
  for (int i = 0; i < N_ROWS; i++)
    {
      int class_id = probabilities != NULL ? find_greatest (probabilities, n_classes) : -1;

      psp_probability_row_show (PSP_PROBABILITY_ROW (self->rows[i]), taxonomy, class_id,
                                class_id >= 0 ? (double) probabilities[class_id] : 0);
      if (class_id >= 0)
        probabilities[class_id] = -1;
    }
}

static const char *
get_message (PspProbabilityList *self,
             const PspPixelInfo *info,
             const float        *probabilities)
{
  const char *problem = psp_canvas_get_prediction_problem (self->canvas);

  if (!info->known)
    return "Point at a pixel";
  if (info->prediction < 0)
    return problem != NULL ? problem : "Not run";
  if (probabilities == NULL)
    return "The protocol keeps no probabilities";

  return "prediction";
}

static void
update (PspProbabilityList *self)
{
  PspPixelInfo info = psp_pixel_probe_get_info (self->probe);
  PspTaxonomy *taxonomy = psp_pixel_probe_get_taxonomy (self->probe);
  int n_classes = 0;
  g_autofree float *probabilities = psp_pixel_probe_dup_probabilities (self->probe, &n_classes);

  psp_class_readout_show (PSP_CLASS_READOUT (self->truth), taxonomy, info.truth, -1);
  psp_class_readout_show (PSP_CLASS_READOUT (self->edited), taxonomy, info.edited, -1);
  gtk_label_set_label (GTK_LABEL (self->message), get_message (self, &info, probabilities));
  update_rows (self, psp_pixel_probe_get_network_taxonomy (self->probe), probabilities, n_classes);
}

static void
psp_probability_list_dispose (GObject *object)
{
  PspProbabilityList *self = PSP_PROBABILITY_LIST (object);
  GtkWidget *child;

  psp_probability_list_set_canvas (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_probability_list_parent_class)->dispose (object);
}

static void
psp_probability_list_class_init (PspProbabilityListClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_probability_list_dispose;

  g_type_ensure (PSP_TYPE_CLASS_READOUT);
  g_type_ensure (PSP_TYPE_PROBABILITY_ROW);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-probability-list.ui");
  gtk_widget_class_bind_template_child (widget_class, PspProbabilityList, edited);
  gtk_widget_class_bind_template_child (widget_class, PspProbabilityList, message);
  gtk_widget_class_bind_template_child (widget_class, PspProbabilityList, truth);
  for (int i = 0; i < N_ROWS; i++)
    {
      g_autofree char *name = g_strdup_printf ("row%d", i);

      gtk_widget_class_bind_template_child_full (widget_class, name, FALSE,
                                                 G_STRUCT_OFFSET (PspProbabilityList, rows) +
                                                 i * sizeof (GtkWidget *));
    }
}

static void
psp_probability_list_init (PspProbabilityList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  psp_class_readout_set_n_chars (PSP_CLASS_READOUT (self->truth), -1);
  psp_class_readout_set_n_chars (PSP_CLASS_READOUT (self->edited), -1);
}

GtkWidget *
psp_probability_list_new (void)
{
  return g_object_new (PSP_TYPE_PROBABILITY_LIST, NULL);
}

void
psp_probability_list_set_canvas (PspProbabilityList *self,
                                 PspCanvas          *canvas)
{
  g_return_if_fail (PSP_IS_PROBABILITY_LIST (self));
  g_return_if_fail (canvas == NULL || PSP_IS_CANVAS (canvas));

  g_clear_object (&self->probe);
  g_set_object (&self->canvas, canvas);
  if (canvas != NULL)
    {
      self->probe = psp_pixel_probe_new (GTK_WIDGET (self), canvas);
      g_signal_connect_swapped (self->probe, "changed", G_CALLBACK (update), self);
    }
}
