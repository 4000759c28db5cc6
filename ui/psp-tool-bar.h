/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-canvas.h"

#include <gtk/gtk.h>

/**
 * PspToolBar:
 *
 * The line below the panes: tools, radius, class, undo and redo, opacity.  All of it speaks to the
 * canvas through its properties and the actions “canvas.…”.
 */
#define PSP_TYPE_TOOL_BAR (psp_tool_bar_get_type ())
G_DECLARE_FINAL_TYPE (PspToolBar, psp_tool_bar, PSP, TOOL_BAR, GtkWidget)

GtkWidget *psp_tool_bar_new        (void);

/* @canvas: (nullable): kept by reference. */
void       psp_tool_bar_set_canvas (PspToolBar *self,
                                    PspCanvas  *canvas);

/* The classes of the scene got other names. */
void       psp_tool_bar_update_classes (PspToolBar *self);
