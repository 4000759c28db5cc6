/* SPDX-License-Identifier: MIT */
#include "tests/psp-edit-model.h"

#include <math.h>

/* In sixteenths of a pixel, so that pixel centres are whole. */
typedef struct
{
  gint64 x;
  gint64 y;
} WholePoint;

static WholePoint
whole (PspPoint point)
{
  WholePoint result = { (gint64) (point.x * 16), (gint64) (point.y * 16) };

  g_assert_true (result.x == point.x * 16 && result.y == point.y * 16);
  return result;
}

static gboolean
near_segment (WholePoint c,
              WholePoint a,
              WholePoint b,
              gint64     radius)
{
  gint64 dx = b.x - a.x, dy = b.y - a.y;
  gint64 along = (c.x - a.x) * dx + (c.y - a.y) * dy;
  gint64 length = dx * dx + dy * dy;
  __int128 across = (c.x - a.x) * dy - (c.y - a.y) * dx;

  if (along <= 0)
    return (c.x - a.x) * (c.x - a.x) + (c.y - a.y) * (c.y - a.y) <= radius * radius;
  if (along >= length)
    return (c.x - b.x) * (c.x - b.x) + (c.y - b.y) * (c.y - b.y) <= radius * radius;
  return across * across <= (__int128) (radius * radius) * length;
}

static gboolean
stroke_covers (const PspEdit *edit,
               int            x,
               int            y)
{
  WholePoint center = { x * 16 + 8, y * 16 + 8 };

  for (gsize i = 0; i < edit->n_points; i++)
    if (near_segment (center, whole (edit->points[i > 0 ? i - 1 : 0]), whole (edit->points[i]),
                      (gint64) (edit->radius * 16)) ||
        (floor (edit->points[i].x) == x && floor (edit->points[i].y) == y))
      return TRUE;
  return FALSE;
}

/* Counts the edges left of the centre or through it. */
static gboolean
polygon_covers (const PspEdit *edit,
                int            x,
                int            y)
{
  WholePoint c = { x * 16 + 8, y * 16 + 8 };
  gboolean inside = FALSE;

  for (gsize i = 0; i < edit->n_points; i++)
    {
      WholePoint a = whole (edit->points[i]);
      WholePoint b = whole (edit->points[(i + 1) % edit->n_points]);
      gint64 side = (c.x - a.x) * (b.y - a.y) - (c.y - a.y) * (b.x - a.x);

      if ((a.y <= c.y) != (b.y <= c.y) && (b.y > a.y ? side >= 0 : side <= 0))
        inside = !inside;
    }
  return inside;
}

gboolean
psp_edit_model_covers (const PspEdit *edit,
                       int            x,
                       int            y)
{
  g_assert_cmpint (edit->kind, !=, PSP_EDIT_FILL);
  g_assert_cmpint (edit->kind, !=, PSP_EDIT_ACCEPT);

  if (edit->kind == PSP_EDIT_STROKE)
    return stroke_covers (edit, x, y);
  return edit->kind == PSP_EDIT_POLYGON ? polygon_covers (edit, x, y) : TRUE;
}

/* Grows until nothing changes. */
guint8 *
psp_edit_model_flood (const PspMask *mask,
                      int            x,
                      int            y)
{
  int width = mask->size.width, height = mask->size.height;
  guint8 *reached = g_new0 (guint8, (gsize) width * height);
  g_autoptr(GArray) edge = g_array_new (FALSE, FALSE, sizeof (int));
  int start = y * width + x;

  if (x < 0 || y < 0 || x >= width || y >= height)
    return reached;

  reached[start] = TRUE;
  g_array_append_val (edge, start);
  for (guint i = 0; i < edge->len; i++)
    {
      int here = g_array_index (edge, int, i);
      int next[] = { here % width > 0 ? here - 1 : here, here % width < width - 1 ? here + 1 : here,
                     here >= width ? here - width : here,
                     here < width * (height - 1) ? here + width : here };

      for (int k = 0; k < 4; k++)
        if (!reached[next[k]] && mask->pixels[next[k]] == mask->pixels[start])
          {
            reached[next[k]] = TRUE;
            g_array_append_val (edge, next[k]);
          }
    }
  return reached;
}

static gboolean
is_locked (const PspEdit *edit,
           guint16        class_id)
{
  for (gsize i = 0; i < edit->n_locked; i++)
    if (edit->locked[i] == class_id)
      return TRUE;
  return FALSE;
}

void
psp_edit_model_apply (const PspEdit *edit,
                      PspMask       *mask,
                      const PspMask *original,
                      const PspMask *source,
                      const guint8  *chosen)
{
  g_autofree guint8 *flood = NULL;

  if (edit->kind == PSP_EDIT_FILL)
    chosen = flood = psp_edit_model_flood (mask, (int) floor (edit->points[0].x),
                                           (int) floor (edit->points[0].y));

  for (int y = 0; y < mask->size.height; y++)
    for (int x = 0; x < mask->size.width; x++)
      {
        gsize i = (gsize) y * mask->size.width + x;

        if (is_locked (edit, mask->pixels[i]) ||
            !(chosen != NULL ? chosen[i] : psp_edit_model_covers (edit, x, y)))
          continue;
        if (edit->kind == PSP_EDIT_ACCEPT)
          mask->pixels[i] = source->pixels[i];
        else if (edit->class_id != PSP_EDIT_ORIGINAL)
          mask->pixels[i] = edit->class_id;
        else
          mask->pixels[i] = original != NULL ? original->pixels[i] : psp_mask_get_ignore (mask);
      }
}
