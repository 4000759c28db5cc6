/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-painter.h"

#include <math.h>
#include <string.h>

#include "data/demo/maker/psp-sight.h"

#define NEAREST_M 0.25      /* nothing nearer than this is drawn */
#define ROUND_POINTS 20     /* of the polygon that stands for an ellipse */

typedef struct
{
  double u, v;
} Place;

struct _PspPainter
{
  int              width, height;
  PspCamera        camera, own_camera;
  PspLight         light;
  PspPlane         plane;
  GArray          *places;       /* of Place: all pieces of the path */
  GArray          *starts;       /* of guint: where in places each piece starts */
  float           *photo;
  cairo_surface_t *cover_surface, *label_surface, *shadow_surface;
  cairo_t         *cover, *label, *shadow;
  int              forced_class; /* PSP_CLASS_KEEP: none */
  double           veil;         /* transparency of the mirror that is drawn in */
  int              left, top, right, bottom;
};

static cairo_t *
context_new (cairo_surface_t   *surface,
             cairo_antialias_t  antialias)
{
  cairo_t *context = cairo_create (surface);

  cairo_set_antialias (context, antialias);
  cairo_set_operator (context, CAIRO_OPERATOR_SOURCE);
  cairo_set_fill_rule (context, CAIRO_FILL_RULE_WINDING);
  return context;
}

PspPainter *
psp_painter_new (int              width,
                 int              height,
                 const PspCamera *camera,
                 const PspLight  *light)
{
  PspPainter *self = g_new0 (PspPainter, 1);

  self->width = width;
  self->height = height;
  self->camera = self->own_camera = *camera;
  self->light = *light;
  self->places = g_array_new (FALSE, FALSE, sizeof (Place));
  self->starts = g_array_new (FALSE, FALSE, sizeof (guint));
  self->photo = g_new0 (float, (gsize) width * height * 3);
  self->cover_surface = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  self->label_surface = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  self->shadow_surface = cairo_image_surface_create (CAIRO_FORMAT_A8, width, height);
  self->cover = context_new (self->cover_surface, CAIRO_ANTIALIAS_GOOD);
  self->label = context_new (self->label_surface, CAIRO_ANTIALIAS_NONE);
  self->shadow = context_new (self->shadow_surface, CAIRO_ANTIALIAS_GOOD);
  cairo_set_operator (self->shadow, CAIRO_OPERATOR_OVER);
  self->forced_class = PSP_CLASS_KEEP;
  return self;
}

void
psp_painter_free (PspPainter *self)
{
  cairo_destroy (self->cover);
  cairo_destroy (self->label);
  cairo_destroy (self->shadow);
  cairo_surface_destroy (self->cover_surface);
  cairo_surface_destroy (self->label_surface);
  cairo_surface_destroy (self->shadow_surface);
  g_array_unref (self->places);
  g_array_unref (self->starts);
  g_free (self->photo);
  g_free (self);
}

const PspCamera *
psp_painter_get_camera (PspPainter *self)
{
  return &self->camera;
}

const PspLight *
psp_painter_get_light (PspPainter *self)
{
  return &self->light;
}

int
psp_painter_get_width (PspPainter *self)
{
  return self->width;
}

int
psp_painter_get_height (PspPainter *self)
{
  return self->height;
}

float *
psp_painter_get_photo (PspPainter *self)
{
  return self->photo;
}

const guint8 *
psp_painter_get_labels (PspPainter *self)
{
  cairo_surface_flush (self->label_surface);
  g_assert (cairo_image_surface_get_stride (self->label_surface) == self->width);
  return cairo_image_surface_get_data (self->label_surface);
}

void
psp_painter_set_plane (PspPainter *self,
                       PspPlane    plane)
{
  self->plane = plane;
}

void
psp_painter_move_to (PspPainter *self,
                     double      u,
                     double      v)
{
  guint start = self->places->len;

  g_array_append_val (self->starts, start);
  psp_painter_line_to (self, u, v);
}

void
psp_painter_line_to (PspPainter *self,
                     double      u,
                     double      v)
{
  Place place = { u, v };

  g_array_append_val (self->places, place);
}

