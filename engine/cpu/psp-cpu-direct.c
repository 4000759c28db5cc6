/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-direct.h"

#include <cblas.h>
#include <string.h>

/* Output pixels of a task: enough for sgemm to reach its full rate, few enough to stay in cache,
 * to be cancelled soon and to be shared evenly. */
#define BAND_PIXELS 300
#define MIN_BAND_PIXELS 16

/* The last bands are split into two parts of the output channels: so many of them even out the end,
 * whatever the number of threads. */
#define SPLIT_BANDS 4

/* Fewer bands than this: all are split, into parts of so many output channels. */
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
  int                   band_pixels;
  int                   n_whole;      /* bands that are a task each; of the others a part is one */
  int                   inputs;       /* of a row of @weights */
  int                   outputs;      /* padded */
  int                   part_outputs;
  gboolean              direct;       /* the source itself is the matrix */
  const float          *weights;      /* [tap][input][output] */
  int                   n_parts;      /* of the outputs of a band */
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

  if (source == NULL || psp_convolution_adds_in_place (operation))
    return;
  for (gsize pixel = first; pixel < first + n_pixels; pixel++)
    memcpy (psp_cpu_map_data (destination) + pixel * destination->pixel_stride + channel,
            psp_cpu_map_data (source) + pixel * source->pixel_stride + channel,
            n_outputs * sizeof (float));
}

/* Floats of a thread's panel. */
static gsize
count_panel (const Convolution *self)
{
  return (gsize) self->operation->kernel * self->operation->kernel * self->inputs *
         self->band_pixels;
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

  panel = self->panels + index * count_panel (self);
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
  int rest = task - self->n_whole;
  int band = rest < 0 ? task : self->n_whole + rest / self->n_parts;
  gsize first = (gsize) self->band_pixels * band;
  int n_pixels = MIN ((gsize) self->band_pixels, self->n_pixels - first);
  int channel = rest < 0 ? 0 : rest % self->n_parts * self->part_outputs;
  int n_outputs = rest < 0 ? self->outputs : MIN (self->part_outputs, self->outputs - channel);
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

/* Chooses the tasks, which depend on the shape alone, with bands of @limit pixels at most. */
static void
choose_tasks (Convolution *self,
              gsize        limit)
{
  int n_bands;
  gboolean few;

  self->band_pixels = psp_cpu_split_evenly (self->n_pixels, limit);
  n_bands = psp_cpu_count_parts (self->n_pixels, self->band_pixels);
  few = n_bands < FEW_BANDS;
  self->n_whole = few ? 0 : n_bands - SPLIT_BANDS;
  self->part_outputs = few ? MIN (PART_OUTPUTS, self->outputs)
                           : psp_channels_pad (self->outputs / 2);
  self->n_parts = psp_cpu_count_parts (self->outputs, self->part_outputs);
  self->n_tasks = self->n_whole + (n_bands - self->n_whole) * self->n_parts;
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
  choose_tasks (&self, CLAMP (limit, MIN_BAND_PIXELS, BAND_PIXELS));
  self.n_panels = direct ? 0 : MIN (psp_thread_pool_get_n_threads (backend->parent.pool),
                                    self.n_tasks);
  return self;
}

/* Elements of all panels. */
static gsize
count_panels (const Convolution *self)
{
  return count_panel (self) * self->n_panels;
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
