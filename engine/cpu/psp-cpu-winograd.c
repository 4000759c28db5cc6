/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-winograd.h"

#include "engine/cpu/psp-cpu-transforms.h"

#include <cblas.h>
#include <string.h>

/* Transformed weights that are held at once: enough input channels for sgemm to reach its rate,
 * little enough to stay in the last cache. */
#define KERNEL_BYTES (10 << 20)

/* Transformed pixels and products that are held at once.  Where not all weights are held, they are
 * transformed again for each block of tiles, and a block is as large as memory may be spent on it;
 * else only as large as sgemm needs to reach its rate. */
#define TILE_BYTES (24 << 20)
#define KEPT_TILES 256

/* Channels that are transformed at a time: a whole tile of them fits the first cache. */
#define CHUNK 64

/* Tiles, and input channels of the weights, of a task. */
#define TASK_TILES 8
#define TASK_INPUTS 8

/* Positions whose matrix product is one task with all output channels, which copies the tiles once.
 * The tasks of the other positions have so many channels at most: they even out the end, whatever
 * the number of threads. */
#define WHOLE_POSITIONS 32
#define TASK_OUTPUTS 256

/* Floats between the matrices of two positions, lest all of them lie in the same cache sets. */
#define POSITION_GAP 16

typedef struct
{
  const PspConvolution *operation;
  const float          *weights;
  int                   inputs;      /* padded */
  int                   outputs;     /* padded */
  int                   phases_y;    /* images of every d-th row */
  int                   phases_x;
  int                   tiles_y;     /* of each of these */
  int                   tiles_x;
  gsize                 all_tiles;
  int                   first_input; /* of the block of input channels at work */
  int                   n_inputs;
  gsize                 first_tile;  /* of the block of tiles at work */
  int                   n_tiles;
  PspCpuBuffer         *kept;        /* (nullable): holds [block of input channels][kernels] */
  float                *kernels;     /* [position][input][output] of a block of input channels */
  float                *tiles;       /* [position][tile][input] */
  float                *products;    /* [position][tile][output] */
  gsize                 kernel_step; /* from one position to the next */
  gsize                 tile_step;
  gsize                 product_step;
} Winograd;

/* Where a tile's results begin. */
typedef struct
{
  int image;
  int y;
  int x;
} Place;

gboolean
psp_cpu_winograd_supports (const PspConvolution *operation)
{
  return operation->kernel == PSP_TILE_TAPS && operation->stride == 1;
}

static Place
find_tile (const Winograd *self,
           int             index)
{
  gsize rest = self->first_tile + index;
  int dilation = self->operation->dilation;
  int tile_x = rest % self->tiles_x;
  int tile_y = (rest /= self->tiles_x) % self->tiles_y;
  int phase_x = (rest /= self->tiles_y) % self->phases_x;
  int phase_y = (rest /= self->phases_x) % self->phases_y;

  return (Place) {
    rest / self->phases_y,
    tile_y * PSP_TILE_RESULTS * dilation + phase_y,
    tile_x * PSP_TILE_RESULTS * dilation + phase_x,
  };
}

/* @n channels from @channel on of a source pixel; zeros outside. */
static const float *
source_channels (const Winograd *self,
                 int             image,
                 int             y,
                 int             x,
                 int             channel)
{
  static const float zeros[CHUNK];
  const PspMap *source = &self->operation->source;

  if (y < 0 || y >= source->height || x < 0 || x >= source->width)
    return zeros;
  return psp_cpu_map_data (source) + channel +
         (((gsize) image * source->height + y) * source->width + x) * source->pixel_stride;
}

