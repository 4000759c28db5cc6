/* SPDX-License-Identifier: MIT */
#include "ui/psp-pane-private.h"

/* What lies on the picture must show on any picture: everything is light with a dark edge.  Lengths
 * are logical pixels here. */
static const GdkRGBA light = { 1, 1, 1, 0.95 };
static const GdkRGBA dark = { 0, 0, 0, 0.6 };

#define CROSSHAIR_GAP 5
#define CROSSHAIR_LENGTH 14
#define PIXEL_BOX_MIN_SIZE 6
#define CORNER_SIZE 6

#define SCALE_WIDTH 96
#define SCALE_HEIGHT 8
#define SCALE_PADDING 6
#define SCALE_MARGIN 6
#define SCALE_STOPS 16
#define SCALE_MIN_PANE_WIDTH 240
#define SCALE_MIN_PANE_HEIGHT 160

#define VALUE_MIN_WIDTH 44
#define VALUE_MIN_HEIGHT 24

static graphene_rect_t
grow (graphene_rect_t rect,
      float           by)
{
  graphene_rect_inset (&rect, -by, -by);
  return rect;
}

/* Where @area of the image lies on the widget. */
static graphene_rect_t
area_to_widget (PspPane *self,
                PspRect  area)
{
  PspTransform transform = psp_pane_get_transform (self);
  double scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  PspPoint start = psp_transform_to_pane (&transform, (PspPoint) { area.x, area.y });
  PspPoint end = psp_transform_to_pane (&transform, (PspPoint) { area.x + area.width,
                                                                 area.y + area.height });

  return GRAPHENE_RECT_INIT (start.x / scale, start.y / scale, (end.x - start.x) / scale,
                             (end.y - start.y) / scale);
}

static PspPoint
image_to_widget (PspPane  *self,
                 PspPoint  image)
{
  PspTransform transform = psp_pane_get_transform (self);
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  PspPoint pane = psp_transform_to_pane (&transform, image);

  return (PspPoint) { pane.x / scale, pane.y / scale };
}

/* The part of @rect that is in sight; %FALSE if none is. */
static gboolean
cut_to_widget (PspPane               *self,
               const graphene_rect_t *rect,
               graphene_rect_t       *part)
{
  graphene_rect_t widget = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                                               gtk_widget_get_height (GTK_WIDGET (self)));

  return graphene_rect_intersection (&widget, rect, part);
}

static void
append_frame (GtkSnapshot           *snapshot,
              const graphene_rect_t *rect,
              float                  radius,
              float                  width,
              const GdkRGBA         *color)
{
  GskRoundedRect rounded;

  gsk_rounded_rect_init_from_rect (&rounded, rect, radius);
  gtk_snapshot_append_border (snapshot, &rounded, (float[4]) { width, width, width, width },
                              (GdkRGBA[4]) { *color, *color, *color, *color });
}

/* A light frame just outside of @rect, with a dark one around it. */
static void
append_double_frame (GtkSnapshot     *snapshot,
                     graphene_rect_t  rect,
                     float            radius)
{
  graphene_rect_t inner = grow (rect, 1);
  graphene_rect_t outer = grow (rect, 2);

  append_frame (snapshot, &outer, radius > 0 ? radius + 2 : 0, 1, &dark);
  append_frame (snapshot, &inner, radius > 0 ? radius + 1 : 0, 1, &light);
}

