/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-scene.h"

/* Plans what stands on both sides of the street and at its end: houses, gardens, a park. */
void psp_rows_plan (PspScene *scene,
                    GRand    *rand);
