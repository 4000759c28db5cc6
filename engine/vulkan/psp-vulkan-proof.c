/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-proof.h"

#include "engine/vulkan/psp-vulkan-operations.h"

#define BATCH 2
#define HEIGHT 9
#define WIDTH 11

/* More than one tile, and no multiple of its blocks. */
#define SOURCE_CHANNELS 40
#define DESTINATION_CHANNELS 136

/* Of the sums where they are cut: no divisor of the steps. */
#define N_PARTS 4

/* What one convolution needs on the device and here. */
typedef struct
{
  PspConvolution  operation;
  PspMap          residual;
  float          *source;
  float          *weights;
  float          *bias;
  float          *addend; /* the residual's elements */
  PspBuffer      *buffers[5];
} Proof;

/* Integers from -2 to 2, the same everywhere. */
static float *
make_integers (gsize   n,
               guint32 seed)
{
  float *floats = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    {
      seed = seed * 1664525 + 1013904223;
      floats[i] = (float) (int) ((seed >> 24) % 5) - 2;
    }
  return floats;
}

static gsize
count_elements (const PspMap *map)
{
  return (gsize) map->batch * map->height * map->width * map->pixel_stride;
}

static PspMap
make_map (int height,
          int width,
          int channels)
{
  return (PspMap) {
    .batch = BATCH,
    .height = height,
    .width = width,
    .channels = channels,
    .pixel_stride = channels,
  };
}

static int
find_side (int source,
           int kernel,
           int stride,
           int padding,
           int dilation)
{
  return (source + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

static void
clear (Proof *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->buffers); i++)
    g_clear_pointer (&self->buffers[i], psp_buffer_free);
  g_free (self->source);
  g_free (self->weights);
  g_free (self->bias);
  g_free (self->addend);
}

/* A buffer of @n elements that holds @floats. */
static gboolean
fill_buffer (PspVulkanBackend  *backend,
             const float       *floats,
             gsize              n,
             PspBuffer        **buffer,
             GError           **error)
{
  *buffer = psp_backend_buffer_new (&backend->parent, n, "proof of a kernel", error);
  return *buffer != NULL && psp_backend_upload (&backend->parent, *buffer, 0, floats, n, error);
}

static gboolean
fill_buffers (Proof             *self,
              PspVulkanBackend  *backend,
              GError           **error)
{
  PspConvolution *operation = &self->operation;
  gsize n_weights = (gsize) operation->kernel * operation->kernel * SOURCE_CHANNELS *
                    DESTINATION_CHANNELS;
  gsize n_results = count_elements (&operation->destination);

  if (!fill_buffer (backend, self->source, count_elements (&operation->source), &self->buffers[0],
                    error) ||
      !fill_buffer (backend, self->weights, n_weights, &self->buffers[1], error) ||
      !fill_buffer (backend, self->bias, DESTINATION_CHANNELS, &self->buffers[2], error) ||
      !fill_buffer (backend, self->addend, n_results, &self->buffers[3], error) ||
      !fill_buffer (backend, self->addend, n_results, &self->buffers[4], error))
    return FALSE;

  operation->source.buffer = self->buffers[0];
  operation->weights = self->buffers[1];
  operation->bias = self->buffers[2];
  self->residual.buffer = self->buffers[3];
  operation->destination.buffer = self->buffers[4];
  return TRUE;
}

static void
make_operation (Proof    *self,
                int       kernel,
                int       stride,
                int       padding,
                int       dilation,
                gboolean  whole)
{
  int height = find_side (HEIGHT, kernel, stride, padding, dilation);
  int width = find_side (WIDTH, kernel, stride, padding, dilation);

  self->residual = make_map (height, width, DESTINATION_CHANNELS);
  self->operation = (PspConvolution) {
    .source = make_map (HEIGHT, WIDTH, SOURCE_CHANNELS),
    .destination = self->residual,
    .residual = whole ? &self->residual : NULL,
    .kernel = kernel,
    .stride = stride,
    .padding = padding,
    .dilation = dilation,
    .relu = whole,
  };
  self->source = make_integers (count_elements (&self->operation.source), 1);
  self->weights = make_integers ((gsize) kernel * kernel * SOURCE_CHANNELS * DESTINATION_CHANNELS,
                                 2);
  self->bias = make_integers (DESTINATION_CHANNELS, 3);
  self->addend = make_integers (count_elements (&self->residual), 4);
}

