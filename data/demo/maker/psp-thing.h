/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-painter.h"

typedef struct _PspThing PspThing;

/* Draws @thing with its foot on the ground. */
typedef void (*PspThingDraw) (PspPainter     *painter,
                              const PspThing *thing);

/**
 * PspThing:
 * @draw: what it is
 * @shadow: (nullable): adds its shadow on the ground to the painter's shadow
 * @frame: where its middle stands, and which way it looks; for buildings the left end of the
 *   front, looking inwards
 * @width: along the frame's right, in metres
 * @height: in metres
 * @length: along the frame's forward, in metres
 * @style: which kind of its kind, from 0
 * @seed: of everything about it that varies
 * @order: things of a higher order are drawn earlier
 *
 * Anything that stands in the street.
 */
struct _PspThing
{
  PspThingDraw draw, shadow;
  PspFrame     frame;
  double       width, height, length;
  int          style;
  guint32      seed;
  double       order;
};

/* Adds the shadow of a box @width by @length by @height around @frame's middle. */
void psp_thing_box_shadow    (PspPainter     *painter,
                              const PspFrame *frame,
                              double          width,
                              double          length,
                              double          bottom,
                              double          height);

/* Adds the shadow of an upright round thing, such as a crown, around @height. */
void psp_thing_round_shadow  (PspPainter     *painter,
                              PspVec          foot,
                              double          height,
                              double          radius);

/* Adds the shadow of something thin and upright. */
void psp_thing_pole_shadow   (PspPainter     *painter,
                              PspVec          foot,
                              double          height,
                              double          radius);
