/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-thing.h"

#include <math.h>

#define LONGEST 4.0      /* no shadow is longer than this many heights */

/* How far, in x and z, the shadow of a point falls from its foot, for each metre of height. */
static PspVec
shadow_step (PspPainter *painter)
{
  PspVec sun = psp_painter_get_light (painter)->sun;
  double height = MAX (sun.y, 1 / LONGEST);

  return psp_vec (-sun.x / height, 0, -sun.z / height);
}

/* One side of the box: its own shadow is a parallelogram; all sides and the top make the whole. */
static void
add_wall (PspPainter *painter,
          PspVec      from,
          PspVec      to,
          double      bottom,
          double      height)
{
  PspVec step = shadow_step (painter);
  PspVec low = psp_vec_scale (step, bottom), high = psp_vec_scale (step, height);
  double places[] = {
    from.x + low.x, from.z + low.z, to.x + low.x, to.z + low.z,
    to.x + high.x, to.z + high.z, from.x + high.x, from.z + high.z,
  };

  psp_painter_polygon (painter, places, 4);
  psp_painter_add_shadow (painter);
}

static void
add_level (PspPainter   *painter,
           const PspVec *corners,
           double        height)
{
  PspVec step = psp_vec_scale (shadow_step (painter), height);

  for (int i = 0; i < 4; i++)
    if (i == 0)
      psp_painter_move_to (painter, corners[i].x + step.x, corners[i].z + step.z);
    else
      psp_painter_line_to (painter, corners[i].x + step.x, corners[i].z + step.z);
  psp_painter_add_shadow (painter);
}

void
psp_thing_box_shadow (PspPainter     *painter,
                      const PspFrame *frame,
                      double          width,
                      double          length,
                      double          bottom,
                      double          height)
{
  PspVec corners[] = {
    psp_frame_at (frame, -width / 2, 0, -length / 2),
    psp_frame_at (frame, width / 2, 0, -length / 2),
    psp_frame_at (frame, width / 2, 0, length / 2),
    psp_frame_at (frame, -width / 2, 0, length / 2),
  };

  psp_painter_set_plane (painter, psp_plane_ground (0));
  for (int i = 0; i < 4; i++)
    add_wall (painter, corners[i], corners[(i + 1) % 4], bottom, height);
  add_level (painter, corners, bottom);
  add_level (painter, corners, height);
}

void
psp_thing_round_shadow (PspPainter *painter,
                        PspVec      foot,
                        double      height,
                        double      radius)
{
  PspVec step = psp_vec_scale (shadow_step (painter), height);

  psp_painter_set_plane (painter, psp_plane_ground (0));
  psp_painter_ellipse (painter, foot.x + step.x, foot.z + step.z, radius, radius);
  psp_painter_add_shadow (painter);
}

void
psp_thing_pole_shadow (PspPainter *painter,
                       PspVec      foot,
                       double      height,
                       double      radius)
{
  PspVec step = psp_vec_scale (shadow_step (painter), height);

  psp_painter_set_plane (painter, psp_plane_ground (0));
  psp_painter_limb (painter, foot.x, foot.z, radius, foot.x + step.x, foot.z + step.z, radius);
  psp_painter_add_shadow (painter);
}
