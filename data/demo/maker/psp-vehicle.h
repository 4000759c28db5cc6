/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-thing.h"

typedef enum
{
  PSP_VEHICLE_HATCHBACK,
  PSP_VEHICLE_SALOON,
  PSP_VEHICLE_OFF_ROADER,
  PSP_VEHICLE_VAN,
  PSP_VEHICLE_N_STYLES,
} PspVehicleStyle;

/* A vehicle: the frame's origin is under its middle, its front looks along forward. */
void psp_vehicle_draw      (PspPainter     *painter,
                            const PspThing *thing);
void psp_vehicle_shadow    (PspPainter     *painter,
                            const PspThing *thing);

/* Only its side, flat, on the painter's plane with the middle of its foot at (0, 0). */
void psp_vehicle_draw_flat (PspPainter     *painter,
                            const PspThing *thing);