static PangoLayout *
make_number (PspPane *self,
             double   value)
{
  g_autofree char *text = g_strdup_printf ("%.2f", value);
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

static void
append_layout (GtkSnapshot   *snapshot,
               PangoLayout   *layout,
               float          x,
               float          y,
               const GdkRGBA *color)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static void
append_cell_value (PspPane               *self,
                   GtkSnapshot           *snapshot,
                   const graphene_rect_t *cell,
                   double                 value)
{
  g_autoptr(PangoLayout) layout = NULL;
  int width, height;
  float x, y;

  if (cell->size.width < VALUE_MIN_WIDTH || cell->size.height < VALUE_MIN_HEIGHT)
    return;

  layout = make_number (self, value);
  pango_layout_get_pixel_size (layout, &width, &height);
  x = (int) (cell->origin.x + (cell->size.width - width) / 2);
  y = (int) (cell->origin.y + (cell->size.height - height) / 2);
  append_layout (snapshot, layout, x + 1, y + 1, &(GdkRGBA) { 0, 0, 0, 0.8 });
  append_layout (snapshot, layout, x, y, &light);
}

/* The grid of a pyramid level, and the mean activation of each cell. */
static void
append_cells (PspPane     *self,
              GtkSnapshot *snapshot,
              PspScene    *scene)
{
  PspPrediction *prediction = psp_scene_get_prediction (scene);
  const PspTensor *means = psp_pane_source_get_cells (self->source, scene);
  float line = 1.0 / gtk_widget_get_scale_factor (GTK_WIDGET (self));
  int bins = self->source.bins;

  if (means == NULL || psp_canvas_get_bare (self->canvas))
    return;

  for (int i = 0; i < bins * bins; i++)
    {
      PspRect area = psp_prediction_get_bin_cell (prediction, bins, i % bins, i / bins);
      graphene_rect_t cell = area_to_widget (self, area);
      graphene_rect_t part;

      if (psp_rect_is_empty (area) || !cut_to_widget (self, &cell, &part))
        continue;

      append_frame (snapshot, &cell, 0, line, &light);
      append_cell_value (self, snapshot, &part, (double) means->data[i]);
    }
}

static void
append_ramp (GtkSnapshot           *snapshot,
             const graphene_rect_t *bounds)
{
  guint32 ramp[PSP_OVERLAY_RAMP_LENGTH];
  GskColorStop stops[SCALE_STOPS];

  psp_overlay_fill_ramp (ramp);
  for (int i = 0; i < SCALE_STOPS; i++)
    {
      guint32 color = ramp[i * (PSP_OVERLAY_RAMP_LENGTH - 1) / (SCALE_STOPS - 1)];

      stops[i].offset = i / (SCALE_STOPS - 1.0f);
      stops[i].color = (GdkRGBA) { (color >> 16 & 0xff) / 255.0f, (color >> 8 & 0xff) / 255.0f,
                                   (color & 0xff) / 255.0f, 1 };
    }

  gtk_snapshot_append_linear_gradient (snapshot, bounds, &bounds->origin,
                                       &GRAPHENE_POINT_INIT (bounds->origin.x + bounds->size.width,
                                                             bounds->origin.y),
                                       stops, SCALE_STOPS);
}

/* What the colours of a heat map stand for, in the lower right corner. */
static void
append_scale (PspPane     *self,
              GtkSnapshot *snapshot,
              PspScene    *scene)
{
  g_autoptr(PangoLayout) least = NULL;
  g_autoptr(PangoLayout) most = NULL;
  GskRoundedRect frame;
  graphene_rect_t box, bar;
  double minimum, maximum;
  int width, text_height;

  if (gtk_widget_get_width (GTK_WIDGET (self)) < SCALE_MIN_PANE_WIDTH ||
      gtk_widget_get_height (GTK_WIDGET (self)) < SCALE_MIN_PANE_HEIGHT)
    return;

  psp_pane_source_get_range (self->source, scene, &minimum, &maximum);
  least = make_number (self, minimum);
  most = make_number (self, maximum);
  pango_layout_get_pixel_size (most, &width, &text_height);

  box.size.width = SCALE_WIDTH + 2 * SCALE_PADDING;
  box.size.height = SCALE_HEIGHT + text_height + 2 * SCALE_PADDING;
  box.origin.x = gtk_widget_get_width (GTK_WIDGET (self)) - SCALE_MARGIN - box.size.width;
  box.origin.y = gtk_widget_get_height (GTK_WIDGET (self)) - SCALE_MARGIN - box.size.height;
  bar = GRAPHENE_RECT_INIT (box.origin.x + SCALE_PADDING, box.origin.y + SCALE_PADDING, SCALE_WIDTH,
                            SCALE_HEIGHT);

  gsk_rounded_rect_init_from_rect (&frame, &box, 6);
  gtk_snapshot_push_rounded_clip (snapshot, &frame);
  gtk_snapshot_append_color (snapshot, &dark, &box);
  gtk_snapshot_pop (snapshot);
  append_ramp (snapshot, &bar);
  append_layout (snapshot, least, bar.origin.x, bar.origin.y + SCALE_HEIGHT, &light);
  append_layout (snapshot, most, bar.origin.x + SCALE_WIDTH - width, bar.origin.y + SCALE_HEIGHT,
                 &light);
}

static void
trace_corners (PspPane        *self,
               cairo_t        *cairo,
               const PspPoint *corners,
               int             n_corners)
{
  PspPoint crosshair;

  for (int i = 0; i < n_corners; i++)
    {
      PspPoint point = image_to_widget (self, corners[i]);

      cairo_line_to (cairo, point.x, point.y);
    }

  if (psp_viewport_get_crosshair (psp_canvas_get_viewport (self->canvas), &crosshair))
    {
      PspPoint point = image_to_widget (self, crosshair);

      cairo_line_to (cairo, point.x, point.y);
    }
  cairo_close_path (cairo);
}

/* The polygon under way, closed through the crosshair. */
static void
append_sketch (PspPane     *self,
               GtkSnapshot *snapshot,
               PspScene    *scene)
{
  int n_corners;
  const PspPoint *corners = psp_canvas_get_corners (self->canvas, &n_corners);
  guint32 color = psp_taxonomy_get_class_color (psp_scene_get_taxonomy (scene),
                                                psp_canvas_get_class_id (self->canvas));
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                                               gtk_widget_get_height (GTK_WIDGET (self)));
  cairo_t *cairo;

  if (n_corners == 0)
    return;

  cairo = gtk_snapshot_append_cairo (snapshot, &bounds);
  trace_corners (self, cairo, corners, n_corners);
  cairo_set_source_rgba (cairo, (color >> 16 & 0xff) / 255.0, (color >> 8 & 0xff) / 255.0,
                         (color & 0xff) / 255.0, 0.35);
  cairo_fill_preserve (cairo);
  gdk_cairo_set_source_rgba (cairo, &dark);
  cairo_set_line_width (cairo, 3);
  cairo_stroke_preserve (cairo);
  gdk_cairo_set_source_rgba (cairo, &light);
  cairo_set_line_width (cairo, 1);
  cairo_stroke (cairo);
  cairo_destroy (cairo);

  for (int i = 0; i < n_corners; i++)
    {
      PspPoint point = image_to_widget (self, corners[i]);
      graphene_rect_t handle = GRAPHENE_RECT_INIT (point.x - CORNER_SIZE / 2.0,
                                                   point.y - CORNER_SIZE / 2.0, CORNER_SIZE,
                                                   CORNER_SIZE);

      gtk_snapshot_append_color (snapshot, &dark, &handle);
      graphene_rect_inset (&handle, 1, 1);
      gtk_snapshot_append_color (snapshot, &light, &handle);
    }
}