/* Adds to @sums, one for each channel, what tap @ky, @kx gives to pixel @y, @x of image @n. */
static void
add_tap (const Proof *self,
         int          n,
         int          y,
         int          x,
         int          ky,
         int          kx,
         float       *sums)
{
  const PspConvolution *operation = &self->operation;
  int from_y = y * operation->stride - operation->padding + ky * operation->dilation;
  int from_x = x * operation->stride - operation->padding + kx * operation->dilation;
  const float *source, *weights;

  if (from_y < 0 || from_y >= HEIGHT || from_x < 0 || from_x >= WIDTH)
    return;

  source = self->source + (((gsize) n * HEIGHT + from_y) * WIDTH + from_x) * SOURCE_CHANNELS;
  weights = self->weights + ((gsize) ky * operation->kernel + kx) * SOURCE_CHANNELS *
                            DESTINATION_CHANNELS;
  for (int i = 0; i < SOURCE_CHANNELS; i++)
    for (int o = 0; o < DESTINATION_CHANNELS; o++)
      sums[o] += source[i] * weights[i * DESTINATION_CHANNELS + o];
}

/* Whether pixel @y, @x of image @n is what a plain loop makes of it.  @result: its channels. */
static gboolean
check_pixel (const Proof *self,
             int          n,
             int          y,
             int          x,
             const float *result)
{
  const PspConvolution *operation = &self->operation;
  gsize pixel = ((gsize) n * self->residual.height + y) * self->residual.width + x;
  float sums[DESTINATION_CHANNELS];

  for (int o = 0; o < DESTINATION_CHANNELS; o++)
    sums[o] = self->bias[o] + (operation->residual != NULL
                               ? self->addend[pixel * DESTINATION_CHANNELS + o] : 0);
  for (int ky = 0; ky < operation->kernel; ky++)
    for (int kx = 0; kx < operation->kernel; kx++)
      add_tap (self, n, y, x, ky, kx, sums);

  for (int o = 0; o < DESTINATION_CHANNELS; o++)
    if (!(result[o] == (operation->relu ? MAX (sums[o], 0) : sums[o])))
      return FALSE;
  return TRUE;
}

static gboolean
check_result (const Proof *self,
              const float *result)
{
  const PspMap *map = &self->residual;

  for (int n = 0; n < BATCH; n++)
    for (int y = 0; y < map->height; y++)
      for (int x = 0; x < map->width; x++)
        if (!check_pixel (self, n, y, x,
                          result + (((gsize) n * map->height + y) * map->width + x) *
                                   map->pixel_stride))
          return FALSE;
  return TRUE;
}

static gboolean
run (Proof             *self,
     PspVulkanBackend  *backend,
     GCancellable      *cancellable,
     gboolean          *right,
     GError           **error)
{
  gsize n_results = count_elements (&self->residual);
  g_autofree float *result = g_new (float, n_results);
  gboolean success =
    fill_buffers (self, backend, error) &&
    psp_vulkan_convolve (backend, &self->operation, cancellable, error) &&
    psp_vulkan_stream_finish (backend->stream, cancellable, error) &&
    psp_backend_download (&backend->parent, self->operation.destination.buffer, 0, result,
                          n_results, error);

  if (!success)
    psp_vulkan_stream_abandon (backend->stream);
  else
    *right = *right && check_result (self, result);
  return success;
}

gboolean
psp_vulkan_proof_run (PspVulkanBackend   *backend,
                      PspVulkanKernelId   kernel,
                      GCancellable       *cancellable,
                      gboolean           *right,
                      GError            **error)
{
  PspVulkanChoice before = backend->convolution;
  Proof whole = { 0 };
  Proof plain = { 0 };
  Proof parts = { 0 };
  gboolean success;

  *right = TRUE;
  make_operation (&whole, 3, 1, 2, 2, TRUE);
  make_operation (&plain, 1, 2, 0, 1, FALSE);
  make_operation (&parts, 3, 1, 1, 1, TRUE);
  backend->convolution = (PspVulkanChoice) { kernel, 1 };
  success = run (&whole, backend, cancellable, right, error) &&
            run (&plain, backend, cancellable, right, error);
  backend->convolution.n_parts = N_PARTS;
  success = success && run (&parts, backend, cancellable, right, error);
  backend->convolution = before;
  clear (&whole);
  clear (&plain);
  clear (&parts);
  return success;
}
