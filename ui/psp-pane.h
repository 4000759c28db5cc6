/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-canvas.h"
#include "ui/psp-pane-source.h"

#include <gtk/gtk.h>

/**
 * PspPane:
 *
 * One picture of the scene, with a small menu in its corner that names what it shows.  It draws the
 * shared view of the canvas, and hands the pointer and the keys on to it.
 *
 * Properties: “canvas” (PspCanvas, construct only), “source” (string: what it shows, a word of
 * psp_pane_source_parse(); notifies).  Action: “pane.source” (stateful, string), “pane.enlarge”.
 *
 * Signal “enlarge”: the person wants it large, or small again.
 *
 * CSS node: “pane”; its accessible role is an image, described by the pixel under the crosshair.
 */
#define PSP_TYPE_PANE (psp_pane_get_type ())
G_DECLARE_FINAL_TYPE (PspPane, psp_pane, PSP, PANE, GtkWidget)

GtkWidget     *psp_pane_new           (PspCanvas     *canvas);

void           psp_pane_set_source    (PspPane       *self,
                                       PspPaneSource  source);
PspPaneSource  psp_pane_get_source    (PspPane       *self);

/* In device pixels. */
PspSize        psp_pane_get_size      (PspPane       *self);

/* How it shows the image, in device pixels of its own. */
PspTransform   psp_pane_get_transform (PspPane       *self);

/* The one conversion of what GTK says into image pixels: @x and @y are logical, of this widget. */
PspPoint       psp_pane_to_image      (PspPane       *self,
                                       double         x,
                                       double         y);

/**
 * psp_pane_dup_texture:
 *
 * Returns: (transfer full) (nullable): the picture without anything drawn upon it: what is in
 *   sight, for the very pixels of the screen; @place says where, in device pixels
 */
GdkTexture    *psp_pane_dup_texture   (PspPane       *self,
                                       PspRect       *place);
