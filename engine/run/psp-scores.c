/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-scores.h"

#include "engine/core/psp-error.h"
#include "engine/run/psp-bilinear.h"

PspScores *
psp_scores_new (PspSize   size,
                int       n_channels,
                GError  **error)
{
  gsize n_pixels = (gsize) size.width * size.height;
  float *data = NULL;
  PspScores *self;

  if (n_pixels <= G_MAXSSIZE / sizeof (float) / n_channels)
    data = g_try_new0 (float, n_pixels * n_channels);
  if (data == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for %d numbers for each of %d x %d pixels", n_channels, size.width,
                   size.height);
      return NULL;
    }

  self = g_new0 (PspScores, 1);
  *self = (PspScores) { .size = size, .n_channels = n_channels, .data = data };
  return self;
}

void
psp_scores_free (PspScores *self)
{
  g_free (self->data);
  g_free (self);
}

static const float *
pixel_at (const PspScores *self,
          int              x,
          int              y)
{
  return self->data + ((gsize) y * self->size.width + x) * self->n_channels;
}

static inline float
mix (float a,
     float b,
     float weight)
{
  return (1 - weight) * a + weight * b;
}

void
psp_scores_interpolate (const PspScores *self,
                        PspSize          full,
                        int              x,
                        int              y,
                        float           *values)
{
  PspTap column = psp_tap_find (x, self->size.width, full.width, self->half_pixels);
  PspTap row = psp_tap_find (y, self->size.height, full.height, self->half_pixels);
  const float *a = pixel_at (self, column.first, row.first);
  const float *b = pixel_at (self, column.second, row.first);
  const float *c = pixel_at (self, column.first, row.second);
  const float *d = pixel_at (self, column.second, row.second);

  for (int i = 0; i < self->n_channels; i++)
    values[i] = mix (mix (a[i], b[i], column.weight), mix (c[i], d[i], column.weight), row.weight);
}
