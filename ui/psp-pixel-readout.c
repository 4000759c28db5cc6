/* SPDX-License-Identifier: MIT */
#include "ui/psp-pixel-readout.h"

#include "ui/psp-class-readout.h"
#include "ui/psp-pixel-probe.h"

/* Room for class names, in characters: as much as the longest needs, within these. */
#define LEAST_NAME_CHARS 7
#define MOST_NAME_CHARS 14

struct _PspPixelReadout
{
  GtkWidget      parent_instance;

  GtkWidget     *auxiliary; /* template children */
  GtkWidget     *position;
  GtkWidget     *prediction;
  GtkWidget     *truth;

  PspPixelProbe *probe;     /* (nullable) owned */
  PspTaxonomy   *taxonomy;  /* (nullable) owned: that there is room for */
};

G_DEFINE_FINAL_TYPE (PspPixelReadout, psp_pixel_readout, GTK_TYPE_WIDGET)

static void
make_room (PspPixelReadout *self,
           PspTaxonomy     *taxonomy)
{
  int n_chars = LEAST_NAME_CHARS;

  if (taxonomy == NULL || self->taxonomy == taxonomy)
    return;

  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  self->taxonomy = psp_taxonomy_ref (taxonomy);
  for (int id = 0; id < psp_taxonomy_get_n_classes (taxonomy); id++)
    n_chars = MAX (n_chars, g_utf8_strlen (psp_taxonomy_get_class_name (taxonomy, id), -1));

  n_chars = MIN (n_chars, MOST_NAME_CHARS);
  psp_class_readout_set_n_chars (PSP_CLASS_READOUT (self->truth), n_chars);
  psp_class_readout_set_n_chars (PSP_CLASS_READOUT (self->prediction), n_chars);
  psp_class_readout_set_n_chars (PSP_CLASS_READOUT (self->auxiliary), n_chars);
}

static void
update (PspPixelReadout *self)
{
  PspPixelInfo info = psp_pixel_probe_get_info (self->probe);
  PspTaxonomy *taxonomy = psp_pixel_probe_get_taxonomy (self->probe);
  PspTaxonomy *network_taxonomy = psp_pixel_probe_get_network_taxonomy (self->probe);
  g_autofree char *position = NULL;

  make_room (self, taxonomy);
  if (info.known)
    position = g_strdup_printf ("x %d  y %d", info.x, info.y);

  gtk_label_set_label (GTK_LABEL (self->position), position != NULL ? position : "");
  psp_class_readout_show (PSP_CLASS_READOUT (self->truth), taxonomy, info.truth, -1);
  psp_class_readout_show (PSP_CLASS_READOUT (self->prediction), network_taxonomy,
                          info.prediction, info.prediction_probability);
  psp_class_readout_show (PSP_CLASS_READOUT (self->auxiliary), network_taxonomy,
                          info.auxiliary, info.auxiliary_probability);
}

static void
psp_pixel_readout_dispose (GObject *object)
{
  PspPixelReadout *self = PSP_PIXEL_READOUT (object);
  GtkWidget *child;

  psp_pixel_readout_set_canvas (self, NULL);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_pixel_readout_parent_class)->dispose (object);
}

static void
psp_pixel_readout_class_init (PspPixelReadoutClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_pixel_readout_dispose;

  g_type_ensure (PSP_TYPE_CLASS_READOUT);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-pixel-readout.ui");
  gtk_widget_class_bind_template_child (widget_class, PspPixelReadout, auxiliary);
  gtk_widget_class_bind_template_child (widget_class, PspPixelReadout, position);
  gtk_widget_class_bind_template_child (widget_class, PspPixelReadout, prediction);
  gtk_widget_class_bind_template_child (widget_class, PspPixelReadout, truth);
}

static void
psp_pixel_readout_init (PspPixelReadout *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_pixel_readout_new (void)
{
  return g_object_new (PSP_TYPE_PIXEL_READOUT, NULL);
}

void
psp_pixel_readout_set_canvas (PspPixelReadout *self,
                              PspCanvas       *canvas)
{
  g_return_if_fail (PSP_IS_PIXEL_READOUT (self));
  g_return_if_fail (canvas == NULL || PSP_IS_CANVAS (canvas));

  g_clear_object (&self->probe);
  if (canvas != NULL)
    {
      self->probe = psp_pixel_probe_new (GTK_WIDGET (self), canvas);
      g_signal_connect_swapped (self->probe, "changed", G_CALLBACK (update), self);
    }
}
