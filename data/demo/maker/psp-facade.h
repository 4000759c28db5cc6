/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-painter.h"

/**
 * PspFacade:
 * @style: a PspBuildingStyle
 * @storey_m: height of a storey
 * @bay_m: width of the wall that one window has
 * @window_width: in metres
 * @window_height: in metres
 * @sill_m: height of the lower edge of a window over the floor
 * @n_panes: into how many columns and rows each window is divided
 *
 * How the walls of one building look.
 */
typedef struct
{
  int      style;
  int      n_storeys;
  double   storey_m, bay_m;
  double   window_width, window_height, sill_m;
  int      n_panes;
  gboolean has_balconies, is_arched;
  PspPaint wall, trim, frame, glass, door, sign;
  guint32  seed;
} PspFacade;

void psp_facade_init       (PspFacade       *self,
                            int              style,
                            double           height,
                            GRand           *rand);

/* Draws the wall to the street from (0, 0) of the painter's plane to (@width, @height). */
void psp_facade_draw_front (PspPainter      *painter,
                            const PspFacade *self,
                            double           width,
                            double           height);

/* Draws the wall at the side, with few windows. */
void psp_facade_draw_end   (PspPainter      *painter,
                            const PspFacade *self,
                            double           width,
                            double           height);
