/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-mask-delta.h"

#include "engine/edit/psp-pixels.h"
#include "engine/edit/psp-varint.h"

#include <string.h>

/* Of a tile, in pixels: wide and low, so that what is gone through at once lies together and stays
 * near the processor. */
#define TILE_WIDTH 512
#define TILE_HEIGHT PSP_DELTA_BAND

/* The most tiles that are kept as they were: 8 MiB.  A row of the widest mask has 64. */
#define MAX_COPIES 256

struct _PspDeltaRecorder
{
  PspMask     *mask;     /* not owned */
  int          n_columns;
  guint16    **copies;   /* by tile number: its first state, or NULL if it was not touched */
  GArray      *touched;  /* int: the tiles that have a copy */
  GPtrArray   *spare;    /* guint16 *: memory for the next copies of this step */
  GByteArray  *coded;    /* what was coded early; tiles may appear again */
};

static int
count_columns (const PspMask *mask)
{
  return (mask->size.width + TILE_WIDTH - 1) / TILE_WIDTH;
}

/* The pixels of a tile; the last ones of a row or column may be cut. */
static PspRect
tile_rect (const PspMask *mask,
           int            tile)
{
  int n_columns = count_columns (mask);
  PspRect rect = { tile % n_columns * TILE_WIDTH, tile / n_columns * TILE_HEIGHT,
                   TILE_WIDTH, TILE_HEIGHT };

  return psp_rect_intersect (rect, (PspRect) { 0, 0, mask->size.width, mask->size.height });
}

static guint16 *
tile_row (const PspMask *mask,
          PspRect        rect,
          int            y)
{
  return mask->pixels + (gsize) (rect.y + y) * mask->size.width + rect.x;
}

PspDeltaRecorder *
psp_delta_recorder_new (PspMask *mask)
{
  PspDeltaRecorder *self = g_new0 (PspDeltaRecorder, 1);
  int n_rows = (mask->size.height + TILE_HEIGHT - 1) / TILE_HEIGHT;

  self->mask = mask;
  self->n_columns = count_columns (mask);
  self->copies = g_new0 (guint16 *, (gsize) self->n_columns * n_rows);
  self->touched = g_array_new (FALSE, FALSE, sizeof (int));
  self->spare = g_ptr_array_new_with_free_func (g_free);
  self->coded = g_byte_array_new ();
  return self;
}

static void
forget_copies (PspDeltaRecorder *self)
{
  for (guint i = 0; i < self->touched->len; i++)
    g_ptr_array_add (self->spare,
                     g_steal_pointer (&self->copies[g_array_index (self->touched, int, i)]));
  g_array_set_size (self->touched, 0);
}

void
psp_delta_recorder_free (PspDeltaRecorder *self)
{
  forget_copies (self);
  g_free (self->copies);
  g_array_unref (self->touched);
  g_ptr_array_unref (self->spare);
  g_byte_array_unref (self->coded);
  g_free (self);
}

/* Appends the difference between @copy and the mask, if there is any; @copy becomes the
 * difference. */
static void
code_tile (const PspMask *mask,
           int            tile,
           guint16       *copy,
           GByteArray    *bytes)
{
  PspRect rect = tile_rect (mask, tile);
  int n_pixels = rect.width * rect.height;

  for (int y = 0; y < rect.height; y++)
    {
      const guint16 *row = tile_row (mask, rect, y);

      for (int x = 0; x < rect.width; x++)
        copy[y * rect.width + x] ^= row[x];
    }
  if (psp_pixels_skip (copy, 0, n_pixels, 0) == n_pixels)
    return;

  psp_varint_append (bytes, tile);
  for (int start = 0, end; start < n_pixels; start = end)
    {
      guint8 digits[2 * PSP_VARINT_MAX_DIGITS];
      int n_digits;

      end = psp_pixels_skip (copy, start + 1, n_pixels, copy[start]);
      n_digits = psp_varint_write (digits, end - start);
      n_digits += psp_varint_write (digits + n_digits, copy[start]);
      g_byte_array_append (bytes, digits, n_digits);
    }
}

