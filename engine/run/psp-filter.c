/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-filter.h"

#include "engine/run/psp-bilinear.h"

#include <math.h>
#include <string.h>

static PspFilter *
filter_alloc (int length,
              int n_taps)
{
  PspFilter *self = g_new0 (PspFilter, 1);

  self->length = length;
  self->n_taps = n_taps;
  self->places = g_new0 (int, (gsize) length * n_taps);
  self->weights = g_new0 (double, (gsize) length * n_taps);
  return self;
}

void
psp_filter_free (PspFilter *self)
{
  g_free (self->places);
  g_free (self->weights);
  g_free (self);
}

static PspFilter *
new_copy (int length)
{
  PspFilter *self = filter_alloc (length, 1);

  for (int i = 0; i < length; i++)
    {
      self->places[i] = i;
      self->weights[i] = 1;
    }
  return self;
}

static PspFilter *
new_bilinear (int      from,
              int      to,
              gboolean half_pixels)
{
  PspFilter *self = filter_alloc (to, 2);

  for (int i = 0; i < to; i++)
    {
      PspTap tap = psp_tap_find (i, from, to, half_pixels);

      self->places[2 * i] = tap.first;
      self->places[2 * i + 1] = tap.second;
      self->weights[2 * i] = (double) (1 - tap.weight);
      self->weights[2 * i + 1] = (double) tap.weight;
    }
  return self;
}

/* Places in double precision, rounded to 32 bits.  Outside the centres of the first and the last
 * row OpenCV mixes that row with itself, and each share is rounded; columns there are copied. */
static PspFilter *
new_opencv (int      from,
            int      to,
            gboolean of_rows)
{
  PspFilter *self = filter_alloc (to, 2);
  double scale = (double) from / to;

  for (int i = 0; i < to; i++)
    {
      float position = (float) ((i + 0.5) * scale - 0.5);
      int first = (int) floorf (position);
      gboolean outside = first < 0 || first >= from - 1;
      float weight = outside && !of_rows ? 0 : position - (float) first;

      self->places[2 * i] = CLAMP (first, 0, from - 1);
      self->places[2 * i + 1] = CLAMP (first + 1, 0, from - 1);
      self->weights[2 * i] = (double) (1 - weight);
      self->weights[2 * i + 1] = (double) weight;
    }
  return self;
}

/* The place that @place, perhaps outside, stands for. */
static int
mirror (int place,
        int length)
{
  int period = 2 * length;
  int folded = (place % period + period) % period;

  return folded < length ? folded : period - 1 - folded;
}

/* A triangle of half width max (1, from / to) pixels around the centre of each result. */
static PspFilter *
new_triangle (int      from,
              int      to,
              gboolean mirrored)
{
  double scale = (double) from / to;
  double support = MAX (1, scale);
  int n_taps = 2 * (int) ceil (support) + 1;
  PspFilter *self = filter_alloc (to, n_taps);

  for (int i = 0; i < to; i++)
    {
      double centre = (i + 0.5) * scale;
      int first = (int) floor (centre - support + 0.5);
      double sum = 0;

      for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < n_taps; k++)
          {
            int place = first + k;
            gboolean outside = place < 0 || place >= from;
            double weight = 1 - fabs (place + 0.5 - centre) / support;

            if (weight <= 0 || (outside && !mirrored))
              weight = 0;
            if (pass == 0)
              sum += weight;
            self->places[i * n_taps + k] = mirrored ? mirror (place, from)
                                                    : CLAMP (place, 0, from - 1);
            self->weights[i * n_taps + k] = weight / sum;
          }
    }
  return self;
}

PspFilter *
psp_filter_new (PspFilterKind kind,
                int           from,
                int           to)
{
  if (from == to)
    return new_copy (to);
  if (kind == PSP_FILTER_OPENCV || kind == PSP_FILTER_OPENCV_ROWS)
    return new_opencv (from, to, kind == PSP_FILTER_OPENCV_ROWS);
  if (kind == PSP_FILTER_CENTRED || kind == PSP_FILTER_ALIGNED)
    return new_bilinear (from, to, kind == PSP_FILTER_CENTRED);
  return new_triangle (from, to, kind == PSP_FILTER_MIRRORED);
}

void
psp_filter_find_source (const PspFilter *self,
                        int              first,
                        int              end,
                        int             *source_first,
                        int             *source_end)
{
  *source_first = G_MAXINT;
  *source_end = 0;
  for (int i = first * self->n_taps; i < end * self->n_taps; i++)
    if (self->weights[i] > 0)
      {
        *source_first = MIN (*source_first, self->places[i]);
        *source_end = MAX (*source_end, self->places[i] + 1);
      }
}

void
psp_filter_mix (const PspFilter *self,
                int              place,
                const float     *source,
                int              first,
                gsize            n,
                float           *result)
{
  memset (result, 0, n * sizeof *result);
  for (int k = place * self->n_taps; k < (place + 1) * self->n_taps; k++)
    if (self->weights[k] > 0)
      {
        const float *from = source + (self->places[k] - first) * n;
        float weight = (float) self->weights[k];

        for (gsize i = 0; i < n; i++)
          result[i] += weight * from[i];
      }
}
