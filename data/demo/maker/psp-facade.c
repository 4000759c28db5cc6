/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-facade.h"

#include <math.h>

#include "data/demo/maker/psp-building.h"
#include "data/demo/maker/psp-noise.h"

static const guint32 brick_hexes[] = { 0x8c5643, 0x9a6a50, 0x74483a, 0xa57f5f, 0x86604f,
                                      0x9c7a6a };
static const guint32 plaster_hexes[] = { 0xd8cfbd, 0xc9b795, 0xb9b4aa, 0xd9c7a8, 0xa8b0b0,
                                        0xcdb3a0 };
static const guint32 stone_hexes[] = { 0xa59d8c, 0x8f8a80, 0xb0a48c, 0x7f7b78 };
static const guint32 trim_hexes[] = { 0xd9d5ca, 0xbcb6a6, 0xe4e0d6 };
static const guint32 frame_hexes[] = { 0xe6e4de, 0xd8d6d0, 0x3c3a38, 0x5a4634 };
static const guint32 door_hexes[] = { 0x22384c, 0x6a1f1f, 0x274332, 0x2a2624, 0x7a5a34, 0x38304a };
static const guint32 sign_hexes[] = { 0x7c2222, 0x1f3f63, 0x2a4a34, 0x2c2a2a, 0xb08a3a, 0x5c3b5a };

static PspPaint
paint_pick (const guint32 *hexes,
            int            n_hexes,
            PspTexture     texture,
            GRand         *rand)
{
  return (PspPaint) {
    .color = psp_color_pick (hexes, n_hexes, rand),
    .texture = texture,
    .seed = g_rand_int (rand),
  };
}

static void
choose_wall (PspFacade *self,
             GRand     *rand)
{
  gboolean brick = self->style == PSP_BUILDING_BRICK_HOUSE
                   || (self->style != PSP_BUILDING_PLASTER_HOUSE && g_rand_double (rand) < 0.45);

  if (brick)
    self->wall = paint_pick (brick_hexes, G_N_ELEMENTS (brick_hexes), PSP_TEXTURE_BRICK, rand);
  else if (g_rand_double (rand) < 0.6)
    self->wall = paint_pick (plaster_hexes, G_N_ELEMENTS (plaster_hexes), PSP_TEXTURE_PLASTER,
                             rand);
  else
    self->wall = paint_pick (stone_hexes, G_N_ELEMENTS (stone_hexes), PSP_TEXTURE_PAVING, rand);
}

static void
choose_windows (PspFacade *self,
                GRand     *rand)
{
  self->bay_m = g_rand_double_range (rand, 2, 3.2);
  self->window_width = self->bay_m * g_rand_double_range (rand, 0.36, 0.6);
  self->window_height = self->storey_m * g_rand_double_range (rand, 0.42, 0.6);
  self->sill_m = self->storey_m * 0.27;
  self->n_panes = g_rand_int_range (rand, 1, 4);
  self->has_balconies = self->style == PSP_BUILDING_FLATS && g_rand_double (rand) < 0.6;
  self->is_arched = self->style <= PSP_BUILDING_SHOP && g_rand_double (rand) < 0.2;
  if (self->style == PSP_BUILDING_OFFICE)
    {
      self->window_width = self->bay_m * 0.86;
      self->window_height = self->storey_m * g_rand_double_range (rand, 0.55, 0.8);
      self->sill_m = self->storey_m * 0.15;
    }
}

void
psp_facade_init (PspFacade *self,
                 int        style,
                 double     height,
                 GRand     *rand)
{
  double storey = style >= PSP_BUILDING_SHOP ? 3.3 : 2.8;

  *self = (PspFacade) { .style = style, .seed = g_rand_int (rand) };
  self->n_storeys = MAX ((int) (height / storey + 0.5), 1);
  self->storey_m = height / self->n_storeys;
  choose_wall (self, rand);
  choose_windows (self, rand);
  self->trim = paint_pick (trim_hexes, G_N_ELEMENTS (trim_hexes), PSP_TEXTURE_PLASTER, rand);
  self->frame = paint_pick (frame_hexes, G_N_ELEMENTS (frame_hexes), PSP_TEXTURE_PLAIN, rand);
  self->door = paint_pick (door_hexes, G_N_ELEMENTS (door_hexes), PSP_TEXTURE_PLAIN, rand);
  self->sign = paint_pick (sign_hexes, G_N_ELEMENTS (sign_hexes), PSP_TEXTURE_PLAIN, rand);
  self->glass.color = psp_color_vary (psp_color_hex (0x46525c), rand, 0.35);
  self->glass.texture = PSP_TEXTURE_GLASS;
  self->glass.seed = self->seed;
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
  psp_painter_fill (painter, PSP_CLASS_BUILDING, paint);
}


static void
draw_panes (PspPainter      *painter,
            const PspFacade *self,
            double           u,
            double           v)
{
  double bar = 0.06;

  for (int i = 1; i < self->n_panes; i++)
    fill_box (painter, &self->frame, u + self->window_width * i / self->n_panes - bar / 2, v, bar,
              self->window_height);
  if (self->n_panes > 1)
    fill_box (painter, &self->frame, u, v + self->window_height * 0.5, self->window_width, bar);
}

