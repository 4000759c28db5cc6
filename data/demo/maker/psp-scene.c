/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-scene.h"

#include <math.h>

#include "data/demo/maker/psp-hard.h"
#include "data/demo/maker/psp-rows.h"
#include "data/demo/maker/psp-traffic.h"

static const char *const hard_names[] = {
  [PSP_HARD_NONE] = "none",
  [PSP_HARD_PAINTED_CAR] = "painted-car",
  [PSP_HARD_REFLECTION] = "reflection",
  [PSP_HARD_PLANKS] = "half-fence",
  [PSP_HARD_THIN] = "thin-and-small",
};

const char *
psp_hard_kind_get_name (PspHardKind kind)
{
  return hard_names[kind];
}

/* A driver, somebody on the pavement, or somebody at a first-floor window. */
static PspCamera
choose_camera (const PspStreet *street,
               GRand           *rand,
               int              width,
               int              height)
{
  double focal = g_rand_double_range (rand, 0.78, 1.05) * width;
  double kind = g_rand_double (rand);
  int side = g_rand_boolean (rand) ? 1 : -1;
  double eye_y = g_rand_double_range (rand, 1.2, 1.7);
  PspVec eye = psp_vec (-street->half_width * g_rand_double_range (rand, 0.25, 0.55), eye_y, 0);
  double yaw = g_rand_double_range (rand, -0.06, 0.1);
  double pitch = g_rand_double_range (rand, -0.02, 0.05);

  if (kind > 0.8)
    {
      eye = psp_vec (side * street->half_width * 0.8, g_rand_double_range (rand, 3.2, 5), 0);
      yaw = -side * g_rand_double_range (rand, 0.05, 0.3);
      pitch = g_rand_double_range (rand, -0.22, -0.12);
    }
  else if (kind > 0.58)
    {
      eye.x = side * (street->half_width + street->pavement * 0.4);
      eye.y = g_rand_double_range (rand, 1.5, 1.75);
      yaw = -side * g_rand_double_range (rand, 0.12, 0.42);
    }
  return psp_camera_new (eye, yaw, pitch, focal, width, height);
}

PspScene *
psp_scene_new (guint32 seed,
               int     width,
               int     height,
               double  hard_share)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  PspScene *self = g_new0 (PspScene, 1);
  gboolean is_hard = g_rand_double (rand) < hard_share;

  self->seed = seed;
  self->backdrop = g_array_new (FALSE, FALSE, sizeof (PspThing));
  self->things = g_array_new (FALSE, FALSE, sizeof (PspThing));
  self->hard_things = g_array_new (FALSE, FALSE, sizeof (PspThing));
  self->hard_cases = g_array_new (FALSE, FALSE, sizeof (PspHardCase));
  psp_street_init (&self->street, rand);
  psp_weather_init (&self->weather, rand);
  self->camera = choose_camera (&self->street, rand, width, height);
  psp_rows_plan (self, rand);
  psp_traffic_plan (self, rand);
  if (is_hard)
    psp_hard_plan (self);
  return self;
}

void
psp_scene_free (PspScene *self)
{
  g_array_unref (self->backdrop);
  g_array_unref (self->things);
  g_array_unref (self->hard_things);
  g_array_unref (self->hard_cases);
  g_free (self);
}

void
psp_scene_add (GArray         *things,
               double          x,
               double          z,
               double          heading,
               const PspThing *thing)
{
  PspThing copy = *thing;

  copy.frame = psp_frame_new (psp_vec (x, 0, z), heading);
  g_array_append_val (things, copy);
}

static int
compare_order (gconstpointer a,
               gconstpointer b)
{
  double first = ((const PspThing *) a)->order, second = ((const PspThing *) b)->order;

  return (first < second) - (first > second);
}

static void
draw_all (PspPainter   *painter,
          const GArray *things)
{
  for (guint i = 0; i < things->len; i++)
    {
      const PspThing *thing = &g_array_index (things, PspThing, i);

      thing->draw (painter, thing);
    }
}

static void
draw_hard_things (PspScene   *self,
                  PspPainter *painter)
{
  for (guint i = 0; i < self->hard_things->len; i++)
    {
      const PspThing *thing = &g_array_index (self->hard_things, PspThing, i);
      PspHardCase hard = { .kind = self->hard };

      psp_painter_begin_bounds (painter);
      thing->draw (painter, thing);
      psp_painter_end_bounds (painter, &hard.bounds);
      if (hard.bounds.width > 0 && hard.bounds.height > 0)
        g_array_append_val (self->hard_cases, hard);
    }
}

static void
draw_shadows (PspPainter   *painter,
              const GArray *things)
{
  for (guint i = 0; i < things->len; i++)
    {
      const PspThing *thing = &g_array_index (things, PspThing, i);

      if (thing->shadow != NULL)
        thing->shadow (painter, thing);
    }
}

/* Things farther from the eye are drawn before nearer ones. */
static void
order_by_distance (PspScene *self)
{
  for (guint i = 0; i < self->things->len; i++)
    {
      PspThing *thing = &g_array_index (self->things, PspThing, i);
      PspVec way = psp_vec_sub (thing->frame.origin, self->camera.eye);

      thing->order = hypot (way.x, way.z);
    }
  g_array_sort (self->things, compare_order);
}

void
psp_scene_draw (PspScene   *self,
                PspPainter *painter)
{
  order_by_distance (self);
  g_array_sort (self->backdrop, compare_order);
  psp_weather_draw_sky (&self->weather, painter);
  psp_street_draw_ground (&self->street, painter);
  if (self->weather.kind != PSP_WEATHER_OVERCAST)
    draw_shadows (painter, self->backdrop);
  draw_shadows (painter, self->things);
  psp_painter_drop_shadows (painter);
  psp_hard_draw_puddle (self, painter);
  draw_all (painter, self->backdrop);
  draw_hard_things (self, painter);
  psp_hard_draw_window (self, painter);
  draw_all (painter, self->things);
}
