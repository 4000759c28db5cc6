/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-operations.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

/* Output pixels of a task: enough for sgemm to reach its full rate, few enough to stay in cache
 * and to be cancelled soon. */
#define BAND_PIXELS 480

/* The largest im2col panel of a thread; bands get shorter for very deep inputs. */
#define PANEL_BYTES (8 << 20)

typedef struct
{
  PspCpuBackend        *backend;
  const PspConvolution *operation;
  GCancellable         *cancellable;
  gsize                 n_pixels;    /* of the destination */
  int                   band_pixels;
  int                   inputs;      /* padded */
  int                   outputs;     /* padded */
  gboolean              direct;      /* the source itself is the matrix */
  int                   no_memory;   /* (atomic): a thread found none for its panel */
} Convolution;

/* Grows the panel of @thread to @n_elements; %NULL if there is no memory. */
static float *
get_scratch (PspCpuBackend *backend,
             int            thread,
             gsize          n_elements)
{
  PspCpuScratch *scratch = &backend->scratch[thread];

  if (scratch->n_elements >= n_elements)
    return scratch->data;

  free (scratch->data);
  *scratch = (PspCpuScratch) { 0 };
  if (posix_memalign ((void **) &scratch->data, 64, n_elements * sizeof (float)) != 0)
    {
      scratch->data = NULL;
      return NULL;
    }
  scratch->n_elements = n_elements;
  return scratch->data;
}

/* Copies the taps of one output pixel into @row, zeros outside the source. */
static void
gather_taps (const Convolution *self,
             gsize              pixel,
             float             *row)
{
  const PspConvolution *operation = self->operation;
  const PspMap *source = &operation->source;
  int width = operation->destination.width;
  int height = operation->destination.height;
  int x = pixel % width;
  int y = pixel / width % height;
  gsize image = pixel / width / height * source->height;

  for (int i = 0; i < operation->kernel; i++)
    for (int j = 0; j < operation->kernel; j++, row += self->inputs)
      {
        int source_y = y * operation->stride - operation->padding + i * operation->dilation;
        int source_x = x * operation->stride - operation->padding + j * operation->dilation;

        if (source_y < 0 || source_y >= source->height ||
            source_x < 0 || source_x >= source->width)
          memset (row, 0, self->inputs * sizeof (float));
        else
          memcpy (row, psp_cpu_map_data (source) +
                  ((image + source_y) * source->width + source_x) * source->pixel_stride,
                  self->inputs * sizeof (float));
      }
}

/* Whether the residual lies where the result goes: then sgemm adds to it. */
static gboolean
adds_in_place (const PspConvolution *operation)
{
  return operation->residual != NULL &&
         psp_cpu_map_data (operation->residual) == psp_cpu_map_data (&operation->destination);
}

/* destination = relu (destination + bias + residual), for @n_pixels from @first on. */
static void
finish_band (const Convolution *self,
             gsize              first,
             int                n_pixels)
{
  const PspConvolution *operation = self->operation;
  const PspMap *destination = &operation->destination;
  const PspMap *residual = operation->residual;
  const float *bias = ((PspCpuBuffer *) operation->bias)->data;
  gboolean in_place = adds_in_place (operation);

  for (gsize pixel = first; pixel < first + n_pixels; pixel++)
    {
      float *row = psp_cpu_map_data (destination) + pixel * destination->pixel_stride;

      for (int c = 0; c < self->outputs; c++)
        row[c] += bias[c];
      if (residual != NULL && !in_place)
        {
          const float *other = psp_cpu_map_data (residual) + pixel * residual->pixel_stride;

          for (int c = 0; c < self->outputs; c++)
            row[c] += other[c];
        }
      if (operation->relu)
        for (int c = 0; c < self->outputs; c++)
          row[c] = row[c] > 0 ? row[c] : 0;
    }
}

static void
multiply (const Convolution *self,
          const float       *matrix,
          int                matrix_stride,
          int                depth,
          gsize              first,
          int                n_pixels)
{
  const PspMap *destination = &self->operation->destination;

  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, n_pixels, self->outputs, depth, 1,
               matrix, matrix_stride,
               ((PspCpuBuffer *) self->operation->weights)->data +
               self->operation->weights_offset, self->outputs,
               adds_in_place (self->operation) ? 1 : 0,
               psp_cpu_map_data (destination) + first * destination->pixel_stride,
               destination->pixel_stride);
}

static void
run_band (int      task,
          int      thread,
          gpointer data)
{
  Convolution *self = data;
  const PspConvolution *operation = self->operation;
  const PspMap *source = &operation->source;
  gsize first = (gsize) task * self->band_pixels;
  int n_pixels = MIN ((gsize) self->band_pixels, self->n_pixels - first);
  int depth = operation->kernel * operation->kernel * self->inputs;
  float *panel;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (self->direct)
    multiply (self, psp_cpu_map_data (source) + first * source->pixel_stride,
              source->pixel_stride, depth, first, n_pixels);
  else
    {
      panel = get_scratch (self->backend, thread, (gsize) self->band_pixels * depth);
      if (panel == NULL)
        {
          g_atomic_int_set (&self->no_memory, TRUE);
          return;
        }
      for (int i = 0; i < n_pixels; i++)
        gather_taps (self, first + i, panel + (gsize) i * depth);
      multiply (self, panel, depth, depth, first, n_pixels);
    }
  finish_band (self, first, n_pixels);
}

gboolean
psp_cpu_convolve (PspBackend            *backend,
                  const PspConvolution  *operation,
                  GCancellable          *cancellable,
                  GError               **error)
{
  const PspMap *destination = &operation->destination;
  Convolution self = {
    .backend = (PspCpuBackend *) backend,
    .operation = operation,
    .cancellable = cancellable,
    .n_pixels = (gsize) destination->batch * destination->height * destination->width,
    .inputs = psp_channels_pad (operation->source.channels),
    .outputs = psp_channels_pad (destination->channels),
    .direct = operation->kernel == 1 && operation->stride == 1 && operation->padding == 0,
  };
  gsize row_bytes = (gsize) operation->kernel * operation->kernel * self.inputs * sizeof (float);

  self.band_pixels = self.direct ? BAND_PIXELS
                                 : CLAMP (PANEL_BYTES / row_bytes, 16, BAND_PIXELS);
  psp_thread_pool_run (self.backend->pool,
                       (self.n_pixels + self.band_pixels - 1) / self.band_pixels,
                       run_band, &self);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (self.no_memory)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for a convolution's panel of %.1f MiB",
                   self.band_pixels * row_bytes / 1048576.0);
      return FALSE;
    }
  return TRUE;
}
