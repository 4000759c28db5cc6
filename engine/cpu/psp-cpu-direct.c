/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-direct.h"

#include <cblas.h>
#include <string.h>

/* Output pixels of a task: enough for sgemm to reach its full rate, few enough to stay in cache,
 * to be cancelled soon and to be shared evenly. */
#ifndef BAND_PIXELS
#define BAND_PIXELS 240
#endif

/* The largest im2col panel of a thread; bands get shorter for very deep inputs. */
#ifndef PANEL_BYTES
#define PANEL_BYTES (4 << 20)
#endif

typedef struct
{
  const PspConvolution *operation;
  GCancellable         *cancellable;
  gsize                 n_pixels;    /* of the destination */
  int                   band_pixels;
  int                   inputs;      /* padded */
  int                   outputs;     /* padded */
  gboolean              direct;      /* the source itself is the matrix */
  float                *panels;      /* one for each thread */
} Convolution;

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

static void
multiply (const Convolution *self,
          const float       *matrix,
          int                matrix_stride,
          int                depth,
          gsize              first,
          int                n_pixels)
{
  const PspConvolution *operation = self->operation;
  const PspMap *destination = &operation->destination;

  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, n_pixels, self->outputs, depth, 1,
               matrix, matrix_stride, psp_cpu_weights (operation), self->outputs,
               adds_in_place (operation) ? 1 : 0,
               psp_cpu_map_data (destination) + first * destination->pixel_stride,
               destination->pixel_stride);
}

static void
run_band (int      task,
          int      thread,
          gpointer data)
{
  const Convolution *self = data;
  const PspConvolution *operation = self->operation;
  const PspMap *source = &operation->source;
  const PspMap *destination = &operation->destination;
  gsize first = (gsize) task * self->band_pixels;
  int n_pixels = MIN ((gsize) self->band_pixels, self->n_pixels - first);
  int depth = operation->kernel * operation->kernel * self->inputs;
  float *panel = self->panels + (gsize) thread * self->band_pixels * depth;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (self->direct)
    multiply (self, psp_cpu_map_data (source) + first * source->pixel_stride,
              source->pixel_stride, depth, first, n_pixels);
  else
    {
      for (int i = 0; i < n_pixels; i++)
        gather_taps (self, first + i, panel + (gsize) i * depth);
      multiply (self, panel, depth, depth, first, n_pixels);
    }
  for (gsize pixel = first; pixel < first + n_pixels; pixel++)
    psp_cpu_finish_pixel (operation, pixel, 0, self->outputs, adds_in_place (operation),
                          psp_cpu_map_data (destination) + pixel * destination->pixel_stride);
}

gboolean
psp_cpu_direct_convolve (PspCpuBackend         *backend,
                         const PspConvolution  *operation,
                         GCancellable          *cancellable,
                         GError               **error)
{
  const PspMap *destination = &operation->destination;
  Convolution self = {
    .operation = operation,
    .cancellable = cancellable,
    .n_pixels = (gsize) destination->batch * destination->height * destination->width,
    .inputs = psp_channels_pad (operation->source.channels),
    .outputs = psp_channels_pad (destination->channels),
    .direct = operation->kernel == 1 && operation->stride == 1 && operation->padding == 0,
  };
  gsize row = (gsize) operation->kernel * operation->kernel * self.inputs;
  gsize limit = self.direct ? BAND_PIXELS
                            : CLAMP (PANEL_BYTES / sizeof (float) / row, 16, BAND_PIXELS);

  self.band_pixels = psp_cpu_split_evenly (self.n_pixels, limit);
  if (!self.direct)
    {
      self.panels = psp_cpu_get_scratch (backend, row * self.band_pixels *
                                         psp_thread_pool_get_n_threads (backend->pool), error);
      if (self.panels == NULL)
        return FALSE;
    }
  psp_thread_pool_run (backend->pool,
                       (self.n_pixels + self.band_pixels - 1) / self.band_pixels,
                       run_band, &self);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
