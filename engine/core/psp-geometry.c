/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-geometry.h"

gboolean
psp_size_equal (PspSize a,
                PspSize b)
{
  return a.width == b.width && a.height == b.height;
}

gboolean
psp_rect_is_empty (PspRect rect)
{
  return rect.width <= 0 || rect.height <= 0;
}

PspRect
psp_rect_intersect (PspRect a,
                    PspRect b)
{
  int left = MAX (a.x, b.x);
  int top = MAX (a.y, b.y);
  int right = MIN (a.x + a.width, b.x + b.width);
  int bottom = MIN (a.y + a.height, b.y + b.height);

  if (psp_rect_is_empty (a) || psp_rect_is_empty (b) || right <= left || bottom <= top)
    return (PspRect) { 0 };

  return (PspRect) { left, top, right - left, bottom - top };
}

PspRect
psp_rect_union (PspRect a,
                PspRect b)
{
  int left, top, right, bottom;

  if (psp_rect_is_empty (a))
    return psp_rect_is_empty (b) ? (PspRect) { 0 } : b;
  if (psp_rect_is_empty (b))
    return a;

  left = MIN (a.x, b.x);
  top = MIN (a.y, b.y);
  right = MAX (a.x + a.width, b.x + b.width);
  bottom = MAX (a.y + a.height, b.y + b.height);

  return (PspRect) { left, top, right - left, bottom - top };
}

gboolean
psp_rect_contains (PspRect rect,
                   int     x,
                   int     y)
{
  return x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height;
}
