/* SPDX-License-Identifier: MIT */

#include "ui/psp-swatch.h"

/* Logical pixels. */
#define SIDE 14
#define RADIUS 3

/* How much of the colour of text the edge has: it shows dark classes on a dark window. */
#define EDGE_OPACITY 0.4f

struct _PspSwatch
{
  GtkWidget parent_instance;

  guint32   color;
};

enum
{
  PROP_0,
  PROP_COLOR,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspSwatch, psp_swatch, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

static void
psp_swatch_measure (GtkWidget      *widget,
                    GtkOrientation  orientation,
                    int             for_size,
                    int            *minimum,
                    int            *natural,
                    int            *minimum_baseline,
                    int            *natural_baseline)
{
  *minimum = *natural = SIDE;
}

static void
psp_swatch_snapshot (GtkWidget   *widget,
                     GtkSnapshot *snapshot)
{
  PspSwatch *self = PSP_SWATCH (widget);
  const GdkRGBA color = {
    (float) (self->color >> 16 & 0xff) / 255.0f,
    (float) (self->color >> 8 & 0xff) / 255.0f,
    (float) (self->color & 0xff) / 255.0f,
    1.0f,
  };
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT (
    (float) (gtk_widget_get_width (widget) - SIDE) / 2.0f,
    (float) (gtk_widget_get_height (widget) - SIDE) / 2.0f,
    SIDE, SIDE);
  GskRoundedRect outline;
  GdkRGBA edge;

  gsk_rounded_rect_init_from_rect (&outline, &bounds, RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &color, &bounds);
  gtk_snapshot_pop (snapshot);

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &edge);
  edge.alpha *= EDGE_OPACITY;
  gtk_snapshot_append_border (snapshot, &outline, (float[4]) { 1, 1, 1, 1 },
                              (GdkRGBA[4]) { edge, edge, edge, edge });
}

static void
psp_swatch_get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_COLOR:
      g_value_set_uint (value, PSP_SWATCH (object)->color);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_swatch_set_property (GObject      *object,
                         guint         id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  switch (id)
    {
    case PROP_COLOR:
      psp_swatch_set_color (PSP_SWATCH (object), g_value_get_uint (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_swatch_class_init (PspSwatchClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = psp_swatch_get_property;
  object_class->set_property = psp_swatch_set_property;
  widget_class->measure = psp_swatch_measure;
  widget_class->snapshot = psp_swatch_snapshot;

  properties[PROP_COLOR] =
    g_param_spec_uint ("color", NULL, NULL, 0, 0xffffff, 0,
                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "swatch");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
psp_swatch_init (PspSwatch *self)
{
}

GtkWidget *
psp_swatch_new (void)
{
  return g_object_new (PSP_TYPE_SWATCH, NULL);
}

void
psp_swatch_set_color (PspSwatch *self,
                      guint32    color)
{
  g_return_if_fail (PSP_IS_SWATCH (self));
  g_return_if_fail (color <= 0xffffff);

  if (self->color == color)
    return;

  self->color = color;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COLOR]);
}
