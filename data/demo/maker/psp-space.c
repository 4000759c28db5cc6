/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-space.h"

#include <math.h>

PspVec
psp_vec (double x,
         double y,
         double z)
{
  return (PspVec) { x, y, z };
}

PspVec
psp_vec_add (PspVec a,
             PspVec b)
{
  return psp_vec (a.x + b.x, a.y + b.y, a.z + b.z);
}

PspVec
psp_vec_sub (PspVec a,
             PspVec b)
{
  return psp_vec (a.x - b.x, a.y - b.y, a.z - b.z);
}

PspVec
psp_vec_scale (PspVec a,
               double factor)
{
  return psp_vec (a.x * factor, a.y * factor, a.z * factor);
}

PspVec
psp_vec_along (PspVec a,
               PspVec b,
               double factor)
{
  return psp_vec_add (a, psp_vec_scale (b, factor));
}

double
psp_vec_dot (PspVec a,
             PspVec b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

PspVec
psp_vec_cross (PspVec a,
               PspVec b)
{
  return psp_vec (a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

PspVec
psp_vec_unit (PspVec a)
{
  double length = sqrt (psp_vec_dot (a, a));

  return length > 0 ? psp_vec_scale (a, 1 / length) : a;
}

PspFrame
psp_frame_new (PspVec origin,
               double heading)
{
  return (PspFrame) {
    .origin = origin,
    .right = psp_vec (cos (heading), 0, -sin (heading)),
    .forward = psp_vec (sin (heading), 0, cos (heading)),
  };
}

PspVec
psp_frame_at (const PspFrame *frame,
              double          right,
              double          up,
              double          forward)
{
  PspVec place = psp_vec_along (frame->origin, frame->right, right);

  place = psp_vec_along (place, frame->forward, forward);
  place.y += up;
  return place;
}

PspPlane
psp_frame_front (const PspFrame *frame,
                 double          right,
                 double          up,
                 double          forward)
{
  return (PspPlane) {
    .origin = psp_frame_at (frame, right, up, forward),
    .u = frame->right,
    .v = psp_vec (0, 1, 0),
  };
}

PspPlane
psp_frame_side (const PspFrame *frame,
                double          right,
                double          up,
                double          forward)
{
  return (PspPlane) {
    .origin = psp_frame_at (frame, right, up, forward),
    .u = frame->forward,
    .v = psp_vec (0, 1, 0),
  };
}

PspPlane
psp_plane_ground (double y)
{
  return (PspPlane) {
    .origin = psp_vec (0, y, 0),
    .u = psp_vec (1, 0, 0),
    .v = psp_vec (0, 0, 1),
  };
}

PspPlane
psp_plane_facing (PspVec foot,
                  PspVec eye)
{
  PspFrame frame = psp_frame_new (foot, atan2 (foot.x - eye.x, foot.z - eye.z));

  return psp_frame_front (&frame, 0, 0, 0);
}

PspVec
psp_plane_at (const PspPlane *plane,
              double          u,
              double          v)
{
  return psp_vec_along (psp_vec_along (plane->origin, plane->u, u), plane->v, v);
}

PspVec
psp_plane_normal (const PspPlane *plane,
                  PspVec          eye)
{
  PspVec normal = psp_vec_unit (psp_vec_cross (plane->u, plane->v));
  gboolean behind = psp_vec_dot (normal, psp_vec_sub (eye, plane->origin)) < 0;

  return behind ? psp_vec_scale (normal, -1) : normal;
}

PspCamera
psp_camera_new (PspVec eye,
                double yaw,
                double pitch,
                double focal,
                int    width,
                int    height)
{
  PspVec ahead = psp_vec (sin (yaw), 0, cos (yaw));
  PspVec up = psp_vec (0, 1, 0);

  return (PspCamera) {
    .eye = eye,
    .right = psp_vec (cos (yaw), 0, -sin (yaw)),
    .up = psp_vec_along (psp_vec_scale (up, cos (pitch)), ahead, -sin (pitch)),
    .forward = psp_vec_along (psp_vec_scale (ahead, cos (pitch)), up, sin (pitch)),
    .focal = focal,
    .center_x = width / 2.0,
    .center_y = height / 2.0,
  };
}

static PspVec
mirror_direction (PspVec direction,
                  PspVec normal)
{
  return psp_vec_along (direction, normal, -2 * psp_vec_dot (direction, normal));
}

PspCamera
psp_camera_mirrored (const PspCamera *self,
                     PspVec           place,
                     PspVec           normal)
{
  PspCamera mirrored = *self;

  mirrored.eye = psp_vec_add (place, mirror_direction (psp_vec_sub (self->eye, place), normal));
  mirrored.right = mirror_direction (self->right, normal);
  mirrored.up = mirror_direction (self->up, normal);
  mirrored.forward = mirror_direction (self->forward, normal);
  return mirrored;
}

PspVec
psp_camera_view (const PspCamera *self,
                 PspVec           place)
{
  PspVec from_eye = psp_vec_sub (place, self->eye);

  return psp_vec (psp_vec_dot (from_eye, self->right),
                  psp_vec_dot (from_eye, self->up),
                  psp_vec_dot (from_eye, self->forward));
}

PspVec
psp_camera_ray (const PspCamera *self,
                double           column,
                double           row)
{
  PspVec ray = psp_vec_along (self->forward, self->right, (column - self->center_x) / self->focal);

  return psp_vec_along (ray, self->up, (self->center_y - row) / self->focal);
}
