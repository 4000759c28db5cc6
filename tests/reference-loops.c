/* SPDX-License-Identifier: MIT */
#include "tests/reference-loops.h"

#include <math.h>

ReferenceMap *
reference_map_new (int batch,
                   int height,
                   int width,
                   int channels)
{
  ReferenceMap *self = g_new (ReferenceMap, 1);

  *self = (ReferenceMap) { batch, height, width, channels, NULL };
  self->values = g_new0 (double, (gsize) batch * height * width * channels);
  return self;
}

void
reference_map_free (ReferenceMap *self)
{
  g_free (self->values);
  g_free (self);
}

double *
reference_map_at (const ReferenceMap *self,
                  int                 n,
                  int                 y,
                  int                 x,
                  int                 c)
{
  return &self->values[(((gsize) n * self->height + y) * self->width + x) * self->channels + c];
}

static gboolean
is_inside (const ReferenceMap *self,
           int                 y,
           int                 x)
{
  return y >= 0 && x >= 0 && y < self->height && x < self->width;
}

void
reference_convolve (const ReferenceMap *source,
                    const double       *weights,
                    const double       *bias,
                    const ReferenceMap *residual,
                    int                 kernel,
                    int                 stride,
                    int                 padding,
                    int                 dilation,
                    gboolean            relu,
                    ReferenceMap       *destination)
{
  int n_outputs = destination->channels;

  for (int n = 0; n < destination->batch; n++)
    for (int y = 0; y < destination->height; y++)
      for (int x = 0; x < destination->width; x++)
        for (int o = 0; o < n_outputs; o++)
          {
            double sum = bias[o];

            if (residual != NULL)
              sum += *reference_map_at (residual, n, y, x, o);
            for (int tap = 0; tap < kernel * kernel; tap++)
              {
                int sy = y * stride - padding + tap / kernel * dilation;
                int sx = x * stride - padding + tap % kernel * dilation;

                for (int i = 0; i < source->channels && is_inside (source, sy, sx); i++)
                  sum += weights[(tap * source->channels + i) * n_outputs + o] *
                         *reference_map_at (source, n, sy, sx, i);
              }
            *reference_map_at (destination, n, y, x, o) = relu ? MAX (sum, 0) : sum;
          }
}

void
reference_pool (const ReferenceMap *source,
                int                 kernel,
                int                 stride,
                int                 padding,
                ReferenceMap       *destination)
{
  for (int n = 0; n < destination->batch; n++)
    for (int y = 0; y < destination->height; y++)
      for (int x = 0; x < destination->width; x++)
        for (int c = 0; c < destination->channels; c++)
          {
            double best = -HUGE_VAL;

            for (int tap = 0; tap < kernel * kernel; tap++)
              {
                int sy = y * stride - padding + tap / kernel;
                int sx = x * stride - padding + tap % kernel;

                if (is_inside (source, sy, sx))
                  best = MAX (best, *reference_map_at (source, n, sy, sx, c));
              }
            *reference_map_at (destination, n, y, x, c) = best;
          }
}

static int
bin_start (int i,
           int length,
           int bins)
{
  return (int) floor ((double) i * length / bins);
}

static int
bin_end (int i,
         int length,
         int bins)
{
  return (int) ceil ((double) (i + 1) * length / bins);
}

void
reference_pool_bins (const ReferenceMap *source,
                     gboolean            maximum,
                     ReferenceMap       *destination)
{
  int bins = destination->height;

  for (int n = 0; n < destination->batch; n++)
    for (int i = 0; i < bins; i++)
      for (int j = 0; j < bins; j++)
        for (int c = 0; c < destination->channels; c++)
          {
            double sum = 0, largest = -HUGE_VAL;
            int n_summed = 0;

            for (int y = bin_start (i, source->height, bins);
                 y < bin_end (i, source->height, bins); y++)
              for (int x = bin_start (j, source->width, bins);
                   x < bin_end (j, source->width, bins); x++, n_summed++)
                {
                  double value = *reference_map_at (source, n, y, x, c);

                  sum += value;
                  largest = MAX (largest, value);
                }
            *reference_map_at (destination, n, i, j, c) = maximum ? largest : sum / n_summed;
          }
}

/* In 32 bits, as the definition has it. */
static void
find_taps (int      i,
           int      in,
           int      out,
           gboolean align_corners,
           int     *low,
           int     *high,
           double  *share)
{
  float scale = align_corners ? out > 1 ? (float) (in - 1) / (float) (out - 1) : 0
                              : (float) in / (float) out;
  float position = align_corners ? scale * (float) i : scale * ((float) i + 0.5f) - 0.5f;

  position = MAX (0, position);
  *low = MIN ((int) position, in - 1);
  *high = MIN (*low + 1, in - 1);
  *share = (double) position - *low;
}

void
reference_resize (const ReferenceMap *source,
                  gboolean            align_corners,
                  ReferenceMap       *destination)
{
  for (int n = 0; n < destination->batch; n++)
    for (int y = 0; y < destination->height; y++)
      for (int x = 0; x < destination->width; x++)
        for (int c = 0; c < destination->channels; c++)
          {
            int top, bottom, left, right;
            double down, across;

            find_taps (y, source->height, destination->height, align_corners, &top, &bottom,
                       &down);
            find_taps (x, source->width, destination->width, align_corners, &left, &right,
                       &across);
            *reference_map_at (destination, n, y, x, c) =
              (1 - down) * ((1 - across) * *reference_map_at (source, n, top, left, c) +
                            across * *reference_map_at (source, n, top, right, c)) +
              down * ((1 - across) * *reference_map_at (source, n, bottom, left, c) +
                      across * *reference_map_at (source, n, bottom, right, c));
          }
}
