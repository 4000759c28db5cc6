/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-mipmap.h"

#include "engine/core/psp-error.h"

#include <string.h>

/* A side of 32767 pixels is one pixel after fifteen halvings. */
#define MAX_LEVELS 17

/* Rows of the picture that are asked for at a time; even. */
#define STRIP_HEIGHT 64

struct _PspMipmap
{
  gatomicrefcount  ref_count;
  int              n_levels;
  PspSize          sizes[MAX_LEVELS];
  guint32         *levels[MAX_LEVELS]; /* owned; %NULL for level 0 */
};

static PspSize
halve (PspSize size)
{
  return (PspSize) { (size.width + 1) / 2, (size.height + 1) / 2 };
}

static PspMipmap *
psp_mipmap_alloc (PspSize   size,
                  GError  **error)
{
  g_autoptr(PspMipmap) self = g_new0 (PspMipmap, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->sizes[0] = size;
  self->n_levels = 1;
  while (size.width > 1 || size.height > 1)
    {
      size = halve (size);
      self->levels[self->n_levels] = g_try_new (guint32, (gsize) size.width * size.height);
      if (self->levels[self->n_levels] == NULL)
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                       "no memory for a picture of %d x %d pixels in smaller sizes",
                       self->sizes[0].width, self->sizes[0].height);
          return NULL;
        }
      self->sizes[self->n_levels++] = size;
    }

  return g_steal_pointer (&self);
}

void
psp_mipmap_unref (PspMipmap *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (int level = 1; level < self->n_levels; level++)
    g_free (self->levels[level]);
  g_free (self);
}

/* The mean of four pixels, channel by channel, rounded to the nearest. */
static inline guint32
mean_of_four (guint32 a,
              guint32 b,
              guint32 c,
              guint32 d)
{
  const guint32 even = 0x00ff00ffu;
  guint32 low = (a & even) + (b & even) + (c & even) + (d & even) + 0x00020002u;
  guint32 high = (a >> 8 & even) + (b >> 8 & even) + (c >> 8 & even) + (d >> 8 & even) +
                 0x00020002u;

  return (low >> 2 & even) | (high >> 2 & even) << 8;
}

/* Halves @source, whose rows are @stride pixels apart.  A side of odd length ends in itself. */
static void
halve_pixels (const guint32 *source,
              PspSize        size,
              gsize          stride,
              guint32       *destination,
              gsize          destination_stride)
{
  PspSize half = halve (size);

  for (int y = 0; y < half.height; y++)
    {
      const guint32 *upper = source + (gsize) 2 * y * stride;
      const guint32 *lower = 2 * y + 1 < size.height ? upper + stride : upper;
      guint32 *row = destination + y * destination_stride;
      int n_pairs = size.width / 2;

      for (int x = 0; x < n_pairs; x++)
        row[x] = mean_of_four (upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]);
      if (n_pairs < half.width)
        row[n_pairs] = mean_of_four (upper[2 * n_pairs], upper[2 * n_pairs],
                                     lower[2 * n_pairs], lower[2 * n_pairs]);
    }
}

/* @area grown to even corners, then cut to @size. */
static PspRect
grow_to_even (PspRect area,
              PspSize size)
{
  int left = area.x & ~1;
  int top = area.y & ~1;
  int right = (area.x + area.width + 1) & ~1;
  int bottom = (area.y + area.height + 1) & ~1;

  return psp_rect_intersect ((PspRect) { left, top, right - left, bottom - top },
                             (PspRect) { 0, 0, size.width, size.height });
}

static PspRect
halve_rect (PspRect even)
{
  return (PspRect) { even.x / 2, even.y / 2, (even.width + 1) / 2, (even.height + 1) / 2 };
}

/* Level 1 from the picture, strip by strip. */
static gboolean
fill_first_level (PspMipmap        *self,
                  PspRect           area,
                  PspMipmapSource   source,
                  gpointer          data,
                  GCancellable     *cancellable,
                  GError          **error)
{
  PspRect even = grow_to_even (area, self->sizes[0]);
  g_autofree guint32 *strip = g_new (guint32, (gsize) even.width * STRIP_HEIGHT);

  for (int y = 0; y < even.height; y += STRIP_HEIGHT)
    {
      PspRect part = { even.x, even.y + y, even.width, MIN (STRIP_HEIGHT, even.height - y) };
      PspRect half = halve_rect (part);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      source (data, part, strip);
      halve_pixels (strip, (PspSize) { part.width, part.height }, part.width,
                    self->levels[1] + (gsize) half.y * self->sizes[1].width + half.x,
                    self->sizes[1].width);
    }

  return TRUE;
}

/* The levels above the first, where @area of the first changed. */
static void
fill_further_levels (PspMipmap *self,
                     PspRect    area)
{
  for (int level = 2; level < self->n_levels; level++)
    {
      PspRect even = grow_to_even (area, self->sizes[level - 1]);
      gsize below = self->sizes[level - 1].width;
      gsize here = self->sizes[level].width;

      area = halve_rect (even);
      halve_pixels (self->levels[level - 1] + even.y * below + even.x,
                    (PspSize) { even.width, even.height }, below,
                    self->levels[level] + area.y * here + area.x, here);
    }
}

PspMipmap *
psp_mipmap_new (PspSize           size,
                PspMipmapSource   source,
                gpointer          data,
                GCancellable     *cancellable,
                GError          **error)
{
  PspRect everything = { 0, 0, size.width, size.height };
  g_autoptr(PspMipmap) self = NULL;

  g_return_val_if_fail (size.width > 0 && size.height > 0, NULL);

  self = psp_mipmap_alloc (size, error);
  if (self == NULL || self->n_levels == 1)
    return g_steal_pointer (&self);

  if (!fill_first_level (self, everything, source, data, cancellable, error))
    return NULL;

  fill_further_levels (self, halve_rect (everything));
  return g_steal_pointer (&self);
}

int
psp_mipmap_get_n_levels (const PspMipmap *self)
{
  return self->n_levels;
}

PspSize
psp_mipmap_get_size (const PspMipmap *self,
                     int              level)
{
  g_return_val_if_fail (level >= 0 && level < self->n_levels, (PspSize) { 0 });

  return self->sizes[level];
}

void
psp_mipmap_update (PspMipmap       *self,
                   PspRect          area,
                   PspMipmapSource  source,
                   gpointer         data)
{
  PspRect changed = psp_rect_intersect (area, (PspRect) { 0, 0, self->sizes[0].width,
                                                          self->sizes[0].height });

  if (psp_rect_is_empty (changed) || self->n_levels == 1)
    return;

  fill_first_level (self, changed, source, data, NULL, NULL);
  fill_further_levels (self, halve_rect (grow_to_even (changed, self->sizes[0])));
}

void
psp_mipmap_read (const PspMipmap *self,
                 int              level,
                 PspRect          area,
                 guint32         *pixels)
{
  g_return_if_fail (level >= 1 && level < self->n_levels);
  g_return_if_fail (area.x >= 0 && area.x + area.width <= self->sizes[level].width);
  g_return_if_fail (area.y >= 0 && area.y + area.height <= self->sizes[level].height);

  for (int y = 0; y < area.height; y++)
    memcpy (pixels + (gsize) y * area.width,
            self->levels[level] + (gsize) (area.y + y) * self->sizes[level].width + area.x,
            area.width * sizeof *pixels);
}