void
psp_painter_polygon (PspPainter   *self,
                     const double *places,
                     int           n_points)
{
  psp_painter_move_to (self, places[0], places[1]);
  for (int i = 1; i < n_points; i++)
    psp_painter_line_to (self, places[2 * i], places[2 * i + 1]);
}

void
psp_painter_rectangle (PspPainter *self,
                       double      u,
                       double      v,
                       double      width,
                       double      height)
{
  psp_painter_move_to (self, u, v);
  psp_painter_line_to (self, u + width, v);
  psp_painter_line_to (self, u + width, v + height);
  psp_painter_line_to (self, u, v + height);
}

/* Points of an arc; the first starts a piece if @starts. */
static void
add_arc (PspPainter *self,
         double      u,
         double      v,
         double      radius_u,
         double      radius_v,
         double      from,
         double      to,
         gboolean    starts)
{
  int n_points = (int) ceil (fabs (to - from) / (2 * G_PI) * ROUND_POINTS);

  for (int i = 0; i <= n_points; i++)
    {
      double angle = from + (to - from) * i / n_points;
      double at_u = u + radius_u * cos (angle), at_v = v + radius_v * sin (angle);

      if (i == 0 && starts)
        psp_painter_move_to (self, at_u, at_v);
      else
        psp_painter_line_to (self, at_u, at_v);
    }
}

void
psp_painter_ellipse (PspPainter *self,
                     double      u,
                     double      v,
                     double      radius_u,
                     double      radius_v)
{
  add_arc (self, u, v, radius_u, radius_v, 0, 2 * G_PI, TRUE);
}

void
psp_painter_limb (PspPainter *self,
                  double      u0,
                  double      v0,
                  double      radius0,
                  double      u1,
                  double      v1,
                  double      radius1)
{
  double angle = atan2 (v1 - v0, u1 - u0);

  add_arc (self, u0, v0, radius0, radius0, angle + G_PI / 2, angle + 3 * G_PI / 2, TRUE);
  add_arc (self, u1, v1, radius1, radius1, angle - G_PI / 2, angle + G_PI / 2, FALSE);
}

void
psp_painter_blob (PspPainter *self,
                  GRand      *rand,
                  double      u,
                  double      v,
                  double      radius,
                  double      roughness)
{
  int n_points = 13;

  for (int i = 0; i < n_points; i++)
    {
      double angle = 2 * G_PI * i / n_points;
      double reach = radius * g_rand_double_range (rand, 1 - roughness, 1 + roughness);

      if (i == 0)
        psp_painter_move_to (self, u + reach * cos (angle), v + reach * sin (angle));
      else
        psp_painter_line_to (self, u + reach * cos (angle), v + reach * sin (angle));
    }
}

static void
send_point (cairo_t         *context,
            const PspCamera *camera,
            PspVec           view,
            gboolean        *started)
{
  double column = camera->center_x + camera->focal * view.x / view.z;
  double row = camera->center_y - camera->focal * view.y / view.z;

  column = CLAMP (column, -30000, 30000);
  row = CLAMP (row, -30000, 30000);
  if (*started)
    cairo_line_to (context, column, row);
  else
    cairo_move_to (context, column, row);
  *started = TRUE;
}

/* One piece, cut at the nearest depth, as the camera sees it. */
static void
send_piece (PspPainter *self,
            cairo_t    *context,
            guint       first,
            guint       end)
{
  gboolean started = FALSE;

  for (guint i = first; i < end; i++)
    {
      Place a = g_array_index (self->places, Place, i);
      Place b = g_array_index (self->places, Place, i + 1 < end ? i + 1 : first);
      PspVec from = psp_camera_view (&self->camera, psp_plane_at (&self->plane, a.u, a.v));
      PspVec to = psp_camera_view (&self->camera, psp_plane_at (&self->plane, b.u, b.v));

      if (from.z >= NEAREST_M)
        send_point (context, &self->camera, from, &started);
      if ((from.z >= NEAREST_M) != (to.z >= NEAREST_M))
        {
          double share = (NEAREST_M - from.z) / (to.z - from.z);
          PspVec cut = psp_vec_along (from, psp_vec_sub (to, from), share);

          cut.z = NEAREST_M;
          send_point (context, &self->camera, cut, &started);
        }
    }
  if (started)
    cairo_close_path (context);
}

