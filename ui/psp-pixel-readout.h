/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-canvas.h"

#include <gtk/gtk.h>

/**
 * PspPixelReadout:
 *
 * One line for the status bar: the pixel under the crosshair, and its class in the label, the
 * prediction and the auxiliary prediction with their probabilities.  Every piece has its fixed
 * place and tabular figures, so that nothing jumps.
 */
#define PSP_TYPE_PIXEL_READOUT (psp_pixel_readout_get_type ())
G_DECLARE_FINAL_TYPE (PspPixelReadout, psp_pixel_readout, PSP, PIXEL_READOUT, GtkWidget)

GtkWidget *psp_pixel_readout_new        (void);

/* @canvas: (nullable): whose scene and crosshair it follows. */
void       psp_pixel_readout_set_canvas (PspPixelReadout *self,
                                         PspCanvas       *canvas);
