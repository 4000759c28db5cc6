/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-rows.h"

#include <math.h>

#include "data/demo/maker/psp-building.h"
#include "data/demo/maker/psp-fence.h"
#include "data/demo/maker/psp-plant.h"

/* One stretch of one side of the street. */
typedef struct
{
  PspScene *scene;
  GRand    *rand;
  int       side;          /* -1 left, 1 right */
  double    from, to;      /* z */
} Plot;

/* Adds something that begins @setback metres behind the building line, @from metres into the
 * plot, and looks away from the street. */
static void
add_along (const Plot *self,
           double      setback,
           double      from,
           PspThing    thing)
{
  double x = self->side * (psp_street_get_line (&self->scene->street) + setback);
  double near_z = self->from + from, far_z = near_z + thing.width;

  thing.order = self->to + 0.01 * setback;
  thing.seed = g_rand_int (self->rand);
  psp_scene_add (self->scene->backdrop, x, self->side < 0 ? near_z : far_z,
                 self->side * G_PI / 2, &thing);
}

static void
add_house (const Plot *self,
           int         style,
           double      setback,
           double      from,
           double      width,
           double      height)
{
  add_along (self, setback, from, (PspThing) {
    .draw = psp_building_draw, .shadow = psp_building_shadow, .style = style,
    .width = width, .height = height,
    .length = g_rand_double_range (self->rand, 7, 12),
  });
}

static void
add_tree (const Plot *self,
          double      setback,
          double      from,
          double      height)
{
  Plot plot = *self;
  PspThing tree = {
    .draw = psp_tree_draw, .shadow = psp_tree_shadow, .height = height,
    .width = height * g_rand_double_range (self->rand, 0.55, 0.8),
    .style = g_rand_int_range (self->rand, 0, 3), .seed = g_rand_int (self->rand),
    .order = self->from + from + 0.01,
  };

  psp_scene_add (plot.scene->backdrop,
                 self->side * (psp_street_get_line (&self->scene->street) + setback),
                 self->from + from, 0, &tree);
}

typedef struct
{
  double low;
  double high;
} Range;

/* A tree somewhere in these ranges.  The order of the draws is part of what a seed means. */
static void
add_some_tree (const Plot *self,
               Range       setbacks,
               Range       distances,
               Range       heights)
{
  double height = g_rand_double_range (self->rand, heights.low, heights.high);
  double from = g_rand_double_range (self->rand, distances.low, distances.high);
  double setback = g_rand_double_range (self->rand, setbacks.low, setbacks.high);

  add_tree (self, setback, from, height);
}

/* What separates a garden from the pavement. */
static void
add_boundary (const Plot *self,
              double      from,
              double      width)
{
  static const double heights[] = { 1.5, 0.95, 1.25 };
  int style = g_rand_int_range (self->rand, 0, PSP_FENCE_N_STYLES + 1);

  if (width < 1)
    return;
  if (style == PSP_FENCE_N_STYLES)
    add_along (self, 0, from, (PspThing) {
      .draw = psp_hedge_draw, .width = width, .height = g_rand_double_range (self->rand, 0.9, 1.8),
    });
  else
    add_along (self, 0, from, (PspThing) {
      .draw = psp_fence_draw, .shadow = psp_fence_shadow, .style = style, .width = width,
      .height = heights[style] * g_rand_double_range (self->rand, 0.85, 1.25),
    });
}

/* A house in its garden, with a drive beside it. */
static void
plan_garden (const Plot *self)
{
  double length = self->to - self->from, drive = 3;
  double setback = g_rand_double_range (self->rand, 3.5, 7);
  int style = g_rand_int_range (self->rand, 0, 2);

  add_house (self, style, setback, 1.5, length - 3.5, g_rand_double_range (self->rand, 4.8, 6));
  if (g_rand_double (self->rand) < 0.75)
    add_some_tree (self, (Range) { 1.6, 3 }, (Range) { 1, length - 1 }, (Range) { 3, 6.5 });
  add_boundary (self, 0, length - drive - 0.2);
}

static void
plan_park (const Plot *self)
{
  double length = self->to - self->from;

  for (int i = 0; i < (int) (length / 3.4); i++)
    add_some_tree (self, (Range) { 2, 22 }, (Range) { 0, length }, (Range) { 6, 13 });
  add_along (self, 0.3, 0, (PspThing) {
    .draw = psp_fence_draw, .shadow = psp_fence_shadow, .width = length,
    .style = self->scene->street.seed % 2 ? PSP_FENCE_RAILING : PSP_FENCE_PICKETS, .height = 1.2,
  });
}

static int
choose_style (const Plot *self)
{
  double chance = g_rand_double (self->rand);

  if (self->scene->street.kind == PSP_STREET_HIGH_STREET)
    return chance < 0.65 ? PSP_BUILDING_SHOP : chance < 0.85 ? PSP_BUILDING_FLATS
                                                              : PSP_BUILDING_OFFICE;
  if (self->scene->street.kind == PSP_STREET_BOULEVARD)
    return chance < 0.5 ? PSP_BUILDING_FLATS : chance < 0.75 ? PSP_BUILDING_OFFICE
                                                              : PSP_BUILDING_SHOP;
  return chance < 0.65 ? PSP_BUILDING_BRICK_HOUSE : PSP_BUILDING_PLASTER_HOUSE;
}

