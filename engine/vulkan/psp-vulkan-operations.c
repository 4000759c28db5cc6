/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-operations.h"

#include "engine/vulkan/psp-vulkan-choice.h"

#include "shaders/psp-classify.h"
#include "shaders/psp-convolve.h"
#include "shaders/psp-pool-bins.h"
#include "shaders/psp-pool.h"
#include "shaders/psp-resize.h"

/* What touching one element costs where the work is mostly that, in floating-point operations of a
 * convolution. */
#define COST_PER_ELEMENT 16.0

/* Of averages over bins: their work-groups are few. */
#define COST_PER_BIN_ELEMENT 64.0

static void
find_convolution_rows (gconstpointer  data,
                       int            row,
                       int           *first,
                       int           *end)
{
  const PspConvolution *operation = data;

  *first = row * operation->stride - operation->padding;
  *end = *first + operation->dilation * (operation->kernel - 1) + 1;
}

static PspVulkanWork
describe_convolution (const PspConvolution    *operation,
                      struct PspConvolvePush  *push)
{
  int source_channels = psp_channels_pad (operation->source.channels);
  int destination_channels = psp_channels_pad (operation->destination.channels);

  *push = (struct PspConvolvePush) {
    .source_quads = source_channels / 4,
    .stride = operation->stride,
    .padding = operation->padding,
    .dilation = operation->dilation,
  };
  return (PspVulkanWork) {
    .kernel = PSP_VULKAN_KERNEL_CONVOLVE,
    .n_parts = 1,
    .constants = { operation->kernel, operation->residual != NULL, operation->relu != FALSE },
    .source = &operation->source,
    .destination = &operation->destination,
    .residual = operation->residual,
    .weights = operation->weights,
    .weights_offset = operation->weights_offset,
    .n_weights = (gsize) operation->kernel * operation->kernel * source_channels *
                 destination_channels,
    .bias = operation->bias,
    .push = &push->part,
    .rows = find_convolution_rows,
    .operation = operation,
    .cost_per_pixel = 2.0 * operation->kernel * operation->kernel * source_channels *
                      destination_channels + COST_PER_ELEMENT * destination_channels,
  };
}

gsize
psp_vulkan_count_scratch (const PspVulkanBackend *self,
                          const PspConvolution   *operation)
{
  struct PspConvolvePush push;
  PspVulkanWork work = describe_convolution (operation, &push);

  return psp_vulkan_choose_count_scratch (self, &work);
}

gboolean
psp_vulkan_convolve (PspVulkanBackend      *self,
                     const PspConvolution  *operation,
                     GCancellable          *cancellable,
                     GError               **error)
{
  struct PspConvolvePush push;
  PspVulkanWork work = describe_convolution (operation, &push);

  return psp_vulkan_choose_convolution (self, operation, &work, cancellable, error) &&
         psp_vulkan_work_record (&work, self, cancellable, error);
}

static void
find_pooling_rows (gconstpointer  data,
                   int            row,
                   int           *first,
                   int           *end)
{
  const PspPooling *operation = data;

  *first = row * operation->stride - operation->padding;
  *end = *first + operation->kernel;
}

gboolean
psp_vulkan_pool (PspVulkanBackend  *self,
                 const PspPooling  *operation,
                 GCancellable      *cancellable,
                 GError           **error)
{
  struct PspPoolPush push = {
    .kernel = operation->kernel,
    .stride = operation->stride,
    .padding = operation->padding,
  };
  PspVulkanWork work = {
    .kernel = PSP_VULKAN_KERNEL_POOL,
    .source = &operation->source,
    .destination = &operation->destination,
    .push = &push.part,
    .rows = find_pooling_rows,
    .operation = operation,
    .cost_per_pixel = COST_PER_ELEMENT * operation->kernel * operation->kernel *
                      psp_channels_pad (operation->source.channels),
  };

  return psp_vulkan_work_record (&work, self, cancellable, error);
}

static void
find_bin_rows (gconstpointer  data,
               int            row,
               int           *first,
               int           *end)
{
  const PspBinPooling *operation = data;
  int bins = operation->destination.height;

  *first = row * operation->source.height / bins;
  *end = ((row + 1) * operation->source.height + bins - 1) / bins;
}

