/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-region.h"

#include "engine/edit/psp-pixels.h"

#include <math.h>

/* Where a flood goes on. */
typedef struct
{
  int x;
  int y;
} Seed;

PspRegion *
psp_region_new (PspSize size)
{
  PspRegion *self = g_new0 (PspRegion, 1);

  self->size = size;
  self->n_words = ((gsize) size.width + 63) / 64;
  self->bits = g_new0 (guint64, self->n_words * size.height);
  return self;
}

void
psp_region_free (PspRegion *self)
{
  g_free (self->bits);
  g_free (self);
}

void
psp_region_add (PspRegion *self,
                int        y,
                int        start,
                int        end)
{
  guint64 *row = self->bits + y * self->n_words;
  int first = start / 64, last = (end - 1) / 64;
  guint64 head = G_MAXUINT64 << (start % 64);
  guint64 tail = G_MAXUINT64 >> (63 - (end - 1) % 64);

  if (first == last)
    row[first] |= head & tail;
  else
    {
      row[first] |= head;
      for (int i = first + 1; i < last; i++)
        row[i] = G_MAXUINT64;
      row[last] |= tail;
    }
  self->bounds = psp_rect_union (self->bounds, (PspRect) { start, y, end - start, 1 });
}

static gboolean
has_pixel (const PspRegion *self,
           int              x,
           int              y)
{
  return self->bits[y * self->n_words + x / 64] >> (x % 64) & 1;
}

/* Pushes one seed for every run of @class_id in row @y that touches the columns from @start to
 * @end - 1 and is not in the region yet. */
static void
push_seeds (const PspRegion *self,
            const PspMask   *mask,
            guint16          class_id,
            Seed             start,
            int              end,
            GArray          *seeds)
{
  const guint16 *row = mask->pixels + (gsize) start.y * mask->size.width;

  for (int x = start.x, next; x < end; x = next)
    {
      next = psp_pixels_skip (row, x, end, row[x]);
      if (row[x] == class_id && !has_pixel (self, x, start.y))
        {
          Seed seed = { x, start.y };

          g_array_append_val (seeds, seed);
        }
    }
}

/* Adds whole runs of pixels at a time: a run is in the region either completely or not at all. */
PspRegion *
psp_region_new_connected (const PspMask *mask,
                          PspPoint       point)
{
  PspRegion *self = psp_region_new (mask->size);
  g_autoptr(GArray) seeds = g_array_new (FALSE, FALSE, sizeof (Seed));
  Seed seed;
  guint16 class_id;

  if (!(point.x >= 0 && point.x < mask->size.width && point.y >= 0 && point.y < mask->size.height))
    return self;

  seed = (Seed) { (int) floor (point.x), (int) floor (point.y) };
  class_id = mask->pixels[(gsize) seed.y * mask->size.width + seed.x];
  g_array_append_val (seeds, seed);

  while (seeds->len > 0)
    {
      const guint16 *row;
      int start, end;

      seed = g_array_index (seeds, Seed, seeds->len - 1);
      g_array_set_size (seeds, seeds->len - 1);
      if (has_pixel (self, seed.x, seed.y))
        continue;

      row = mask->pixels + (gsize) seed.y * mask->size.width;
      start = psp_pixels_skip_back (row, 0, seed.x, class_id);
      end = psp_pixels_skip (row, seed.x + 1, mask->size.width, class_id);

      psp_region_add (self, seed.y, start, end);
      if (seed.y > 0)
        push_seeds (self, mask, class_id, (Seed) { start, seed.y - 1 }, end, seeds);
      if (seed.y + 1 < mask->size.height)
        push_seeds (self, mask, class_id, (Seed) { start, seed.y + 1 }, end, seeds);
    }
  return self;
}

PspRegion *
psp_region_new_class (const PspMask *mask,
                      int            class_id)
{
  PspRegion *self = psp_region_new (mask->size);

  for (int y = 0; y < mask->size.height; y++)
    {
      const guint16 *row = mask->pixels + (gsize) y * mask->size.width;

      for (int start = 0, end; start < mask->size.width; start = end)
        {
          end = psp_pixels_skip (row, start + 1, mask->size.width, row[start]);
          if (row[start] == class_id)
            psp_region_add (self, y, start, end);
        }
    }
  return self;
}

/* The first pixel from @x on that is in the region, or is not; the width if there is none. */
static int
find_pixel (const PspRegion *self,
            const guint64   *row,
            int              x,
            gboolean         inside)
{
  while (x < self->size.width)
    {
      guint64 word = (inside ? row[x / 64] : ~row[x / 64]) >> (x % 64);

      if (word != 0)
        return MIN (x + __builtin_ctzll (word), self->size.width);
      x += 64 - x % 64;
    }
  return self->size.width;
}

void
psp_region_foreach (const PspRegion *self,
                    PspSpanFunc      func,
                    gpointer         data)
{
  psp_region_foreach_rows (self, 0, self->size.height, func, data);
}

void
psp_region_foreach_rows (const PspRegion *self,
                         int              first,
                         int              end_row,
                         PspSpanFunc      func,
                         gpointer         data)
{
  first = MAX (first, self->bounds.y);
  end_row = MIN (end_row, self->bounds.y + self->bounds.height);
  for (int y = first; y < end_row; y++)
    {
      const guint64 *row = self->bits + y * self->n_words;
      int start = find_pixel (self, row, self->bounds.x, TRUE);

      while (start < self->size.width)
        {
          int end = find_pixel (self, row, start, FALSE);

          func (y, start, end, data);
          start = find_pixel (self, row, end, TRUE);
        }
    }
}
