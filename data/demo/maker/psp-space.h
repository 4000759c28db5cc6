/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspVec:
 *
 * A place or a direction in the street, in metres: x to the right of the street, y up, z along
 * the street away from the camera.
 */
typedef struct
{
  double x, y, z;
} PspVec;

/**
 * PspPlane:
 * @origin: where its own coordinates (u, v) are 0
 * @u: unit vector of the first coordinate
 * @v: unit vector of the second coordinate
 *
 * A flat thing to draw on, such as a wall; its coordinates are metres too.
 */
typedef struct
{
  PspVec origin, u, v;
} PspPlane;

/**
 * PspFrame:
 * @origin: a place on the ground
 * @right: unit vector, level
 * @forward: unit vector, level; @right is on the right hand of who looks along it
 *
 * Where something stands and which way it looks.
 */
typedef struct
{
  PspVec origin, right, forward;
} PspFrame;

/**
 * PspCamera:
 * @focal: of the lens, in pixels
 * @center_x: column that @forward meets
 * @center_y: row that @forward meets
 */
typedef struct
{
  PspVec eye, right, up, forward;
  double focal, center_x, center_y;
} PspCamera;

PspVec    psp_vec              (double           x,
                                double           y,
                                double           z);
PspVec    psp_vec_add          (PspVec           a,
                                PspVec           b);
PspVec    psp_vec_sub          (PspVec           a,
                                PspVec           b);
PspVec    psp_vec_scale        (PspVec           a,
                                double           factor);
/* @a + @b * @factor */
PspVec    psp_vec_along        (PspVec           a,
                                PspVec           b,
                                double           factor);
double    psp_vec_dot          (PspVec           a,
                                PspVec           b);
PspVec    psp_vec_cross        (PspVec           a,
                                PspVec           b);
PspVec    psp_vec_unit         (PspVec           a);

/* A frame at @origin that looks @heading radians to the right of +z. */
PspFrame  psp_frame_new        (PspVec           origin,
                                double           heading);

/* The place @right, @up and @forward metres from the frame's origin. */
PspVec    psp_frame_at         (const PspFrame  *frame,
                                double           right,
                                double           up,
                                double           forward);

/* The upright plane through a place of the frame, with u along its right. */
PspPlane  psp_frame_front      (const PspFrame  *frame,
                                double           right,
                                double           up,
                                double           forward);

/* The upright plane through a place of the frame, with u along its forward. */
PspPlane  psp_frame_side       (const PspFrame  *frame,
                                double           right,
                                double           up,
                                double           forward);

/* The level plane at height @y: u is x, v is z. */
PspPlane  psp_plane_ground     (double           y);

/* The upright plane at @foot that faces @eye, as far as an upright one can. */
PspPlane  psp_plane_facing     (PspVec           foot,
                                PspVec           eye);

/* The place of the plane's (@u, @v). */
PspVec    psp_plane_at         (const PspPlane  *plane,
                                double           u,
                                double           v);

/* The plane's unit normal, on the side where @eye is. */
PspVec    psp_plane_normal     (const PspPlane  *plane,
                                PspVec           eye);

/**
 * psp_camera_new:
 * @eye: where it stands
 * @yaw: radians to the right of +z
 * @pitch: radians upwards
 * @focal: pixels
 * @width: of the picture in pixels
 * @height: of the picture in pixels
 */
PspCamera psp_camera_new       (PspVec           eye,
                                double           yaw,
                                double           pitch,
                                double           focal,
                                int              width,
                                int              height);

/* The camera behind the mirror that has @normal (unit) at @place. */
PspCamera psp_camera_mirrored  (const PspCamera *self,
                                PspVec           place,
                                PspVec           normal);

/* The place in the camera's own axes: right, up, depth. */
PspVec    psp_camera_view      (const PspCamera *self,
                                PspVec           place);

/* The direction, in the street, in which the camera sees a pixel; not a unit vector. */
PspVec    psp_camera_ray       (const PspCamera *self,
                                double           column,
                                double           row);
