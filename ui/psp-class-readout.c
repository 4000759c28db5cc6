/* SPDX-License-Identifier: MIT */
#include "ui/psp-class-readout.h"

#include "ui/psp-swatch.h"

struct _PspClassReadout
{
  GtkWidget  parent_instance;

  GtkWidget *caption;     /* template children */
  GtkWidget *class_id;
  GtkWidget *name;
  GtkWidget *probability;
  GtkWidget *swatch;
};

enum
{
  PROP_0,
  PROP_CAPTION,
  PROP_CAPTION_CHARS,
  PROP_HAS_PROBABILITY,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspClassReadout, psp_class_readout, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

static void
psp_class_readout_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_class_readout_parent_class)->dispose (object);
}

static void
psp_class_readout_set_property (GObject      *object,
                                guint         property_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  PspClassReadout *self = PSP_CLASS_READOUT (object);

  switch (property_id)
    {
    case PROP_CAPTION:
      gtk_label_set_label (GTK_LABEL (self->caption), g_value_get_string (value));
      break;

    case PROP_CAPTION_CHARS:
      gtk_label_set_width_chars (GTK_LABEL (self->caption), g_value_get_int (value));
      break;

    case PROP_HAS_PROBABILITY:
      gtk_widget_set_visible (self->probability, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
psp_class_readout_class_init (PspClassReadoutClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = psp_class_readout_dispose;
  object_class->set_property = psp_class_readout_set_property;

  properties[PROP_CAPTION] = g_param_spec_string ("caption", NULL, NULL, NULL, flags);
  properties[PROP_CAPTION_CHARS] = g_param_spec_int ("caption-chars", NULL, NULL, -1, 100, -1,
                                                     flags);
  properties[PROP_HAS_PROBABILITY] = g_param_spec_boolean ("has-probability", NULL, NULL, FALSE,
                                                           flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PSP_TYPE_SWATCH);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-class-readout.ui");
  gtk_widget_class_bind_template_child (widget_class, PspClassReadout, caption);
  gtk_widget_class_bind_template_child (widget_class, PspClassReadout, class_id);
  gtk_widget_class_bind_template_child (widget_class, PspClassReadout, name);
  gtk_widget_class_bind_template_child (widget_class, PspClassReadout, probability);
  gtk_widget_class_bind_template_child (widget_class, PspClassReadout, swatch);
}

static void
psp_class_readout_init (PspClassReadout *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  psp_class_readout_set_n_chars (self, 8);
}

void
psp_class_readout_show (PspClassReadout   *self,
                        const PspTaxonomy *taxonomy,
                        int                class_id,
                        double             probability)
{
  g_autofree char *id = NULL;
  g_autofree char *share = NULL;
  gboolean known;

  g_return_if_fail (PSP_IS_CLASS_READOUT (self));

  known = taxonomy != NULL && class_id >= 0;
  if (known && psp_taxonomy_get_class (taxonomy, class_id) != NULL)
    id = g_strdup_printf ("%d", class_id);
  if (known && probability >= 0)
    share = g_strdup_printf ("%.2f", probability);

  gtk_label_set_label (GTK_LABEL (self->class_id), id != NULL ? id : "");
  gtk_label_set_label (GTK_LABEL (self->name),
                       known ? psp_taxonomy_get_class_name (taxonomy, class_id) : "");
  gtk_label_set_label (GTK_LABEL (self->probability), share != NULL ? share : "");
  if (known)
    psp_swatch_set_color (PSP_SWATCH (self->swatch),
                          psp_taxonomy_get_class_color (taxonomy, class_id));
  gtk_widget_set_opacity (self->swatch, known ? 1 : 0);
}

void
psp_class_readout_set_n_chars (PspClassReadout *self,
                               int              n_chars)
{
  g_return_if_fail (PSP_IS_CLASS_READOUT (self));

  gtk_label_set_width_chars (GTK_LABEL (self->name), n_chars);
  gtk_label_set_max_width_chars (GTK_LABEL (self->name), n_chars);
  gtk_widget_set_hexpand (self->name, n_chars < 0);
}
