/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-sight.h"

#include <math.h>

static PspVec
in_camera_axes (const PspCamera *camera,
                PspVec           direction)
{
  return psp_vec (psp_vec_dot (direction, camera->right),
                  psp_vec_dot (direction, camera->up),
                  psp_vec_dot (direction, camera->forward));
}

static PspColor
light_on (const PspLight *light,
          const PspPaint *paint,
          PspVec          normal)
{
  double facing = MAX (psp_vec_dot (normal, light->sun), 0);
  PspColor sky = psp_color_scale (light->skylight, 0.72 + 0.28 * normal.y);
  PspColor both = { sky.red + light->sunlight.red, sky.green + light->sunlight.green,
                    sky.blue + light->sunlight.blue };

  if (paint->glows)
    return (PspColor) { 1, 1, 1 };
  if (paint->is_volume || paint->round_radius > 0)
    facing = 0.25 + 0.5 * facing;
  return psp_color_mix (sky, both, facing);
}

PspSight
psp_sight_new (const PspCamera *camera,
               const PspLight  *light,
               const PspPlane  *plane,
               const PspPaint  *paint)
{
  PspVec u = in_camera_axes (camera, plane->u), v = in_camera_axes (camera, plane->v);
  PspVec origin = psp_camera_view (camera, plane->origin);
  PspVec normal = psp_vec_cross (u, v);
  double volume = psp_vec_dot (normal, origin);
  PspSight self = {
    .camera = camera, .light = light, .paint = paint,
    .normal = psp_vec_unit (normal),
    .incident = light_on (light, paint, psp_plane_normal (plane, camera->eye)),
    .sun_side = psp_vec_dot (plane->u, light->sun) > 0 ? 1 : -1,
    .is_flat = fabs (volume) < 1e-6,
  };

  if (self.is_flat)
    return self;
  self.to_plane[0] = psp_vec_scale (psp_vec_cross (v, origin), 1 / volume);
  self.to_plane[1] = psp_vec_scale (psp_vec_cross (origin, u), 1 / volume);
  self.to_plane[2] = psp_vec_scale (normal, 1 / volume);
  return self;
}

/* How light the side of a round thing is: the light comes from the sun's side. */
static double
roundness (const PspSight *self,
           double          u)
{
  const PspPaint *paint = self->paint;
  double across = CLAMP ((u - paint->round_center) / paint->round_radius, -1, 1);

  return 0.62 + 0.4 * sqrt (1 - across * across * 0.9) * (1 + 0.35 * self->sun_side * across);
}

PspColor
psp_sight_get_color (const PspSight *self,
                     int             column,
                     int             row)
{
  const PspCamera *camera = self->camera;
  PspVec ray = psp_vec ((column + 0.5 - camera->center_x) / camera->focal,
                        (camera->center_y - row - 0.5) / camera->focal, 1);
  double nearness = psp_vec_dot (self->to_plane[2], ray);
  double depth = fabs (nearness) > 1e-5 ? fabs (1 / nearness) : 1e5;
  double u = psp_vec_dot (self->to_plane[0], ray) * depth;
  double v = psp_vec_dot (self->to_plane[1], ray) * depth;
  double facing = fabs (psp_vec_dot (self->normal, psp_vec_unit (ray)));
  double footprint = depth / camera->focal / MAX (facing, 0.06) * 0.6;
  PspColor color = psp_paint_sample (self->paint, u, v, footprint);

  color = psp_color_times (color, self->incident);
  if (self->paint->round_radius > 0)
    color = psp_color_scale (color, roundness (self, u));
  return psp_color_mix (color, self->light->haze, 1 - exp (-depth / self->light->haze_m));
}