/* Transforms @n channels of a tile, counted within the block. */
static void
transform_tile (const Winograd *self,
                int             index,
                int             channel,
                int             n)
{
  const PspConvolution *operation = self->operation;
  Place place = find_tile (self, index);
  float half[PSP_TILE_SIDE][PSP_TILE_SIDE][CHUNK]; /* transformed along y */
  float *first = self->tiles + (gsize) index * self->n_inputs + channel;
  const float *from[PSP_TILE_SIDE];
  float *to[PSP_TILE_SIDE];

  for (int x = 0; x < PSP_TILE_SIDE; x++)
    {
      for (int y = 0; y < PSP_TILE_SIDE; y++)
        {
          from[y] = source_channels (self, place.image,
                                     place.y - operation->padding + y * operation->dilation,
                                     place.x - operation->padding + x * operation->dilation,
                                     self->first_input + channel);
          to[y] = half[y][x];
        }
      psp_cpu_transform_pixels (from, to, n);
    }
  for (int y = 0; y < PSP_TILE_SIDE; y++)
    {
      for (int x = 0; x < PSP_TILE_SIDE; x++)
        {
          from[x] = half[y][x];
          to[x] = first + (y * PSP_TILE_SIDE + x) * self->tile_step;
        }
      psp_cpu_transform_pixels (from, to, n);
    }
}

/* Transforms the weights from one input channel to @n output channels. */
static void
transform_kernel (const Winograd *self,
                  int             input,
                  int             output,
                  int             n)
{
  float half[PSP_TILE_SIDE][PSP_TILE_TAPS][CHUNK]; /* transformed along y */
  gsize tap_step = (gsize) self->inputs * self->outputs;
  const float *weights = self->weights +
                         (gsize) (self->first_input + input) * self->outputs + output;
  float *first = self->kernels + (gsize) input * self->outputs + output;
  const float *from[PSP_TILE_TAPS];
  float *to[PSP_TILE_SIDE];

  for (int x = 0; x < PSP_TILE_TAPS; x++)
    {
      for (int y = 0; y < PSP_TILE_TAPS; y++)
        from[y] = weights + (y * PSP_TILE_TAPS + x) * tap_step;
      for (int y = 0; y < PSP_TILE_SIDE; y++)
        to[y] = half[y][x];
      psp_cpu_transform_taps (from, to, n);
    }
  for (int y = 0; y < PSP_TILE_SIDE; y++)
    {
      for (int x = 0; x < PSP_TILE_TAPS; x++)
        from[x] = half[y][x];
      for (int x = 0; x < PSP_TILE_SIDE; x++)
        to[x] = first + (y * PSP_TILE_SIDE + x) * self->kernel_step;
      psp_cpu_transform_taps (from, to, n);
    }
}

/* Writes those of a tile's results that lie inside the map, from @channel on. */
static void
store_results (const Winograd *self,
               Place           place,
               float           results[PSP_TILE_RESULTS][PSP_TILE_RESULTS][CHUNK],
               int             channel,
               int             n)
{
  const PspMap *destination = &self->operation->destination;
  int dilation = self->operation->dilation;

  for (int i = 0; i < PSP_TILE_RESULTS; i++)
    for (int j = 0; j < PSP_TILE_RESULTS; j++)
      {
        int y = place.y + i * dilation;
        int x = place.x + j * dilation;
        gsize pixel = ((gsize) place.image * destination->height + y) * destination->width + x;

        if (y >= destination->height || x >= destination->width)
          continue;
        psp_cpu_finish_pixel (self->operation, pixel, channel, n, FALSE, results[i][j]);
        memcpy (psp_cpu_map_data (destination) + pixel * destination->pixel_stride + channel,
                results[i][j], n * sizeof (float));
      }
}

