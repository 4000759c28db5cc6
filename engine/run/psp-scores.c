/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-scores.h"

#include "engine/core/psp-error.h"

#include <math.h>
#include <string.h>

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

PspScores *
psp_scores_new_from_tensor (const PspTensor  *tensor,
                            int               image,
                            GError          **error)
{
  int n_channels = tensor->shape[1];
  PspSize size = { tensor->shape[3], tensor->shape[2] };
  gsize n_pixels = (gsize) size.width * size.height;
  const float *source = tensor->data + image * n_channels * n_pixels;
  g_autoptr(PspScores) self = psp_scores_new (size, n_channels, error);

  if (self == NULL)
    return NULL;

  for (int c = 0; c < n_channels; c++)
    for (gsize i = 0; i < n_pixels; i++)
      {
        float value = source[c * n_pixels + i];

        if (!isfinite (value))
          {
            g_set_error (error, PSP_ERROR, PSP_ERROR_DEVICE,
                         "the network returned a number that is not finite (class %d at %d, %d); "
                         "the device or the weights are at fault", c,
                         (int) (i % size.width), (int) (i / size.width));
            return NULL;
          }
        self->data[i * n_channels + c] = value;
      }
  return g_steal_pointer (&self);
}

PspScores *
psp_scores_new_from_image (const PspImage  *image,
                           GError         **error)
{
  PspScores *self = psp_scores_new (image->size, 3, error);
  gsize n_values = (gsize) image->size.width * image->size.height * 3;

  if (self != NULL)
    for (gsize i = 0; i < n_values; i++)
      self->data[i] = image->pixels[i];
  return self;
}

/* Two places of the map and the weight of the second. */
typedef struct
{
  int   first;
  int   second;
  float weight;
} Tap;

static Tap
aligned_tap (int place,
             int length,
             int full_length)
{
  float scale = full_length > 1 ? (float) (length - 1) / (float) (full_length - 1) : 0;
  float position = scale * (float) place;
  int first = MIN ((int) position, length - 1);

  return (Tap) { first, MIN (first + 1, length - 1), position - (float) first };
}

static Tap
centred_tap (int place,
             int length,
             int full_length)
{
  float scale = (float) length / (float) full_length;
  float position = fmaxf (0, scale * ((float) place + 0.5f) - 0.5f);
  int first = MIN ((int) position, length - 1);

  return (Tap) { first, MIN (first + 1, length - 1), position - (float) first };
}

/* Where pixel @place of a picture lies in the map that covers it. */
static Tap
map_tap (const PspScores *self,
         int              place,
         int              length,
         int              full_length)
{
  return self->half_pixels ? centred_tap (place, length, full_length)
                           : aligned_tap (place, length, full_length);
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
  Tap column = map_tap (self, x, self->size.width, full.width);
  Tap row = map_tap (self, y, self->size.height, full.height);
  const float *a = pixel_at (self, column.first, row.first);
  const float *b = pixel_at (self, column.second, row.first);
  const float *c = pixel_at (self, column.first, row.second);
  const float *d = pixel_at (self, column.second, row.second);

  for (int i = 0; i < self->n_channels; i++)
    values[i] = mix (mix (a[i], b[i], column.weight), mix (c[i], d[i], column.weight), row.weight);
}

void
psp_scores_softmax (float *values,
                    int    n)
{
  float maximum = values[psp_scores_find_maximum (values, n)];
  float sum = 0;

  for (int i = 0; i < n; i++)
    {
      values[i] = expf (values[i] - maximum);
      sum += values[i];
    }
  for (int i = 0; i < n; i++)
    values[i] /= sum;
}

