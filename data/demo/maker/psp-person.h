/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-thing.h"

/* Somebody on foot; PspThing.height is theirs. */
void psp_person_draw    (PspPainter     *painter,
                         const PspThing *thing);

/* Somebody on a bicycle that goes along the frame's forward; PspThing.height is theirs on foot. */
void psp_cyclist_draw   (PspPainter     *painter,
                         const PspThing *thing);

/* The shadow of either. */
void psp_person_shadow  (PspPainter     *painter,
                         const PspThing *thing);