/* Transforms @n channels of a tile's products back and finishes its pixels. */
static void
finish_tile (const Winograd *self,
             int             index,
             int             channel,
             int             n)
{
  float half[PSP_TILE_RESULTS][PSP_TILE_SIDE][CHUNK]; /* transformed along y */
  float results[PSP_TILE_RESULTS][PSP_TILE_RESULTS][CHUNK];
  const float *first = self->products + (gsize) index * self->outputs + channel;
  const float *from[PSP_TILE_SIDE];
  float *to[PSP_TILE_RESULTS];

  for (int x = 0; x < PSP_TILE_SIDE; x++)
    {
      for (int y = 0; y < PSP_TILE_SIDE; y++)
        from[y] = first + (y * PSP_TILE_SIDE + x) * self->product_step;
      for (int y = 0; y < PSP_TILE_RESULTS; y++)
        to[y] = half[y][x];
      psp_cpu_transform_products (from, to, n);
    }
  for (int y = 0; y < PSP_TILE_RESULTS; y++)
    {
      for (int x = 0; x < PSP_TILE_SIDE; x++)
        from[x] = half[y][x];
      for (int x = 0; x < PSP_TILE_RESULTS; x++)
        to[x] = results[y][x];
      psp_cpu_transform_products (from, to, n);
    }
  store_results (self, find_tile (self, index), results, channel, n);
}

typedef struct
{
  Winograd      *winograd;
  GCancellable  *cancellable;
  int            n_kernel_tasks; /* of the first list */
} Work;

/* Weights and tiles: neither waits for the other. */
static void
run_transform (int      task,
               int      thread,
               gpointer data)
{
  const Work *work = data;
  const Winograd *self = work->winograd;
  gboolean kernels = task < work->n_kernel_tasks;
  int first = kernels ? task * TASK_INPUTS : (task - work->n_kernel_tasks) * TASK_TILES;
  int end = kernels ? MIN (first + TASK_INPUTS, self->n_inputs)
                    : MIN (first + TASK_TILES, self->n_tiles);
  int channels = kernels ? self->outputs : self->n_inputs;

  if (g_cancellable_is_cancelled (work->cancellable))
    return;

  for (int i = first; i < end; i++)
    for (int c = 0; c < channels; c += CHUNK)
      if (kernels)
        transform_kernel (self, i, c, MIN (CHUNK, channels - c));
      else
        transform_tile (self, i, c, MIN (CHUNK, channels - c));
}

static void
run_product (int      task,
             int      thread,
             gpointer data)
{
  const Work *work = data;
  const Winograd *self = work->winograd;
  int parts = psp_cpu_count_parts (self->outputs, TASK_OUTPUTS);
  int rest = task - WHOLE_POSITIONS;
  int position = rest < 0 ? task : WHOLE_POSITIONS + rest / parts;
  int first = rest < 0 ? 0 : rest % parts * TASK_OUTPUTS;
  int n = rest < 0 ? self->outputs : MIN (TASK_OUTPUTS, self->outputs - first);

  if (g_cancellable_is_cancelled (work->cancellable))
    return;

  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, self->n_tiles, n, self->n_inputs, 1,
               self->tiles + position * self->tile_step, self->n_inputs,
               self->kernels + position * self->kernel_step + first, self->outputs,
               self->first_input > 0 ? 1 : 0,
               self->products + position * self->product_step + first, self->outputs);
}

static void
run_finish (int      task,
            int      thread,
            gpointer data)
{
  const Work *work = data;
  const Winograd *self = work->winograd;
  int end = MIN ((task + 1) * TASK_TILES, self->n_tiles);

  if (g_cancellable_is_cancelled (work->cancellable))
    return;

  for (int i = task * TASK_TILES; i < end; i++)
    for (int c = 0; c < self->outputs; c += CHUNK)
      finish_tile (self, i, c, MIN (CHUNK, self->outputs - c));
}

/* Elements of the transformed weights of a block. */
static gsize
count_kernels (const Winograd *self)
{
  return self->kernel_step * PSP_TILE_POSITIONS;
}

