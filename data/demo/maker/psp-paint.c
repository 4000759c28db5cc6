/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-paint.h"

#include <math.h>

#include "data/demo/maker/psp-noise.h"

/* How much lighter (to 1) or darker (to -1) a texture is at a place. */
typedef double (*PspPattern) (double  u,
                              double  v,
                              guint32 seed);

typedef struct
{
  PspPattern pattern;
  double     strength;
  double     grain_m;     /* size of the finest detail */
  double     stain;       /* strength of the weathering of the whole surface */
} PspSurface;

PspColor
psp_color_hex (guint32 hex)
{
  return (PspColor) {
    .red = pow ((hex >> 16 & 255) / 255.0, 2.2),
    .green = pow ((hex >> 8 & 255) / 255.0, 2.2),
    .blue = pow ((hex & 255) / 255.0, 2.2),
  };
}

PspColor
psp_color_scale (PspColor color,
                 double   factor)
{
  return (PspColor) { color.red * factor, color.green * factor, color.blue * factor };
}

PspColor
psp_color_times (PspColor a,
                 PspColor b)
{
  return (PspColor) { a.red * b.red, a.green * b.green, a.blue * b.blue };
}

PspColor
psp_color_mix (PspColor a,
               PspColor b,
               double   share)
{
  return (PspColor) {
    .red = a.red + (b.red - a.red) * share,
    .green = a.green + (b.green - a.green) * share,
    .blue = a.blue + (b.blue - a.blue) * share,
  };
}

PspColor
psp_color_vary (PspColor  color,
                GRand    *rand,
                double    amount)
{
  double level = g_rand_double_range (rand, 1 - amount, 1 + amount);

  color.red *= level * g_rand_double_range (rand, 1 - amount / 3, 1 + amount / 3);
  color.green *= level * g_rand_double_range (rand, 1 - amount / 3, 1 + amount / 3);
  color.blue *= level * g_rand_double_range (rand, 1 - amount / 3, 1 + amount / 3);
  return color;
}

PspColor
psp_color_pick (const guint32 *hexes,
                int            n_hexes,
                GRand         *rand)
{
  return psp_color_vary (psp_color_hex (hexes[g_rand_int_range (rand, 0, n_hexes)]), rand, 0.15);
}

static double
plain (double  u,
       double  v,
       guint32 seed)
{
  return 0;
}

static double
asphalt (double  u,
         double  v,
         guint32 seed)
{
  return psp_noise_fractal (u * 30, v * 30, seed, 2) + psp_noise_fractal (u * 4, v * 4, seed, 2)
         - 1;
}

/* Blocks of @length by @height in rows, each row shifted by half a block, with joints between. */
static double
blocks (double  u,
        double  v,
        double  length,
        double  height,
        double  joint,
        guint32 seed)
{
  int row = (int) floor (v / height);
  double along = u / length + (row & 1) * 0.5;
  int column = (int) floor (along);
  double from_side = (along - column) * length, from_foot = v - row * height;

  if (from_side < joint || from_foot < joint)
    return -1;
  return psp_noise_cell (column, row, seed) - 0.3;
}

static double
paving (double  u,
        double  v,
        guint32 seed)
{
  return blocks (u, v, 0.9, 0.6, 0.03, seed);
}

static double
brick (double  u,
       double  v,
       guint32 seed)
{
  double value = blocks (u, v, 0.235, 0.085, 0.014, seed);

  return value == -1 ? 0.9 : value;
}

static double
plaster (double  u,
         double  v,
         guint32 seed)
{
  return psp_noise_fractal (u * 14, v * 14, seed, 3) * 2 - 1;
}

static double
tiles (double  u,
       double  v,
       guint32 seed)
{
  return blocks (u, v, 0.25, 0.28, 0.05, seed);
}

static double
planks (double  u,
        double  v,
        guint32 seed)
{
  int plank = (int) floor (u / 0.16);
  double from_side = u / 0.16 - plank;

  if (from_side < 0.12)
    return -1.6;
  return psp_noise_cell (plank, 0, seed) - 0.5 + psp_noise_smooth (u * 60, v * 2, seed) * 0.5;
}

static double
leaves (double  u,
        double  v,
        guint32 seed)
{
  return psp_noise_fractal (u * 11, v * 11, seed, 3) * 3 - 1.5;
}

static double
glass (double  u,
       double  v,
       guint32 seed)
{
  return psp_noise_fractal (u * 0.7 + v * 0.3, v * 0.9, seed, 2) * 2 - 0.9;
}

static double
cloth (double  u,
       double  v,
       guint32 seed)
{
  return psp_noise_fractal (u * 16, v * 5, seed, 2) * 2 - 1;
}

static const PspSurface surfaces[] = {
  [PSP_TEXTURE_PLAIN] = { plain, 0, 1, 0.06 },
  [PSP_TEXTURE_ASPHALT] = { asphalt, 0.45, 0.05, 0.3 },
  [PSP_TEXTURE_PAVING] = { paving, 0.22, 0.2, 0.25 },
  [PSP_TEXTURE_BRICK] = { brick, 0.28, 0.08, 0.3 },
  [PSP_TEXTURE_PLASTER] = { plaster, 0.1, 0.08, 0.25 },
  [PSP_TEXTURE_TILES] = { tiles, 0.32, 0.15, 0.25 },
  [PSP_TEXTURE_PLANKS] = { planks, 0.3, 0.08, 0.25 },
  [PSP_TEXTURE_LEAVES] = { leaves, 0.5, 0.12, 0.5 },
  [PSP_TEXTURE_GLASS] = { glass, 0.6, 0.6, 0.3 },
  [PSP_TEXTURE_CLOTH] = { cloth, 0.3, 0.06, 0.1 },
};

PspColor
psp_paint_sample (const PspPaint *self,
                  double          u,
                  double          v,
                  double          footprint)
{
  const PspSurface *surface = &surfaces[self->texture];
  double seen = CLAMP (1.4 - footprint / surface->grain_m * 0.7, 0, 1);
  double factor = 1;

  if (seen > 0)
    factor += surface->strength * seen * surface->pattern (u, v, self->seed);
  factor += surface->stain * (psp_noise_fractal (u * 0.6, v * 0.6, self->seed + 77, 3) - 0.5);
  return psp_color_scale (self->color, MAX (factor, 0.05));
}
