/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-thing.h"

/* A tree: PspThing.width is that of its crown; style 0 is round, 1 tall, 2 loose. */
void psp_tree_draw   (PspPainter     *painter,
                      const PspThing *thing);
void psp_tree_shadow (PspPainter     *painter,
                      const PspThing *thing);

/* A hedge, from the frame's origin along its right. */
void psp_hedge_draw  (PspPainter     *painter,
                      const PspThing *thing);
