/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-hard.h"

#include <math.h>

#include "data/demo/maker/psp-building.h"
#include "data/demo/maker/psp-fence.h"
#include "data/demo/maker/psp-furniture.h"
#include "data/demo/maker/psp-noise.h"
#include "data/demo/maker/psp-person.h"
#include "data/demo/maker/psp-vehicle.h"

#define PUDDLE_Z 6.5
#define PUDDLE_RADIUS 2.1
#define WALL_FROM 9.0       /* the planted wall runs along the street from here */
#define WALL_TO 22.0
#define MURAL_SCALE 1.5

/* The side of the street on which a wall is planted. */
static int
wall_side (const PspScene *scene)
{
  return scene->seed / 2 % 2 == 0 ? 1 : -1;
}

static gboolean
has_puddle (const PspScene *scene)
{
  return scene->hard == PSP_HARD_REFLECTION && scene->seed % 2 == 0;
}

/* Where its middle is: ahead of the camera, but on the road with all of it. */
static double
puddle_x (const PspScene *scene)
{
  double ahead = scene->camera.eye.x + scene->camera.forward.x * PUDDLE_Z;
  double room = scene->street.half_width - PUDDLE_RADIUS * 1.1;

  return CLAMP (ahead, -room, room);
}

static gboolean
has_window (const PspScene *scene)
{
  return scene->hard == PSP_HARD_REFLECTION && scene->seed % 2 == 1;
}

/* Takes away what would hide the wall on @side. */
static void
clear_side (PspScene *scene,
            int       side)
{
  for (guint i = scene->things->len; i > 0; i--)
    {
      PspVec place = g_array_index (scene->things, PspThing, i - 1).frame.origin;

      if (place.z < 8 || (place.x * side > -1 && place.z < WALL_TO))
        g_array_remove_index (scene->things, i - 1);
    }
  for (guint i = scene->backdrop->len; i > 0; i--)
    {
      const PspThing *thing = &g_array_index (scene->backdrop, PspThing, i - 1);

      if (thing->frame.origin.x * side > 0 && thing->order < WALL_TO + 6)
        g_array_remove_index (scene->backdrop, i - 1);
    }
  scene->street.crossing_from = scene->street.crossing_to = 0;
}

/* Moves the camera to the other side of the road, where it sees the wall best. */
static void
face_wall (PspScene *scene,
           int       side)
{
  const PspCamera *camera = &scene->camera;
  PspVec eye = psp_vec (-side * scene->street.half_width * 0.7, MIN (camera->eye.y, 2.5), 0);
  double pitch = asin (CLAMP (camera->forward.y, -0.05, 0.05));

  scene->camera = psp_camera_new (eye, side * 0.36, pitch, camera->focal,
                                  (int) camera->center_x * 2, (int) camera->center_y * 2);
}

static PspThing
on_wall (const PspScene *scene,
         PspThingDraw    draw)
{
  return (PspThing) {
    .draw = draw, .width = WALL_TO - WALL_FROM, .seed = scene->seed, .order = WALL_TO,
  };
}

static void
add_on_wall (PspScene       *scene,
             GArray         *things,
             int             side,
             const PspThing *thing)
{
  double x = side * psp_street_get_line (&scene->street);

  psp_scene_add (things, x, side < 0 ? WALL_FROM : WALL_TO, side * G_PI / 2, thing);
}

static void
add_building (PspScene *scene,
              int       side,
              int       style,
              double    height)
{
  PspThing house = on_wall (scene, psp_building_draw);

  clear_side (scene, side);
  face_wall (scene, side);
  house.shadow = psp_building_shadow;
  house.style = style;
  house.height = height;
  house.length = 9;
  add_on_wall (scene, scene->backdrop, side, &house);
}

