/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-vehicle.h"

#include <math.h>

/* Outlines from behind over the top to the front: forward, height in metres. */
typedef struct
{
  double      width, cabin_width, half_length, wheel_radius, axle_m;
  int         n_body, n_cabin;
  double      body[24], cabin[16];
} Shape;

static const Shape shapes[] = {
  [PSP_VEHICLE_HATCHBACK] = {
    1.74, 1.42, 2.0, 0.31, 1.28, 9, 5,
    { -1.98, 0.24, -2.02, 0.55, -1.98, 0.86, -1.75, 0.93, 0.95, 0.93, 1.65, 0.83, 1.95, 0.7,
      2.02, 0.48, 1.98, 0.22 },
    { -1.9, 0.9, -1.52, 1.4, -0.6, 1.48, 0.15, 1.43, 1.05, 0.9 },
  },
  [PSP_VEHICLE_SALOON] = {
    1.8, 1.46, 2.3, 0.32, 1.4, 9, 5,
    { -2.28, 0.25, -2.33, 0.6, -2.26, 0.88, -1.9, 0.94, 0.95, 0.93, 1.85, 0.82, 2.25, 0.66,
      2.32, 0.45, 2.28, 0.22 },
    { -1.75, 0.9, -1.05, 1.36, -0.4, 1.43, 0.25, 1.38, 1.15, 0.9 },
  },
  [PSP_VEHICLE_OFF_ROADER] = {
    1.88, 1.6, 2.25, 0.37, 1.38, 9, 5,
    { -2.2, 0.34, -2.26, 0.65, -2.2, 1.05, -2, 1.1, 0.95, 1.1, 1.9, 1.04, 2.18, 0.9,
      2.26, 0.6, 2.2, 0.3 },
    { -2.12, 1.07, -1.9, 1.65, -0.8, 1.75, 0.25, 1.7, 0.95, 1.07 },
  },
  [PSP_VEHICLE_VAN] = {
    1.95, 1.78, 2.5, 0.34, 1.5, 9, 5,
    { -2.46, 0.3, -2.5, 0.7, -2.5, 1.15, -2.45, 1.2, 1.45, 1.2, 2.1, 1.08, 2.4, 0.9,
      2.5, 0.6, 2.46, 0.26 },
    { -2.46, 1.17, -2.4, 2.05, -1, 2.1, 0.8, 2.06, 1.6, 1.17 },
  },
};

static const guint32 body_hexes[] = {
  0xb9bcbf, 0x8a8f94, 0x24272b, 0x1f3354, 0x7c1f22, 0xdcdcd8, 0x3c4247, 0x5b6b5c, 0x39506e,
  0x9b8f78, 0xa33327, 0x17191c, 0x6f7477,
};

typedef struct
{
  const PspThing *thing;
  const Shape    *shape;
  PspPaint        body, trim, glass, dark;
} Vehicle;

static Vehicle
vehicle_new (const PspThing *thing)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (thing->seed);
  Vehicle self = { .thing = thing, .shape = &shapes[thing->style] };

  self.body.color = psp_color_pick (body_hexes, G_N_ELEMENTS (body_hexes), rand);
  if (thing->style == PSP_VEHICLE_VAN && g_rand_boolean (rand))
    self.body.color = psp_color_hex (0xd4d4d0);
  self.body.seed = thing->seed;
  self.trim.color = psp_color_scale (self.body.color, 0.45);
  self.glass.color = psp_color_vary (psp_color_hex (0x333d45), rand, 0.3);
  self.glass.texture = PSP_TEXTURE_GLASS;
  self.glass.seed = thing->seed;
  self.dark.color = psp_color_hex (0x17181a);
  return self;
}

static void
fill_car (PspPainter     *painter,
          const PspPaint *paint)
{
  psp_painter_fill (painter, PSP_CLASS_CAR, paint);
}

static void
fill_box (PspPainter     *painter,
          const PspPaint *paint,
          double          u,
          double          v,
          double          width,
          double          height)
{
  psp_painter_rectangle (painter, u, v, width, height);
  fill_car (painter, paint);
}

