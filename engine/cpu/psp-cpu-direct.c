/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-direct.h"

#include <cblas.h>
#include <string.h>

/* Output pixels of a task: enough for sgemm to reach its full rate, few enough to stay in cache,
 * to be cancelled soon and to be shared evenly. */
#define BAND_PIXELS 480
#define MIN_BAND_PIXELS 16

/* Bands come in multiples of this, for as many threads to end together. */
#define BAND_GROUP 4

/* Fewer bands than this: the output channels are split too, into parts of so many. */
#define FEW_BANDS 8
#define PART_OUTPUTS 128

/* Multiply-accumulates of a task, about: it ends within 0.5 s even on a slow processor. */
#define TASK_MACS ((gsize) 1 << 30)

/* The largest im2col panel of a thread; bands get shorter for very deep inputs. */
#define PANEL_BYTES (8 << 20)

typedef struct
{
  const PspConvolution *operation;
  GCancellable         *cancellable;
  gsize                 n_pixels;     /* of the destination */
  gsize                 band_pixels;
  int                   inputs;       /* of a row of @weights */
  int                   outputs;      /* padded */
  int                   part_outputs; /* of a task */
  gboolean              direct;       /* the source itself is the matrix */
  const float          *weights;      /* [tap][input][output] */
  int                   n_tasks;
  int                   n_panels;     /* one for each thread, or for each task if these are fewer */
  float                *panels;
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

/* Puts the residual where the result goes, for sgemm to add to it, unless it lies there. */
static void
place_residual (const PspConvolution *operation,
                gsize                 first,
                int                   n_pixels,
                int                   channel,
                int                   n_outputs)
{
  const PspMap *source = operation->residual;
  const PspMap *destination = &operation->destination;

  if (source == NULL || psp_cpu_adds_in_place (operation))
    return;
  for (gsize pixel = first; pixel < first + n_pixels; pixel++)
    memcpy (psp_cpu_map_data (destination) + pixel * destination->pixel_stride + channel,
            psp_cpu_map_data (source) + pixel * source->pixel_stride + channel,
            n_outputs * sizeof (float));
}

/* The matrix of the pixels from @first on, made in a panel if need be; tells its row stride. */
static const float *
get_matrix (const Convolution *self,
            int                index,
            gsize              first,
            int                n_pixels,
            int               *stride)
{
  const PspMap *source = &self->operation->source;
  int depth = self->operation->kernel * self->operation->kernel * self->inputs;
  float *panel;

  *stride = self->direct ? source->pixel_stride : depth;
  if (self->direct)
    return psp_cpu_map_data (source) + first * source->pixel_stride;

  panel = self->panels + index * self->band_pixels * depth;
  for (int i = 0; i < n_pixels; i++)
    gather_taps (self, first + i, panel + (gsize) i * depth);
  return panel;
}

static void
run_task (int      task,
          int      thread,
          gpointer data)
{
  const Convolution *self = data;
  const PspConvolution *operation = self->operation;
  const PspMap *destination = &operation->destination;
  int n_parts = (self->outputs + self->part_outputs - 1) / self->part_outputs;
  int channel = task % n_parts * self->part_outputs;
  int n_outputs = MIN (self->part_outputs, self->outputs - channel);
  gsize first = task / n_parts * self->band_pixels;
  int n_pixels = MIN (self->band_pixels, self->n_pixels - first);
  float *result = psp_cpu_map_data (destination) + first * destination->pixel_stride + channel;
  const float *matrix;
  int stride;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  matrix = get_matrix (self, self->n_panels < self->n_tasks ? thread : task, first, n_pixels,
                       &stride);
  place_residual (operation, first, n_pixels, channel, n_outputs);
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, n_pixels, n_outputs,
               operation->kernel * operation->kernel * self->inputs, 1, matrix, stride,
               self->weights + channel, self->outputs, operation->residual != NULL ? 1 : 0,
               result, destination->pixel_stride);
  for (int i = 0; i < n_pixels; i++)
    psp_cpu_finish_pixel (operation, first + i, channel, n_outputs, TRUE,
                          result + (gsize) i * destination->pixel_stride);
}

