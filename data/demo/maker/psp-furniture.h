/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-thing.h"

typedef enum
{
  PSP_SIGN_LIMIT,
  PSP_SIGN_WARNING,
  PSP_SIGN_BLUE,
  PSP_SIGN_DIRECTION,
  PSP_SIGN_STOP,
  PSP_SIGN_LIGHTS,
  PSP_SIGN_N_STYLES,
} PspSignStyle;

/* A lamp post; style 0 has an arm over the road (the frame's forward), 1 a lantern on top,
 * 2 is a plain wooden pole. */
void psp_lamp_draw      (PspPainter     *painter,
                         const PspThing *thing);

/* A sign or traffic light (PspSignStyle) on its pole; PspThing.width is that of the sign. */
void psp_sign_draw      (PspPainter     *painter,
                         const PspThing *thing);

void psp_bollard_draw   (PspPainter     *painter,
                         const PspThing *thing);

/* Things outside the eleven classes: style 0 a litter bin, 1 a bench, 2 a letter box. */
void psp_clutter_draw   (PspPainter     *painter,
                         const PspThing *thing);

/* The shadow of any of them. */
void psp_furniture_shadow (PspPainter     *painter,
                           const PspThing *thing);