/* The surface across the car between two neighbours of an outline, if the eye can see it. */
static void
draw_band (PspPainter     *painter,
           const Vehicle  *self,
           const double   *from,
           const double   *to,
           double          width,
           const PspPaint *paint,
           double          rim)
{
  const PspFrame *frame = &self->thing->frame;
  PspPlane plane = psp_frame_front (frame, 0, from[1], from[0]);
  PspVec along = psp_vec_add (psp_vec_scale (frame->forward, to[0] - from[0]),
                              psp_vec (0, to[1] - from[1], 0));
  PspVec outward = psp_vec_add (psp_vec_scale (frame->forward, from[1] - to[1]),
                                psp_vec (0, to[0] - from[0], 0));
  PspVec eye = psp_painter_get_camera (painter)->eye;
  double length = sqrt (psp_vec_dot (along, along));

  if (psp_vec_dot (outward, psp_vec_sub (eye, plane.origin)) <= 0)
    return;
  plane.v = psp_vec_unit (along);
  psp_painter_set_plane (painter, plane);
  fill_box (painter, paint, -width / 2 + rim, rim, width - 2 * rim, length - 2 * rim + 0.01);
}

static void
draw_body_bands (PspPainter    *painter,
                 const Vehicle *self)
{
  const Shape *shape = self->shape;

  for (int i = 0; i + 1 < shape->n_body; i++)
    draw_band (painter, self, shape->body + 2 * i, shape->body + 2 * i + 2, shape->width,
               &self->body, 0);
}

/* First and last band of the cabin are windows. */
static void
draw_cabin_bands (PspPainter    *painter,
                  const Vehicle *self)
{
  const Shape *shape = self->shape;

  for (int i = 0; i + 1 < shape->n_cabin; i++)
    {
      const double *from = shape->cabin + 2 * i;
      gboolean windscreen = i == shape->n_cabin - 2;
      gboolean rear = i == 0;

      draw_band (painter, self, from, from + 2, shape->cabin_width, &self->body, 0);
      if (windscreen || rear)
        draw_band (painter, self, from, from + 2, shape->cabin_width, &self->glass, 0.09);
    }
}

static void
draw_wheel (PspPainter    *painter,
            const Vehicle *self,
            double         u)
{
  PspPaint rim = { .color = psp_color_hex (0x8e9296), .is_volume = TRUE };
  double radius = self->shape->wheel_radius;

  psp_painter_ellipse (painter, u, radius + 0.03, radius + 0.07, radius + 0.07);
  fill_car (painter, &self->dark);
  psp_painter_ellipse (painter, u, radius, radius, radius);
  fill_car (painter, &self->dark);
  psp_painter_ellipse (painter, u, radius, radius * 0.66, radius * 0.66);
  fill_car (painter, &rim);
  for (int i = 0; i < 5; i++)
    {
      double angle = i * 2 * G_PI / 5 + 0.3;

      psp_painter_ellipse (painter, u + radius * 0.42 * cos (angle),
                           radius + radius * 0.42 * sin (angle), radius * 0.13, radius * 0.13);
    }
  psp_painter_shade (painter, 0.7);
}

static void
draw_side_body (PspPainter    *painter,
                const Vehicle *self)
{
  const Shape *shape = self->shape;
  double belt = shape->body[2 * 3 + 1];

  psp_painter_polygon (painter, shape->body, shape->n_body);
  fill_car (painter, &self->body);
  psp_painter_rectangle (painter, -shape->half_length + 0.05, 0.24, 2 * shape->half_length - 0.1,
                         0.16);
  psp_painter_shade (painter, 0.65);
  psp_painter_rectangle (painter, -shape->half_length + 0.1, 0.4, 2 * shape->half_length - 0.2,
                         0.22);
  psp_painter_shade (painter, 0.22);
  for (int i = 0; i < 3; i++)
    {
      psp_painter_rectangle (painter, -0.95 + i * 0.95, 0.38, 0.02, belt - 0.4);
      psp_painter_shade (painter, 0.6);
    }
  fill_box (painter, &self->trim, -0.6, belt - 0.13, 0.18, 0.035);
  fill_box (painter, &self->trim, 0.35, belt - 0.13, 0.18, 0.035);
}

