/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-mask-painter.h"

#include "engine/edit/psp-edit-private.h"
#include "engine/edit/psp-pixels.h"
#include "engine/edit/psp-raster.h"

#include <string.h>

/* How many pixels of the source are compared at once. */
#define BLOCK 64

/* Where to go on among the runs of an accept. */
typedef struct
{
  const guint8 *next; /* behind @run; NULL: at the end of all */
  PspEditRun    run;
} RunPlace;

/* An edit that is painted band by band. */
typedef struct
{
  const PspEdit   *edit;     /* (nullable): an accept */
  const RunPlace  *places;   /* (nullable): by band: of the accept */
  const PspRegion *region;   /* (nullable): of a shape; without both: everything */
  PspMaskPainter  *painters; /* by thread */
} BandJob;

static int
count_bands (PspSize size)
{
  return (size.height + PSP_DELTA_BAND - 1) / PSP_DELTA_BAND;
}

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

/* Where every band begins among the runs of an accept. */
static RunPlace *
find_places (const PspEdit *edit,
             int            n_bands)
{
  const guint64 band_pixels = (guint64) PSP_DELTA_BAND * edit->size.width;
  RunPlace *places = g_new0 (RunPlace, n_bands);
  RunPlace place = { 0 };
  int band = 0;

  while (band < n_bands && psp_edit_next_run (edit, &place.next, &place.run))
    for (; band < n_bands && place.run.start + place.run.length > band * band_pixels; band++)
      places[band] = place;
  return places;
}

/* What the runs from @place on have of the pixels @start to @end - 1. */
static void
paint_runs (PspMaskPainter *self,
            const PspEdit  *edit,
            RunPlace        place,
            guint64         start,
            guint64         end)
{
  if (place.next == NULL)
    return;

  do
    {
      const PspEditRun *run = &place.run;

      self->class_id = run->class_id != PSP_EDIT_IGNORED ? run->class_id
                                                         : psp_mask_get_ignore (self->mask);
      paint_range (self, MAX (start, run->start), MIN (end, run->start + run->length));
    }
  while (psp_edit_next_run (edit, &place.next, &place.run) && place.run.start < end);
}

static void
paint_band (int      task,
            int      thread,
            gpointer data)
{
  BandJob *job = data;
  PspMaskPainter *painter = &job->painters[thread];
  PspSize size = painter->mask->size;
  int first = task * PSP_DELTA_BAND;
  int end = MIN (first + PSP_DELTA_BAND, size.height);
  guint64 start_pixel = (guint64) first * size.width;
  guint64 end_pixel = (guint64) end * size.width;

  if (job->places != NULL)
    paint_runs (painter, job->edit, job->places[task], start_pixel, end_pixel);
  else if (job->region != NULL)
    psp_region_foreach_rows (job->region, first, end, psp_mask_painter_span, painter);
  else
    paint_range (painter, start_pixel, end_pixel);
  psp_delta_recorder_settle (painter->recorder);
}

/* Paints band by band; @n_pixels: about how many. */
static void
paint_bands (PspMaskPainter *self,
             BandJob        *job,
             guint64         n_pixels)
{
  g_autoptr(PspThreadPool) pool = psp_edit_new_threads (n_pixels);
  int n_threads = psp_thread_pool_get_n_threads (pool);

  job->painters = g_new (PspMaskPainter, n_threads);
  for (int i = 0; i < n_threads; i++)
    {
      job->painters[i] = *self;
      job->painters[i].recorder = psp_delta_recorder_new (self->mask);
    }

  psp_thread_pool_run (pool, count_bands (self->mask->size), paint_band, job);

  for (int i = 0; i < n_threads; i++)
    {
      psp_delta_recorder_take (self->recorder, job->painters[i].recorder);
      psp_delta_recorder_free (job->painters[i].recorder);
      self->changed = psp_rect_union (self->changed, job->painters[i].changed);
    }
  g_free (job->painters);
}

static guint64
count_pixels (const PspMask *mask)
{
  return (guint64) mask->size.width * mask->size.height;
}

static void
paint_accept (PspMaskPainter *self,
              const PspEdit  *edit)
{
  g_autofree RunPlace *places = find_places (edit, count_bands (self->mask->size));
  BandJob job = { .edit = edit, .places = places };

  self->source = NULL;
  paint_bands (self, &job, count_pixels (self->mask));
}

static void
paint_region (PspMaskPainter  *self,
              const PspRegion *region)
{
  BandJob job = { .region = region };

  paint_bands (self, &job, (guint64) region->bounds.width * region->bounds.height);
}

static void
paint_fill (PspMaskPainter *self,
            PspPoint        point)
{
  g_autoptr(PspRegion) region = psp_region_new_connected (self->mask, point);

  paint_region (self, region);
}

static void
add_span (int      y,
          int      start,
          int      end,
          gpointer data)
{
  psp_region_add (data, y, start, end);
}

static void
paint_polygon (PspMaskPainter *self,
               const PspPoint *points,
               gsize           n_points)
{
  g_autoptr(PspRegion) region = psp_region_new (self->mask->size);

  psp_raster_polygon (points, n_points, self->mask->size, add_span, region);
  paint_region (self, region);
}

static void
paint_all (PspMaskPainter *self)
{
  BandJob job = { 0 };

  paint_bands (self, &job, count_pixels (self->mask));
}

void
psp_mask_painter_edit (PspMaskPainter *self,
                       const PspEdit  *edit)
{
  switch (edit->kind)
    {
    case PSP_EDIT_STROKE:
      for (gsize i = 0; i < edit->n_points; i++)
        psp_mask_painter_segment (self, edit->points[i > 0 ? i - 1 : 0], edit->points[i],
                                  edit->radius);
      break;
    case PSP_EDIT_FILL:
      paint_fill (self, edit->points[0]);
      break;
    case PSP_EDIT_POLYGON:
      paint_polygon (self, edit->points, edit->n_points);
      break;
    case PSP_EDIT_ACCEPT:
      paint_accept (self, edit);
      break;
    case PSP_EDIT_REVERT:
      paint_all (self);
      break;
    case PSP_EDIT_UNDO:
    case PSP_EDIT_REDO:
    default:
      g_return_if_reached ();
    }
}
