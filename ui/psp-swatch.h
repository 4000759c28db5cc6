/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

/**
 * PspSwatch:
 *
 * A small square in the colour of a class, with an edge in that of text.  Property “color” (uint:
 * 0xRRGGBB, notifies).
 */
#define PSP_TYPE_SWATCH (psp_swatch_get_type ())
G_DECLARE_FINAL_TYPE (PspSwatch, psp_swatch, PSP, SWATCH, GtkWidget)

GtkWidget *psp_swatch_new       (void);
void       psp_swatch_set_color (PspSwatch *self,
                                 guint32    color);
