/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-thing.h"

typedef enum
{
  PSP_BUILDING_BRICK_HOUSE,
  PSP_BUILDING_PLASTER_HOUSE,
  PSP_BUILDING_SHOP,
  PSP_BUILDING_FLATS,
  PSP_BUILDING_OFFICE,
  PSP_BUILDING_SHED,          /* blank walls */
  PSP_BUILDING_N_STYLES,
} PspBuildingStyle;

/* A building: PspThing.style is a PspBuildingStyle, height that of the eaves. */
void psp_building_draw   (PspPainter     *painter,
                          const PspThing *thing);
void psp_building_shadow (PspPainter     *painter,
                          const PspThing *thing);
