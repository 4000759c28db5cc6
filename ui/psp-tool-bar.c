/* SPDX-License-Identifier: MIT */
#include "ui/psp-tool-bar.h"

#include "ui/psp-class-chooser.h"

#include <math.h>

struct _PspToolBar
{
  GtkWidget      parent_instance;

  GtkWidget     *chooser;            /* template children */
  GtkAdjustment *opacity_adjustment;
  GtkWidget     *opacity_label;
  GtkAdjustment *radius_adjustment;  /* the binary logarithm of the radius */
  GtkWidget     *radius_box;
  GtkWidget     *radius_label;

  PspCanvas     *canvas;             /* (nullable) owned */
  GPtrArray     *bindings;           /* owned: of GBinding */
};

G_DEFINE_FINAL_TYPE (PspToolBar, psp_tool_bar, GTK_TYPE_WIDGET)

static gboolean
radius_to_slider (GBinding     *binding,
                  const GValue *from,
                  GValue       *to,
                  gpointer      data)
{
  g_value_set_double (to, log2 (g_value_get_double (from)));
  return TRUE;
}

/* Halves of a pixel below three, whole pixels above.  A slider that stands where the radius is
 * already changes nothing, so that a radius in between survives. */
static gboolean
slider_to_radius (GBinding     *binding,
                  const GValue *from,
                  GValue       *to,
                  gpointer      data)
{
  PspCanvas *canvas = data;
  double radius = exp2 (g_value_get_double (from));

  if (fabs (log2 (psp_canvas_get_radius (canvas)) - g_value_get_double (from)) < 1e-9)
    return FALSE;

  radius = radius < 3 ? round (radius * 2) / 2 : round (radius);
  g_value_set_double (to, CLAMP (radius, PSP_CANVAS_MIN_RADIUS, PSP_CANVAS_MAX_RADIUS));
  return TRUE;
}

static gboolean
radius_to_text (GBinding     *binding,
                const GValue *from,
                GValue       *to,
                gpointer      data)
{
  g_value_take_string (to, g_strdup_printf ("%g px", g_value_get_double (from)));
  return TRUE;
}

static gboolean
opacity_to_text (GBinding     *binding,
                 const GValue *from,
                 GValue       *to,
                 gpointer      data)
{
  g_value_take_string (to, g_strdup_printf ("%.0f %%", g_value_get_double (from) * 100));
  return TRUE;
}

static gboolean
tool_has_radius (GBinding     *binding,
                 const GValue *from,
                 GValue       *to,
                 gpointer      data)
{
  int tool = g_value_get_enum (from);

  g_value_set_boolean (to, tool == PSP_TOOL_BRUSH || tool == PSP_TOOL_ERASER);
  return TRUE;
}

static void
bind (PspToolBar            *self,
      const char            *property,
      gpointer               target,
      const char            *target_property,
      GBindingTransformFunc  transform,
      GBindingTransformFunc  transform_back)
{
  GBindingFlags flags = G_BINDING_SYNC_CREATE;

  if (transform == NULL || transform_back != NULL)
    flags |= G_BINDING_BIDIRECTIONAL;

  g_ptr_array_add (self->bindings,
                   g_object_bind_property_full (self->canvas, property, target, target_property,
                                                flags, transform, transform_back, self->canvas,
                                                NULL));
}

static void
unbind_all (PspToolBar *self)
{
  for (guint i = 0; i < self->bindings->len; i++)
    g_binding_unbind (g_ptr_array_index (self->bindings, i));
  g_ptr_array_set_size (self->bindings, 0);
}

static void
psp_tool_bar_dispose (GObject *object)
{
  PspToolBar *self = PSP_TOOL_BAR (object);
  GtkWidget *child;

  psp_tool_bar_set_canvas (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_tool_bar_parent_class)->dispose (object);
}

static void
psp_tool_bar_finalize (GObject *object)
{
  g_ptr_array_unref (PSP_TOOL_BAR (object)->bindings);

  G_OBJECT_CLASS (psp_tool_bar_parent_class)->finalize (object);
}

static void
psp_tool_bar_class_init (PspToolBarClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = psp_tool_bar_dispose;
  object_class->finalize = psp_tool_bar_finalize;

  g_type_ensure (PSP_TYPE_CLASS_CHOOSER);
  gtk_widget_class_set_css_name (widget_class, "toolline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TOOLBAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/scenescope/Scenescope/ui/psp-tool-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, PspToolBar, chooser);
  gtk_widget_class_bind_template_child (widget_class, PspToolBar, opacity_adjustment);
  gtk_widget_class_bind_template_child (widget_class, PspToolBar, opacity_label);
  gtk_widget_class_bind_template_child (widget_class, PspToolBar, radius_adjustment);
  gtk_widget_class_bind_template_child (widget_class, PspToolBar, radius_box);
  gtk_widget_class_bind_template_child (widget_class, PspToolBar, radius_label);
}

static void
psp_tool_bar_init (PspToolBar *self)
{
  self->bindings = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_tool_bar_new (void)
{
  return g_object_new (PSP_TYPE_TOOL_BAR, NULL);
}

void
psp_tool_bar_set_canvas (PspToolBar *self,
                         PspCanvas  *canvas)
{
  g_return_if_fail (PSP_IS_TOOL_BAR (self));
  g_return_if_fail (canvas == NULL || PSP_IS_CANVAS (canvas));

  if (self->canvas == canvas)
    return;

  unbind_all (self);
  g_set_object (&self->canvas, canvas);
  if (canvas != NULL)
    {
      bind (self, "radius", self->radius_adjustment, "value", radius_to_slider, slider_to_radius);
      bind (self, "radius", self->radius_label, "label", radius_to_text, NULL);
      bind (self, "tool", self->radius_box, "sensitive", tool_has_radius, NULL);
      bind (self, "overlay-opacity", self->opacity_adjustment, "value", NULL, NULL);
      bind (self, "overlay-opacity", self->opacity_label, "label", opacity_to_text, NULL);
      psp_class_chooser_set_canvas (PSP_CLASS_CHOOSER (self->chooser), canvas);
    }
}

void
psp_tool_bar_update_classes (PspToolBar *self)
{
  g_return_if_fail (PSP_IS_TOOL_BAR (self));

  psp_class_chooser_update_classes (PSP_CLASS_CHOOSER (self->chooser));
}
