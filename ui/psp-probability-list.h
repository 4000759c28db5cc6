/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-canvas.h"

#include <gtk/gtk.h>

/**
 * PspProbabilityList:
 *
 * The five most probable classes of the pixel under the crosshair as bars, for the box “Pixel” at
 * the side.  Updates once a frame at most.
 */
#define PSP_TYPE_PROBABILITY_LIST (psp_probability_list_get_type ())
G_DECLARE_FINAL_TYPE (PspProbabilityList, psp_probability_list, PSP, PROBABILITY_LIST, GtkWidget)

GtkWidget *psp_probability_list_new        (void);

/* @canvas: (nullable): whose scene and crosshair it follows. */
void       psp_probability_list_set_canvas (PspProbabilityList *self,
                                            PspCanvas          *canvas);
