/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-building.h"

#include <math.h>

#include "data/demo/maker/psp-facade.h"

typedef struct
{
  const PspThing *thing;
  PspFacade       facade;
  PspPaint        roof;
  double          ridge_m;       /* height of the ridge over the eaves; 0: a flat roof */
} Building;

static const guint32 roof_hexes[] = { 0x5b4a45, 0x6f4436, 0x46474d, 0x7d5a4a, 0x54504a };

static double
ridge_height (const PspThing *thing,
              GRand          *rand)
{
  gboolean pitched = thing->style <= PSP_BUILDING_SHOP;

  if (thing->style == PSP_BUILDING_SHED)
    return 1.2;
  return pitched ? MIN (thing->length, 9) * g_rand_double_range (rand, 0.28, 0.45) : 0;
}

static Building
building_new (const PspThing *thing)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (thing->seed);
  Building self = { .thing = thing };

  psp_facade_init (&self.facade, thing->style, thing->height, rand);
  self.roof.color = psp_color_pick (roof_hexes, G_N_ELEMENTS (roof_hexes), rand);
  self.roof.texture = PSP_TEXTURE_TILES;
  self.roof.seed = thing->seed;
  self.ridge_m = ridge_height (thing, rand);
  return self;
}

/* The sloping roof over the front, with the shadow of its edge on the wall below. */
static void
draw_front_roof (PspPainter     *painter,
                 const Building *self)
{
  const PspThing *thing = self->thing;
  double depth = MIN (thing->length, 9) / 2;
  PspPlane slope = psp_frame_front (&thing->frame, 0, thing->height - 0.1, -0.3);
  double length = hypot (depth + 0.3, self->ridge_m);
  PspPaint edge = { .color = psp_color_hex (0xc9c4b8) };

  slope.v = psp_vec_unit (psp_vec_add (psp_vec_scale (thing->frame.forward, depth + 0.3),
                                       psp_vec (0, self->ridge_m, 0)));
  psp_painter_set_plane (painter, slope);
  psp_painter_rectangle (painter, -0.15, 0, thing->width + 0.3, length);
  psp_painter_fill (painter, PSP_CLASS_BUILDING, &self->roof);

  psp_painter_set_plane (painter, psp_frame_front (&thing->frame, 0, thing->height, -0.3));
  psp_painter_rectangle (painter, -0.15, -0.22, thing->width + 0.3, 0.16);
  psp_painter_fill (painter, PSP_CLASS_BUILDING, &edge);
}

static void
draw_chimney (PspPainter     *painter,
              const Building *self,
              double          right)
{
  const PspThing *thing = self->thing;
  double depth = MIN (thing->length, 9) / 2, top = thing->height + self->ridge_m;
  PspPaint pot = { .color = psp_color_hex (0x9a5a3c), .round_radius = 0.12 };

  psp_painter_set_plane (painter, psp_frame_side (&thing->frame, right, top - 0.8, depth));
  psp_painter_rectangle (painter, -0.35, 0, 0.7, 1.9);
  psp_painter_fill (painter, PSP_CLASS_BUILDING, &self->facade.wall);
  psp_painter_set_plane (painter, psp_frame_front (&thing->frame, right, top - 0.8, depth - 0.35));
  psp_painter_rectangle (painter, -0.5, 0, 1, 1.9);
  psp_painter_fill (painter, PSP_CLASS_BUILDING, &self->facade.wall);
  for (int i = 0; i < 2; i++)
    {
      pot.round_center = -0.25 + 0.5 * i;
      psp_painter_rectangle (painter, pot.round_center - 0.12, 1.9, 0.24, 0.35);
      psp_painter_fill (painter, PSP_CLASS_BUILDING, &pot);
    }
}

/* The part of an end wall between the eaves and the ridge. */
static void
draw_gable (PspPainter     *painter,
            const Building *self)
{
  double depth = MIN (self->thing->length, 9);
  double places[] = {
    0, self->thing->height - 0.02, depth / 2, self->thing->height + self->ridge_m,
    depth, self->thing->height - 0.02,
  };

  psp_painter_polygon (painter, places, 3);
  psp_painter_fill (painter, PSP_CLASS_BUILDING, &self->facade.wall);
}

static void
draw_end (PspPainter     *painter,
          const Building *self,
          double          right)
{
  const PspThing *thing = self->thing;
  PspPlane plane = psp_frame_side (&thing->frame, right, 0, 0);
  PspVec outward = psp_vec_scale (thing->frame.right, right > 0 ? 1 : -1);
  PspVec to_eye = psp_vec_sub (psp_painter_get_camera (painter)->eye, plane.origin);

  if (psp_vec_dot (outward, to_eye) <= 0)
    return;
  psp_painter_set_plane (painter, plane);
  if (self->ridge_m > 0)
    draw_gable (painter, self);
  psp_facade_draw_end (painter, &self->facade, thing->length, thing->height);
}

void
psp_building_draw (PspPainter     *painter,
                   const PspThing *thing)
{
  Building self = building_new (thing);
  gboolean has_chimney = thing->style <= PSP_BUILDING_PLASTER_HOUSE;

  if (self.ridge_m > 0)
    {
      if (has_chimney)
        draw_chimney (painter, &self, thing->width * 0.12);
      draw_front_roof (painter, &self);
      if (has_chimney && thing->seed % 3 == 0)
        draw_chimney (painter, &self, thing->width * 0.88);
    }
  draw_end (painter, &self, 0);
  draw_end (painter, &self, thing->width);
  psp_painter_set_plane (painter, psp_frame_front (&thing->frame, 0, 0, 0));
  psp_facade_draw_front (painter, &self.facade, thing->width, thing->height);
}

void
psp_building_shadow (PspPainter     *painter,
                     const PspThing *thing)
{
  PspFrame middle = thing->frame;

  middle.origin = psp_frame_at (&thing->frame, thing->width / 2, 0, thing->length / 2);
  psp_thing_box_shadow (painter, &middle, thing->width, thing->length, 0, thing->height);
}
