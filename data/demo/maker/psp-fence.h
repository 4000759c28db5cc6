/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-thing.h"

typedef enum
{
  PSP_FENCE_PLANKS,
  PSP_FENCE_PICKETS,
  PSP_FENCE_RAILING,
  PSP_FENCE_N_STYLES,
} PspFenceStyle;

/* A fence from the frame's origin along its right.  What shows between its bars counts as fence,
 * as in datasets that people labelled. */
void     psp_fence_draw   (PspPainter     *painter,
                           const PspThing *thing);
void     psp_fence_shadow (PspPainter     *painter,
                           const PspThing *thing);

/* The paint of the plank fence with this seed. */
PspPaint psp_fence_planks (guint32         seed);
