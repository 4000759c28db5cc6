/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-output.h"

#define BAND_ELEMENTS ((int) (PSP_OUTPUT_BAND_BYTES / sizeof (float)))

/* What all bands share. */
typedef struct
{
  PspBackend        *backend;
  PspPrediction     *prediction;
  gboolean           auxiliary;
  PspClassification  operation;
  float             *results; /* of a band */
} Output;

/* Recorded, run and read without another thread's work in between. */
static gboolean
classify_band (Output        *self,
               GCancellable  *cancellable,
               GError       **error)
{
  g_autoptr(PspLockHolder) holder = psp_backend_hold (self->backend, cancellable, error);
  const PspMap *map = &self->operation.destination;
  gsize n_elements = (gsize) map->height * map->width * map->pixel_stride;

  return holder != NULL &&
         psp_backend_classify (self->backend, &self->operation, cancellable, error) &&
         psp_backend_finish (self->backend, cancellable, error) &&
         psp_backend_download (self->backend, map->buffer, 0, self->results, n_elements, error);
}

static gboolean
run_band (Output        *self,
          int            first,
          int            n_rows,
          GCancellable  *cancellable,
          GError       **error)
{
  PspMap *map = &self->operation.destination;
  gsize row_length = (gsize) map->width * map->pixel_stride;

  map->height = n_rows;
  self->operation.first_row = first;
  if (!classify_band (self, cancellable, error))
    return FALSE;
  for (int y = 0; y < n_rows; y++)
    psp_prediction_set_row (self->prediction, self->auxiliary, first + y,
                            self->results + y * row_length, map->pixel_stride);
  return TRUE;
}

gboolean
psp_output_classify (PspBackend     *backend,
                     const PspMap   *logits,
                     PspSize         full,
                     gboolean        align_corners,
                     PspPrediction  *prediction,
                     gboolean        auxiliary,
                     GCancellable   *cancellable,
                     GError        **error)
{
  PspSize size = psp_prediction_get_size (prediction);
  int n_top = auxiliary ? 1 : psp_prediction_get_n_kept (prediction);
  gboolean probabilities = !auxiliary && psp_prediction_get_confidence (prediction) != NULL;
  int n_channels = n_top * (probabilities ? 2 : 1);
  int stride = psp_channels_pad (n_channels);
  int n_rows = CLAMP (BAND_ELEMENTS / (size.width * stride), 1, size.height);
  gsize n_elements = (gsize) n_rows * size.width * stride;
  g_autofree float *results = g_try_new (float, n_elements);
  g_autoptr(PspBuffer) buffer = psp_backend_buffer_new (backend, n_elements, "labels", error);
  Output self = { backend, prediction, auxiliary, .results = results, .operation = {
    .source = *logits,
    .destination = { .buffer = buffer, .batch = 1, .width = size.width, .channels = n_channels,
                     .pixel_stride = stride },
    .full = full,
    .n_top = n_top,
    .probabilities = probabilities,
    .align_corners = align_corners,
  } };

  if (buffer == NULL)
    return FALSE;
  if (results == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "no memory for rows of %d pixels",
                   size.width);
      return FALSE;
    }
  for (int y = 0; y < size.height; y += n_rows)
    if (!run_band (&self, y, MIN (n_rows, size.height - y), cancellable, error))
      return FALSE;
  return TRUE;
}