/* The brush as large as it paints. */
static void
append_ring (PspPane     *self,
             GtkSnapshot *snapshot,
             PspPoint     center)
{
  double radius = psp_canvas_get_radius (self->canvas) * psp_pane_get_transform (self).scale /
                 gtk_widget_get_scale_factor (GTK_WIDGET (self));

  append_double_frame (snapshot,
                       GRAPHENE_RECT_INIT (center.x - radius, center.y - radius, 2 * radius,
                                           2 * radius), radius);
}

static void
append_arm (GtkSnapshot *snapshot,
            float        x,
            float        y,
            float        width,
            float        height)
{
  graphene_rect_t arm = GRAPHENE_RECT_INIT (x, y, width, height);
  graphene_rect_t edge = grow (arm, 1);

  gtk_snapshot_append_color (snapshot, &dark, &edge);
  gtk_snapshot_append_color (snapshot, &light, &arm);
}

static void
append_arms (GtkSnapshot *snapshot,
             PspPoint     center)
{
  const float length = CROSSHAIR_LENGTH - CROSSHAIR_GAP;
  float x = (int) center.x;
  float y = (int) center.y;

  append_arm (snapshot, x - CROSSHAIR_LENGTH, y, length, 1);
  append_arm (snapshot, x + CROSSHAIR_GAP + 1, y, length, 1);
  append_arm (snapshot, x, y - CROSSHAIR_LENGTH, 1, length);
  append_arm (snapshot, x, y + CROSSHAIR_GAP + 1, 1, length);
}

static gboolean
tool_has_radius (PspCanvas *canvas)
{
  PspTool tool = psp_canvas_get_tool (canvas);

  return tool == PSP_TOOL_BRUSH || tool == PSP_TOOL_ERASER;
}

static void
append_crosshair (PspPane     *self,
                  GtkSnapshot *snapshot)
{
  graphene_rect_t pixel;
  PspPoint image, center;

  if (!psp_viewport_get_crosshair (psp_canvas_get_viewport (self->canvas), &image))
    return;

  center = image_to_widget (self, image);
  if (tool_has_radius (self->canvas))
    append_ring (self, snapshot, center);

  pixel = area_to_widget (self, (PspRect) { image.x, image.y, 1, 1 });
  if (pixel.size.width >= PIXEL_BOX_MIN_SIZE)
    append_double_frame (snapshot, pixel, 0);

  /* The pointer itself marks the place where it is. */
  if (!self->pointed || psp_canvas_get_by_keys (self->canvas))
    append_arms (snapshot, center);
}

void
psp_pane_draw_decorations (PspPane     *self,
                           GtkSnapshot *snapshot)
{
  PspScene *scene = psp_canvas_get_scene (self->canvas);

  if (scene == NULL)
    return;

  append_cells (self, snapshot, scene);
  append_sketch (self, snapshot, scene);
  append_crosshair (self, snapshot);
  if (self->pixmap != NULL && psp_pane_source_is_heat (self->source) &&
      !psp_canvas_get_bare (self->canvas))
    append_scale (self, snapshot, scene);
}