/* What hangs behind the glass; different for every window of a house. */
static void
draw_curtains (PspPainter      *painter,
               const PspFacade *self,
               double           u,
               double           v,
               double           chance)
{
  PspPaint curtain = { .color = psp_color_hex (0xb8b2a4), .texture = PSP_TEXTURE_CLOTH,
                       .seed = self->seed, .transparency = 0.35 };
  double width = self->window_width * (0.1 + 0.25 * chance);

  if (chance < 0.3)
    return;
  if (chance > 0.8)
    fill_box (painter, &curtain, u, v + self->window_height * 0.45, self->window_width,
              self->window_height * 0.55);
  fill_box (painter, &curtain, u, v, width, self->window_height);
  fill_box (painter, &curtain, u + self->window_width - width, v, width, self->window_height);
}

static void
draw_glass (PspPainter      *painter,
            const PspFacade *self,
            double           u,
            double           v,
            double           chance)
{
  PspPaint glass = self->glass;

  glass.color = psp_color_scale (glass.color, 0.6 + 0.9 * chance);
  glass.seed += (guint32) (chance * 1000);
  fill_box (painter, &glass, u, v, self->window_width, self->window_height);
  draw_curtains (painter, self, u, v, fmod (chance * 7, 1));
}

static void
draw_window (PspPainter      *painter,
             const PspFacade *self,
             double           u,
             double           v,
             double           chance)
{
  double w = self->window_width, h = self->window_height, rim = 0.09;

  if (self->is_arched)
    {
      psp_painter_ellipse (painter, u + w / 2, v + h, w / 2 + rim, w / 3);
      psp_painter_fill (painter, PSP_CLASS_BUILDING, &self->trim);
    }
  fill_box (painter, &self->frame, u - rim, v - rim, w + 2 * rim, h + 2 * rim);
  draw_glass (painter, self, u, v, chance);
  draw_panes (painter, self, u, v);
  psp_painter_rectangle (painter, u, v + h - 0.14, w, 0.14);
  psp_painter_shade (painter, 0.5);
  if (self->style == PSP_BUILDING_OFFICE)
    return;
  fill_box (painter, &self->trim, u - 0.18, v - 0.22, w + 0.36, 0.14);
  psp_painter_rectangle (painter, u - 0.14, v - 0.34, w + 0.36, 0.12);
  psp_painter_shade (painter, 0.3);
  if (!self->is_arched)
    fill_box (painter, &self->trim, u - 0.15, v + h + 0.08, w + 0.3, 0.2);
}

static void
draw_balcony (PspPainter      *painter,
              const PspFacade *self,
              double           u,
              double           v)
{
  PspPaint rail = { .color = psp_color_hex (0x55595c), .transparency = 0.25 };
  PspPaint slab = self->trim;

  psp_painter_rectangle (painter, u - 0.3, v - 0.9, self->window_width + 0.6, 0.35);
  psp_painter_shade (painter, 0.35);
  fill_box (painter, &rail, u - 0.35, v - 0.4, self->window_width + 0.7, 0.95);
  fill_box (painter, &slab, u - 0.4, v - 0.55, self->window_width + 0.8, 0.16);
}

static void
draw_door (PspPainter      *painter,
           const PspFacade *self,
           double           u)
{
  PspPaint step = { .color = psp_color_hex (0x8f8b84), .texture = PSP_TEXTURE_PLASTER };
  PspPaint knob = { .color = psp_color_hex (0xc8a84e) };

  fill_box (painter, &self->trim, u - 0.2, 0, 1.4, 2.65);
  fill_box (painter, &self->door, u, 0.15, 1, 2.05);
  fill_box (painter, &self->glass, u, 2.25, 1, 0.28);
  for (int i = 0; i < 4; i++)
    {
      psp_painter_rectangle (painter, u + 0.14 + (i & 1) * 0.4, 0.4 + (i >> 1) * 0.9, 0.32, 0.7);
      psp_painter_shade (painter, 0.3);
    }
  fill_box (painter, &knob, u + 0.86, 1.1, 0.06, 0.06);
  fill_box (painter, &step, u - 0.25, 0, 1.5, 0.15);
}

static void
draw_letters (PspPainter      *painter,
              const PspFacade *self,
              double           u,
              double           v,
              double           width)
{
  PspPaint letter = { .color = psp_color_hex (0xe8e2d0) };
  double at = u;

  for (int i = 0; at < u + width - 0.3; i++)
    {
      double wide = 0.14 + 0.16 * psp_noise_cell (i, 3, self->seed);

      if (psp_noise_cell (i, 4, self->seed) > 0.15)
        {
          fill_box (painter, &letter, at, v, 0.06, 0.3);
          fill_box (painter, &letter, at, v + 0.26 * psp_noise_cell (i, 5, self->seed), wide, 0.06);
        }
      at += wide + 0.1;
    }
}

