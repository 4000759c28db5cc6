/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-plant.h"

#include <math.h>

static const guint32 leaf_hexes[] = { 0x4b6130, 0x3c5429, 0x5f6f35, 0x35502f, 0x6d6c38, 0x4d5c3c };
static const guint32 bark_hexes[] = { 0x4a4036, 0x5a5044, 0x3c362f, 0x6a6154 };

static void
draw_trunk (PspPainter     *painter,
            const PspThing *thing,
            GRand          *rand)
{
  double radius = 0.05 + thing->height * 0.018, fork = thing->height * 0.45;
  PspPaint bark = {
    .color = psp_color_pick (bark_hexes, G_N_ELEMENTS (bark_hexes), rand),
    .texture = PSP_TEXTURE_LEAVES,
    .seed = thing->seed,
    .round_radius = radius,
  };

  psp_painter_limb (painter, 0, 0, radius * 1.2, 0, fork, radius * 0.8);
  psp_painter_fill (painter, PSP_CLASS_TREE, &bark);
  bark.round_radius = 0;
  bark.is_volume = TRUE;
  for (int i = 0; i < 6; i++)
    {
      double reach = g_rand_double_range (rand, -0.35, 0.35) * thing->width;
      double top = g_rand_double_range (rand, 0.6, 0.9) * thing->height;

      psp_painter_limb (painter, 0, fork * g_rand_double_range (rand, 0.7, 1), radius * 0.55,
                        reach, top, radius * 0.15);
    }
  psp_painter_fill (painter, PSP_CLASS_TREE, &bark);
}

/* A place in the crown, in units of it: -1..1 both ways. */
static void
crown_place (const PspThing *thing,
             GRand          *rand,
             double         *u,
             double         *v)
{
  double angle = g_rand_double_range (rand, 0, 2 * G_PI);
  double reach = sqrt (g_rand_double (rand));

  *u = reach * cos (angle);
  *v = reach * sin (angle);
  if (thing->style == 1)
    *u *= 1 - 0.55 * MAX (*v, 0);
  if (thing->style == 2)
    *u *= 1 + 0.2 * sin (*v * 9 + thing->seed % 6);
}

/* One bunch of leaves: lighter above and on the sun's side. */
static void
draw_bunch (PspPainter     *painter,
            const PspThing *thing,
            GRand          *rand,
            PspPaint       *leaf,
            double          lightness)
{
  double radius_u = thing->width / 2, radius_v = thing->height * 0.34;
  double size = thing->width * (thing->style == 2 ? 0.058 : 0.07);
  double side = psp_painter_get_light (painter)->sun.x > 0 ? 0.18 : -0.18;
  PspColor color = leaf->color;
  double u, v;

  crown_place (thing, rand, &u, &v);
  leaf->color = psp_color_scale (color, lightness * (0.95 + 0.35 * v + side * u)
                                        * g_rand_double_range (rand, 0.75, 1.25));
  psp_painter_blob (painter, rand, u * radius_u, thing->height * 0.64 + v * radius_v,
                    size * g_rand_double_range (rand, 0.6, 1.3), 0.4);
  psp_painter_fill (painter, PSP_CLASS_TREE, leaf);
  leaf->color = color;
}

void
psp_tree_draw (PspPainter     *painter,
               const PspThing *thing)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (thing->seed);
  int n_bunches = thing->style == 2 ? 190 : 230;
  PspPaint leaf = {
    .color = psp_color_pick (leaf_hexes, G_N_ELEMENTS (leaf_hexes), rand),
    .texture = PSP_TEXTURE_LEAVES,
    .seed = thing->seed,
    .is_volume = TRUE,
  };
  PspVec eye = psp_painter_get_camera (painter)->eye;

  psp_painter_set_plane (painter, psp_plane_facing (thing->frame.origin, eye));
  draw_trunk (painter, thing, rand);
  for (int i = 0; i < n_bunches; i++)
    draw_bunch (painter, thing, rand, &leaf, 0.65 + 0.5 * i / n_bunches);
}

void
psp_tree_shadow (PspPainter     *painter,
                 const PspThing *thing)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (thing->seed + 1);
  PspVec foot = thing->frame.origin;

  psp_thing_pole_shadow (painter, foot, thing->height / 2, 0.2);
  for (int i = 0; i < 24; i++)
    {
      PspVec at = foot;
      double u, v;

      crown_place (thing, rand, &u, &v);
      at.x += u * thing->width / 2;
      at.z += g_rand_double_range (rand, -0.4, 0.4) * thing->width;
      psp_thing_round_shadow (painter, at, thing->height * (0.64 + 0.3 * v), thing->width * 0.14);
    }
}

/* The upper edge is uneven, as leaves are. */
static void
add_hedge_outline (PspPainter *painter,
                   GRand      *rand,
                   double      length,
                   double      height)
{
  int n_steps = CLAMP ((int) (length / 0.15), 2, 200);

  psp_painter_move_to (painter, length, 0);
  psp_painter_line_to (painter, 0, 0);
  for (int i = 0; i <= n_steps; i++)
    psp_painter_line_to (painter, length * i / n_steps,
                         height * g_rand_double_range (rand, 0.93, 1.06));
}

void
psp_hedge_draw (PspPainter     *painter,
                const PspThing *thing)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (thing->seed);
  PspPaint leaf = {
    .color = psp_color_pick (leaf_hexes, G_N_ELEMENTS (leaf_hexes), rand),
    .texture = PSP_TEXTURE_LEAVES,
    .seed = thing->seed,
  };
  PspPlane top = psp_frame_front (&thing->frame, 0, thing->height, 0);

  top.v = thing->frame.forward;
  psp_painter_set_plane (painter, top);
  psp_painter_rectangle (painter, 0, 0, thing->width, 0.8);
  psp_painter_fill (painter, PSP_CLASS_TREE, &leaf);
  psp_painter_set_plane (painter, psp_frame_side (&thing->frame, 0, 0, 0));
  psp_painter_rectangle (painter, 0, 0, 0.8, thing->height);
  psp_painter_fill (painter, PSP_CLASS_TREE, &leaf);
  psp_painter_set_plane (painter, psp_frame_front (&thing->frame, 0, 0, 0));
  add_hedge_outline (painter, rand, thing->width, thing->height);
  psp_painter_fill (painter, PSP_CLASS_TREE, &leaf);
  psp_painter_rectangle (painter, 0, 0, thing->width, 0.25);
  psp_painter_shade (painter, 0.4);
}
