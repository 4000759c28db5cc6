/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-person.h"

#include <math.h>

static const guint32 coat_hexes[] = {
  0x2b3038, 0x4c3b34, 0x6d2a2e, 0x2f4a63, 0x5d6650, 0x8d8478, 0x1e2022, 0x9c5a35, 0x3d5a4a,
  0xb8b0a0, 0x44365a, 0xa33a3a,
};
static const guint32 trouser_hexes[] = { 0x23262e, 0x2f3b52, 0x4a4438, 0x1c1d20, 0x5c584e,
                                        0x39465a };
static const guint32 skin_hexes[] = { 0xd2a383, 0xc08e6c, 0x8a5c42, 0xe0b898, 0x5f4030 };
static const guint32 hair_hexes[] = { 0x2a1f18, 0x4a3524, 0x7a6040, 0x161412, 0x8c8680 };

/* Measures are in shares of the height: 0 at the soles, 1 at the top of the head. */
typedef struct
{
  PspClassId id;
  double     scale;
  PspPaint   coat, trousers, skin, hair, shoe;
  double     stride;      /* how far the feet are apart */
  gboolean   has_skirt, has_bag, has_long_hair, has_helmet;
} Figure;

static PspPaint
wear (const guint32 *hexes,
      int            n_hexes,
      GRand         *rand)
{
  return (PspPaint) {
    .color = psp_color_pick (hexes, n_hexes, rand),
    .texture = PSP_TEXTURE_CLOTH,
    .seed = g_rand_int (rand),
    .round_radius = 0.3,
  };
}

static Figure
figure_new (const PspThing *thing,
            PspClassId      id)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (thing->seed);
  Figure self = { .id = id, .scale = thing->height };

  self.coat = wear (coat_hexes, G_N_ELEMENTS (coat_hexes), rand);
  self.trousers = wear (trouser_hexes, G_N_ELEMENTS (trouser_hexes), rand);
  self.skin = wear (skin_hexes, G_N_ELEMENTS (skin_hexes), rand);
  self.skin.texture = PSP_TEXTURE_PLAIN;
  self.hair = wear (hair_hexes, G_N_ELEMENTS (hair_hexes), rand);
  self.shoe = self.trousers;
  self.shoe.color = psp_color_hex (0x1c1a18);
  self.stride = g_rand_double_range (rand, -0.13, 0.13);
  self.has_skirt = g_rand_double (rand) < 0.25;
  self.has_bag = g_rand_double (rand) < 0.4;
  self.has_long_hair = g_rand_double (rand) < 0.4;
  return self;
}

static void
fill_limb (PspPainter     *painter,
           const Figure   *self,
           const PspPaint *paint,
           const double   *shares)
{
  double s = self->scale;

  psp_painter_limb (painter, shares[0] * s, shares[1] * s, shares[2] * s, shares[3] * s,
                    shares[4] * s, shares[5] * s);
  psp_painter_fill (painter, self->id, paint);
}

static void
fill_outline (PspPainter     *painter,
              const Figure   *self,
              const PspPaint *paint,
              const double   *shares,
              int             n_points)
{
  for (int i = 0; i < n_points; i++)
    if (i == 0)
      psp_painter_move_to (painter, shares[0] * self->scale, shares[1] * self->scale);
    else
      psp_painter_line_to (painter, shares[2 * i] * self->scale, shares[2 * i + 1] * self->scale);
  psp_painter_fill (painter, self->id, paint);
}

static void
draw_leg (PspPainter   *painter,
          const Figure *self,
          double        hip,
          double        foot)
{
  double knee = hip + (foot - hip) * 0.5 + 0.015;
  const PspPaint *shin = self->has_skirt ? &self->skin : &self->trousers;

  fill_limb (painter, self, &self->trousers, (double[]) { hip, 0.48, 0.052, knee, 0.27, 0.04 });
  fill_limb (painter, self, shin, (double[]) { knee, 0.27, 0.04, foot, 0.05, 0.026 });
  fill_limb (painter, self, &self->shoe, (double[]) { foot - 0.01, 0.02, 0.022,
                                                      foot + 0.045, 0.016, 0.018 });
}

static void
draw_arm (PspPainter   *painter,
          const Figure *self,
          double        shoulder,
          double        hand)
{
  double elbow = shoulder + (hand - shoulder) * 0.4;

  fill_limb (painter, self, &self->coat, (double[]) { shoulder, 0.79, 0.036, elbow, 0.62, 0.03 });
  fill_limb (painter, self, &self->coat, (double[]) { elbow, 0.62, 0.03, hand, 0.48, 0.024 });
  fill_limb (painter, self, &self->skin, (double[]) { hand, 0.465, 0.018, hand, 0.445, 0.016 });
}

