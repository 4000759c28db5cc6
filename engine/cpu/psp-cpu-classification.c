/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-operations.h"
#include "engine/run/psp-bilinear.h"
#include "engine/run/psp-ranking.h"

#include <string.h>

typedef struct
{
  const PspClassification *operation;
  GCancellable            *cancellable;
} Job;

static PspLogitsMap
describe_image (const PspClassification *operation,
                int                      image)
{
  const PspMap *source = &operation->source;

  return (PspLogitsMap) {
    .values = psp_cpu_map_data (source) +
              (gsize) image * source->height * source->width * source->pixel_stride,
    .size = { source->width, source->height },
    .n_classes = source->channels,
    .stride = source->pixel_stride,
    .full = operation->full,
    .half_pixels = !operation->align_corners,
  };
}

/* @values: the logits of the pixel, and as much room again. */
static void
classify_pixel (const PspClassification *operation,
                float                   *values,
                int                      n_padded,
                float                   *result)
{
  int n_top = operation->n_top;
  float *exponentials = values + n_padded;
  float sum, maximum;

  if (operation->probabilities)
    memcpy (exponentials, values, n_padded * sizeof *values);
  psp_ranking_choose (values, n_padded, n_top, result,
                      operation->probabilities ? result + n_top : NULL);
  if (!operation->probabilities)
    return;

  maximum = result[n_top];
  sum = psp_ranking_exponential (exponentials, n_padded, maximum);
  for (int rank = 0; rank < n_top; rank++)
    result[n_top + rank] = exponentials[(int) result[rank]] / sum;
}

/* A task is one row of one image. */
static void
classify_row (int      task,
              int      thread,
              gpointer data)
{
  const Job *self = data;
  const PspClassification *operation = self->operation;
  const PspMap *destination = &operation->destination;
  int y = task % destination->height;
  PspLogitsMap map = describe_image (operation, task / destination->height);
  int n_padded = psp_channels_pad (map.n_classes);
  int n_results = psp_channels_pad (destination->channels);
  g_autofree float *row = NULL;
  g_autofree float *values = NULL;
  float *result = psp_cpu_map_data (destination) +
                  (gsize) task * destination->width * destination->pixel_stride;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  row = g_new (float, psp_logits_map_row_length (&map));
  values = g_new (float, 2 * n_padded);
  psp_logits_map_mix_row (&map, operation->first_row + y, row);
  for (int x = 0; x < destination->width; x++, result += destination->pixel_stride)
    {
      psp_logits_map_mix_pixel (&map, row, x, values);
      classify_pixel (operation, values, n_padded, result);
      for (int i = destination->channels; i < n_results; i++)
        result[i] = 0;
    }
}

gboolean
psp_cpu_classify (PspBackend               *backend,
                  const PspClassification  *operation,
                  GCancellable             *cancellable,
                  GError                  **error)
{
  psp_thread_pool_run (backend->pool,
                       operation->destination.batch * operation->destination.height, classify_row,
                       &(Job) { operation, cancellable });
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
