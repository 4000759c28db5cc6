/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-fence.h"

static const guint32 wood_hexes[] = { 0x7d5c3c, 0x8f7450, 0x6b5644, 0x968a74, 0x705038 };

PspPaint
psp_fence_planks (guint32 seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);

  return (PspPaint) {
    .color = psp_color_pick (wood_hexes, G_N_ELEMENTS (wood_hexes), rand),
    .texture = PSP_TEXTURE_PLANKS,
    .seed = seed,
  };
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
  psp_painter_fill (painter, PSP_CLASS_FENCE, paint);
}

static void
draw_planks (PspPainter     *painter,
             const PspThing *thing)
{
  PspPaint planks = psp_fence_planks (thing->seed);
  PspPaint post = planks;

  fill_box (painter, &planks, 0, 0, thing->width, thing->height);
  post.texture = PSP_TEXTURE_PLAIN;
  post.color = psp_color_scale (post.color, 0.8);
  for (double u = 0; u <= thing->width; u += 2.4)
    fill_box (painter, &post, u, 0, 0.12, thing->height + 0.1);
  fill_box (painter, &post, 0, thing->height - 0.06, thing->width, 0.08);
  psp_painter_rectangle (painter, 0, 0, thing->width, 0.25);
  psp_painter_shade (painter, 0.3);
}

/* The gaps first, then two rails, then the pickets. */
static void
draw_pickets (PspPainter     *painter,
              const PspThing *thing)
{
  PspPaint gap = { .color = psp_color_hex (0x3c3a30), .transparency = 0.55 };
  PspPaint wood = { .color = psp_color_hex (thing->seed & 1 ? 0xd6d2c6 : 0x8a7a64),
                    .texture = PSP_TEXTURE_PLASTER, .seed = thing->seed };

  fill_box (painter, &gap, 0, 0.05, thing->width, thing->height - 0.1);
  fill_box (painter, &wood, 0, thing->height * 0.25, thing->width, 0.09);
  fill_box (painter, &wood, 0, thing->height * 0.75, thing->width, 0.09);
  for (double u = 0.05; u < thing->width; u += 0.17)
    {
      double places[] = {
        u, 0, u + 0.1, 0, u + 0.1, thing->height - 0.08, u + 0.05, thing->height, u,
        thing->height - 0.08,
      };

      psp_painter_polygon (painter, places, 5);
    }
  psp_painter_fill (painter, PSP_CLASS_FENCE, &wood);
}

static void
draw_railing (PspPainter     *painter,
              const PspThing *thing)
{
  PspPaint gap = { .color = psp_color_hex (0x202224), .transparency = 0.72 };
  PspPaint iron = { .color = psp_color_hex (thing->seed & 1 ? 0x1f2422 : 0x2f3c34) };
  PspPaint foot = { .color = psp_color_hex (0x8c8478), .texture = PSP_TEXTURE_BRICK,
                    .seed = thing->seed };

  fill_box (painter, &gap, 0, 0.3, thing->width, thing->height - 0.35);
  fill_box (painter, &foot, 0, 0, thing->width, 0.32);
  for (double u = 0.06; u < thing->width; u += 0.14)
    psp_painter_rectangle (painter, u, 0.3, 0.03, thing->height - 0.3);
  psp_painter_fill (painter, PSP_CLASS_FENCE, &iron);
  fill_box (painter, &iron, 0, thing->height - 0.14, thing->width, 0.05);
  fill_box (painter, &iron, 0, 0.42, thing->width, 0.05);
  for (double u = 0; u <= thing->width; u += 2)
    fill_box (painter, &iron, u, 0, 0.08, thing->height + 0.08);
}

void
psp_fence_draw (PspPainter     *painter,
                const PspThing *thing)
{
  static const PspThingDraw draws[] = {
    [PSP_FENCE_PLANKS] = draw_planks,
    [PSP_FENCE_PICKETS] = draw_pickets,
    [PSP_FENCE_RAILING] = draw_railing,
  };

  psp_painter_set_plane (painter, psp_frame_front (&thing->frame, 0, 0, 0));
  draws[thing->style] (painter, thing);
}

void
psp_fence_shadow (PspPainter     *painter,
                  const PspThing *thing)
{
  PspFrame middle = thing->frame;

  if (thing->style != PSP_FENCE_PLANKS)
    return;
  middle.origin = psp_frame_at (&thing->frame, thing->width / 2, 0, 0);
  psp_thing_box_shadow (painter, &middle, thing->width, 0.1, 0, thing->height);
}
