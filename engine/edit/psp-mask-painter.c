/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-mask-painter.h"

#include "engine/edit/psp-edit-private.h"
#include "engine/edit/psp-pixels.h"
#include "engine/edit/psp-raster.h"

#include <string.h>

/* How many pixels of the source are compared at once. */
#define BLOCK 64

/* Leaves out the pixels of the ends that are as in the source already. */
static void
trim_equal (const guint16 *row,
            const guint16 *source,
            int           *start,
            int           *end)
{
  const gsize n_bytes = BLOCK * sizeof *row;

  while (*start + BLOCK <= *end && memcmp (row + *start, source + *start, n_bytes) == 0)
    *start += BLOCK;
  while (*start < *end && row[*start] == source[*start])
    ++*start;
  while (*start + BLOCK <= *end &&
         memcmp (row + *end - BLOCK, source + *end - BLOCK, n_bytes) == 0)
    *end -= BLOCK;
  while (*start < *end && row[*end - 1] == source[*end - 1])
    --*end;
}

/* Paints pixels none of which is locked.  Only what really changes is recorded. */
static void
paint_unlocked (PspMaskPainter *self,
                int             y,
                int             start,
                int             end)
{
  gsize offset = (gsize) y * self->mask->size.width;
  guint16 *row = self->mask->pixels + offset;
  const guint16 *source = self->source != NULL ? self->source->pixels + offset : NULL;

  if (source != NULL)
    trim_equal (row, source, &start, &end);
  else
    {
      start = psp_pixels_skip (row, start, end, self->class_id);
      end = psp_pixels_skip_back (row, start, end, self->class_id);
    }
  if (start == end)
    return;

  psp_delta_recorder_touch (self->recorder, y, start, end);
  if (source != NULL)
    memcpy (row + start, source + start, (end - start) * sizeof *row);
  else
    for (int x = start; x < end; x++)
      row[x] = self->class_id;
  self->changed = psp_rect_union (self->changed, (PspRect) { start, y, end - start, 1 });
}

/* Behind the pixels from @start on that are locked as @start is. */
static int
find_other_lock (const PspMaskPainter *self,
                 const guint16        *row,
                 int                   start,
                 int                   end)
{
  gboolean locked = psp_class_set_has (self->locked, row[start]);

  while (start < end && psp_class_set_has (self->locked, row[start]) == locked)
    start = psp_pixels_skip (row, start + 1, end, row[start]);
  return start;
}

void
psp_mask_painter_span (int      y,
                       int      start,
                       int      end,
                       gpointer data)
{
  PspMaskPainter *self = data;
  const guint16 *row = self->mask->pixels + (gsize) y * self->mask->size.width;

  if (self->locked == NULL)
    {
      paint_unlocked (self, y, start, end);
      return;
    }

  for (int next; start < end; start = next)
    {
      next = find_other_lock (self, row, start, end);
      if (!psp_class_set_has (self->locked, row[start]))
        paint_unlocked (self, y, start, next);
    }
}

void
psp_mask_painter_segment (PspMaskPainter *self,
                          PspPoint        from,
                          PspPoint        to,
                          double          radius)
{
  psp_raster_segment (from, to, radius, self->mask->size, psp_mask_painter_span, self);
}

/* The pixels @start to @end - 1 in row order. */
static void
paint_range (PspMaskPainter *self,
             guint64         start,
             guint64         end)
{
  guint64 width = self->mask->size.width;

  while (start < end)
    {
      guint64 y = start / width;
      guint64 next = MIN (end, (y + 1) * width);

      psp_mask_painter_span (y, start - y * width, next - y * width, self);
      start = next;
    }
}

static void
paint_accept (PspMaskPainter *self,
              const PspEdit  *edit)
{
  const guint8 *cursor = NULL;
  PspEditRun run = { 0 };

  self->source = NULL;
  while (psp_edit_next_run (edit, &cursor, &run))
    {
      self->class_id = run.class_id != PSP_EDIT_IGNORED ? run.class_id
                                                        : psp_mask_get_ignore (self->mask);
      paint_range (self, run.start, run.start + run.length);
    }
}

static void
paint_fill (PspMaskPainter *self,
            const PspEdit  *edit)
{
  g_autoptr(PspRegion) region = psp_region_new_connected (self->mask, edit->points[0]);

  psp_region_foreach (region, psp_mask_painter_span, self);
}

void
psp_mask_painter_edit (PspMaskPainter *self,
                       const PspEdit  *edit)
{
  PspSize size = self->mask->size;

  switch (edit->kind)
    {
    case PSP_EDIT_STROKE:
      for (gsize i = 0; i < edit->n_points; i++)
        psp_mask_painter_segment (self, edit->points[i > 0 ? i - 1 : 0], edit->points[i],
                                  edit->radius);
      break;
    case PSP_EDIT_FILL:
      paint_fill (self, edit);
      break;
    case PSP_EDIT_POLYGON:
      psp_raster_polygon (edit->points, edit->n_points, size, psp_mask_painter_span, self);
      break;
    case PSP_EDIT_ACCEPT:
      paint_accept (self, edit);
      break;
    case PSP_EDIT_REVERT:
      paint_range (self, 0, (guint64) size.width * size.height);
      break;
    case PSP_EDIT_UNDO:
    case PSP_EDIT_REDO:
    default:
      g_return_if_reached ();
    }
}
