/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-light.h"

/**
 * PspSight:
 * @is_flat: the plane is seen from its edge, so no pixel shows it
 *
 * How a camera sees one painted plane: for each pixel, which place of the plane it shows, and
 * what colour that has in this light, through this air.  Borrows all it is made of.
 */
typedef struct
{
  const PspCamera *camera;
  const PspLight  *light;
  const PspPaint  *paint;
  PspVec           to_plane[3];    /* rows: from a ray in camera axes to (u, v, 1) / depth */
  PspVec           normal;         /* in camera axes */
  PspColor         incident;
  double           sun_side;       /* of u: 1 or -1 */
  gboolean         is_flat;
} PspSight;

PspSight psp_sight_new       (const PspCamera *camera,
                              const PspLight  *light,
                              const PspPlane  *plane,
                              const PspPaint  *paint);

/* What the pixel shows if the plane is there; never for a flat sight. */
PspColor psp_sight_get_color (const PspSight  *self,
                              int              column,
                              int              row);