gboolean
psp_vulkan_pool_bins (PspVulkanBackend     *self,
                      const PspBinPooling  *operation,
                      GCancellable         *cancellable,
                      GError              **error)
{
  const PspMap *source = &operation->source;
  double bins = operation->destination.height;
  struct PspPoolBinsPush push = { 0 };
  PspVulkanWork work = {
    .kernel = PSP_VULKAN_KERNEL_POOL_BINS,
    .constants = { operation->maximum != FALSE },
    .source = source,
    .destination = &operation->destination,
    .push = &push.part,
    .rows = find_bin_rows,
    .operation = operation,
    .cost_per_pixel = COST_PER_BIN_ELEMENT * (source->height / bins + 1) *
                      (source->width / bins + 1) * psp_channels_pad (source->channels),
  };

  return psp_vulkan_work_record (&work, self, cancellable, error);
}

/* As in the definition of PspResizing: in 32 bits. */
static float
find_scale (int      in,
            int      out,
            gboolean align_corners)
{
  if (!align_corners)
    return (float) in / (float) out;
  return out > 1 ? (float) (in - 1) / (float) (out - 1) : 0;
}

/* One row more on each side than the definition says: the device may round otherwise. */
static void
find_resizing_rows (gconstpointer  data,
                    int            row,
                    int           *first,
                    int           *end)
{
  const PspResizing *operation = data;
  float centre = operation->align_corners ? 0 : 0.5f;
  float scale = find_scale (operation->source.height, operation->destination.height,
                            operation->align_corners);
  float position = scale * ((float) row + centre) - centre;

  *first = (int) MAX (0, position) - 1;
  *end = *first + 4;
}

gboolean
psp_vulkan_resize (PspVulkanBackend   *self,
                   const PspResizing  *operation,
                   GCancellable       *cancellable,
                   GError            **error)
{
  const PspMap *source = &operation->source;
  const PspMap *destination = &operation->destination;
  struct PspResizePush push = {
    .scale_y = find_scale (source->height, destination->height, operation->align_corners),
    .scale_x = find_scale (source->width, destination->width, operation->align_corners),
    .centre = operation->align_corners ? 0 : 0.5f,
  };
  PspVulkanWork work = {
    .kernel = PSP_VULKAN_KERNEL_RESIZE,
    .source = source,
    .destination = destination,
    .push = &push.part,
    .rows = find_resizing_rows,
    .operation = operation,
    .cost_per_pixel = COST_PER_ELEMENT * 4 * psp_channels_pad (source->channels),
  };

  return psp_vulkan_work_record (&work, self, cancellable, error);
}

/* As for resizing. */
static void
find_classified_rows (gconstpointer  data,
                      int            row,
                      int           *first,
                      int           *end)
{
  const PspClassification *operation = data;
  float centre = operation->align_corners ? 0 : 0.5f;
  float scale = find_scale (operation->source.height, operation->full.height,
                            operation->align_corners);
  float position = scale * ((float) (operation->first_row + row) + centre) - centre;

  *first = (int) MAX (0, position) - 1;
  *end = *first + 4;
}

gboolean
psp_vulkan_classify (PspVulkanBackend         *self,
                     const PspClassification  *operation,
                     GCancellable             *cancellable,
                     GError                  **error)
{
  const PspMap *source = &operation->source;
  int n_passes = operation->n_top + (operation->probabilities != FALSE);
  struct PspClassifyPush push = {
    .scale_y = find_scale (source->height, operation->full.height, operation->align_corners),
    .scale_x = find_scale (source->width, operation->full.width, operation->align_corners),
    .centre = operation->align_corners ? 0 : 0.5f,
    .first_row = operation->first_row,
    .n_classes = source->channels,
    .n_top = operation->n_top,
    .probabilities = operation->probabilities != FALSE,
  };
  PspVulkanWork work = {
    .kernel = PSP_VULKAN_KERNEL_CLASSIFY,
    .source = source,
    .destination = &operation->destination,
    .push = &push.part,
    .rows = find_classified_rows,
    .operation = operation,
    .cost_per_pixel = COST_PER_ELEMENT * 4 * psp_channels_pad (source->channels) * n_passes,
  };

  return psp_vulkan_work_record (&work, self, cancellable, error);
}
