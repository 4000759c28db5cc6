/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <adwaita.h>

/**
 * PspPyramidLevels:
 *
 * A row of toggles, one for each level of the model's pyramid, named by its bins: those that are
 * not pressed are left out of what is shown, see psp_project_set_levels_off().  Hidden for a
 * network without a pyramid.
 */
#define PSP_TYPE_PYRAMID_LEVELS (psp_pyramid_levels_get_type ())
G_DECLARE_FINAL_TYPE (PspPyramidLevels, psp_pyramid_levels, PSP, PYRAMID_LEVELS, GtkBox)

void       psp_pyramid_levels_set_project (PspPyramidLevels *self,
                                           PspProject       *project);

/* (transfer none) (nullable): the toggle of a level of the model, counted from 0. */
GtkWidget *psp_pyramid_levels_get_toggle  (PspPyramidLevels *self,
                                           int               level);
