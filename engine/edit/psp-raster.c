/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-raster.h"

#include <math.h>
#include <stdlib.h>

/* A segment and what is asked of it for every row. */
typedef struct
{
  PspPoint from;
  PspPoint to;
  double   dx;
  double   dy;
  double   length_squared;
  double   radius;
  double   radius_squared;
} Segment;

/* From low to high; nothing if low is the greater. */
typedef struct
{
  double low;
  double high;
} Interval;

static const Interval nothing = { (double) INFINITY, (double) -INFINITY };
static const Interval everything = { (double) -INFINITY, (double) INFINITY };

/* An edge of a polygon, the upper end first, and the rows whose centres it passes. */
typedef struct
{
  PspPoint top;
  PspPoint bottom;
  int      first_row;
  int      end_row;
} Edge;

static gboolean
segment_covers (const Segment *self,
                double         x,
                double         y)
{
  double from_x = x - self->from.x, from_y = y - self->from.y;
  double along = from_x * self->dx + from_y * self->dy;
  double to_x, to_y, across;

  if (along <= 0)
    return from_x * from_x + from_y * from_y <= self->radius_squared;

  if (along >= self->length_squared)
    {
      to_x = x - self->to.x;
      to_y = y - self->to.y;
      return to_x * to_x + to_y * to_y <= self->radius_squared;
    }

  across = from_x * self->dy - from_y * self->dx;
  return across * across <= self->radius_squared * self->length_squared;
}

/* Where the line at height @y is in the disc of the brush around @center. */
static Interval
cut_disc (const Segment *self,
          PspPoint       center,
          double         y)
{
  double height = y - center.y;
  double square = self->radius_squared - height * height;

  if (square < 0)
    return nothing;
  return (Interval) { center.x - sqrt (square), center.x + sqrt (square) };
}

/* The part of @interval where low <= factor x + offset <= high. */
static Interval
cut_linear (Interval interval,
            double   factor,
            double   offset,
            Interval range)
{
  double a, b;

  if (factor == 0)
    return offset >= range.low && offset <= range.high ? interval : nothing;
  a = (range.low - offset) / factor;
  b = (range.high - offset) / factor;
  return (Interval) { fmax (interval.low, fmin (a, b)), fmin (interval.high, fmax (a, b)) };
}

/* Where the line at height @y is beside the segment, neither before nor behind it. */
static Interval
cut_side (const Segment *self,
          double         y)
{
  double height = y - self->from.y;
  double reach = self->radius * sqrt (self->length_squared);
  Interval strip = cut_linear (everything, self->dy, -self->from.x * self->dy - height * self->dx,
                               (Interval) { -reach, reach });

  if (self->length_squared == 0)
    return nothing;
  return cut_linear (strip, self->dx, -self->from.x * self->dx + height * self->dy,
                     (Interval) { 0, self->length_squared });
}

static Interval
join (Interval a,
      Interval b)
{
  if (a.low > a.high)
    return b;
  if (b.low > b.high)
    return a;
  return (Interval) { fmin (a.low, b.low), fmax (a.high, b.high) };
}

static void
emit (int         y,
      int         start,
      int         end,
      PspSize     size,
      PspSpanFunc func,
      gpointer    data)
{
  start = MAX (start, 0);
  end = MIN (end, size.width);
  if (start < end && y >= 0 && y < size.height)
    func (y, start, end, data);
}

/* The area is convex, so that a row of it is one run.  The interval is right but for rounding; the
 * pixels at its ends are decided one by one. */
static void
raster_row (const Segment *self,
            int            y,
            PspSize        size,
            PspSpanFunc    func,
            gpointer       data)
{
  double center_y = y + 0.5;
  Interval interval = join (join (cut_disc (self, self->from, center_y),
                                  cut_disc (self, self->to, center_y)),
                            cut_side (self, center_y));
  int start, end;

  if (interval.low > interval.high)
    return;

  start = (int) ceil (interval.low - 0.5) - 1;
  end = (int) floor (interval.high - 0.5) + 2;
  while (start < end && !segment_covers (self, start + 0.5, center_y))
    start++;
  while (start < end && !segment_covers (self, end - 0.5, center_y))
    end--;
  emit (y, start, end, size, func, data);
}

static void
raster_pixel_of (PspPoint    point,
                 PspSize     size,
                 PspSpanFunc func,
                 gpointer    data)
{
  int x = (int) floor (point.x);

  emit ((int) floor (point.y), x, x + 1, size, func, data);
}

