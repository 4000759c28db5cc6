/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-split.h"

#include "engine/vulkan/psp-vulkan-pieces.h"

#include "shaders/psp-convolve.h"

#define QUAD 4
#define STEP_CHANNELS (QUAD * PSP_CONVOLVE_STEP_QUADS)

#define MAX_SLOT_BYTES (32 * 1024 * 1024)

/* What reading one sum from a slot costs, in floating-point operations of a convolution. */
#define COST_PER_SUM 4.0

/* How the sums of a convolution are cut: see shaders/psp-convolve.h. */
typedef struct
{
  int    channels;      /* of the source, padded */
  int    steps_per_tap;
  int    n_steps;
  gint64 row_bytes;     /* of the weights of one channel of one tap */
} Steps;

/* Steps whose weights are bound together: @first to @end, excluded. */
typedef struct
{
  int            first;
  int            end;
  PspVulkanRange weights;
  psp_int        base; /* as in PspConvolvePush */
} Slice;

static gint64
divide_up (gint64 value,
           gint64 divisor)
{
  return (value + divisor - 1) / divisor;
}

static Steps
find_steps (const PspVulkanWork    *work,
            const PspVulkanBackend *backend)
{
  int outputs = psp_channels_pad (work->destination->channels);
  Steps steps = {
    .channels = psp_channels_pad (work->source->channels),
    .row_bytes = (gint64) outputs * backend->device->element_bytes,
  };

  steps.steps_per_tap = divide_up (steps.channels, STEP_CHANNELS);
  steps.n_steps = work->n_weights / ((gsize) steps.channels * outputs) * steps.steps_per_tap;
  return steps;
}

/* The rows of weights before step @step. */
static gint64
count_rows (const Steps *steps,
            int          step)
{
  return (gint64) (step / steps->steps_per_tap) * steps->channels +
         step % steps->steps_per_tap * STEP_CHANNELS;
}

/* The whole steps in the first @n_rows rows of weights. */
static int
count_steps (const Steps *steps,
             gint64       n_rows)
{
  return n_rows / steps->channels * steps->steps_per_tap +
         n_rows % steps->channels / STEP_CHANNELS;
}

static gboolean
report_too_large (const PspVulkanDevice  *device,
                  GError                **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s can bind %" G_GUINT64_FORMAT " bytes of a buffer, less than the weights of one "
               "layer need in parts; use the device “cpu”",
               device->adapter->name, device->max_binding_bytes);
  return FALSE;
}

/* The slice that begins with @first, as long as the device allows; FALSE if it is empty. */
static gboolean
find_slice (const PspVulkanWork    *work,
            const PspVulkanBackend *backend,
            const Steps            *steps,
            int                     first,
            Slice                  *slice)
{
  const PspVulkanDevice *device = backend->device;
  guint64 max_bytes = psp_vulkan_kernel_get (work->kernel)->texels ? device->max_texel_bytes
                                                                   : device->max_binding_bytes;
  guint64 origin = work->weights_offset * device->element_bytes;
  guint64 start = origin + count_rows (steps, first) * steps->row_bytes;
  guint64 bound = start - start % device->binding_alignment;
  guint64 begin;
  PspVulkanMemory *memory =
    psp_vulkan_pieces_find ((PspVulkanBuffer *) work->weights, bound, &begin);
  guint64 end = MIN (bound + max_bytes, begin + memory->n_bytes);
  gint64 n_rows = ((gint64) end - (gint64) start) / steps->row_bytes;

  slice->first = first;
  slice->end = MIN (steps->n_steps, count_steps (steps, count_rows (steps, first) + n_rows));
  if (slice->end <= first)
    return FALSE;

  slice->weights = (PspVulkanRange) {
    memory->buffer, bound - begin,
    origin + count_rows (steps, slice->end) * steps->row_bytes - bound,
  };
  slice->base = ((gint64) origin - (gint64) bound) / (gint64) (QUAD * device->element_bytes);
  return TRUE;
}

int
psp_vulkan_split_count (const PspVulkanWork    *work,
                        const PspVulkanBackend *backend)
{
  Steps steps = find_steps (work, backend);
  Slice slice = { 0 };
  int n_slices = 0;

  if (work->weights == NULL)
    return 1;
  while (slice.end < steps.n_steps)
    {
      if (!find_slice (work, backend, &steps, slice.end, &slice))
        return 0;
      n_slices++;
    }
  return n_slices;
}

