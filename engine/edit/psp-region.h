/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-mask.h"

/**
 * PspSpanFunc:
 * @y: a row
 * @start: its first pixel
 * @end: behind its last pixel; greater than @start
 * @data: the caller's
 *
 * Gets pixels of an area, always inside the mask.
 */
typedef void (*PspSpanFunc) (int      y,
                             int      start,
                             int      end,
                             gpointer data);

/**
 * PspRegion:
 * @size: of the mask that it is a part of
 * @bounds: a rectangle around all pixels of the region
 *
 * Some of the pixels of a mask, one bit each.
 */
typedef struct
{
  PspSize  size;
  PspRect  bounds;

  /*< private >*/
  gsize    n_words; /* of a row */
  guint64 *bits;    /* pixel x of a row is bit x % 64 of word x / 64 */
} PspRegion;

/* (transfer full): no pixels yet. */
PspRegion *psp_region_new           (PspSize           size) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the pixels that can be reached from the one that holds @point by steps left,
 * right, up and down over pixels of its class; none if @point is outside. */
PspRegion *psp_region_new_connected (const PspMask    *mask,
                                     PspPoint          point) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the pixels of @mask that have @class_id. */
PspRegion *psp_region_new_class     (const PspMask    *mask,
                                     int               class_id) G_GNUC_WARN_UNUSED_RESULT;
void       psp_region_free          (PspRegion        *self);

/* Adds the pixels @start to @end - 1 of row @y, which must be inside. */
void       psp_region_add           (PspRegion        *self,
                                     int               y,
                                     int               start,
                                     int               end);

/* Calls @func for every run of pixels, row by row from the top, from left to right. */
void       psp_region_foreach       (const PspRegion  *self,
                                     PspSpanFunc       func,
                                     gpointer          data);

/* The same, of the rows @first to @end_row - 1 only. */
void       psp_region_foreach_rows  (const PspRegion  *self,
                                     int               first,
                                     int               end_row,
                                     PspSpanFunc       func,
                                     gpointer          data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspRegion, psp_region_free)