void
psp_delta_recorder_settle (PspDeltaRecorder *self)
{
  for (guint i = 0; i < self->touched->len; i++)
    {
      int tile = g_array_index (self->touched, int, i);

      code_tile (self->mask, tile, self->copies[tile], self->coded);
    }
  forget_copies (self);
}

static void
copy_tile (PspDeltaRecorder *self,
           int               tile)
{
  PspRect rect = tile_rect (self->mask, tile);
  guint16 *copy;

  if (self->spare->len > 0)
    copy = g_ptr_array_steal_index (self->spare, self->spare->len - 1);
  else
    copy = g_new (guint16, TILE_WIDTH * TILE_HEIGHT);
  for (int y = 0; y < rect.height; y++)
    memcpy (copy + y * rect.width, tile_row (self->mask, rect, y), rect.width * sizeof *copy);
  self->copies[tile] = copy;
  g_array_append_val (self->touched, tile);
}

void
psp_delta_recorder_touch (PspDeltaRecorder *self,
                          int               y,
                          int               start,
                          int               end)
{
  int first = y / TILE_HEIGHT * self->n_columns + start / TILE_WIDTH;
  int last = y / TILE_HEIGHT * self->n_columns + (end - 1) / TILE_WIDTH;

  guint n_missing = 0;

  for (int tile = first; tile <= last; tile++)
    n_missing += self->copies[tile] == NULL;
  if (n_missing == 0)
    return;

  /* Before the first copy: coding later would forget tiles of this very span. */
  if (self->touched->len + n_missing > MAX_COPIES)
    psp_delta_recorder_settle (self);
  for (int tile = first; tile <= last; tile++)
    if (self->copies[tile] == NULL)
      copy_tile (self, tile);
}

void
psp_delta_recorder_take (PspDeltaRecorder *self,
                         PspDeltaRecorder *other)
{
  psp_delta_recorder_settle (other);
  g_byte_array_append (self->coded, other->coded->data, other->coded->len);
  g_byte_array_set_size (other->coded, 0);
}

GBytes *
psp_delta_recorder_finish (PspDeltaRecorder *self)
{
  GBytes *delta = NULL;

  psp_delta_recorder_settle (self);
  g_ptr_array_set_size (self->spare, 0);
  if (self->coded->len > 0)
    delta = g_bytes_new (self->coded->data, self->coded->len);
  g_byte_array_set_size (self->coded, 0);
  return delta;
}

void
psp_delta_recorder_rollback (PspDeltaRecorder *self)
{
  g_autoptr(GBytes) delta = psp_delta_recorder_finish (self);

  if (delta != NULL)
    psp_mask_delta_apply (delta, self->mask, NULL);
}

/* Changes @length pixels of a tile from its pixel number @offset on. */
static void
apply_run (PspMask   *mask,
           PspRect    rect,
           guint32    offset,
           guint32    length,
           guint16    difference,
           PspRegion *changed)
{
  while (length > 0)
    {
      int y = offset / rect.width;
      int start = offset % rect.width;
      int end = MIN ((guint32) rect.width, start + length);
      guint16 *row = tile_row (mask, rect, y);

      for (int x = start; x < end; x++)
        row[x] ^= difference;
      if (changed != NULL)
        psp_region_add (changed, rect.y + y, rect.x + start, rect.x + end);
      offset += end - start;
      length -= end - start;
    }
}

void
psp_mask_delta_apply (GBytes    *delta,
                      PspMask   *mask,
                      PspRegion *changed)
{
  gsize n_bytes;
  const guint8 *cursor = g_bytes_get_data (delta, &n_bytes);
  const guint8 *end = cursor + n_bytes;
  guint32 tile, length, difference;

  while (psp_varint_read (&cursor, end, &tile))
    {
      PspRect rect = tile_rect (mask, tile);
      guint32 n_pixels = rect.width * rect.height;

      for (guint32 offset = 0; offset < n_pixels; offset += length)
        {
          if (!psp_varint_read (&cursor, end, &length) ||
              !psp_varint_read (&cursor, end, &difference))
            return;
          if (difference != 0)
            apply_run (mask, rect, offset, length, difference, changed);
        }
    }
}