guint64
psp_vulkan_split_count_bytes (const PspVulkanWork    *work,
                              const PspVulkanBackend *backend)
{
  const PspVulkanDevice *device = backend->device;
  const PspMap *map = work->destination;
  Steps steps = find_steps (work, backend);
  int n_slices = psp_vulkan_split_count (work, backend);
  guint64 n_slots = n_slices > 1 ? n_slices : MIN ((int) work->n_parts, steps.n_steps);
  guint64 n_bytes = (guint64) map->batch * map->height * map->width *
                    psp_channels_pad (map->channels) * sizeof (float) * n_slots;

  return n_slots > 1 ? MIN (MIN (n_bytes, MAX_SLOT_BYTES),
                            MIN (device->max_binding_bytes, device->adapter->max_allocation_bytes))
                     : 0;
}

/* Those that are too small stay as long as the backend: recordings use them. */
static gboolean
ensure_slots (const PspVulkanWork  *work,
              PspVulkanBackend     *backend,
              GError              **error)
{
  guint64 n_bytes = psp_vulkan_split_count_bytes (work, backend);
  PspVulkanMemory *slots;

  if (work->slots.buffer != VK_NULL_HANDLE ||
      (backend->slots != NULL && backend->slots->n_bytes >= n_bytes))
    return TRUE;

  slots = psp_vulkan_memory_new (backend->blocks, n_bytes, PSP_VULKAN_MEMORY_DEVICE,
                                 "sums of parts", error);
  if (slots == NULL)
    return FALSE;
  if (backend->slots != NULL)
    g_ptr_array_add (backend->former_slots, backend->slots);
  backend->slots = slots;
  backend->slots_used = 0;
  return TRUE;
}

/* The backend's own: a place that was not used for longer than others; what is there need not be
 * waited for. */
static PspVulkanRange
take_slots (const PspVulkanWork *work,
            PspVulkanBackend    *backend,
            guint64              n_bytes)
{
  guint64 alignment = backend->device->binding_alignment;
  guint64 offset = divide_up (backend->slots_used, alignment) * alignment;

  if (work->slots.buffer != VK_NULL_HANDLE)
    return (PspVulkanRange) { work->slots.buffer, work->slots.offset, n_bytes };
  if (offset + n_bytes > backend->slots->n_bytes)
    offset = 0;
  backend->slots_used = offset + n_bytes;
  return (PspVulkanRange) { backend->slots->buffer, offset, n_bytes };
}

/* Records all slices, the sums of each in @n_parts parts, into @slots. */
static gboolean
record_slices (const PspVulkanWork      *work,
               PspVulkanBackend         *backend,
               const PspVulkanDispatch  *whole,
               const PspVulkanRange     *slots,
               int                       n_parts,
               GError                  **error)
{
  struct PspConvolvePush *push = (struct PspConvolvePush *) work->push;
  Steps steps = find_steps (work, backend);
  PspVulkanDispatch dispatch = *whole;
  Slice slice = { 0 };

  /* Neither residual nor ReLU: the sum's. */
  dispatch.constants[1] = FALSE;
  dispatch.constants[2] = FALSE;
  dispatch.constants[3] = TRUE;
  dispatch.bindings[1] = *slots;
  dispatch.n_groups[0] *= n_parts;
  push->n_slots = n_parts;
  for (push->first_slot = 0; slice.end < steps.n_steps; push->first_slot += n_parts)
    {
      if (!find_slice (work, backend, &steps, slice.end, &slice))
        return report_too_large (backend->device, error);

      push->weights_base = slice.base;
      push->first_step = slice.first;
      push->n_steps = slice.end - slice.first;
      dispatch.bindings[2] = slice.weights;
      dispatch.cost = whole->cost * push->n_steps / steps.n_steps;
      if (!psp_vulkan_stream_dispatch (backend->stream, &dispatch, error))
        return FALSE;
    }
  return TRUE;
}