/* A shop: window with goods, door, name board, sometimes an awning. */
static void
draw_shop (PspPainter      *painter,
           const PspFacade *self,
           double           u,
           double           width)
{
  double top = self->storey_m - 0.75;
  PspPaint goods = { .color = psp_color_hex (0x9a8f80), .transparency = 0.35 };

  fill_box (painter, &self->sign, u, 0, width, self->storey_m - 0.1);
  fill_box (painter, &self->glass, u + 0.2, 0.5, width - 1.6, top - 0.55);
  fill_box (painter, &self->glass, u + width - 1.2, 0.15, 0.95, top - 0.2);
  for (int i = 0; i < (int) width; i++)
    {
      double chance = psp_noise_cell (i, 8, self->seed);

      goods.color = psp_color_scale (psp_color_hex (chance > 0.5 ? 0xb06050 : 0xc0b890), chance);
      fill_box (painter, &goods, u + 0.4 + i * (width - 2) / width, 0.55, 0.5, 0.3 + chance * 0.9);
    }
  psp_painter_rectangle (painter, u, top - 0.2, width, 0.2);
  psp_painter_shade (painter, 0.4);
  draw_letters (painter, self, u + 0.5, top + 0.15, width - 0.8);
}

static void
draw_awning (PspPainter      *painter,
             const PspFacade *self,
             double           u,
             double           width)
{
  PspPaint cloth = { .color = psp_color_hex (0xd8d0c0), .texture = PSP_TEXTURE_CLOTH };
  double low = self->storey_m - 1.5;

  for (int i = 0; i < (int) (width / 0.4); i++)
    fill_box (painter, i & 1 ? &cloth : &self->sign, u + i * 0.4, low, 0.4, 0.8);
  psp_painter_rectangle (painter, u, low - 0.5, width, 0.5);
  psp_painter_shade (painter, 0.4);
}

static void
draw_ground_floor (PspPainter      *painter,
                   const PspFacade *self,
                   int              n_bays,
                   double           bay)
{
  int door = (int) (psp_noise_cell (1, 1, self->seed) * n_bays);

  if (self->style == PSP_BUILDING_SHOP)
    {
      draw_shop (painter, self, 0.3, n_bays * bay - 0.6);
      if (self->seed % 3 == 0)
        draw_awning (painter, self, 0.5, n_bays * bay - 1);
      return;
    }
  for (int i = 0; i < n_bays; i++)
    if (i == door)
      draw_door (painter, self, (i + 0.5) * bay - 0.5);
    else
      draw_window (painter, self, (i + 0.5) * bay - self->window_width / 2, self->sill_m,
                   psp_noise_cell (i, 0, self->seed));
}

static void
draw_storey (PspPainter      *painter,
             const PspFacade *self,
             int              storey,
             int              n_bays,
             double           bay)
{
  double v = storey * self->storey_m + self->sill_m;

  for (int i = 0; i < n_bays; i++)
    {
      double u = (i + 0.5) * bay - self->window_width / 2;

      draw_window (painter, self, u, v, psp_noise_cell (i, storey, self->seed));
      if (self->has_balconies && (i + storey) % 2 == 0)
        draw_balcony (painter, self, u, v);
    }
}

static void
draw_trims (PspPainter      *painter,
            const PspFacade *self,
            double           width,
            double           height)
{
  PspPaint pipe = { .color = psp_color_hex (0x3a3a3c), .round_radius = 0.06,
                    .round_center = 0.2 };

  if (self->style >= PSP_BUILDING_SHOP)
    fill_box (painter, &self->trim, -0.1, height - 0.5, width + 0.2, 0.45);
  if (self->seed % 2 == 0)
    fill_box (painter, &self->trim, 0, self->storey_m - 0.1, width, 0.18);
  psp_painter_rectangle (painter, 0, 0, width, 0.35);
  psp_painter_shade (painter, 0.3);
  fill_box (painter, &pipe, 0.14, 0, 0.12, height);
}

static void
draw_wall (PspPainter      *painter,
           const PspFacade *self,
           double           width,
           double           height)
{
  fill_box (painter, &self->wall, 0, 0, width, height);
  psp_painter_rectangle (painter, 0, height - 0.5, width, 0.5);
  psp_painter_shade (painter, 0.22);
}

void
psp_facade_draw_front (PspPainter      *painter,
                       const PspFacade *self,
                       double           width,
                       double           height)
{
  int n_bays = MAX ((int) (width / self->bay_m), 1);
  double bay = width / n_bays;

  draw_wall (painter, self, width, height);
  if (self->style == PSP_BUILDING_SHED)
    return;
  for (int i = 1; i < self->n_storeys; i++)
    draw_storey (painter, self, i, n_bays, bay);
  draw_ground_floor (painter, self, n_bays, bay);
  draw_trims (painter, self, width, height);
}

void
psp_facade_draw_end (PspPainter      *painter,
                     const PspFacade *self,
                     double           width,
                     double           height)
{
  int n_bays = MAX ((int) (width / self->bay_m / 1.6), 1);

  draw_wall (painter, self, width, height);
  if (self->style == PSP_BUILDING_SHED || self->seed % 3 == 0)
    return;
  for (int i = 0; i < self->n_storeys; i++)
    draw_storey (painter, self, i, n_bays, width / n_bays);
}
