/* SPDX-License-Identifier: MIT */
#include "ui/psp-viewport.h"

#include <math.h>

struct _PspViewport
{
  GObject  parent_instance;

  PspSize  image;
  PspSize  pane;      /* device pixels; of the pane that the zoom is about */
  double   zoom;      /* device pixels for one image pixel */
  PspPoint center;    /* image pixels */
  gboolean fitting;

  gboolean has_crosshair;
  PspPoint crosshair; /* image pixels */
};

enum
{
  PROP_0,
  PROP_FITTING,
  PROP_ZOOM,
  N_PROPS
};

enum
{
  CHANGED,
  CROSSHAIR_MOVED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (PspViewport, psp_viewport, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static gboolean
size_is_empty (PspSize size)
{
  return size.width <= 0 || size.height <= 0;
}

static double
fit_zoom (PspViewport *self,
          PspSize      pane)
{
  double zoom;

  if (size_is_empty (self->image) || size_is_empty (pane))
    return 1;

  zoom = MIN ((double) pane.width / self->image.width, (double) pane.height / self->image.height);
  return MIN (zoom, PSP_VIEWPORT_MAX_ZOOM);
}

/* How far the centre may be from the middle of the image, as a share of half its side.  At “fit” it
 * is 0; it never is less than 1 - 1 / r, which zooming in at any pixel of the image needs. */
static double
freedom (PspViewport *self)
{
  double r = MAX (self->zoom / fit_zoom (self, self->pane), 1);

  return 1 - 1 / (r * r);
}

static void
clamp_center (PspViewport *self)
{
  double middle_x = self->image.width / 2.0;
  double middle_y = self->image.height / 2.0;
  double share = freedom (self);

  self->center.x = CLAMP (self->center.x, middle_x * (1 - share), middle_x * (1 + share));
  self->center.y = CLAMP (self->center.y, middle_y * (1 - share), middle_y * (1 + share));
}

/* Takes a new view, and tells of what changed. */
static void
psp_viewport_update (PspViewport *self,
                     double       zoom,
                     PspPoint     center,
                     gboolean     fitting)
{
  double former_zoom = self->zoom;
  PspPoint former_center = self->center;

  g_object_freeze_notify (G_OBJECT (self));
  if (self->fitting != fitting)
    {
      self->fitting = fitting;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FITTING]);
    }

