/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-furniture.h"

#include <math.h>

static const guint32 pole_hexes[] = { 0x7c8084, 0x55595c, 0x3a4644, 0x9a9c98, 0x2e3234 };

static void
face_camera (PspPainter     *painter,
             const PspThing *thing)
{
  PspVec eye = psp_painter_get_camera (painter)->eye;

  psp_painter_set_plane (painter, psp_plane_facing (thing->frame.origin, eye));
}

static PspPaint
pole_paint (const PspThing *thing,
            double          radius)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (thing->seed);

  return (PspPaint) {
    .color = psp_color_pick (pole_hexes, G_N_ELEMENTS (pole_hexes), rand),
    .seed = thing->seed,
    .round_radius = radius,
  };
}

static void
draw_shaft (PspPainter     *painter,
            const PspPaint *paint,
            double          height,
            double          radius)
{
  double places[] = {
    -radius, 0, radius, 0, radius * 0.7, height, -radius * 0.7, height,
  };

  psp_painter_polygon (painter, places, 4);
  psp_painter_fill (painter, PSP_CLASS_POLE, paint);
}

/* The arm reaches over the road, so it lies in a plane of its own. */
static void
draw_arm (PspPainter     *painter,
          const PspThing *thing,
          const PspPaint *paint)
{
  PspPaint lamp = { .color = psp_color_hex (0xb8bcb8), .is_volume = TRUE };
  PspPaint arm = *paint;
  double top = thing->height;

  arm.round_radius = 0;
  arm.is_volume = TRUE;
  psp_painter_set_plane (painter, psp_frame_side (&thing->frame, 0, 0, 0));
  psp_painter_limb (painter, 0, top - 0.3, 0.05, 0.6, top + 0.25, 0.045);
  psp_painter_limb (painter, 0.6, top + 0.25, 0.045, 1.9, top + 0.4, 0.04);
  psp_painter_fill (painter, PSP_CLASS_POLE, &arm);
  psp_painter_limb (painter, 1.6, top + 0.36, 0.09, 2.2, top + 0.4, 0.07);
  psp_painter_fill (painter, PSP_CLASS_POLE, &lamp);
}

static void
draw_lantern (PspPainter     *painter,
              const PspThing *thing)
{
  PspPaint glass = { .color = psp_color_hex (0xd8d4c0), .is_volume = TRUE };
  PspPaint iron = { .color = psp_color_hex (0x24282a), .is_volume = TRUE };
  double top = thing->height;
  double cap[] = { -0.26, top + 0.42, 0.26, top + 0.42, 0, top + 0.72 };

  psp_painter_rectangle (painter, -0.18, top, 0.36, 0.42);
  psp_painter_fill (painter, PSP_CLASS_POLE, &glass);
  psp_painter_polygon (painter, cap, 3);
  psp_painter_fill (painter, PSP_CLASS_POLE, &iron);
}

static void
draw_cross_arms (PspPainter     *painter,
                 const PspThing *thing,
                 const PspPaint *paint)
{
  PspPaint arm = *paint;

  arm.round_radius = 0;
  arm.is_volume = TRUE;
  psp_painter_rectangle (painter, -0.9, thing->height - 0.5, 1.8, 0.1);
  psp_painter_rectangle (painter, -0.7, thing->height - 1.1, 1.4, 0.1);
  psp_painter_fill (painter, PSP_CLASS_POLE, &arm);
}

void
psp_lamp_draw (PspPainter     *painter,
               const PspThing *thing)
{
  double radius = thing->style == 2 ? 0.14 : 0.055 + 0.005 * thing->height;
  PspPaint paint = pole_paint (thing, radius);

  if (thing->style == 2)
    paint.color = psp_color_hex (0x5c4c3e);
  face_camera (painter, thing);
  draw_shaft (painter, &paint, thing->height, radius);
  psp_painter_rectangle (painter, -radius * 1.7, 0, radius * 3.4, 0.9);
  psp_painter_fill (painter, PSP_CLASS_POLE, &paint);
  if (thing->style == 0)
    draw_arm (painter, thing, &paint);
  else if (thing->style == 1)
    draw_lantern (painter, thing);
  else
    draw_cross_arms (painter, thing, &paint);
}

