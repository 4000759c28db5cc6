/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-street.h"

#include <math.h>

#define NEAR_Z -6.0
#define SIDE_X 90.0
#define KERB_M 0.12

static const guint32 road_hexes[] = { 0x6c6c6e, 0x5e5f62, 0x78756f, 0x545558 };
static const guint32 paving_hexes[] = { 0x9d988e, 0x8c8a86, 0xa8a08f, 0x827d76 };
static const char *const names[] = {
  [PSP_STREET_HIGH_STREET] = "high street",
  [PSP_STREET_TERRACE] = "terraces",
  [PSP_STREET_SUBURB] = "suburb",
  [PSP_STREET_PARK] = "park side",
  [PSP_STREET_BOULEVARD] = "boulevard",
};

typedef struct
{
  const PspStreet *street;
  PspPaint         road, paving, grass, kerb, mark;
  double           cross_from, cross_to;      /* the carriageway of the cross street */
} Ground;

void
psp_street_init (PspStreet *self,
                 GRand     *rand)
{
  *self = (PspStreet) {
    .kind = g_rand_int_range (rand, 0, PSP_STREET_N_KINDS),
    .end = g_rand_int_range (rand, 0, PSP_STREET_N_ENDS),
    .half_width = g_rand_double_range (rand, 3.4, 5.2),
    .pavement = g_rand_double_range (rand, 1.9, 3.4),
    .far_z = g_rand_double_range (rand, 40, 120),
    .seed = g_rand_int (rand),
  };
  if (self->kind == PSP_STREET_BOULEVARD)
    self->pavement += 1.2;
  if (g_rand_double (rand) < 0.4)
    {
      self->crossing_from = g_rand_double_range (rand, 14, 26);
      self->crossing_to = self->crossing_from + g_rand_double_range (rand, 9, 14);
      self->far_z = MAX (self->far_z, self->crossing_to + 20);
    }
  else if (g_rand_double (rand) < 0.35)
    self->zebra_z = g_rand_double_range (rand, 8, 18);
  self->is_green[0] = self->kind == PSP_STREET_SUBURB;
  self->is_green[1] = self->kind == PSP_STREET_SUBURB;
  if (self->kind == PSP_STREET_PARK)
    self->is_green[g_rand_int_range (rand, 0, 2)] = TRUE;
}

const char *
psp_street_get_name (const PspStreet *self)
{
  return names[self->kind];
}

double
psp_street_get_line (const PspStreet *self)
{
  return self->half_width + self->pavement;
}

gboolean
psp_street_crosses (const PspStreet *self,
                    double           z)
{
  return z > self->crossing_from && z < self->crossing_to;
}

static Ground
ground_new (const PspStreet *street)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (street->seed);
  Ground self = { .street = street };
  double inset = MIN (street->pavement, (street->crossing_to - street->crossing_from) * 0.25);

  self.road.color = psp_color_pick (road_hexes, G_N_ELEMENTS (road_hexes), rand);
  self.road.texture = PSP_TEXTURE_ASPHALT;
  self.paving.color = psp_color_pick (paving_hexes, G_N_ELEMENTS (paving_hexes), rand);
  self.paving.texture = g_rand_boolean (rand) ? PSP_TEXTURE_PAVING : PSP_TEXTURE_ASPHALT;
  self.grass.color = psp_color_vary (psp_color_hex (0x5f7038), rand, 0.2);
  self.grass.texture = PSP_TEXTURE_LEAVES;
  self.kerb.color = psp_color_hex (0x9a968c);
  self.kerb.texture = PSP_TEXTURE_PLASTER;
  self.mark.color = psp_color_hex (0xc9c7bf);
  self.mark.texture = PSP_TEXTURE_ASPHALT;
  self.mark.transparency = g_rand_double_range (rand, 0.05, 0.4);
  self.road.seed = self.paving.seed = self.grass.seed = self.mark.seed = street->seed;
  self.cross_from = street->crossing_from + inset;
  self.cross_to = street->crossing_to - inset;
  return self;
}

static void
fill_box (PspPainter     *painter,
          PspClassId      id,
          const PspPaint *paint,
          double          x,
          double          z,
          double          width,
          double          length)
{
  psp_painter_rectangle (painter, x, z, width, length);
  psp_painter_fill (painter, id, paint);
}

static void
draw_base (PspPainter   *painter,
           const Ground *self)
{
  psp_painter_set_plane (painter, psp_plane_ground (0));
  for (int side = 0; side < 2; side++)
    {
      gboolean green = self->street->is_green[side];

      fill_box (painter, green ? PSP_CLASS_TREE : PSP_CLASS_PAVEMENT,
                green ? &self->grass : &self->paving, side == 0 ? -400 : 0, NEAR_Z, 400, 900);
    }
}

static void
draw_road (PspPainter   *painter,
           const Ground *self)
{
  const PspStreet *street = self->street;

  fill_box (painter, PSP_CLASS_ROAD, &self->road, -street->half_width, NEAR_Z,
            2 * street->half_width, street->far_z - NEAR_Z + (street->end == 0 ? 500 : 0));
  if (street->crossing_to > street->crossing_from)
    fill_box (painter, PSP_CLASS_ROAD, &self->road, -SIDE_X, self->cross_from, 2 * SIDE_X,
              self->cross_to - self->cross_from);
  if (street->end != PSP_STREET_END_OPEN)
    fill_box (painter, PSP_CLASS_ROAD, &self->road, -SIDE_X, street->far_z - 7, 2 * SIDE_X, 7);
}

