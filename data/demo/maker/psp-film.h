/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-painter.h"

/* What a camera makes of the light: soft lens, dark corners, exposure, white balance, noise of
 * the sensor, 8 bits.  Returns: (transfer full): red, green, blue per pixel. */
guint8 *psp_film_develop (PspPainter *painter,
                          GRand      *rand) G_GNUC_WARN_UNUSED_RESULT;