static void
fill_sign (PspPainter *painter,
           guint32     hex)
{
  PspPaint paint = { .color = psp_color_hex (hex), .is_volume = TRUE };

  psp_painter_fill (painter, PSP_CLASS_SIGN, &paint);
}

static void
draw_limit (PspPainter *painter,
            double      middle,
            double      radius)
{
  psp_painter_ellipse (painter, 0, middle, radius, radius);
  fill_sign (painter, 0xb4231f);
  psp_painter_ellipse (painter, 0, middle, radius * 0.74, radius * 0.74);
  fill_sign (painter, 0xe6e6e0);
  psp_painter_rectangle (painter, -radius * 0.42, middle - radius * 0.35, radius * 0.3,
                         radius * 0.7);
  psp_painter_rectangle (painter, radius * 0.1, middle - radius * 0.35, radius * 0.34,
                         radius * 0.7);
  fill_sign (painter, 0x1c1c1c);
}

static void
draw_warning (PspPainter *painter,
              double      middle,
              double      radius)
{
  for (int i = 0; i < 2; i++)
    {
      double size = radius * (i == 0 ? 1.15 : 0.78);
      double places[] = {
        -size, middle - size * 0.75, size, middle - size * 0.75, 0, middle + size,
      };

      psp_painter_polygon (painter, places, 3);
      fill_sign (painter, i == 0 ? 0xb4231f : 0xe8e6dc);
    }
  psp_painter_rectangle (painter, -radius * 0.08, middle - radius * 0.4, radius * 0.16,
                         radius * 0.7);
  fill_sign (painter, 0x1c1c1c);
}

static void
draw_blue (PspPainter *painter,
           double      middle,
           double      radius)
{
  psp_painter_ellipse (painter, 0, middle, radius, radius);
  fill_sign (painter, 0x1f4f93);
  psp_painter_limb (painter, -radius * 0.4, middle + radius * 0.4, radius * 0.12, radius * 0.4,
                    middle - radius * 0.4, radius * 0.12);
  fill_sign (painter, 0xe8e8e8);
}

static void
draw_direction (PspPainter *painter,
                double      middle,
                double      radius)
{
  double width = radius * 3.4;

  psp_painter_rectangle (painter, -width / 2, middle - radius * 0.8, width, radius * 1.6);
  fill_sign (painter, 0xe2e2dc);
  psp_painter_rectangle (painter, -width / 2 + 0.04, middle - radius * 0.8 + 0.04, width - 0.08,
                         radius * 1.6 - 0.08);
  fill_sign (painter, 0x1d5a3c);
  for (int i = 0; i < 2; i++)
    psp_painter_rectangle (painter, -width * 0.4, middle - radius * (0.5 - 0.6 * i),
                           width * (0.5 + 0.2 * i), radius * 0.28);
  fill_sign (painter, 0xe2e2dc);
}

static void
draw_stop (PspPainter *painter,
           double      middle,
           double      radius)
{
  for (int i = 0; i < 8; i++)
    {
      double angle = (i + 0.5) * G_PI / 4;

      if (i == 0)
        psp_painter_move_to (painter, radius * cos (angle), middle + radius * sin (angle));
      else
        psp_painter_line_to (painter, radius * cos (angle), middle + radius * sin (angle));
    }
  fill_sign (painter, 0xa81e1e);
  psp_painter_rectangle (painter, -radius * 0.7, middle - radius * 0.2, radius * 1.4,
                         radius * 0.4);
  fill_sign (painter, 0xe6e4e0);
}