static void
draw_trunk (PspPainter   *painter,
            const Figure *self)
{
  double coat[] = {
    -0.085, 0.46, -0.092, 0.6, -0.11, 0.76, -0.09, 0.815, -0.03, 0.845, 0.03, 0.845, 0.09, 0.815,
    0.11, 0.76, 0.092, 0.6, 0.085, 0.46,
  };
  double skirt[] = { -0.085, 0.52, -0.125, 0.28, 0.125, 0.28, 0.085, 0.52 };

  if (self->has_skirt)
    fill_outline (painter, self, &self->trousers, skirt, 4);
  fill_outline (painter, self, &self->coat, coat, 10);
  psp_painter_rectangle (painter, -0.005 * self->scale, 0.47 * self->scale, 0.01 * self->scale,
                         0.34 * self->scale);
  psp_painter_shade (painter, 0.3);
}

static void
draw_head (PspPainter   *painter,
           const Figure *self,
           double        across,
           double        up)
{
  double s = self->scale;

  fill_limb (painter, self, &self->skin, (double[]) { across, up - 0.1, 0.03, across, up - 0.05,
                                                      0.03 });
  psp_painter_ellipse (painter, across * s, up * s, 0.048 * s, 0.062 * s);
  psp_painter_fill (painter, self->id, &self->skin);
  if (self->has_long_hair && !self->has_helmet)
    fill_limb (painter, self, &self->hair, (double[]) { across, up + 0.01, 0.054, across - 0.012,
                                                        up - 0.08, 0.045 });
  psp_painter_ellipse (painter, (across - 0.004) * s, (up + 0.022) * s, 0.053 * s, 0.047 * s);
  psp_painter_fill (painter, self->id, &self->hair);
}

static void
draw_bag (PspPainter   *painter,
          const Figure *self)
{
  PspPaint bag = self->shoe;

  bag.color = psp_color_scale (self->coat.color, 0.5);
  fill_outline (painter, self, &bag, (double[]) { 0.1, 0.4, 0.2, 0.4, 0.19, 0.52, 0.11, 0.52 }, 4);
}

static void
face_camera (PspPainter     *painter,
             const PspThing *thing)
{
  PspVec eye = psp_painter_get_camera (painter)->eye;

  psp_painter_set_plane (painter, psp_plane_facing (thing->frame.origin, eye));
}

void
psp_person_draw (PspPainter     *painter,
                 const PspThing *thing)
{
  Figure self = figure_new (thing, PSP_CLASS_PEDESTRIAN);

  face_camera (painter, thing);
  draw_leg (painter, &self, 0.03, 0.02 - self.stride);
  draw_arm (painter, &self, 0.095, 0.11 - self.stride * 0.7);
  draw_leg (painter, &self, -0.03, -0.02 + self.stride);
  draw_trunk (painter, &self);
  draw_arm (painter, &self, -0.095, -0.11 + self.stride * 0.7);
  if (self.has_bag)
    draw_bag (painter, &self);
  draw_head (painter, &self, 0, 0.93);
}

static void
fill_cycle (PspPainter *painter,
            guint32     hex,
            double      transparency)
{
  PspPaint paint = { .color = psp_color_hex (hex), .transparency = transparency,
                     .is_volume = TRUE };

  psp_painter_fill (painter, PSP_CLASS_BICYCLIST, &paint);
}

/* A tyre is a ring; what shows between the spokes counts as cyclist. */
static void
draw_cycle_wheel (PspPainter *painter,
                  double      u)
{
  for (int i = 0; i < 24; i++)
    {
      double from = i * G_PI / 12, to = (i + 1) * G_PI / 12;

      psp_painter_limb (painter, u + 0.325 * cos (from), 0.34 + 0.325 * sin (from), 0.022,
                        u + 0.325 * cos (to), 0.34 + 0.325 * sin (to), 0.022);
    }
  fill_cycle (painter, 0x18181a, 0);
  psp_painter_ellipse (painter, u, 0.34, 0.31, 0.31);
  fill_cycle (painter, 0x303234, 0.75);
}

static void
draw_cycle_frame (PspPainter *painter,
                  guint32     hex)
{
  static const double tubes[][4] = {
    { -0.5, 0.34, -0.18, 0.85 }, { -0.18, 0.85, 0.36, 0.84 }, { 0.36, 0.84, -0.05, 0.33 },
    { -0.05, 0.33, -0.18, 0.9 }, { -0.5, 0.34, -0.05, 0.33 }, { 0.52, 0.34, 0.34, 1.0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tubes); i++)
    psp_painter_limb (painter, tubes[i][0], tubes[i][1], 0.022, tubes[i][2], tubes[i][3], 0.022);
  fill_cycle (painter, hex, 0);
  psp_painter_limb (painter, -0.3, 0.93, 0.035, -0.08, 0.94, 0.025);
  psp_painter_limb (painter, 0.3, 1.02, 0.025, 0.46, 1, 0.025);
  fill_cycle (painter, 0x1c1c1e, 0);
}

