/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-pane.h"

/**
 * PspPaneGrid:
 *
 * One to six panes on the same image, all with the same view of it, 4 px apart and without frames.
 * What is painted on any of them changes the mask of the scene; if none in sight shows the mask,
 * the one that is painted on does from then on.
 *
 * Properties (all notify, all writable unless said otherwise):
 *  “canvas” (PspCanvas, read only: scene, view, tool, opacity …),
 *  “n-panes” (int: 1, 2, 3, 4 or 6: how many of the six panes are in sight; the first is always,
 *  the last from two on), “large” (int: the pane that is shown large, -1: none),
 *  “layout” (string: what each of the six panes shows, separated by commas:
 *  “photo,truth,prediction,auxiliary,pyramid-3,edited”; also “errors” and “confidence”).
 *
 * The grid inserts an action group called “canvas” into the window that it is in, so that tool
 * bars, menus and keys of that window reach it:
 *  canvas.tool (stateful, s: “inspect”, “brush”, “eraser”, “fill”, “polygon”)
 *  canvas.class (stateful, i: the class id)
 *  canvas.favorite (i: 1 to 9, chooses a class)     canvas.assign-favorite (i: 1 to 9)
 *  canvas.pick: chooses the class under the crosshair
 *  canvas.radius-smaller  canvas.radius-larger
 *  canvas.undo  canvas.redo: enabled when there is something to undo or redo; while a polygon is
 *    under way, undo takes back its corners and there is no redo
 *  canvas.remove-corner: takes back the last corner of the polygon that is under way
 *  canvas.accept-region: takes over the region of equal predicted class under the crosshair
 *  canvas.accept-all: takes the whole prediction over
 *  canvas.revert: back to the label, enabled while the mask may be another
 *  canvas.fit  canvas.actual-size  canvas.zoom-in  canvas.zoom-out
 *  canvas.outlines (stateful, b)  canvas.bare (stateful, b)
 *  canvas.n-panes (stateful, i: 1, 2, 3, 4, 6)  canvas.large (stateful, i: a pane or -1)
 *  canvas.cancel: takes back the stroke or polygon that is under way, else puts the tool away
 *
 * Keys that the grid handles itself, anywhere in its window while no entry has the focus (the
 * window adds none of these, but names them in its list of shortcuts):
 *  1 … 9 favorite class       Ctrl+1 … 9 make the class a favorite     I pick
 *  B brush   E eraser   G fill   P polygon   Esc cancel, then inspect
 *  A accept the region    Shift+A accept all
 *  [ ] radius     F fit     Z 1:1     + - zoom     O outlines     V held: the bare photo
 *  Space held: a drag moves the view         Ctrl+Z undo    Ctrl+Shift+Z and Ctrl+Y redo
 *  Backspace takes a corner back
 * and on a pane that has the focus:
 *  arrows move the crosshair by a pixel, with Shift by 10, with Ctrl the view; Return held paints
 *  along, fills or sets a corner, at the last corner it closes the polygon; Menu or Shift+F10
 *  opens the list of what the pane can show.
 */
#define PSP_TYPE_PANE_GRID (psp_pane_grid_get_type ())
G_DECLARE_FINAL_TYPE (PspPaneGrid, psp_pane_grid, PSP, PANE_GRID, GtkWidget)

GtkWidget  *psp_pane_grid_new        (void);

/* (transfer none): the same object for the life of the grid. */
PspCanvas  *psp_pane_grid_get_canvas (PspPaneGrid *self);

#define PSP_PANE_GRID_MAX_PANES 6

/* (transfer none): a pane, 0 to 5, in sight or not. */
PspPane    *psp_pane_grid_get_pane   (PspPaneGrid *self,
                                      int          index);
