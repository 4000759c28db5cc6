/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-pane-grid.h"

struct _PspPaneGrid
{
  GtkWidget           parent_instance;

  PspCanvas          *canvas;                         /* owned */
  GtkWidget          *panes[PSP_PANE_GRID_MAX_PANES]; /* children: PspPane */
  int                 n_panes;
  int                 large;                          /* a pane; -1: all are equal */

  GSimpleActionGroup *actions;                        /* owned */
  GSignalGroup       *scene_signals;                  /* owned */
  GtkEventController *held_keys;                      /* (nullable) of the window */
  gboolean            bare_held;                      /* by its key */
};

/* Shows the edited mask, unless it is in sight: on @pane, or on the first pane that does not show
 * the prediction. */
void psp_pane_grid_show_edited  (PspPaneGrid *self,
                                 GtkWidget   *pane);

/* Makes the actions “canvas.…” and the keys for them. */
void psp_pane_grid_init_actions (PspPaneGrid *self);

/* Makes window and grid know each other’s actions and keys, and forget them. */
void psp_pane_grid_attach       (PspPaneGrid *self,
                                 GtkWidget   *window);
void psp_pane_grid_detach       (PspPaneGrid *self,
                                 GtkWidget   *window);