static void
draw_cyclist_side (PspPainter   *painter,
                   const Figure *figure,
                   guint32       hex)
{
  Figure self = *figure;

  draw_cycle_wheel (painter, -0.5);
  draw_cycle_wheel (painter, 0.52);
  self.scale = 1;
  fill_limb (painter, &self, &self.trousers, (double[]) { -0.17, 0.98, 0.09, 0.2, 0.72, 0.07 });
  fill_limb (painter, &self, &self.trousers, (double[]) { 0.2, 0.72, 0.065, 0.05, 0.36, 0.045 });
  draw_cycle_frame (painter, hex);
  fill_limb (painter, &self, &self.trousers, (double[]) { -0.17, 0.98, 0.1, 0.12, 0.62, 0.07 });
  fill_limb (painter, &self, &self.trousers, (double[]) { 0.12, 0.62, 0.065, -0.1, 0.2, 0.045 });
  fill_limb (painter, &self, &self.shoe, (double[]) { -0.1, 0.17, 0.045, 0.04, 0.17, 0.035 });
  fill_limb (painter, &self, &self.coat, (double[]) { -0.18, 1.02, 0.14, 0.06, 1.42, 0.15 });
  fill_limb (painter, &self, &self.coat, (double[]) { 0.08, 1.42, 0.065, 0.26, 1.18, 0.05 });
  fill_limb (painter, &self, &self.coat, (double[]) { 0.26, 1.18, 0.05, 0.42, 1.05, 0.04 });
  self.scale = 1.8;
  draw_head (painter, &self, 0.085, 0.93);
}

/* One leg as seen from behind or ahead, its foot at the height of the pedal. */
static void
draw_cyclist_leg (PspPainter   *painter,
                  const Figure *self,
                  double        side,
                  double        pedal)
{
  double knee = pedal + 0.42;

  double thigh[] = { side * 0.09, 0.98, 0.09, side * 0.15, knee, 0.065 };
  double shin[] = { side * 0.15, knee, 0.065, side * 0.13, pedal, 0.045 };
  double shoe[] = { side * 0.13, pedal - 0.03, 0.05, side * 0.14, pedal - 0.04, 0.05 };

  fill_limb (painter, self, &self->trousers, thigh);
  fill_limb (painter, self, &self->trousers, shin);
  fill_limb (painter, self, &self->shoe, shoe);
}

static void
draw_cyclist_end (PspPainter   *painter,
                  const Figure *figure,
                  guint32       hex)
{
  Figure self = *figure;

  self.scale = 1;
  psp_painter_limb (painter, -0.3, 1.05, 0.03, 0.3, 1.05, 0.03);
  fill_cycle (painter, 0x202224, 0);
  draw_cyclist_leg (painter, &self, 1, 0.42);
  draw_cyclist_leg (painter, &self, -1, 0.2);
  psp_painter_limb (painter, 0, 0.6, 0.035, 0, 0.95, 0.04);
  fill_cycle (painter, hex, 0);
  psp_painter_limb (painter, 0, 0.04, 0.03, 0, 0.68, 0.03);
  fill_cycle (painter, 0x141416, 0);
  psp_painter_limb (painter, -0.06, 0.96, 0.05, 0.06, 0.96, 0.05);
  fill_cycle (painter, 0x1a1a1c, 0);
  for (int side = -1; side <= 1; side += 2)
    {
      double upper[] = { side * 0.19, 1.42, 0.06, side * 0.28, 1.22, 0.05 };
      double lower[] = { side * 0.28, 1.22, 0.05, side * 0.27, 1.06, 0.04 };

      fill_limb (painter, &self, &self.coat, upper);
      fill_limb (painter, &self, &self.coat, lower);
    }
  fill_limb (painter, &self, &self.coat, (double[]) { 0, 1.05, 0.16, 0, 1.36, 0.2 });
  self.scale = 1.75;
  draw_head (painter, &self, 0, 0.95);
}

void
psp_cyclist_draw (PspPainter     *painter,
                  const PspThing *thing)
{
  static const guint32 frame_hexes[] = { 0x8c2020, 0x203c6c, 0x1c1c1e, 0x3a6a4a, 0xb8b4a8 };
  Figure self = figure_new (thing, PSP_CLASS_BICYCLIST);
  guint32 hex = frame_hexes[thing->seed % G_N_ELEMENTS (frame_hexes)];
  PspVec to_eye = psp_vec_sub (psp_painter_get_camera (painter)->eye, thing->frame.origin);
  double along = fabs (psp_vec_dot (psp_vec_unit (to_eye), thing->frame.forward));

  self.has_helmet = thing->seed % 2 == 0;
  if (self.has_helmet)
    self.hair.color = psp_color_hex (0xc0c4c4);
  if (along < 0.75)
    {
      psp_painter_set_plane (painter, psp_frame_side (&thing->frame, 0, 0, 0));
      draw_cyclist_side (painter, &self, hex);
      return;
    }
  face_camera (painter, thing);
  draw_cyclist_end (painter, &self, hex);
}

void
psp_person_shadow (PspPainter     *painter,
                   const PspThing *thing)
{
  PspVec foot = thing->frame.origin;

  psp_thing_pole_shadow (painter, foot, thing->height, thing->height * 0.09);
  psp_painter_ellipse (painter, foot.x, foot.z, 0.3, 0.2);
  psp_painter_add_shadow (painter);
}