int
psp_scores_find_maximum (const float *values,
                         int          n)
{
  int best = 0;

  for (int i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  return best;
}

/* One row of the map, stretched to the width of the picture. */
static void
stretch_row (const PspScores *self,
             int              y,
             const Tap       *columns,
             int              width,
             float           *row)
{
  for (int x = 0; x < width; x++, row += self->n_channels)
    {
      const float *a = pixel_at (self, columns[x].first, y);
      const float *b = pixel_at (self, columns[x].second, y);

      for (int i = 0; i < self->n_channels; i++)
        row[i] = mix (a[i], b[i], columns[x].weight);
    }
}

/* The two stretched rows between which the current row of the picture lies. */
typedef struct
{
  float *values[2];
  int    y[2];
} RowPair;

/* Makes sure that @pair holds row @y of the map and returns it. */
static const float *
fetch_row (const PspScores *self,
           RowPair         *pair,
           int              y,
           const Tap       *columns,
           int              width)
{
  int slot = y % 2;

  if (pair->y[slot] != y)
    {
      stretch_row (self, y, columns, width, pair->values[slot]);
      pair->y[slot] = y;
    }
  return pair->values[slot];
}

gboolean
psp_scores_enlarge (const PspScores  *self,
                    PspSize           full,
                    PspSize           cut,
                    PspRowFunc        func,
                    gpointer          data,
                    GError          **error)
{
  gsize n_values = (gsize) cut.width * self->n_channels;
  g_autofree Tap *columns = g_new (Tap, cut.width);
  g_autofree float *memory = g_try_new (float, 3 * n_values);
  RowPair pair = { { memory, memory + n_values }, { -1, -1 } };
  float *result = memory + 2 * n_values;

  if (memory == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for rows of %d pixels of %d classes", cut.width, self->n_channels);
      return FALSE;
    }

  for (int x = 0; x < cut.width; x++)
    columns[x] = map_tap (self, x, self->size.width, full.width);
  for (int y = 0; y < cut.height; y++)
    {
      Tap row = map_tap (self, y, self->size.height, full.height);
      const float *above = fetch_row (self, &pair, row.first, columns, cut.width);
      const float *below = fetch_row (self, &pair, row.second, columns, cut.width);

      for (gsize i = 0; i < n_values; i++)
        result[i] = mix (above[i], below[i], row.weight);
      func (y, result, data);
    }
  return TRUE;
}

static void
halve (const PspScores *self,
       PspScores       *result)
{
  for (int y = 0; y < result->size.height; y++)
    for (int x = 0; x < result->size.width; x++)
      {
        float *values = (float *) pixel_at (result, x, y);
        const float *a = pixel_at (self, 2 * x, 2 * y);
        const float *b = pixel_at (self, 2 * x, 2 * y + 1);

        for (int i = 0; i < self->n_channels; i++)
          values[i] = (a[i] + a[i + self->n_channels] + b[i] + b[i + self->n_channels]) / 4;
      }
}

PspScores *
psp_scores_resize (const PspScores  *self,
                   PspSize           size,
                   GError          **error)
{
  PspScores *result = psp_scores_new (size, self->n_channels, error);

  if (result == NULL)
    return NULL;
  if (psp_size_equal (self->size, size))
    {
      memcpy (result->data, self->data,
              (gsize) size.width * size.height * self->n_channels * sizeof (float));
      return result;
    }
  if (self->size.width == 2 * size.width && self->size.height == 2 * size.height)
    {
      halve (self, result);
      return result;
    }

  for (int y = 0; y < size.height; y++)
    {
      Tap row = centred_tap (y, self->size.height, size.height);

      for (int x = 0; x < size.width; x++)
        {
          Tap column = centred_tap (x, self->size.width, size.width);
          const float *a = pixel_at (self, column.first, row.first);
          const float *b = pixel_at (self, column.second, row.first);
          const float *c = pixel_at (self, column.first, row.second);
          const float *d = pixel_at (self, column.second, row.second);
          float *values = (float *) pixel_at (result, x, y);

          for (int i = 0; i < self->n_channels; i++)
            values[i] = mix (mix (a[i], b[i], column.weight), mix (c[i], d[i], column.weight),
                             row.weight);
        }
    }
  return result;
}
