/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-scene.h"

/* Plants one kind of hard case, chosen by the scene's seed. */
void psp_hard_plan        (PspScene   *scene);

/* Draws the puddle, if that is what was planted; what stands in the street shows in it. */
void psp_hard_draw_puddle (PspScene   *scene,
                           PspPainter *painter);

/* Draws the shop window that mirrors the street, if that is what was planted. */
void psp_hard_draw_window (PspScene   *scene,
                           PspPainter *painter);