/* The cabin from the side: its outline, and inside it the windows between pillars. */
static void
draw_side_cabin (PspPainter    *painter,
                 const Vehicle *self)
{
  const double *cabin = self->shape->cabin;
  double low = cabin[1] + 0.06, high = cabin[5] - 0.13;
  double rear_low = cabin[0] + 0.16, rear_high = cabin[2] + 0.12;
  double front_low = cabin[8] - 0.2, front_high = cabin[6] - 0.03;
  double places[] = { rear_low, low, rear_high, high - 0.02, front_high, high, front_low, low };

  if (self->thing->style == PSP_VEHICLE_VAN)
    places[0] = places[2] = 0.15;
  psp_painter_polygon (painter, cabin, self->shape->n_cabin);
  fill_car (painter, &self->body);
  psp_painter_polygon (painter, places, 4);
  fill_car (painter, &self->glass);
  if (self->thing->style == PSP_VEHICLE_VAN)
    return;
  fill_box (painter, &self->body, -0.14, low, 0.09, high - low);
  if (self->thing->style != PSP_VEHICLE_HATCHBACK)
    fill_box (painter, &self->body, -1.08, low, 0.07, high - low);
}

static void
draw_side_wheels (PspPainter    *painter,
                  const Vehicle *self)
{
  draw_wheel (painter, self, -self->shape->axle_m);
  draw_wheel (painter, self, self->shape->axle_m);
}

static gboolean
sees_side (PspPainter    *painter,
           const Vehicle *self,
           double         side)
{
  const PspFrame *frame = &self->thing->frame;
  PspVec place = psp_frame_at (frame, side * self->shape->width / 2, 0, 0);
  PspVec to_eye = psp_vec_sub (psp_painter_get_camera (painter)->eye, place);

  return psp_vec_dot (psp_vec_scale (frame->right, side), to_eye) > 0;
}

static void
draw_side (PspPainter    *painter,
           const Vehicle *self,
           double         side,
           double         width,
           void         (*draw) (PspPainter *, const Vehicle *))
{
  if (!sees_side (painter, self, side))
    return;
  psp_painter_set_plane (painter, psp_frame_side (&self->thing->frame, side * width / 2, 0, 0));
  draw (painter, self);
}

static void
draw_pair (PspPainter     *painter,
           const PspPaint *paint,
           double          u,
           double          v,
           double          width,
           double          height)
{
  fill_box (painter, paint, -u - width / 2, v, width, height);
  fill_box (painter, paint, u - width / 2, v, width, height);
}

static void
draw_plate (PspPainter *painter,
            guint32     hex,
            double      v)
{
  PspPaint plate = { .color = psp_color_hex (hex) };
  PspPaint letters = { .color = psp_color_hex (0x202020), .transparency = 0.4 };

  fill_box (painter, &plate, -0.26, v, 0.52, 0.12);
  fill_box (painter, &letters, -0.21, v + 0.03, 0.42, 0.06);
}

static void
draw_rear (PspPainter    *painter,
           const Vehicle *self)
{
  PspPaint lights = { .color = psp_color_hex (0x9c1a18), .is_volume = TRUE };
  double w = self->shape->width, belt = self->shape->body[2 * 2 + 1];

  fill_box (painter, &self->trim, -w / 2 + 0.04, 0.3, w - 0.08, 0.2);
  if (self->thing->style == PSP_VEHICLE_VAN)
    draw_pair (painter, &lights, w / 2 - 0.09, 0.85, 0.14, 0.5);
  else
    draw_pair (painter, &lights, w / 2 - 0.19, belt - 0.24, 0.3, 0.19);
  draw_plate (painter, 0xc8b23c, 0.55);
}

static void
draw_front (PspPainter    *painter,
            const Vehicle *self)
{
  PspPaint lights = { .color = psp_color_hex (0xe4e6e4), .is_volume = TRUE };
  double w = self->shape->width, nose = self->shape->body[2 * 6 + 1];

  fill_box (painter, &self->dark, -w / 2 + 0.15, 0.26, w - 0.3, 0.14);
  fill_box (painter, &self->dark, -0.5, nose - 0.2, 1, 0.14);
  draw_pair (painter, &lights, w / 2 - 0.22, nose - 0.22, 0.34, 0.16);
  draw_plate (painter, 0xd8d8d0, 0.42);
}

