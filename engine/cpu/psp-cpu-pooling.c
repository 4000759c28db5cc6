/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-vectorised.h"
#include "engine/cpu/psp-cpu-operations.h"
#include "engine/run/psp-bilinear.h"

#include <string.h>

/* Channels of a bin that are a task. */
#define PART_CHANNELS 256

/* Most of these operations compute their destination row by row: a task is one row of one image. */
typedef struct
{
  const void   *operation;
  const PspMap *source;
  const PspMap *destination;
  GCancellable *cancellable;
  void        (*compute) (const void *operation,
                          int         image,
                          int         y);
} RowJob;

static void
run_row (int      task,
         int      thread,
         gpointer data)
{
  RowJob *self = data;
  int height = self->destination->height;

  if (!g_cancellable_is_cancelled (self->cancellable))
    self->compute (self->operation, task / height, task % height);
}

static gboolean
run_rows (PspBackend  *backend,
          RowJob      *job,
          GError     **error)
{
  psp_thread_pool_run (backend->pool,
                       job->destination->batch * job->destination->height, run_row, job);
  return !g_cancellable_set_error_if_cancelled (job->cancellable, error);
}

static const float *
source_pixel (const PspMap *map,
              int           image,
              int           y,
              int           x)
{
  return psp_cpu_map_data (map) +
         (((gsize) image * map->height + y) * map->width + x) * map->pixel_stride;
}

static float *
destination_pixel (const PspMap *map,
                   int           image,
                   int           y,
                   int           x)
{
  return (float *) source_pixel (map, image, y, x);
}

static void
pool_row (const void *data,
          int         image,
          int         y)
{
  const PspPooling *operation = data;
  const PspMap *source = &operation->source;
  const PspMap *destination = &operation->destination;
  int channels = psp_channels_pad (destination->channels);
  int top = MAX (0, y * operation->stride - operation->padding);
  int bottom = MIN (source->height, y * operation->stride - operation->padding + operation->kernel);

  for (int x = 0; x < destination->width; x++)
    {
      int left = MAX (0, x * operation->stride - operation->padding);
      int right = MIN (source->width,
                       x * operation->stride - operation->padding + operation->kernel);
      float *result = destination_pixel (destination, image, y, x);

      memcpy (result, source_pixel (source, image, top, left), channels * sizeof (float));
      for (int i = top; i < bottom; i++)
        for (int j = left; j < right; j++)
          {
            const float *candidate = source_pixel (source, image, i, j);

            for (int c = 0; c < channels; c++)
              result[c] = candidate[c] > result[c] ? candidate[c] : result[c];
          }
    }
}

gboolean
psp_cpu_pool (PspBackend        *backend,
              const PspPooling  *operation,
              GCancellable      *cancellable,
              GError           **error)
{
  return run_rows (backend, &(RowJob) {
    operation, &operation->source, &operation->destination, cancellable, pool_row
  }, error);
}

/* The bins that are pooled: a task is some channels of one of them, since a bin may be all there
 * is. */
typedef struct
{
  const PspBinPooling *operation;
  GCancellable        *cancellable;
  int                  n_parts; /* of the channels */
} BinJob;

/* The pixels of a bin: @top to @bottom and @left to @right, the ends excluded. */
typedef struct
{
  int image;
  int top;
  int bottom;
  int left;
  int right;
} Bin;

/* Sums are kept in double precision: a bin of a large photo covers many thousands of pixels. */
PSP_VECTORISED static void
average_bin (const PspMap *source,
             const Bin    *bin,
             int           channel,
             int           n,
             float        *result)
{
  double sums[PART_CHANNELS] = { 0, };

  for (int i = bin->top; i < bin->bottom; i++)
    for (int j = bin->left; j < bin->right; j++)
      {
        const float *pixel = source_pixel (source, bin->image, i, j) + channel;

        for (int c = 0; c < n; c++)
          sums[c] += (double) pixel[c];
      }
  for (int c = 0; c < n; c++)
    result[c] = sums[c] / ((double) (bin->bottom - bin->top) * (bin->right - bin->left));
}

PSP_VECTORISED static void
find_maximum (const PspMap *source,
              const Bin    *bin,
              int           channel,
              int           n,
              float        *result)
{
  memcpy (result, source_pixel (source, bin->image, bin->top, bin->left) + channel,
          n * sizeof *result);
  for (int i = bin->top; i < bin->bottom; i++)
    for (int j = bin->left; j < bin->right; j++)
      {
        const float *pixel = source_pixel (source, bin->image, i, j) + channel;

        for (int c = 0; c < n; c++)
          result[c] = pixel[c] > result[c] ? pixel[c] : result[c];
      }
}

static void
run_bin (int      task,
         int      thread,
         gpointer data)
{
  const BinJob *self = data;
  const PspMap *source = &self->operation->source;
  const PspMap *destination = &self->operation->destination;
  int bins = destination->width;
  int channel = task % self->n_parts * PART_CHANNELS;
  int n = MIN (PART_CHANNELS, psp_channels_pad (source->channels) - channel);
  int x = task / self->n_parts % bins;
  int y = task / self->n_parts / bins % bins;
  Bin bin = {
    .image = task / self->n_parts / bins / bins,
    .top = (gint64) y * source->height / bins,
    .bottom = ((gint64) (y + 1) * source->height + bins - 1) / bins,
    .left = (gint64) x * source->width / bins,
    .right = ((gint64) (x + 1) * source->width + bins - 1) / bins,
  };
  float *result = destination_pixel (destination, bin.image, y, x) + channel;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (self->operation->maximum)
    find_maximum (source, &bin, channel, n, result);
  else
    average_bin (source, &bin, channel, n, result);
}

gboolean
psp_cpu_pool_bins (PspBackend           *backend,
                   const PspBinPooling  *operation,
                   GCancellable         *cancellable,
                   GError              **error)
{
  const PspMap *destination = &operation->destination;
  int n_channels = psp_channels_pad (destination->channels);
  BinJob self = { operation, cancellable, (n_channels + PART_CHANNELS - 1) / PART_CHANNELS };

  psp_thread_pool_run (backend->pool, destination->batch * destination->height *
                                      destination->width * self.n_parts, run_bin, &self);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static void
resize_row (const void *data,
            int         image,
            int         y)
{
  const PspResizing *operation = data;
  const PspMap *source = &operation->source;
  const PspMap *destination = &operation->destination;
  int channels = psp_channels_pad (destination->channels);
  PspTap row = psp_tap_find (y, source->height, destination->height, !operation->align_corners);

  for (int x = 0; x < destination->width; x++)
    {
      PspTap column = psp_tap_find (x, source->width, destination->width,
                                    !operation->align_corners);
      const float *a = source_pixel (source, image, row.first, column.first);
      const float *b = source_pixel (source, image, row.first, column.second);
      const float *c = source_pixel (source, image, row.second, column.first);
      const float *d = source_pixel (source, image, row.second, column.second);
      float *result = destination_pixel (destination, image, y, x);

      for (int i = 0; i < channels; i++)
        result[i] = (1 - row.weight) * ((1 - column.weight) * a[i] + column.weight * b[i]) +
                    row.weight * ((1 - column.weight) * c[i] + column.weight * d[i]);
    }
}

gboolean
psp_cpu_resize (PspBackend         *backend,
                const PspResizing  *operation,
                GCancellable       *cancellable,
                GError            **error)
{
  return run_rows (backend, &(RowJob) {
    operation, &operation->source, &operation->destination, cancellable, resize_row
  }, error);
}
