/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-pair-region.h"

typedef struct
{
  PspMask *truth;
  PspMask *prediction;
  int      truth_id;
  int      prediction_id;
} Search;

static void
search_free (Search *self)
{
  psp_mask_unref (self->truth);
  psp_mask_unref (self->prediction);
  g_free (self);
}

/* (transfer full) (array): 1 for every pixel of the pair. */
static guint8 *
mark_pixels (const Search *self)
{
  gsize n_pixels = (gsize) self->truth->size.width * (gsize) self->truth->size.height;
  guint8 *marks = g_malloc (n_pixels);

  for (gsize i = 0; i < n_pixels; i++)
    {
      int predicted = self->prediction->pixels[i];

      marks[i] = self->truth->pixels[i] == self->truth_id &&
                 (self->prediction_id == PSP_PAIR_ANY_OTHER ? predicted != self->truth_id
                                                            : predicted == self->prediction_id);
    }

  return marks;
}

static void
take_pixel (guint8  *marks,
            GArray  *pixels,
            guint32  i)
{
  if (marks[i] == 0)
    return;

  marks[i] = 0;
  g_array_append_val (pixels, i);
}

/* Moves the region around pixel @first from @marks into @pixels. */
static void
take_region (guint8  *marks,
             PspSize  size,
             guint32  first,
             GArray  *pixels)
{
  guint32 width = (guint32) size.width;
  guint32 n_pixels = width * (guint32) size.height;

  g_array_set_size (pixels, 0);
  take_pixel (marks, pixels, first);
  for (guint done = 0; done < pixels->len; done++)
    {
      guint32 i = g_array_index (pixels, guint32, done);

      if (i % width > 0)
        take_pixel (marks, pixels, i - 1);
      if (i % width < width - 1)
        take_pixel (marks, pixels, i + 1);
      if (i >= width)
        take_pixel (marks, pixels, i - width);
      if (i < n_pixels - width)
        take_pixel (marks, pixels, i + width);
    }
}

static PspPairRegion
describe_region (GArray  *pixels,
                 PspSize  size)
{
  guint32 width = (guint32) size.width;
  PspPairRegion region = { .n_pixels = pixels->len };
  double nearest = G_MAXDOUBLE;
  double middle_x, middle_y;

  for (guint p = 0; p < pixels->len; p++)
    {
      guint32 i = g_array_index (pixels, guint32, p);

      region.bounds = psp_rect_union (region.bounds, (PspRect) { (int) (i % width),
                                                                 (int) (i / width), 1, 1 });
    }

  middle_x = region.bounds.x + region.bounds.width / 2.0;
  middle_y = region.bounds.y + region.bounds.height / 2.0;
  for (guint p = 0; p < pixels->len; p++)
    {
      guint32 i = g_array_index (pixels, guint32, p);
      PspPoint pixel = { i % width + 0.5, i / width + 0.5 };
      double distance = (pixel.x - middle_x) * (pixel.x - middle_x) +
                        (pixel.y - middle_y) * (pixel.y - middle_y);

      if (distance < nearest)
        {
          nearest = distance;
          region.pixel = pixel;
        }
    }

  return region;
}

static void
worker (GTask        *task,
        gpointer      source,
        gpointer      data,
        GCancellable *cancellable)
{
  const Search *search = data;
  PspSize size = search->truth->size;
  guint32 n_pixels = (guint32) size.width * (guint32) size.height;
  g_autofree guint8 *marks = mark_pixels (search);
  g_autoptr(GArray) largest = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr(GArray) pixels = g_array_new (FALSE, FALSE, sizeof (guint32));
  PspPairRegion *region = g_new (PspPairRegion, 1);

  for (guint32 i = 0; i < n_pixels; i++)
    {
      if (marks[i] == 0)
        continue;

      take_region (marks, size, i, pixels);
      if (pixels->len > largest->len)
        {
          GArray *smaller = largest;

          largest = pixels;
          pixels = smaller;
        }
    }

  *region = describe_region (largest, size);
  g_task_return_pointer (task, region, g_free);
}

void
psp_pair_region_async (PspMask             *truth,
                       PspMask             *prediction,
                       int                  truth_id,
                       int                  prediction_id,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             data)
{
  g_autoptr(GTask) task = NULL;
  Search *search;

  g_return_if_fail (psp_size_equal (truth->size, prediction->size));

  task = g_task_new (NULL, cancellable, callback, data);
  search = g_new (Search, 1);
  *search = (Search) { psp_mask_ref (truth), psp_mask_ref (prediction), truth_id, prediction_id };
  g_task_set_source_tag (task, psp_pair_region_async);
  g_task_set_task_data (task, search, (GDestroyNotify) search_free);
  g_task_run_in_thread (task, worker);
}

gboolean
psp_pair_region_finish (GAsyncResult   *result,
                        PspPairRegion  *region,
                        GError        **error)
{
  g_autofree PspPairRegion *found = NULL;

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  found = g_task_propagate_pointer (G_TASK (result), error);
  if (found == NULL)
    return FALSE;

  *region = *found;
  return TRUE;
}