/* The end that the eye sees: tyres and underside first, then lights and plate on the body. */
static gboolean
sees_rear (PspPainter    *painter,
           const Vehicle *self)
{
  PspVec to_eye = psp_vec_sub (psp_painter_get_camera (painter)->eye, self->thing->frame.origin);

  return psp_vec_dot (self->thing->frame.forward, to_eye) < 0;
}

static void
draw_underside (PspPainter    *painter,
                const Vehicle *self)
{
  double w = self->shape->width, radius = self->shape->wheel_radius;
  double end = (sees_rear (painter, self) ? -1 : 1) * (self->shape->axle_m + 0.1);

  for (int i = 1; i >= -1; i -= 2)
    {
      psp_painter_set_plane (painter, psp_frame_front (&self->thing->frame, 0, 0, i * end * -1));
      draw_pair (painter, &self->dark, w / 2 - 0.14, 0, 0.2, radius * 1.6);
    }
  psp_painter_set_plane (painter, psp_frame_front (&self->thing->frame, 0, 0, end));
  fill_box (painter, &self->dark, -w / 2 + 0.08, 0.17, w - 0.16, 0.4);
  draw_pair (painter, &self->dark, w / 2 - 0.14, 0, 0.2, radius * 1.6);
}

/* Hardly any light gets below a car. */
static void
draw_contact (PspPainter    *painter,
              const Vehicle *self)
{
  const PspFrame *frame = &self->thing->frame;
  double w = self->shape->width - 0.1, length = 2 * self->shape->half_length - 0.4;

  psp_painter_set_plane (painter, (PspPlane) {
    .origin = psp_frame_at (frame, 0, 0.01, 0), .u = frame->right, .v = frame->forward,
  });
  psp_painter_rectangle (painter, -w / 2, -length / 2, w, length);
  psp_painter_shade (painter, 0.65);
}

static void
draw_end (PspPainter    *painter,
          const Vehicle *self)
{
  gboolean rear = sees_rear (painter, self);
  double forward = (rear ? -1 : 1) * (self->shape->half_length + 0.03);

  psp_painter_set_plane (painter, psp_frame_front (&self->thing->frame, 0, 0, forward));
  if (rear)
    draw_rear (painter, self);
  else
    draw_front (painter, self);
}

/* The mirrors of the sides that the eye sees, or of those it does not see. */
static void
draw_mirrors (PspPainter    *painter,
              const Vehicle *self,
              gboolean       seen)
{
  PspPlane plane = psp_frame_front (&self->thing->frame, 0, self->shape->cabin[9],
                                    self->shape->cabin[8] - 0.35);
  double out = self->shape->width / 2 + 0.06;

  psp_painter_set_plane (painter, plane);
  for (int side = -1; side <= 1; side += 2)
    if (sees_side (painter, self, side) == seen)
      fill_box (painter, &self->trim, side * out - 0.1, 0.02, 0.2, 0.14);
}

void
psp_vehicle_draw (PspPainter     *painter,
                  const PspThing *thing)
{
  Vehicle self = vehicle_new (thing);

  draw_contact (painter, &self);
  draw_mirrors (painter, &self, FALSE);
  draw_underside (painter, &self);
  draw_body_bands (painter, &self);
  for (int side = -1; side <= 1; side += 2)
    {
      draw_side (painter, &self, side, self.shape->width, draw_side_body);
      draw_side (painter, &self, side, self.shape->width + 0.02, draw_side_wheels);
    }
  draw_end (painter, &self);
  draw_cabin_bands (painter, &self);
  for (int side = -1; side <= 1; side += 2)
    draw_side (painter, &self, side, self.shape->cabin_width, draw_side_cabin);
  draw_mirrors (painter, &self, TRUE);
}

void
psp_vehicle_draw_flat (PspPainter     *painter,
                       const PspThing *thing)
{
  Vehicle self = vehicle_new (thing);

  draw_side_cabin (painter, &self);
  draw_side_body (painter, &self);
  draw_side_wheels (painter, &self);
}

void
psp_vehicle_shadow (PspPainter     *painter,
                    const PspThing *thing)
{
  const Shape *shape = &shapes[thing->style];

  psp_thing_box_shadow (painter, &thing->frame, shape->width, 2 * shape->half_length - 0.3, 0,
                        shape->body[7]);
  psp_thing_box_shadow (painter, &thing->frame, shape->cabin_width, shape->half_length, 0,
                        shape->cabin[5]);
}