/* Adds the @n_slots of @slots and finishes the pixels that @work's push names. */
static gboolean
record_sum (const PspVulkanWork      *work,
            PspVulkanBackend         *backend,
            const PspVulkanDispatch  *whole,
            const PspVulkanRange     *slots,
            int                       n_slots,
            GError                  **error)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (PSP_VULKAN_KERNEL_CONVOLVE_SUM);
  struct PspConvolvePush push = *(struct PspConvolvePush *) work->push;
  PspVulkanDispatch dispatch = *whole;

  push.part.n_columns = psp_channels_pad (work->destination->channels) /
                        kernel->channels_per_column;
  push.n_slots = n_slots;
  dispatch.kernel = PSP_VULKAN_KERNEL_CONVOLVE_SUM;
  dispatch.push = &push;
  dispatch.constants[0] = 0; /* of any convolution */
  dispatch.bindings[0] = *slots;
  dispatch.bindings[2].buffer = VK_NULL_HANDLE;
  dispatch.n_groups[0] = divide_up (push.part.n_columns, kernel->group_width);
  dispatch.n_groups[1] = divide_up (push.part.end_pixel - push.part.first_pixel,
                                    kernel->group_height);
  dispatch.cost = COST_PER_SUM * slots->n_bytes / sizeof (float);
  return psp_vulkan_stream_dispatch (backend->stream, &dispatch, error);
}

/* Pixels that the slots hold and that one dispatch adds; whole rows of work-groups of @work's
 * kernel where there is room for one. */
static gint64
find_largest_part (const PspVulkanWork    *work,
                   const PspVulkanBackend *backend,
                   gint64                  pixel_bytes)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (work->kernel);
  guint64 n_bytes = work->slots.buffer != VK_NULL_HANDLE ? work->slots.n_bytes
                                                         : backend->slots->n_bytes;
  gint64 step = kernel->pixels_per_row * (gint64) kernel->group_height;
  gint64 n_groups = backend->device->adapter->properties.limits.maxComputeWorkGroupCount[1];
  int group_pixels = psp_vulkan_kernel_get (PSP_VULKAN_KERNEL_CONVOLVE_SUM)->group_height;
  gint64 n_pixels = MIN ((gint64) n_bytes / pixel_bytes, n_groups * group_pixels);

  return n_pixels > step ? n_pixels / step * step : n_pixels;
}

/* @dispatch in parts: as many of its pixels at a time as the slots hold. */
static gboolean
record_in_parts (const PspVulkanWork  *work,
                 PspVulkanBackend     *backend,
                 PspVulkanDispatch    *dispatch,
                 int                   n_slices,
                 int                   n_parts,
                 GError              **error)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (work->kernel);
  PspPart *part = work->push;
  gint64 end = part->end_pixel;
  gint64 pixel_bytes = (gint64) n_slices * n_parts * sizeof (float) *
                       psp_channels_pad (work->destination->channels);
  double cost_per_pixel = dispatch->cost / (double) (end - part->first_pixel);
  gint64 largest;

  if (!ensure_slots (work, backend, error))
    return FALSE;
  largest = find_largest_part (work, backend, pixel_bytes);
  if (largest == 0)
    return report_too_large (backend->device, error);

  for (; part->first_pixel < end; part->first_pixel = part->end_pixel)
    {
      gint64 n_pixels = MIN (largest, end - part->first_pixel);
      PspVulkanRange slots = take_slots (work, backend, n_pixels * pixel_bytes);

      part->end_pixel = part->first_pixel + n_pixels;
      dispatch->n_groups[1] = divide_up (n_pixels, kernel->pixels_per_row * kernel->group_height);
      dispatch->cost = (double) n_pixels * cost_per_pixel;
      if (!record_slices (work, backend, dispatch, &slots, n_parts, error) ||
          !record_sum (work, backend, dispatch, &slots, n_slices * n_parts, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
psp_vulkan_split_dispatch (const PspVulkanWork  *work,
                           PspVulkanBackend     *backend,
                           PspVulkanDispatch    *dispatch,
                           GError              **error)
{
  int n_slices = psp_vulkan_split_count (work, backend);
  Steps steps = find_steps (work, backend);
  Slice slice;

  if (n_slices == 0)
    return report_too_large (backend->device, error);
  if (n_slices > 1)
    return record_in_parts (work, backend, dispatch, n_slices, 1, error);

  /* Without memory for slots, the sums are not cut. */
  if (work->n_parts > 1 && steps.n_steps > 1 && ensure_slots (work, backend, NULL))
    return record_in_parts (work, backend, dispatch, 1,
                            MIN ((int) work->n_parts, steps.n_steps), error);

  find_slice (work, backend, &steps, 0, &slice);
  ((struct PspConvolvePush *) work->push)->weights_base = slice.base;
  dispatch->bindings[2] = slice.weights;
  return psp_vulkan_stream_dispatch (backend->stream, dispatch, error);
}
