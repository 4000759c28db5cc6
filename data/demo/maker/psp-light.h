/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-paint.h"
#include "data/demo/maker/psp-space.h"

/**
 * PspLight:
 * @sun: unit vector towards the sun
 * @sunlight: what the sun gives a surface that faces it
 * @skylight: what the sky gives every surface
 * @haze: colour of the air far away
 * @haze_m: distance at which two thirds of a thing have become @haze
 */
typedef struct
{
  PspVec   sun;
  PspColor sunlight, skylight, haze;
  double   haze_m;
} PspLight;
