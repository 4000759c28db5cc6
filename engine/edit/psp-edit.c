/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-edit-private.h"

#include "engine/core/psp-error.h"
#include "engine/edit/psp-pixels.h"
#include "engine/edit/psp-varint.h"

#include <math.h>

/* More threads than these would only wait for the memory. */
#define MAX_THREADS 4

/* From how many pixels on an edit has threads of its own. */
#define MANY_PIXELS (1 << 20)

/* How many rows of a mask one task codes. */
#define CODED_ROWS 64

/* Codes the runs of an accept in some rows of its mask, all but what the first of them skips. */
typedef struct
{
  const PspMask   *mask;
  const PspRegion *region;    /* (nullable): NULL: all pixels */
  GByteArray      *bytes;
  guint64          start;     /* of the first run */
  guint64          position;  /* behind the last run */
} RunCoder;

static PspEdit *
edit_alloc (PspEditKind kind,
            int         class_id)
{
  PspEdit *self = g_new0 (PspEdit, 1);

  self->kind = kind;
  self->class_id = class_id;
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

static PspEdit *
edit_alloc_with_points (PspEditKind     kind,
                        int             class_id,
                        const PspPoint *points,
                        gsize           n_points)
{
  PspEdit *self;

  g_return_val_if_fail (class_id >= PSP_EDIT_ORIGINAL && class_id <= 65535, NULL);
  g_return_val_if_fail (n_points >= 1 && n_points <= PSP_EDIT_MAX_POINTS, NULL);

  self = edit_alloc (kind, class_id);
  self->n_points = n_points;
  self->points = g_new (PspPoint, n_points);
  for (gsize i = 0; i < n_points; i++)
    {
      g_warn_if_fail (isfinite (points[i].x) && isfinite (points[i].y));
      self->points[i] = psp_edit_limit_point (points[i]);
    }
  return self;
}

PspPoint
psp_edit_limit_point (PspPoint point)
{
  return (PspPoint) {
    fmax (-PSP_EDIT_MAX_COORDINATE, fmin (PSP_EDIT_MAX_COORDINATE, point.x)),
    fmax (-PSP_EDIT_MAX_COORDINATE, fmin (PSP_EDIT_MAX_COORDINATE, point.y)),
  };
}

double
psp_edit_limit_radius (double radius)
{
  return fmax (PSP_EDIT_MIN_RADIUS, fmin (PSP_EDIT_MAX_RADIUS, radius));
}

PspThreadPool *
psp_edit_new_threads (guint64 n_pixels)
{
  int n_threads = n_pixels >= MANY_PIXELS ? MIN (g_get_num_processors (), MAX_THREADS) : 1;

  return psp_thread_pool_new (n_threads, FALSE);
}

PspEdit *
psp_edit_new_stroke (int             class_id,
                     double          radius,
                     const PspPoint *points,
                     gsize           n_points)
{
  PspEdit *self = edit_alloc_with_points (PSP_EDIT_STROKE, class_id, points, n_points);

  if (self != NULL)
    self->radius = psp_edit_limit_radius (radius);
  return self;
}

PspEdit *
psp_edit_new_fill (int      class_id,
                   PspPoint point)
{
  return edit_alloc_with_points (PSP_EDIT_FILL, class_id, &point, 1);
}

PspEdit *
psp_edit_new_polygon (int             class_id,
                      const PspPoint *points,
                      gsize           n_points)
{
  return edit_alloc_with_points (PSP_EDIT_POLYGON, class_id, points, n_points);
}

static void
code_run (RunCoder *self,
          guint64   start,
          guint32   length,
          guint16   class_id)
{
  guint8 digits[3 * PSP_VARINT_MAX_DIGITS];
  int n_digits = 0;

  if (self->bytes->len == 0)
    self->start = start;
  else
    n_digits = psp_varint_write (digits, start - self->position);
  n_digits += psp_varint_write (digits + n_digits, length);
  n_digits += psp_varint_write (digits + n_digits, class_id);
  g_byte_array_append (self->bytes, digits, n_digits);
  self->position = start + length;
}

static void
code_span (int      y,
           int      start,
           int      end,
           gpointer data)
{
  RunCoder *self = data;
  const guint16 *row = self->mask->pixels + (gsize) y * self->mask->size.width;
  guint16 ignore = psp_mask_get_ignore (self->mask);

  for (int x = start, next; x < end; x = next)
    {
      next = psp_pixels_skip (row, x + 1, end, row[x]);
      code_run (self, (guint64) y * self->mask->size.width + x, next - x,
                row[x] == ignore ? PSP_EDIT_IGNORED : row[x]);
    }
}

static void
code_band (int      task,
           int      thread,
           gpointer data)
{
  RunCoder *self = (RunCoder *) data + task;
  PspSize size = self->mask->size;
  int first = task * CODED_ROWS;
  int end = MIN (first + CODED_ROWS, size.height);

  self->bytes = g_byte_array_new ();
  if (self->region != NULL)
    psp_region_foreach_rows (self->region, first, end, code_span, self);
  else
    for (int y = first; y < end; y++)
      code_span (y, 0, size.width, self);
}

/* (transfer full): what all of @coders coded, which it clears. */
static GBytes *
join_runs (RunCoder *coders,
           int       n_coders)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 position = 0;

  for (int i = 0; i < n_coders; i++)
    {
      RunCoder *coder = &coders[i];

      if (coder->bytes->len > 0)
        {
          psp_varint_append (bytes, coder->start - position);
          g_byte_array_append (bytes, coder->bytes->data, coder->bytes->len);
          position = coder->position;
        }
      g_byte_array_unref (coder->bytes);
    }
  return g_byte_array_free_to_bytes (bytes);
}

