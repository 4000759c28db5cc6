/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-scene.h"

/* Plans who and what is in the street: vehicles, people, street furniture, street trees. */
void psp_traffic_plan (PspScene *scene,
                       GRand    *rand);