/* One stretch of one pavement: its top, the kerb stone, the side of the kerb, the gutter. */
static void
draw_pavement (PspPainter   *painter,
               const Ground *self,
               int           side,
               double        from,
               double        to)
{
  double kerb = side * self->street->half_width, outer = side * psp_street_get_line (self->street);
  PspPlane riser = {
    .origin = psp_vec (kerb, 0, 0), .u = psp_vec (0, 0, 1), .v = psp_vec (0, 1, 0),
  };

  psp_painter_set_plane (painter, psp_plane_ground (KERB_M));
  fill_box (painter, PSP_CLASS_PAVEMENT, &self->paving, MIN (kerb, outer), from,
            self->street->pavement, to - from);
  fill_box (painter, PSP_CLASS_PAVEMENT, &self->kerb, side > 0 ? kerb : kerb - 0.15, from, 0.15,
            to - from);
  psp_painter_set_plane (painter, riser);
  fill_box (painter, PSP_CLASS_PAVEMENT, &self->kerb, from, 0, to - from, KERB_M);
  psp_painter_set_plane (painter, psp_plane_ground (0));
  psp_painter_rectangle (painter, side > 0 ? kerb - 0.25 : kerb, from, 0.25, to - from);
  psp_painter_shade (painter, 0.3);
}

static void
draw_pavements (PspPainter   *painter,
                const Ground *self)
{
  const PspStreet *street = self->street;
  gboolean open = street->end == PSP_STREET_END_OPEN;
  double end = open ? street->far_z + 500 : street->far_z - 7;

  for (int side = -1; side <= 1; side += 2)
    if (street->crossing_to > street->crossing_from)
      {
        draw_pavement (painter, self, side, NEAR_Z, self->cross_from);
        draw_pavement (painter, self, side, self->cross_to, end);
      }
    else
      draw_pavement (painter, self, side, NEAR_Z, end);
}

/* Patches, tyre tracks, covers. */
static void
draw_wear (PspPainter   *painter,
           const Ground *self)
{
  const PspStreet *street = self->street;
  g_autoptr(GRand) rand = g_rand_new_with_seed (street->seed + 1);

  for (int lane = -1; lane <= 1; lane += 2)
    for (int track = -1; track <= 1; track += 2)
      {
        psp_painter_rectangle (painter, lane * street->half_width * 0.42 + track * 0.75 - 0.25,
                               NEAR_Z, 0.5, street->far_z - NEAR_Z);
        psp_painter_shade (painter, 0.1);
      }
  for (int i = 0; i < 5; i++)
    {
      double x = g_rand_double_range (rand, -street->half_width, street->half_width - 1);
      double z = g_rand_double_range (rand, 2, 40);
      double length = g_rand_double_range (rand, 1, 6);

      psp_painter_rectangle (painter, x, z, g_rand_double_range (rand, 0.5, 1.2), length);
      psp_painter_shade (painter, g_rand_double_range (rand, 0.08, 0.3));
      psp_painter_ellipse (painter, -x * 0.7, z + 3, 0.33, 0.33);
      psp_painter_shade (painter, 0.5);
    }
}

static void
draw_lines (PspPainter   *painter,
            const Ground *self)
{
  const PspStreet *street = self->street;
  double edge = street->half_width - 0.35;

  for (double z = NEAR_Z; z < street->far_z - 8; z += 6)
    if (!psp_street_crosses (street, z) && !psp_street_crosses (street, z + 3))
      psp_painter_rectangle (painter, -0.06, z, 0.12, 3);
  psp_painter_fill (painter, PSP_CLASS_ROAD, &self->mark);
  if (street->seed % 3 == 0)
    for (int side = -1; side <= 1; side += 2)
      for (int i = 0; i < 2; i++)
        fill_box (painter, PSP_CLASS_ROAD, &self->mark, side * (edge - i * 0.2) - 0.04, NEAR_Z,
                  0.08, street->crossing_from > 0 ? street->crossing_from - NEAR_Z : 200);
}

static void
draw_crossing_marks (PspPainter   *painter,
                     const Ground *self)
{
  const PspStreet *street = self->street;

  if (street->zebra_z > 0)
    for (double x = -street->half_width + 0.3; x < street->half_width - 0.4; x += 1.1)
      psp_painter_rectangle (painter, x, street->zebra_z, 0.55, 2.8);
  if (street->crossing_to > street->crossing_from)
    {
      psp_painter_rectangle (painter, -street->half_width + 0.3, self->cross_from - 0.9,
                             street->half_width - 0.4, 0.35);
      for (double x = -SIDE_X; x < SIDE_X; x += 6)
        if (fabs (x) > street->half_width)
          psp_painter_rectangle (painter, x, (self->cross_from + self->cross_to) / 2, 3, 0.12);
    }
  psp_painter_fill (painter, PSP_CLASS_ROAD, &self->mark);
}

void
psp_street_draw_ground (const PspStreet *self,
                        PspPainter      *painter)
{
  Ground ground = ground_new (self);

  draw_base (painter, &ground);
  draw_road (painter, &ground);
  draw_wear (painter, &ground);
  draw_lines (painter, &ground);
  draw_crossing_marks (painter, &ground);
  draw_pavements (painter, &ground);
}