PspEdit *
psp_edit_new_accept (const PspMask   *mask,
                     const PspRegion *region)
{
  PspEdit *self = edit_alloc (PSP_EDIT_ACCEPT, 0);
  PspRect rect = region != NULL ? region->bounds
                                : (PspRect) { 0, 0, mask->size.width, mask->size.height };
  g_autoptr(PspThreadPool) pool = psp_edit_new_threads ((guint64) rect.width * rect.height);
  int n_bands = (mask->size.height + CODED_ROWS - 1) / CODED_ROWS;
  g_autofree RunCoder *coders = g_new (RunCoder, n_bands);

  for (int i = 0; i < n_bands; i++)
    coders[i] = (RunCoder) { .mask = mask, .region = region };
  psp_thread_pool_run (pool, n_bands, code_band, coders);
  self->size = mask->size;
  self->runs = join_runs (coders, n_bands);
  return self;
}

PspEdit *
psp_edit_new_accept_all (const PspMask *mask)
{
  return psp_edit_new_accept (mask, NULL);
}

PspEdit *
psp_edit_new_accept_component (const PspMask *mask,
                               PspPoint       point)
{
  g_autoptr(PspRegion) region = psp_region_new_connected (mask, point);

  return psp_edit_new_accept (mask, region);
}

PspEdit *
psp_edit_new_accept_class (const PspMask *mask,
                           int            class_id)
{
  g_autoptr(PspRegion) region = psp_region_new_class (mask, class_id);

  return psp_edit_new_accept (mask, region);
}

PspEdit *
psp_edit_new_revert (void)
{
  return edit_alloc (PSP_EDIT_REVERT, PSP_EDIT_ORIGINAL);
}

PspEdit *
psp_edit_new_undo (void)
{
  return edit_alloc (PSP_EDIT_UNDO, 0);
}

PspEdit *
psp_edit_new_redo (void)
{
  return edit_alloc (PSP_EDIT_REDO, 0);
}

PspEdit *
psp_edit_new_locked (const PspEdit *self,
                     const guint16 *locked,
                     gsize          n_locked)
{
  PspEdit *copy = edit_alloc (self->kind, self->class_id);

  copy->radius = self->radius;
  copy->points = g_memdup2 (self->points, self->n_points * sizeof *self->points);
  copy->n_points = self->n_points;
  copy->locked = g_memdup2 (locked, n_locked * sizeof *locked);
  copy->n_locked = n_locked;
  copy->size = self->size;
  copy->runs = self->runs != NULL ? g_bytes_ref (self->runs) : NULL;
  return copy;
}

PspEdit *
psp_edit_ref (PspEdit *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_edit_unref (PspEdit *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->points);
  g_free (self->locked);
  g_clear_pointer (&self->runs, g_bytes_unref);
  g_free (self);
}

gboolean
psp_edit_equal (const PspEdit *a,
                const PspEdit *b)
{
  g_autoptr(GBytes) first = psp_edit_serialize (a);
  g_autoptr(GBytes) second = psp_edit_serialize (b);

  return g_bytes_equal (first, second);
}

gboolean
psp_edit_next_run (const PspEdit  *self,
                   const guint8  **cursor,
                   PspEditRun     *run)
{
  gsize n_bytes;
  const guint8 *start = g_bytes_get_data (self->runs, &n_bytes);
  const guint8 *next = *cursor != NULL ? *cursor : start;
  guint64 n_pixels = (guint64) self->size.width * self->size.height;
  guint64 position = *cursor != NULL ? run->start + run->length : 0;
  guint32 skip, length, class_id;

  if (n_bytes == 0)
    return FALSE;
  if (!psp_varint_read (&next, start + n_bytes, &skip) ||
      !psp_varint_read (&next, start + n_bytes, &length) ||
      !psp_varint_read (&next, start + n_bytes, &class_id) || length == 0 || class_id > 65535 ||
      position + skip + length > n_pixels)
    return FALSE;

  *run = (PspEditRun) { position + skip, length, class_id };
  *cursor = next;
  return TRUE;
}

static gboolean
check_class (int             class_id,
             const PspMask  *mask,
             GError        **error)
{
  if (class_id <= psp_mask_get_ignore (mask))
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "the edit writes class %d, but the mask has %d bits a pixel", class_id,
               mask->bit_depth);
  return FALSE;
}

gboolean
psp_edit_check_fits (const PspEdit  *self,
                     const PspMask  *mask,
                     GError        **error)
{
  const guint8 *cursor = NULL;
  PspEditRun run = { 0 };

  if (self->kind != PSP_EDIT_ACCEPT)
    return check_class (self->class_id, mask, error);

  if (!psp_size_equal (self->size, mask->size))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "the edit is for a mask of %d x %d pixels, but this one has %d x %d",
                   self->size.width, self->size.height, mask->size.width, mask->size.height);
      return FALSE;
    }
  while (psp_edit_next_run (self, &cursor, &run))
    if (run.class_id != PSP_EDIT_IGNORED && !check_class (run.class_id, mask, error))
      return FALSE;
  return TRUE;
}