static void
draw_lights (PspPainter *painter,
             double      middle,
             double      radius)
{
  static const guint32 lit_hexes[] = { 0xff4030, 0xe8a020, 0x40e090 };
  static const guint32 unlit_hexes[] = { 0x4a1c1a, 0x4c3a18, 0x183c2c };
  int lit = (int) (radius * 1000) % 3;

  psp_painter_rectangle (painter, -radius * 0.55, middle - radius * 1.4, radius * 1.1,
                         radius * 2.8);
  fill_sign (painter, 0x1a1c1c);
  for (int i = 0; i < 3; i++)
    {
      PspPaint lamp = { .color = psp_color_hex (i == lit ? lit_hexes[i] : unlit_hexes[i]),
                        .glows = i == lit };

      psp_painter_ellipse (painter, 0, middle + radius * (0.88 - 0.88 * i), radius * 0.34,
                           radius * 0.34);
      psp_painter_fill (painter, PSP_CLASS_SIGN, &lamp);
    }
}

void
psp_sign_draw (PspPainter     *painter,
               const PspThing *thing)
{
  static void (* const draws[]) (PspPainter *, double, double) = {
    [PSP_SIGN_LIMIT] = draw_limit,
    [PSP_SIGN_WARNING] = draw_warning,
    [PSP_SIGN_BLUE] = draw_blue,
    [PSP_SIGN_DIRECTION] = draw_direction,
    [PSP_SIGN_STOP] = draw_stop,
    [PSP_SIGN_LIGHTS] = draw_lights,
  };
  double radius = thing->width / 2;
  PspPaint paint = pole_paint (thing, 0.045);

  face_camera (painter, thing);
  draw_shaft (painter, &paint, thing->height - radius, 0.045);
  draws[thing->style] (painter, thing->height - radius, radius);
}

void
psp_bollard_draw (PspPainter     *painter,
                  const PspThing *thing)
{
  PspPaint paint = pole_paint (thing, 0.09);
  PspPaint band = { .color = psp_color_hex (0xd8d4c8), .is_volume = TRUE };

  face_camera (painter, thing);
  psp_painter_limb (painter, 0, 0.05, 0.09, 0, thing->height, 0.08);
  psp_painter_fill (painter, PSP_CLASS_POLE, &paint);
  psp_painter_rectangle (painter, -0.085, thing->height * 0.8, 0.17, 0.08);
  psp_painter_fill (painter, PSP_CLASS_POLE, &band);
}

static void
draw_bench (PspPainter *painter)
{
  PspPaint wood = { .color = psp_color_hex (0x6a4a30), .texture = PSP_TEXTURE_PLANKS,
                    .is_volume = TRUE };

  for (int i = 0; i < 3; i++)
    psp_painter_rectangle (painter, -0.8, 0.42 + i * 0.17, 1.6, 0.12);
  psp_painter_rectangle (painter, -0.7, 0, 0.07, 0.9);
  psp_painter_rectangle (painter, 0.63, 0, 0.07, 0.9);
  psp_painter_fill (painter, PSP_CLASS_IGNORED, &wood);
}

void
psp_clutter_draw (PspPainter     *painter,
                  const PspThing *thing)
{
  PspPaint body = { .color = psp_color_hex (thing->style == 2 ? 0xa01c1c : 0x2c3432),
                    .round_radius = 0.28, .seed = thing->seed };

  face_camera (painter, thing);
  if (thing->style == 1)
    {
      draw_bench (painter);
      return;
    }
  psp_painter_rectangle (painter, -0.26, 0, 0.52, thing->height);
  psp_painter_ellipse (painter, 0, thing->height, 0.28, 0.1);
  psp_painter_fill (painter, PSP_CLASS_IGNORED, &body);
  psp_painter_rectangle (painter, -0.16, thing->height * 0.8, 0.32, 0.09);
  psp_painter_shade (painter, 0.7);
}

void
psp_furniture_shadow (PspPainter     *painter,
                      const PspThing *thing)
{
  psp_thing_pole_shadow (painter, thing->frame.origin, thing->height, 0.07);
}