static void
send_path (PspPainter *self,
           cairo_t    *context)
{
  cairo_new_path (context);
  for (guint i = 0; i < self->starts->len; i++)
    {
      guint first = g_array_index (self->starts, guint, i);
      guint end = i + 1 < self->starts->len ? g_array_index (self->starts, guint, i + 1)
                                            : self->places->len;

      send_piece (self, context, first, end);
    }
}

static void
forget_path (PspPainter *self)
{
  g_array_set_size (self->places, 0);
  g_array_set_size (self->starts, 0);
}

static void
blend (float    *pixel,
       PspColor  color,
       double    share)
{
  pixel[0] += (float) ((color.red - (double) pixel[0]) * share);
  pixel[1] += (float) ((color.green - (double) pixel[1]) * share);
  pixel[2] += (float) ((color.blue - (double) pixel[2]) * share);
}

static void
extend_bounds (PspPainter *self,
               int         left,
               int         top,
               int         right,
               int         bottom)
{
  self->left = MIN (self->left, left);
  self->top = MIN (self->top, top);
  self->right = MAX (self->right, right);
  self->bottom = MAX (self->bottom, bottom);
}

/* Renders the path into the cover raster; FALSE if no pixel of the picture is in its bounds. */
static gboolean
cover_path (PspPainter            *self,
            cairo_rectangle_int_t *bounds)
{
  double left, top, right, bottom, clip_left, clip_top, clip_right, clip_bottom;

  send_path (self, self->cover);
  cairo_fill_extents (self->cover, &left, &top, &right, &bottom);
  cairo_clip_extents (self->cover, &clip_left, &clip_top, &clip_right, &clip_bottom);
  bounds->x = (int) floor (MAX (left, clip_left));
  bounds->y = (int) floor (MAX (top, clip_top));
  bounds->width = (int) ceil (MIN (right, clip_right)) - bounds->x;
  bounds->height = (int) ceil (MIN (bottom, clip_bottom)) - bounds->y;
  if (bounds->width <= 0 || bounds->height <= 0)
    return FALSE;

  cairo_set_source_rgba (self->cover, 0, 0, 0, 1);
  cairo_fill (self->cover);
  cairo_surface_flush (self->cover_surface);
  return TRUE;
}

static void
blend_row (PspPainter                  *self,
           const PspPaint              *paint,
           const PspSight              *sight,
           const cairo_rectangle_int_t *bounds,
           int                          row)
{
  int stride = cairo_image_surface_get_stride (self->cover_surface);
  guint8 *cover = cairo_image_surface_get_data (self->cover_surface) + (gsize) row * stride;
  float *pixels = self->photo + (gsize) row * self->width * 3;
  double share = (1 - paint->transparency) * (1 - self->veil) / 255;

  for (int column = bounds->x; column < bounds->x + bounds->width; column++)
    if (cover[column] != 0)
      blend (pixels + 3 * column, psp_sight_get_color (sight, column, row),
             cover[column] * share);
  memset (cover + bounds->x, 0, bounds->width);
}

static void
fill_photo (PspPainter     *self,
            const PspPaint *paint)
{
  PspSight sight = psp_sight_new (&self->camera, &self->light, &self->plane, paint);
  cairo_rectangle_int_t bounds;

  if (!cover_path (self, &bounds))
    return;
  if (!sight.is_flat)
    {
      for (int row = bounds.y; row < bounds.y + bounds.height; row++)
        blend_row (self, paint, &sight, &bounds, row);
      extend_bounds (self, bounds.x, bounds.y, bounds.x + bounds.width, bounds.y + bounds.height);
    }
  else
    {
      cairo_set_source_rgba (self->cover, 0, 0, 0, 0);
      cairo_paint (self->cover);
      cairo_surface_flush (self->cover_surface);
    }
  cairo_surface_mark_dirty (self->cover_surface);
}