/* A mural: sky, a road, a car larger than life. */
static void
draw_mural (PspPainter     *painter,
            const PspThing *thing)
{
  double middle = thing->width / 2;
  PspPaint sky = { .color = psp_color_hex (0x9fb4bc), .texture = PSP_TEXTURE_PLASTER };
  PspPaint ground = { .color = psp_color_hex (0x6a6a6a), .texture = PSP_TEXTURE_PLASTER };
  PspThing car = { .style = thing->seed / 8 % PSP_VEHICLE_N_STYLES, .seed = thing->seed };
  PspPlane canvas = psp_frame_front (&thing->frame, middle, 0.25, -0.04);

  psp_painter_begin_class (painter, PSP_CLASS_BUILDING);
  psp_painter_set_plane (painter, psp_frame_front (&thing->frame, middle, 0.05, -0.03));
  psp_painter_rectangle (painter, -5, 0, 10, 3.4);
  psp_painter_fill (painter, PSP_CLASS_BUILDING, &sky);
  psp_painter_rectangle (painter, -5, 0, 10, 0.7);
  psp_painter_fill (painter, PSP_CLASS_BUILDING, &ground);
  canvas.u = psp_vec_scale (canvas.u, MURAL_SCALE);
  canvas.v = psp_vec_scale (canvas.v, MURAL_SCALE);
  psp_painter_set_plane (painter, canvas);
  psp_painter_ellipse (painter, 0, 0.02, 2.3, 0.12);
  psp_painter_shade (painter, 0.6);
  psp_vehicle_draw_flat (painter, &car);
  psp_painter_end_class (painter);
}

static void
plan_mural (PspScene *scene,
            int       side)
{
  PspThing mural = on_wall (scene, draw_mural);

  add_building (scene, side, PSP_BUILDING_SHED, 6);
  add_on_wall (scene, scene->hard_things, side, &mural);
}

/* The same planks all along: on the near half they clad the house, on the far half they are a
 * fence in front of it. */
static void
draw_cladding (PspPainter     *painter,
               const PspThing *thing)
{
  PspPaint planks = psp_fence_planks (thing->seed);
  double half = thing->width / 2;

  psp_painter_set_plane (painter, psp_frame_front (&thing->frame, 0, 0, -0.05));
  psp_painter_rectangle (painter, 0, 0, half, 2.6);
  psp_painter_fill (painter, thing->style == 0 ? PSP_CLASS_FENCE : PSP_CLASS_BUILDING, &planks);
  psp_painter_rectangle (painter, half, 0, half, 2.6);
  psp_painter_fill (painter, thing->style == 0 ? PSP_CLASS_BUILDING : PSP_CLASS_FENCE, &planks);
  psp_painter_rectangle (painter, 0, 2.6, thing->width, 0.08);
  psp_painter_shade (painter, 0.5);
}

static void
plan_cladding (PspScene *scene,
               int       side)
{
  PspThing cladding = on_wall (scene, draw_cladding);

  cladding.style = side > 0 ? 1 : 0;
  add_building (scene, side, PSP_BUILDING_PLASTER_HOUSE, 5.8);
  add_on_wall (scene, scene->hard_things, side, &cladding);
}

static void
draw_thin_pole (PspPainter     *painter,
                const PspThing *thing)
{
  PspVec eye = psp_painter_get_camera (painter)->eye;
  PspPaint paint = { .color = psp_color_hex (thing->seed & 1 ? 0x54585a : 0x8c9090),
                     .is_volume = TRUE };

  psp_painter_set_plane (painter, psp_plane_facing (thing->frame.origin, eye));
  psp_painter_rectangle (painter, -0.02, 0, 0.04, thing->height);
  psp_painter_fill (painter, PSP_CLASS_POLE, &paint);
}

static void
plan_thin (PspScene *scene)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (scene->seed + 5);
  double edge = scene->street.half_width + 0.4;

  for (int i = 0; i < 10; i++)
    {
      gboolean sign = i % 2 == 0;
      PspThing thing = {
        .draw = sign ? psp_sign_draw : draw_thin_pole,
        .style = g_rand_int_range (rand, 0, PSP_SIGN_N_STYLES), .width = 0.42,
        .height = g_rand_double_range (rand, 2.2, sign ? 3 : 4.5), .seed = g_rand_int (rand),
      };
      double z = sign ? g_rand_double_range (rand, 22, 38) : g_rand_double_range (rand, 6, 22);

      psp_scene_add (scene->hard_things, (i & 2 ? 1 : -1) * edge, z, 0, &thing);
    }
}

/* Something worth reflecting. */
static void
add_reflected (PspScene *scene,
               double    x,
               double    z,
               double    heading)
{
  PspThing car = {
    .draw = psp_vehicle_draw, .shadow = psp_vehicle_shadow, .width = 2, .length = 4.8,
    .style = scene->seed / 8 % PSP_VEHICLE_N_STYLES, .seed = scene->seed,
  };
  PspThing person = {
    .draw = psp_person_draw, .shadow = psp_person_shadow, .height = 1.75, .seed = scene->seed + 1,
  };

  psp_scene_add (scene->things, x, z, heading, &car);
  psp_scene_add (scene->things, x + 1.7, z - 1.5, heading, &person);
}