  self->zoom = fitting ? fit_zoom (self, self->pane) : zoom;
  self->center = center;
  clamp_center (self);
  if (self->zoom != former_zoom)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM]);
  g_object_thaw_notify (G_OBJECT (self));

  if (self->zoom != former_zoom || self->center.x != former_center.x ||
      self->center.y != former_center.y)
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
psp_viewport_get_property (GObject    *object,
                           guint       property_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  PspViewport *self = PSP_VIEWPORT (object);

  switch (property_id)
    {
    case PROP_FITTING:
      g_value_set_boolean (value, self->fitting);
      break;

    case PROP_ZOOM:
      g_value_set_double (value, self->zoom);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
psp_viewport_class_init (PspViewportClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = psp_viewport_get_property;

  properties[PROP_FITTING] = g_param_spec_boolean ("fitting", NULL, NULL, TRUE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, 0, PSP_VIEWPORT_MAX_ZOOM, 1,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[CHANGED] = g_signal_new ("changed", PSP_TYPE_VIEWPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[CROSSHAIR_MOVED] = g_signal_new ("crosshair-moved", PSP_TYPE_VIEWPORT, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
psp_viewport_init (PspViewport *self)
{
  self->zoom = 1;
  self->fitting = TRUE;
}

PspViewport *
psp_viewport_new (void)
{
  return g_object_new (PSP_TYPE_VIEWPORT, NULL);
}

PspPoint
psp_transform_to_pane (const PspTransform *self,
                       PspPoint            image)
{
  return (PspPoint) { image.x * self->scale + self->x, image.y * self->scale + self->y };
}

PspPoint
psp_transform_to_image (const PspTransform *self,
                        PspPoint            pane)
{
  return (PspPoint) { (pane.x - self->x) / self->scale, (pane.y - self->y) / self->scale };
}

void
psp_viewport_set_image_size (PspViewport *self,
                             PspSize      size)
{
  PspSize former;
  PspPoint center;

  g_return_if_fail (PSP_IS_VIEWPORT (self));
  g_return_if_fail (size.width >= 0 && size.height >= 0);

  former = self->image;
  if (psp_size_equal (former, size))
    return;

  /* The same place of the picture, as a share of its sides. */
  center.x = former.width > 0 ? self->center.x * size.width / former.width : size.width / 2.0;
  center.y = former.height > 0 ? self->center.y * size.height / former.height : size.height / 2.0;

  self->image = size;
  psp_viewport_clear_crosshair (self);
  psp_viewport_update (self, self->zoom, center, self->fitting);
}

PspSize
psp_viewport_get_image_size (PspViewport *self)
{
  g_return_val_if_fail (PSP_IS_VIEWPORT (self), (PspSize) { 0 });

  return self->image;
}

void
psp_viewport_set_pane_size (PspViewport *self,
                            PspSize      size)
{
  g_return_if_fail (PSP_IS_VIEWPORT (self));
  g_return_if_fail (size.width >= 0 && size.height >= 0);

  if (psp_size_equal (self->pane, size))
    return;

  self->pane = size;
  psp_viewport_update (self, self->zoom, self->center, self->fitting);
}

PspSize
psp_viewport_get_pane_size (PspViewport *self)
{
  g_return_val_if_fail (PSP_IS_VIEWPORT (self), (PspSize) { 0 });

  return self->pane;
}

double
psp_viewport_get_zoom (PspViewport *self)
{
  g_return_val_if_fail (PSP_IS_VIEWPORT (self), 1);

  return self->zoom;
}

PspPoint
psp_viewport_get_center (PspViewport *self)
{
  g_return_val_if_fail (PSP_IS_VIEWPORT (self), (PspPoint) { 0 });

  return self->center;
}

gboolean
psp_viewport_get_fitting (PspViewport *self)
{
  g_return_val_if_fail (PSP_IS_VIEWPORT (self), FALSE);

  return self->fitting;
}

void
psp_viewport_fit (PspViewport *self)
{
  g_return_if_fail (PSP_IS_VIEWPORT (self));

  psp_viewport_update (self, self->zoom, self->center, TRUE);
}

void
psp_viewport_zoom_to (PspViewport *self,
                      double       zoom,
                      PspPoint     image)
{
  double fit, wanted;
  PspPoint center;

  g_return_if_fail (PSP_IS_VIEWPORT (self));
  g_return_if_fail (zoom > 0 && isfinite (zoom));
  g_return_if_fail (isfinite (image.x) && isfinite (image.y));

  fit = fit_zoom (self, self->pane);
  wanted = CLAMP (zoom, MIN (fit, 1), PSP_VIEWPORT_MAX_ZOOM);
  center.x = image.x + (self->center.x - image.x) * self->zoom / wanted;
  center.y = image.y + (self->center.y - image.y) * self->zoom / wanted;

  psp_viewport_update (self, wanted, center, wanted == fit);
}

/* The next number of the form 2^k or 1.5 2^k that is clearly above or below @zoom. */
static double
next_zoom (double   zoom,
           gboolean up)
{
  double power = exp2 (floor (log2 (zoom)) - 1);
  double found = power;

  for (int i = 0; i < 4; i++, power *= 2)
    for (double factor = 1; factor < 2; factor += 0.5)
      {
        double candidate = power * factor;

        if (up && candidate > zoom * 1.001)
          return candidate;
        if (candidate < zoom * 0.999)
          found = candidate;
      }

  return found;
}

void
psp_viewport_zoom_step (PspViewport *self,
                        int          n_steps,
                        PspPoint     image)
{
  double zoom;

  g_return_if_fail (PSP_IS_VIEWPORT (self));

  zoom = self->zoom;
  for (int i = 0; i < ABS (n_steps); i++)
    zoom = next_zoom (zoom, n_steps > 0);

  psp_viewport_zoom_to (self, zoom, image);
}

void
psp_viewport_pan (PspViewport *self,
                  PspPoint     offset)
{
  g_return_if_fail (PSP_IS_VIEWPORT (self));
  g_return_if_fail (isfinite (offset.x) && isfinite (offset.y));

  psp_viewport_update (self, self->zoom,
                       (PspPoint) { self->center.x + offset.x, self->center.y + offset.y },
                       self->fitting);
}

void
psp_viewport_reveal (PspViewport *self,
                     PspPoint     image)
{
  double half_width, half_height;
  PspPoint center;

  g_return_if_fail (PSP_IS_VIEWPORT (self));

  /* A tenth of the pane stays between the position and the edge. */
  half_width = 0.4 * self->pane.width / self->zoom;
  half_height = 0.4 * self->pane.height / self->zoom;
  center.x = CLAMP (self->center.x, image.x - half_width, image.x + half_width);
  center.y = CLAMP (self->center.y, image.y - half_height, image.y + half_height);

  psp_viewport_update (self, self->zoom, center, self->fitting);
}

PspTransform
psp_viewport_get_transform (PspViewport *self,
                            PspSize      pane_size)
{
  double scale;

  g_return_val_if_fail (PSP_IS_VIEWPORT (self), (PspTransform) { .scale = 1 });

  if (size_is_empty (self->pane) || size_is_empty (pane_size))
    return (PspTransform) { .scale = self->zoom };

  if (self->fitting)
    scale = fit_zoom (self, pane_size);
  else if (psp_size_equal (self->pane, pane_size))
    scale = self->zoom;
  else
    scale = self->zoom * MIN ((double) pane_size.width / self->pane.width,
                              (double) pane_size.height / self->pane.height);

  return (PspTransform) {
    .scale = scale,
    .x = round (pane_size.width / 2.0 - self->center.x * scale),
    .y = round (pane_size.height / 2.0 - self->center.y * scale),
  };
}

void
psp_viewport_set_crosshair (PspViewport *self,
                            PspPoint     image)
{
  g_return_if_fail (PSP_IS_VIEWPORT (self));

  if (!(image.x >= 0 && image.y >= 0 && image.x < self->image.width &&
        image.y < self->image.height))
    {
      psp_viewport_clear_crosshair (self);
      return;
    }

  if (self->has_crosshair && self->crosshair.x == image.x && self->crosshair.y == image.y)
    return;

  self->has_crosshair = TRUE;
  self->crosshair = image;
  g_signal_emit (self, signals[CROSSHAIR_MOVED], 0);
}

void
psp_viewport_clear_crosshair (PspViewport *self)
{
  g_return_if_fail (PSP_IS_VIEWPORT (self));

  if (!self->has_crosshair)
    return;

  self->has_crosshair = FALSE;
  g_signal_emit (self, signals[CROSSHAIR_MOVED], 0);
}

gboolean
psp_viewport_get_crosshair (PspViewport *self,
                            PspPoint    *image)
{
  g_return_val_if_fail (PSP_IS_VIEWPORT (self), FALSE);

  if (self->has_crosshair && image != NULL)
    *image = self->crosshair;
  return self->has_crosshair;
}
