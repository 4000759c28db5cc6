/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-pane.h"

/* What a drag with a pointer does until it ends. */
typedef enum
{
  PSP_DRAG_NONE,
  PSP_DRAG_TOOL,
  PSP_DRAG_VIEW,
} PspDrag;

struct _PspPane
{
  GtkWidget      parent_instance;

  GtkWidget     *name;          /* template child: a GtkMenuButton */
  GtkWidget     *message;       /* template child: a GtkLabel */

  PspCanvas     *canvas;        /* owned */
  GSignalGroup  *scene_signals; /* owned; its target is the scene of the canvas */
  PspPaneSource  source;
  PspPixmap     *pixmap;        /* (nullable) owned: what lies over the photo */
  PspPixmap     *photo;         /* (nullable) owned: of the canvas, listened to */

  GdkTexture    *texture;       /* (nullable) owned: what is in sight */
  PspRect        place;         /* where it lies, in device pixels */
  PspSize        rendered;      /* the size of the pane that it was made for */
  gboolean       outdated;      /* the texture is */

  GArray        *menu_bins;     /* (nullable) owned: of int: the pyramid levels in the menu */
  gint64         menu_opened;   /* when, in microseconds */
  char          *menu_source;   /* (nullable) owned: what was shown when it opened */

  PspDrag        drag;
  int            n_press;       /* how many times the main button was pressed at the same place */
  PspPoint       drag_from;     /* logical pixels: where the view was last moved to */
  double         pinch_from;    /* the zoom when the fingers came down */
  gboolean       pointed;       /* the pointer is on this pane */
  PspPoint       pointer;       /* where, in logical pixels */
};

/* Adds the controllers. */
void psp_pane_init_input       (PspPane     *self);

/* What is under a resting pointer is another pixel now. */
void psp_pane_view_changed     (PspPane     *self);

/* Draws everything that lies on the picture: cells, polygon, ring, crosshair, scale. */
void psp_pane_draw_decorations (PspPane     *self,
                                GtkSnapshot *snapshot);