void
psp_raster_segment (PspPoint    from,
                    PspPoint    to,
                    double      radius,
                    PspSize     size,
                    PspSpanFunc func,
                    gpointer    data)
{
  Segment self = {
    .from = from,
    .to = to,
    .dx = to.x - from.x,
    .dy = to.y - from.y,
    .radius = radius,
    .radius_squared = radius * radius,
  };
  int first = MAX (0, (int) floor (fmin (from.y, to.y) - radius - 0.5));
  int last = MIN (size.height - 1, (int) ceil (fmax (from.y, to.y) + radius - 0.5));

  self.length_squared = self.dx * self.dx + self.dy * self.dy;
  for (int y = first; y <= last; y++)
    raster_row (&self, y, size, func, data);

  /* A greater disc holds the centre of every pixel that its own centre is in. */
  if (self.radius_squared < 0.5)
    {
      raster_pixel_of (from, size, func, data);
      raster_pixel_of (to, size, func, data);
    }
}

/* The first pixel of row @y whose centre is right of the edge or on it. */
static int
edge_cross (const Edge *self,
            int         y)
{
  double dx = self->bottom.x - self->top.x;
  double dy = self->bottom.y - self->top.y;
  double height = y + 0.5 - self->top.y;
  double limit = height * dx;
  int x = (int) ceil (self->top.x + height / dy * dx - 0.5);

  while ((x - 0.5 - self->top.x) * dy >= limit)
    x--;
  while ((x + 0.5 - self->top.x) * dy < limit)
    x++;
  return x;
}

static int
compare_edges (gconstpointer a,
               gconstpointer b)
{
  const Edge *first = a, *second = b;

  return first->first_row - second->first_row;
}

static int
compare_ints (gconstpointer a,
              gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

/* The edges that pass the centre of a row, sorted by the first. */
static GArray *
collect_edges (const PspPoint *points,
               gsize           n_points,
               PspSize         size)
{
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (Edge));

  for (gsize i = 0; i < n_points; i++)
    {
      PspPoint a = points[i];
      PspPoint b = points[(i + 1) % n_points];
      Edge edge = { a.y <= b.y ? a : b, a.y <= b.y ? b : a, 0, 0 };

      edge.first_row = MAX (0, (int) ceil (edge.top.y - 0.5));
      edge.end_row = MIN (size.height, (int) ceil (edge.bottom.y - 0.5));
      if (edge.first_row < edge.end_row)
        g_array_append_val (edges, edge);
    }
  g_array_sort (edges, compare_edges);
  return edges;
}

/* Fills a row between the edges in @active, two by two; the edges that end here leave. */
static void
raster_crossings (int         y,
                  GPtrArray  *active,
                  GArray     *crossings,
                  PspSize     size,
                  PspSpanFunc func,
                  gpointer    data)
{
  g_array_set_size (crossings, 0);
  for (guint i = 0; i < active->len; i++)
    {
      int x = CLAMP (edge_cross (active->pdata[i], y), 0, size.width);

      g_array_append_val (crossings, x);
    }
  qsort (crossings->data, crossings->len, sizeof (int), compare_ints);
  for (guint i = 0; i + 1 < crossings->len; i += 2)
    {
      int start = g_array_index (crossings, int, i);
      int end = g_array_index (crossings, int, i + 1);

      while (i + 3 < crossings->len && g_array_index (crossings, int, i + 2) == end)
        {
          end = g_array_index (crossings, int, i + 3);
          i += 2;
        }
      emit (y, start, end, size, func, data);
    }

  for (guint i = active->len; i > 0; i--)
    if (((const Edge *) active->pdata[i - 1])->end_row == y + 1)
      g_ptr_array_remove_index_fast (active, i - 1);
}

void
psp_raster_polygon (const PspPoint *points,
                    gsize           n_points,
                    PspSize         size,
                    PspSpanFunc     func,
                    gpointer        data)
{
  g_autoptr(GArray) edges = collect_edges (points, n_points, size);
  g_autoptr(GPtrArray) active = g_ptr_array_new ();
  g_autoptr(GArray) crossings = g_array_new (FALSE, FALSE, sizeof (int));
  guint next = 0;

  if (edges->len == 0)
    return;

  for (int y = g_array_index (edges, Edge, 0).first_row; y < size.height; y++)
    {
      while (next < edges->len && g_array_index (edges, Edge, next).first_row == y)
        g_ptr_array_add (active, &g_array_index (edges, Edge, next++));
      if (active->len == 0 && next == edges->len)
        return;
      raster_crossings (y, active, crossings, size, func, data);
    }
}