static double
choose_height (const Plot *self,
               int         style)
{
  static const double storey_m[] = { 2.8, 2.8, 3.2, 3, 3.4, 3.2 };
  int most = style == PSP_BUILDING_FLATS || style == PSP_BUILDING_OFFICE ? 6 : 3;

  return storey_m[style] * g_rand_int_range (self->rand, 2, most + 1);
}

static void
plan_built (const Plot *self)
{
  int style = choose_style (self);
  double length = self->to - self->from, chance = g_rand_double (self->rand);

  if (chance < 0.12)
    {
      add_tree (self, 4, length / 2, 7);
      add_boundary (self, 0, length);
    }
  else if (self->scene->street.kind == PSP_STREET_TERRACE && self->scene->street.seed % 2 == 0)
    {
      add_house (self, style, 2, 0, length, choose_height (self, style));
      add_boundary (self, 0, length - 1.2);
    }
  else
    add_house (self, style, 0, 0, length, choose_height (self, style));
}

static void
plan_plot (const Plot *self)
{
  const PspStreet *street = &self->scene->street;
  gboolean green = street->is_green[self->side > 0];

  if (street->kind == PSP_STREET_PARK && green)
    plan_park (self);
  else if (green)
    plan_garden (self);
  else
    plan_built (self);
}

static void
plan_side (PspScene *scene,
           GRand    *rand,
           int       side)
{
  const PspStreet *street = &scene->street;
  double end = street->far_z - (street->end == PSP_STREET_END_OPEN ? 0 : 9);
  double z = -7;

  while (z < end)
    {
      Plot plot = { .scene = scene, .rand = rand, .side = side, .from = z };
      double length = g_rand_double_range (rand, 6, 13) + (street->is_green[side > 0] ? 4 : 0);

      plot.to = z + length;
      if (z < street->crossing_from && plot.to > street->crossing_from)
        plot.to = street->crossing_from;
      if (psp_street_crosses (street, z + 0.01))
        plot.to = z = street->crossing_to;
      else if (plot.to - plot.from > 4.5)
        plan_plot (&plot);
      z = plot.to;
    }
}

/* Things that look along the street from behind its end, or far beyond it. */
static void
add_end_house (PspScene *scene,
               GRand    *rand,
               double    x,
               double    z,
               double    width,
               double    height)
{
  PspThing house = {
    .draw = psp_building_draw, .style = g_rand_int_range (rand, 0, PSP_BUILDING_SHED),
    .width = width, .height = height, .length = 9, .seed = g_rand_int (rand), .order = z + 1000,
  };

  psp_scene_add (scene->backdrop, x, z, 0, &house);
}

static void
add_end_tree (PspScene *scene,
              GRand    *rand,
              double    x,
              double    z,
              double    height)
{
  PspThing tree = {
    .draw = psp_tree_draw, .height = height, .style = g_rand_int_range (rand, 0, 3),
    .width = height * g_rand_double_range (rand, 0.6, 0.9), .seed = g_rand_int (rand),
    .order = z + 1000,
  };

  psp_scene_add (scene->backdrop, x, z, 0, &tree);
}

static void
plan_end (PspScene *scene,
          GRand    *rand)
{
  double z = scene->street.far_z + 2.5, spread = MAX (40, z * 0.7), x = -spread;

  while (x < spread)
    {
      double width = g_rand_double_range (rand, 7, 14);

      if (scene->street.end == PSP_STREET_END_HOUSES)
        add_end_house (scene, rand, x, z, width, g_rand_double_range (rand, 5.5, 11));
      else
        {
          double height;

          width = g_rand_double_range (rand, 3, 5);
          height = g_rand_double_range (rand, 6, 12);
          add_end_tree (scene, rand, x, z + g_rand_double_range (rand, 0, 12), height);
        }
      x += width;
    }
}

/* Towers and woods in the haze. */
static void
plan_distance (PspScene *scene,
               GRand    *rand)
{
  double z = MAX (scene->street.far_z + 120, 230);

  for (int i = 0; i < 22; i++)
    {
      double x = g_rand_double_range (rand, -150, 150), at = z + g_rand_double_range (rand, 0, 60);

      if (g_rand_double (rand) < 0.45)
        {
          double height = g_rand_double_range (rand, 10, 34);

          add_end_house (scene, rand, x, at, g_rand_double_range (rand, 12, 30), height);
        }
      else
        add_end_tree (scene, rand, x, at, g_rand_double_range (rand, 10, 18));
    }
}

void
psp_rows_plan (PspScene *scene,
               GRand    *rand)
{
  plan_side (scene, rand, -1);
  plan_side (scene, rand, 1);
  plan_distance (scene, rand);
  if (scene->street.end != PSP_STREET_END_OPEN)
    plan_end (scene, rand);
}
