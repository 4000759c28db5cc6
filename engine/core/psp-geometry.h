/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* Whole pixels unless a comment says otherwise.  x grows to the right, y downwards. */

typedef struct
{
  int width;
  int height;
} PspSize;

typedef struct
{
  double x;
  double y;
} PspPoint;

typedef struct
{
  int x;
  int y;
  int width;  /* 0 or less: empty */
  int height; /* 0 or less: empty */
} PspRect;

gboolean psp_size_equal     (PspSize a,
                             PspSize b);

gboolean psp_rect_is_empty  (PspRect rect);

/* The pixels in both; empty (all zero) if there are none. */
PspRect  psp_rect_intersect (PspRect a,
                             PspRect b);

/* The smallest rectangle around both; an empty one counts for nothing. */
PspRect  psp_rect_union     (PspRect a,
                             PspRect b);

gboolean psp_rect_contains  (PspRect rect,
                             int     x,
                             int     y);
