/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-traffic.h"

#include <math.h>

#include "data/demo/maker/psp-furniture.h"
#include "data/demo/maker/psp-person.h"
#include "data/demo/maker/psp-plant.h"
#include "data/demo/maker/psp-vehicle.h"

typedef struct
{
  PspScene        *scene;
  const PspStreet *street;
  GRand           *rand;
} Plan;

static double
between (const Plan *self,
         double      low,
         double      high)
{
  return g_rand_double_range (self->rand, low, high);
}

/* Adds @thing unless it would stand in the camera's face or in another thing's place. */
static void
add (const Plan *self,
     double      x,
     double      z,
     double      heading,
     PspThing    thing,
     double      room)
{
  PspVec eye = self->scene->camera.eye;
  GArray *things = self->scene->things;

  if (hypot (x - eye.x, z - eye.z) < 3.2 + room || z > self->street->far_z - 1)
    return;
  for (guint i = 0; i < things->len; i++)
    {
      const PspThing *other = &g_array_index (things, PspThing, i);
      PspVec place = other->frame.origin;
      double needed = MAX (room, other->length * 0.6);

      if (fabs (place.x - x) < MAX (room * 0.6, other->width * 0.5) && fabs (place.z - z) < needed)
        return;
    }
  thing.seed = g_rand_int (self->rand);
  psp_scene_add (things, x, z, heading, &thing);
}

static void
add_vehicle (const Plan *self,
             double      x,
             double      z,
             double      heading)
{
  add (self, x, z, heading, (PspThing) {
    .draw = psp_vehicle_draw, .shadow = psp_vehicle_shadow, .width = 2, .length = 4.8,
    .style = g_rand_int_range (self->rand, 0, PSP_VEHICLE_N_STYLES),
  }, 3);
}

static void
plan_parked (const Plan *self,
             int         side)
{
  double share = between (self, -0.2, 0.9);
  double x = side * (self->street->half_width - 1.15);

  if (self->street->half_width < 3.9 && side > 0)
    return;
  for (double z = between (self, 4, 9); z < 75; z += between (self, 5, 6.5))
    if (g_rand_double (self->rand) < share && !psp_street_crosses (self->street, z)
        && !psp_street_crosses (self->street, z + 3) && fabs (z - self->street->zebra_z - 1) > 5)
      add_vehicle (self, x, z, side > 0 ? G_PI : 0);
}

static void
plan_moving (const Plan *self)
{
  double lane = self->street->half_width * 0.42;

  for (double z = between (self, 9, 22); z < 90; z += between (self, 9, 40))
    if (g_rand_double (self->rand) < 0.6)
      add_vehicle (self, -lane, z, between (self, -0.05, 0.05));
  for (double z = between (self, 8, 30); z < 90; z += between (self, 9, 40))
    if (g_rand_double (self->rand) < 0.6)
      add_vehicle (self, lane, z, G_PI + between (self, -0.05, 0.05));
  if (self->street->crossing_to > self->street->crossing_from && g_rand_boolean (self->rand))
    {
      double heading = g_rand_boolean (self->rand) ? G_PI / 2 : -G_PI / 2;

      add_vehicle (self, between (self, -5, 5),
                   (self->street->crossing_from + self->street->crossing_to) / 2 + 1, heading);
    }
}

static PspThing
somebody (const Plan  *self,
          PspThingDraw draw)
{
  return (PspThing) {
    .draw = draw, .shadow = psp_person_shadow, .height = between (self, 1.55, 1.9), .width = 0.6,
    .length = 0.6,
  };
}

static void
plan_people (const Plan *self)
{
  int n_people = g_rand_int_range (self->rand, 2, 12);
  double line = psp_street_get_line (self->street);

  for (int i = 0; i < n_people; i++)
    {
      int side = g_rand_boolean (self->rand) ? 1 : -1;
      double x = side * between (self, self->street->half_width + 0.5, line - 0.3);
      double z = between (self, 4, 18) * between (self, 1, 2.4);

      add (self, x, z, 0, somebody (self, psp_person_draw), 0.5);
      if (g_rand_double (self->rand) < 0.35)
        add (self, x - side * 0.6, z + 0.2, 0, somebody (self, psp_person_draw), 0.1);
    }
  if (self->street->zebra_z > 0)
    for (int i = 0; i < 3; i++)
      {
        PspThing person = somebody (self, psp_person_draw);
        double z = self->street->zebra_z + between (self, 0.4, 2.4);

        add (self, between (self, -3.5, 3.5), z, 0, person, 0.5);
      }
}