static void
fill_labels (PspPainter *self,
             PspClassId  id)
{
  if (self->forced_class != PSP_CLASS_KEEP)
    id = self->forced_class;
  if (id == PSP_CLASS_KEEP)
    return;

  send_path (self, self->label);
  cairo_set_source_rgba (self->label, 0, 0, 0, id / 255.0);
  cairo_fill (self->label);
}

void
psp_painter_fill (PspPainter     *self,
                  PspClassId      id,
                  const PspPaint *paint)
{
  fill_photo (self, paint);
  fill_labels (self, id);
  forget_path (self);
}

void
psp_painter_shade (PspPainter *self,
                   double      darkness)
{
  PspPaint shade = { .glows = TRUE, .transparency = 1 - darkness };

  fill_photo (self, &shade);
  forget_path (self);
}

void
psp_painter_add_shadow (PspPainter *self)
{
  send_path (self, self->shadow);
  cairo_set_source_rgba (self->shadow, 0, 0, 0, 1);
  cairo_fill (self->shadow);
  forget_path (self);
}

/* What is left of the light on level ground without the sun. */
static PspColor
shadow_color (PspPainter *self)
{
  double facing = MAX (self->light.sun.y, 0);
  PspColor sky = self->light.skylight, sun = psp_color_scale (self->light.sunlight, facing);

  return (PspColor) {
    .red = sky.red / (sky.red + sun.red),
    .green = sky.green / (sky.green + sun.green),
    .blue = sky.blue / (sky.blue + sun.blue),
  };
}

void
psp_painter_drop_shadows (PspPainter *self)
{
  int stride = cairo_image_surface_get_stride (self->shadow_surface);
  PspColor color = shadow_color (self);
  guint8 *shadow;

  cairo_surface_flush (self->shadow_surface);
  shadow = cairo_image_surface_get_data (self->shadow_surface);
  for (int row = 0; row < self->height; row++)
    for (int column = 0; column < self->width; column++)
      {
        float *pixel = self->photo + ((gsize) row * self->width + column) * 3;
        double share = shadow[(gsize) row * stride + column] / 255.0;

        pixel[0] *= (float) (1 - share * (1 - color.red));
        pixel[1] *= (float) (1 - share * (1 - color.green));
        pixel[2] *= (float) (1 - share * (1 - color.blue));
      }
  memset (shadow, 0, (gsize) stride * self->height);
  cairo_surface_mark_dirty (self->shadow_surface);
}

void
psp_painter_begin_class (PspPainter *self,
                         PspClassId  id)
{
  g_assert (self->forced_class == PSP_CLASS_KEEP);
  self->forced_class = id;
}

void
psp_painter_end_class (PspPainter *self)
{
  self->forced_class = PSP_CLASS_KEEP;
}

static void
clip_to_path (PspPainter *self,
              cairo_t    *context)
{
  cairo_save (context);
  send_path (self, context);
  cairo_clip (context);
}

void
psp_painter_begin_mirror (PspPainter *self,
                          PspVec      normal,
                          PspClassId  id,
                          double      transparency)
{
  clip_to_path (self, self->cover);
  clip_to_path (self, self->label);
  forget_path (self);
  psp_painter_begin_class (self, id);
  self->camera = psp_camera_mirrored (&self->own_camera, self->plane.origin, normal);
  self->veil = transparency;
}

void
psp_painter_end_mirror (PspPainter *self)
{
  cairo_restore (self->cover);
  cairo_restore (self->label);
  psp_painter_end_class (self);
  self->camera = self->own_camera;
  self->veil = 0;
}

void
psp_painter_begin_bounds (PspPainter *self)
{
  self->left = self->width;
  self->top = self->height;
  self->right = self->bottom = 0;
}

void
psp_painter_end_bounds (PspPainter            *self,
                        cairo_rectangle_int_t *bounds)
{
  *bounds = (cairo_rectangle_int_t) {
    .x = MIN (self->left, self->right),
    .y = MIN (self->top, self->bottom),
    .width = MAX (self->right - self->left, 0),
    .height = MAX (self->bottom - self->top, 0),
  };
}
