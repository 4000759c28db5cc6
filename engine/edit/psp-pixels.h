/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* The ends of runs of equal pixels.  Many pixels are looked at at once: a mask is mostly long runs,
 * and a person waits while all of a large one are gone through. */

/* As psp_pixels_skip(), which does not call it for the shortest runs. */
int psp_pixels_skip_many (const guint16 *pixels,
                          int            start,
                          int            end,
                          guint16        value);

/* The first of @start to @end - 1 whose pixel is not @value; @end if all are. */
static inline int
psp_pixels_skip (const guint16 *pixels,
                 int            start,
                 int            end,
                 guint16        value)
{
  for (int i = 0; i < 4; i++)
    {
      if (start == end || pixels[start] != value)
        return start;
      start++;
    }
  return psp_pixels_skip_many (pixels, start, end, value);
}

/* Behind the last of @start to @end - 1 whose pixel is not @value; @start if all are. */
int psp_pixels_skip_back (const guint16 *pixels,
                          int            start,
                          int            end,
                          guint16        value);