static void
plan_cyclists (const Plan *self)
{
  double edge = self->street->half_width * 0.55;
  int n_cyclists = g_rand_int_range (self->rand, 0, 4);

  for (int i = 0; i < n_cyclists; i++)
    {
      int side = g_rand_double (self->rand) < 0.65 ? -1 : 1;
      PspThing cyclist = somebody (self, psp_cyclist_draw);
      double heading = (side > 0 ? G_PI : 0) + between (self, -0.15, 0.15);
      double z = between (self, 5, 26);

      cyclist.length = 1.8;
      add (self, side * edge * between (self, 0.8, 1.2), z, heading, cyclist, 1.2);
    }
  if (g_rand_double (self->rand) < 0.35)
    {
      PspThing cyclist = somebody (self, psp_cyclist_draw);
      double heading = g_rand_boolean (self->rand) ? G_PI / 2 : -G_PI / 2;
      double z = between (self, 9, 20);

      add (self, between (self, -3, 3), z, heading, cyclist, 1.5);
    }
}

static void
plan_lamps (const Plan *self)
{
  int style = g_rand_int_range (self->rand, 0, 3);
  double spacing = between (self, 16, 28), height = style == 1 ? 3.6 : between (self, 5.5, 8.5);
  double x = self->street->half_width + 0.45;

  for (int side = -1; side <= 1; side += 2)
    for (double z = between (self, 5, spacing); z < 110; z += spacing)
      if (!psp_street_crosses (self->street, z))
        add (self, side * x, z, -side * G_PI / 2, (PspThing) {
          .draw = psp_lamp_draw, .shadow = psp_furniture_shadow, .style = style,
          .height = height, .width = 0.2, .length = 0.2,
        }, 0.3);
}

static void
plan_signs (const Plan *self)
{
  int n_signs = g_rand_int_range (self->rand, 1, 6);

  for (int i = 0; i < n_signs; i++)
    {
      int side = g_rand_boolean (self->rand) ? 1 : -1;
      int style = g_rand_int_range (self->rand, 0, PSP_SIGN_N_STYLES);
      double width = between (self, 0.5, 0.85);
      PspThing sign = {
        .draw = psp_sign_draw, .shadow = psp_furniture_shadow, .style = style,
        .height = between (self, 2.3, 3.2), .width = width, .length = 0.2,
      };
      double z = between (self, 6, 32);

      add (self, side * (self->street->half_width + between (self, 0.3, 0.7)), z, 0, sign, 0.4);
    }
}

static void
plan_small (const Plan *self)
{
  int n_clutter = g_rand_int_range (self->rand, 0, 4);
  double kerb = self->street->half_width + 0.35;

  for (int i = 0; i < n_clutter; i++)
    {
      PspThing clutter = {
        .draw = psp_clutter_draw, .style = g_rand_int_range (self->rand, 0, 3),
        .height = between (self, 0.9, 1.3), .width = 0.6, .length = 0.6,
      };
      double z = between (self, 6, 30);

      add (self, (g_rand_boolean (self->rand) ? 1 : -1) * (kerb + 0.3), z, 0, clutter, 0.6);
    }
  if (g_rand_double (self->rand) < 0.3)
    for (double z = 5; z < 40; z += 2.2)
      if (!psp_street_crosses (self->street, z))
        add (self, -kerb, z, 0, (PspThing) {
          .draw = psp_bollard_draw, .shadow = psp_furniture_shadow, .height = 0.95, .width = 0.2,
          .length = 0.2,
        }, 0.3);
}

static void
plan_trees (const Plan *self)
{
  gboolean many = self->street->kind == PSP_STREET_BOULEVARD;
  double x = self->street->half_width + 0.9, height = between (self, 5, 9);

  if (!many && g_rand_double (self->rand) > 0.3)
    return;
  for (int side = -1; side <= 1; side += 2)
    for (double z = between (self, 7, 14); z < 100; z += between (self, 8, many ? 11 : 26))
      if (!psp_street_crosses (self->street, z))
        {
          double tall = height * between (self, 0.8, 1.2);

          add (self, side * x, z, 0, (PspThing) {
            .draw = psp_tree_draw, .shadow = psp_tree_shadow, .height = tall,
            .width = tall * between (self, 0.45, 0.65), .length = 0.5,
            .style = g_rand_int_range (self->rand, 0, 3),
          }, 0.6);
        }
}

void
psp_traffic_plan (PspScene *scene,
                  GRand    *rand)
{
  Plan plan = { .scene = scene, .street = &scene->street, .rand = rand };

  plan_lamps (&plan);
  plan_trees (&plan);
  plan_cyclists (&plan);
  plan_parked (&plan, -1);
  plan_parked (&plan, 1);
  plan_moving (&plan);
  plan_signs (&plan);
  plan_people (&plan);
  plan_small (&plan);
}