/* One block of tiles with all input channels. */
static void
run_block (PspCpuBackend *backend,
           Work          *work,
           int            block_inputs)
{
  Winograd *self = work->winograd;

  for (int first = 0; first < self->inputs; first += block_inputs)
    {
      gboolean all_held = self->kept != NULL || block_inputs >= self->inputs;
      gboolean ready = (all_held && self->first_tile > 0) ||
                       (self->kept != NULL && self->kept->kept_done);

      if (self->kept != NULL)
        self->kernels = self->kept->kept + first / block_inputs * count_kernels (self);
      self->first_input = first;
      self->n_inputs = MIN (block_inputs, self->inputs - first);
      work->n_kernel_tasks = ready ? 0 : psp_cpu_count_parts (self->n_inputs, TASK_INPUTS);
      psp_thread_pool_run (backend->parent.pool,
                           work->n_kernel_tasks + psp_cpu_count_parts (self->n_tiles, TASK_TILES),
                           run_transform, work);
      psp_thread_pool_run (backend->parent.pool,
                           WHOLE_POSITIONS + (PSP_TILE_POSITIONS - WHOLE_POSITIONS) *
                           psp_cpu_count_parts (self->outputs, TASK_OUTPUTS), run_product, work);
    }
  psp_thread_pool_run (backend->parent.pool, psp_cpu_count_parts (self->n_tiles, TASK_TILES),
                       run_finish, work);
}

/* All but the scratch memory; the block of tiles at work is the first, which is the largest. */
static Winograd
plan (const PspConvolution *operation)
{
  const PspMap *destination = &operation->destination;
  int phase = PSP_TILE_RESULTS * operation->dilation;
  gsize position_bytes = PSP_TILE_POSITIONS * sizeof (float);
  gsize limit;
  Winograd self = {
    .operation = operation,
    .inputs = psp_channels_pad (operation->source.channels),
    .outputs = psp_channels_pad (destination->channels),
    .phases_y = MIN (operation->dilation, destination->height),
    .phases_x = MIN (operation->dilation, destination->width),
    .tiles_y = (destination->height + phase - 1) / phase,
    .tiles_x = (destination->width + phase - 1) / phase,
  };

  self.all_tiles = (gsize) destination->batch * self.phases_y * self.phases_x *
                   self.tiles_y * self.tiles_x;
  self.n_inputs = psp_channels_pad (
    psp_cpu_split_evenly (self.inputs, MAX (PSP_CHANNEL_ALIGNMENT,
                                    KERNEL_BYTES / position_bytes / self.outputs)));
  limit = MAX (1, TILE_BYTES / position_bytes / (self.n_inputs + self.outputs));
  if (self.n_inputs >= self.inputs)
    limit = MIN (limit, KEPT_TILES);
  self.n_tiles = psp_cpu_split_evenly (self.all_tiles, limit);
  self.kernel_step = (gsize) self.n_inputs * self.outputs + POSITION_GAP;
  self.tile_step = (gsize) self.n_tiles * self.n_inputs + POSITION_GAP;
  self.product_step = (gsize) self.n_tiles * self.outputs + POSITION_GAP;
  return self;
}

gsize
psp_cpu_winograd_count_scratch (const PspConvolution *operation)
{
  Winograd self = plan (operation);

  return (self.kernel_step + self.tile_step + self.product_step) * PSP_TILE_POSITIONS;
}

gboolean
psp_cpu_winograd_convolve (PspCpuBackend         *backend,
                           const PspConvolution  *operation,
                           float                 *scratch,
                           gboolean               keep,
                           GCancellable          *cancellable,
                           GError               **error)
{
  Winograd self = plan (operation);
  Work work = { &self, cancellable, 0 };
  int block_inputs = self.n_inputs;
  int block_tiles = self.n_tiles;

  self.weights = psp_cpu_weights (operation);
  self.kernels = scratch;
  if (keep)
    self.kept = psp_cpu_find_kept (backend, operation, count_kernels (&self) *
                                   psp_cpu_count_parts (self.inputs, self.n_inputs));
  self.tiles = scratch + count_kernels (&self);
  self.products = self.tiles + self.tile_step * PSP_TILE_POSITIONS;

  for (gsize first = 0; first < self.all_tiles; first += block_tiles)
    {
      self.first_tile = first;
      self.n_tiles = MIN ((gsize) block_tiles, self.all_tiles - first);
      run_block (backend, &work, block_inputs);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  if (self.kept != NULL)
    self.kept->kept_done = TRUE;
  return TRUE;
}