/* Chooses the bands, which depend on the shape alone. */
static void
choose_bands (Convolution *self,
              gsize        limit)
{
  gsize n_bands = (self->n_pixels + limit - 1) / limit;

  self->part_outputs = n_bands < FEW_BANDS ? MIN (PART_OUTPUTS, self->outputs) : self->outputs;
  if (n_bands > BAND_GROUP)
    n_bands = (n_bands + BAND_GROUP - 1) / BAND_GROUP * BAND_GROUP;
  self->band_pixels = (self->n_pixels + n_bands - 1) / n_bands;
}

/* All but the matrices: bands, which depend on the shape alone, and what they are made of. */
static Convolution
plan (const PspCpuBackend  *backend,
      const PspConvolution *operation)
{
  const PspMap *destination = &operation->destination;
  gboolean direct = operation->kernel == 1 && operation->stride == 1 && operation->padding == 0;
  Convolution self = {
    .operation = operation,
    .n_pixels = (gsize) destination->batch * destination->height * destination->width,
    .inputs = direct ? psp_channels_pad (operation->source.channels) : operation->source.channels,
    .outputs = psp_channels_pad (destination->channels),
    .direct = direct,
  };
  gsize row = (gsize) operation->kernel * operation->kernel * self.inputs;
  gsize limit;

  limit = TASK_MACS / row / self.outputs;
  if (!direct)
    limit = MIN (limit, PANEL_BYTES / sizeof (float) / row);
  choose_bands (&self, CLAMP (limit, MIN_BAND_PIXELS, BAND_PIXELS));
  self.n_tasks = (self.n_pixels + self.band_pixels - 1) / self.band_pixels *
                 ((self.outputs + self.part_outputs - 1) / self.part_outputs);
  self.n_panels = direct ? 0 : MIN (psp_thread_pool_get_n_threads (backend->parent.pool),
                                    self.n_tasks);
  return self;
}

/* Elements of all panels. */
static gsize
count_panels (const Convolution *self)
{
  return (gsize) self->operation->kernel * self->operation->kernel * self->inputs *
         self->band_pixels * self->n_panels;
}

/* Elements of the weights without the padding of the input channels: of a photo these are three of
 * eight.  None if there is no padding. */
static gsize
count_packed (const Convolution *self)
{
  return self->inputs % PSP_CHANNEL_ALIGNMENT == 0
         ? 0 : (gsize) self->operation->kernel * self->operation->kernel * self->inputs *
               self->outputs;
}

gsize
psp_cpu_direct_count_scratch (const PspCpuBackend  *backend,
                              const PspConvolution *operation)
{
  Convolution self = plan (backend, operation);

  return self.direct ? 0 : count_panels (&self) + count_packed (&self);
}

/* Lets the panels lie in @scratch, and behind them the packed weights. */
static void
use_scratch (Convolution *self,
             float       *scratch)
{
  gsize n_taps = (gsize) self->operation->kernel * self->operation->kernel;
  gsize tap_weights = (gsize) self->inputs * self->outputs;
  gsize padded_weights = (gsize) psp_channels_pad (self->inputs) * self->outputs;
  float *packed = scratch + count_panels (self);

  self->panels = scratch;
  if (count_packed (self) == 0)
    return;
  for (gsize tap = 0; tap < n_taps; tap++)
    memcpy (packed + tap * tap_weights, self->weights + tap * padded_weights,
            tap_weights * sizeof (float));
  self->weights = packed;
}

gboolean
psp_cpu_direct_convolve (PspCpuBackend         *backend,
                         const PspConvolution  *operation,
                         float                 *scratch,
                         GCancellable          *cancellable,
                         GError               **error)
{
  Convolution self = plan (backend, operation);

  self.cancellable = cancellable;
  self.weights = psp_cpu_weights (operation);
  if (!self.direct)
    use_scratch (&self, scratch);
  psp_thread_pool_run (backend->parent.pool, self.n_tasks, run_task, &self);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
