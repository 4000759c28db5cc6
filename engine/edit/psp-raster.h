/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/edit/psp-region.h"

/* Which pixels a shape covers: see PspEdit.  Coordinates are image pixels, finite and at most
 * %PSP_EDIT_MAX_COORDINATE from the corner. */

/**
 * psp_raster_segment:
 * @from: where the brush comes from
 * @to: where it goes; may be the same point
 * @radius: of the brush
 * @size: of the mask
 *
 * Gives every row of the area at most once, but a row again for the pixel that holds a point.
 * Decided per pixel centre c, without a division: |c - from| or |c - to| against the radius
 * before and behind the segment, else cross (c - from, to - from)^2 <= radius^2 |to - from|^2.
 */
void psp_raster_segment (PspPoint         from,
                         PspPoint         to,
                         double           radius,
                         PspSize          size,
                         PspSpanFunc      func,
                         gpointer         data);

/**
 * psp_raster_polygon:
 * @points: (array length=n_points): the corners; the last is joined to the first
 * @size: of the mask
 *
 * Even-odd.  An edge is always looked at from its upper end: the two polygons at its sides
 * decide alike.  Rows come from the top; the spans of a row do not touch.
 */
void psp_raster_polygon (const PspPoint  *points,
                         gsize            n_points,
                         PspSize          size,
                         PspSpanFunc      func,
                         gpointer         data);