static void
plan_puddle (PspScene *scene)
{
  double x = puddle_x (scene);

  for (guint i = scene->things->len; i > 0; i--)
    {
      PspVec place = g_array_index (scene->things, PspThing, i - 1).frame.origin;

      if (place.z < PUDDLE_Z + 8 && fabs (place.x - x) < 3)
        g_array_remove_index (scene->things, i - 1);
    }
  scene->street.zebra_z = 0;
  add_reflected (scene, x, PUDDLE_Z + 5.5, scene->seed % 4 == 0 ? 0 : G_PI);
}

void
psp_hard_plan (PspScene *scene)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (scene->seed + 3);
  int side = wall_side (scene);

  scene->hard = g_rand_int_range (rand, PSP_HARD_NONE + 1, PSP_HARD_N_KINDS);
  if (scene->hard == PSP_HARD_PAINTED_CAR)
    plan_mural (scene, side);
  else if (scene->hard == PSP_HARD_PLANKS)
    plan_cladding (scene, side);
  else if (scene->hard == PSP_HARD_THIN)
    plan_thin (scene);
  else if (has_puddle (scene))
    plan_puddle (scene);
  else
    {
      add_building (scene, side, PSP_BUILDING_SHOP, 9);
      add_reflected (scene, side * (scene->street.half_width - 1.4), WALL_TO - 4.5,
                     side > 0 ? G_PI : 0);
    }
}

static void
draw_mirrored (PspScene   *scene,
               PspPainter *painter,
               PspVec      normal,
               PspClassId  id,
               double      transparency)
{
  PspHardCase hard = { .kind = scene->hard };
  const GArray *groups[] = { scene->backdrop, scene->things };

  psp_painter_begin_bounds (painter);
  psp_painter_begin_mirror (painter, normal, id, transparency);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (guint j = 0; j < groups[i]->len; j++)
      {
        const PspThing *thing = &g_array_index (groups[i], PspThing, j);

        thing->draw (painter, thing);
      }
  psp_painter_end_mirror (painter);
  psp_painter_end_bounds (painter, &hard.bounds);
  g_array_append_val (scene->hard_cases, hard);
}

/* Adds the outline of the water. */
static void
add_puddle (PspScene   *scene,
            PspPainter *painter)
{
  double x = puddle_x (scene);

  for (int i = 0; i < 80; i++)
    {
      double angle = i * G_PI / 40;
      double bay = psp_noise_fractal (2 + 1.4 * cos (angle), 2 + 1.4 * sin (angle), scene->seed, 3);
      double reach = PUDDLE_RADIUS * (0.85 + 0.4 * bay);
      double at_x = x + reach * cos (angle), at_z = PUDDLE_Z + 1.2 * reach * sin (angle);

      if (i == 0)
        psp_painter_move_to (painter, at_x, at_z);
      else
        psp_painter_line_to (painter, at_x, at_z);
    }
}

void
psp_hard_draw_puddle (PspScene   *scene,
                      PspPainter *painter)
{
  PspPaint water = { .color = psp_color_scale (scene->weather.horizon, 0.75), .glows = TRUE,
                     .transparency = 0.25 };

  if (!has_puddle (scene))
    return;
  psp_painter_set_plane (painter, psp_plane_ground (0.005));
  add_puddle (scene, painter);
  psp_painter_fill (painter, PSP_CLASS_ROAD, &water);
  add_puddle (scene, painter);
  draw_mirrored (scene, painter, psp_vec (0, 1, 0), PSP_CLASS_ROAD, 0.3);
}

void
psp_hard_draw_window (PspScene   *scene,
                      PspPainter *painter)
{
  int side = wall_side (scene);
  double x = side * (psp_street_get_line (&scene->street) - 0.02);
  PspPlane plane = {
    .origin = psp_vec (x, 0, 0), .u = psp_vec (0, 0, 1), .v = psp_vec (0, 1, 0),
  };
  PspPaint glass = { .color = psp_color_scale (scene->weather.horizon, 0.4), .glows = TRUE };

  if (!has_window (scene))
    return;
  psp_painter_set_plane (painter, plane);
  psp_painter_rectangle (painter, WALL_FROM + 0.6, 0.4, WALL_TO - WALL_FROM - 1.2, 2.1);
  psp_painter_fill (painter, PSP_CLASS_BUILDING, &glass);
  psp_painter_rectangle (painter, WALL_FROM + 0.6, 0.4, WALL_TO - WALL_FROM - 1.2, 2.1);
  draw_mirrored (scene, painter, psp_vec (1, 0, 0), PSP_CLASS_BUILDING, 0.15);
}
