/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-pane-grid.h"

/**
 * PspToolBar:
 *
 * The line below the panes: tools, radius, class, undo and redo, opacity.  All of it speaks to the
 * grid through its properties and the actions “canvas.…”.
 *
 * Property “grid” (PspPaneGrid, nullable): set it once; a .ui file can bind it.
 */
#define PSP_TYPE_TOOL_BAR (psp_tool_bar_get_type ())
G_DECLARE_FINAL_TYPE (PspToolBar, psp_tool_bar, PSP, TOOL_BAR, GtkWidget)

GtkWidget *psp_tool_bar_new      (void);
void       psp_tool_bar_set_grid (PspToolBar  *self,
                                  PspPaneGrid *grid);
