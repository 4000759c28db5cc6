/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* Amounts of light, linear, 1 is a white wall in the sun. */
typedef struct
{
  double red, green, blue;
} PspColor;

typedef enum
{
  PSP_TEXTURE_PLAIN,
  PSP_TEXTURE_ASPHALT,
  PSP_TEXTURE_PAVING,
  PSP_TEXTURE_BRICK,
  PSP_TEXTURE_PLASTER,
  PSP_TEXTURE_TILES,
  PSP_TEXTURE_PLANKS,
  PSP_TEXTURE_LEAVES,
  PSP_TEXTURE_GLASS,
  PSP_TEXTURE_CLOTH,
} PspTexture;

/**
 * PspPaint:
 * @color: of the surface in white light
 * @texture: what the surface is made of; a pattern in metres of the plane that is painted
 * @seed: which of the many patterns of that kind
 * @transparency: 0 covers what is below, 1 leaves it
 * @glows: its colour is its light; sun and shade do not matter
 * @is_volume: lit like a rounded thing, not like the plane it is drawn on
 * @round_center: u of the axis of an upright round thing
 * @round_radius: in metres; 0 for flat things
 */
typedef struct
{
  PspColor   color;
  PspTexture texture;
  guint32    seed;
  double     transparency;
  gboolean   glows;
  gboolean   is_volume;
  double     round_center;
  double     round_radius;
} PspPaint;

/* From 0xRRGGBB as screens show it. */
PspColor psp_color_hex    (guint32         hex);
PspColor psp_color_scale  (PspColor        color,
                           double          factor);
PspColor psp_color_times  (PspColor        a,
                           PspColor        b);
/* @share 0 gives @a, 1 gives @b. */
PspColor psp_color_mix    (PspColor        a,
                           PspColor        b,
                           double          share);
/* @color, each part up to the share @amount lighter or darker. */
PspColor psp_color_vary   (PspColor        color,
                           GRand          *rand,
                           double          amount);
/* One of @n_hexes colours, slightly varied. */
PspColor psp_color_pick   (const guint32  *hexes,
                           int             n_hexes,
                           GRand          *rand);

/**
 * psp_paint_sample:
 * @self: what to look at
 * @u: metres on its plane
 * @v: metres on its plane
 * @footprint: metres on its plane that one pixel covers; detail finer than that fades
 *
 * Returns: the colour of the surface there
 */
PspColor psp_paint_sample (const PspPaint *self,
                           double          u,
                           double          v,
                           double          footprint);
