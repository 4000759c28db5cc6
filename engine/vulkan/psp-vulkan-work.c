/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-work.h"

#include "engine/vulkan/psp-vulkan-pieces.h"
#include "engine/vulkan/psp-vulkan-split.h"

#include <string.h>

#define QUAD 4

/* Pixels of a map, counted through all its images: @first to @end, excluded. */
typedef struct
{
  gint64 first;
  gint64 end;
} Pixels;

static gint64
divide_up (gint64 value,
           gint64 divisor)
{
  return (value + divisor - 1) / divisor;
}

/* Where @pixels of @map lie, as few bytes as the alignment of bindings allows; FALSE if they are
 * more than @max_bytes.  @base: where the map's first pixel would lie, in quads. */
static gboolean
bind_pixels (PspVulkanDevice *device,
             const PspMap    *map,
             Pixels           pixels,
             guint64          max_bytes,
             PspVulkanRange  *range,
             psp_int         *base)
{
  PspVulkanMemory *memory;
  guint64 begin;
  gsize size = device->element_bytes;
  guint64 start = (map->offset + pixels.first * map->pixel_stride) * size;
  guint64 end = (map->offset + (pixels.end - 1) * map->pixel_stride +
                 psp_channels_pad (map->channels)) * size;

  start -= start % device->binding_alignment;
  memory = psp_vulkan_pieces_find ((PspVulkanBuffer *) map->buffer, start, &begin);
  *range = (PspVulkanRange) { memory->buffer, start - begin, end - start };
  *base = ((gint64) map->offset - (gint64) (start / size)) / QUAD;
  return range->n_bytes <= max_bytes && end <= begin + memory->n_bytes;
}

static PspVulkanRange
bind_whole (PspBuffer *buffer)
{
  guint64 begin;
  PspVulkanMemory *memory = psp_vulkan_pieces_find ((PspVulkanBuffer *) buffer, 0, &begin);

  return (PspVulkanRange) { memory->buffer, 0, memory->n_bytes };
}

static PspMapLayout
describe_map (const PspMap *map)
{
  return (PspMapLayout) {
    .stride = map->pixel_stride / QUAD,
    .height = map->height,
    .width = map->width,
  };
}

static Pixels
find_source_pixels (const PspVulkanWork *work,
                    Pixels               pixels)
{
  const PspMap *source = work->source;
  const PspMap *destination = work->destination;
  gint64 first_row = pixels.first / destination->width;
  gint64 last_row = (pixels.end - 1) / destination->width;
  int first, end, unused;

  work->rows (work->operation, first_row % destination->height, &first, &unused);
  work->rows (work->operation, last_row % destination->height, &unused, &end);
  first = CLAMP (first, 0, source->height - 1);
  end = CLAMP (end, first + 1, source->height);
  return (Pixels) {
    (first_row / destination->height * source->height + first) * source->width,
    (last_row / destination->height * source->height + end) * source->width,
  };
}

/* Fills the bindings for @pixels of the destination, but for weights; FALSE if one of them is too
 * large. */
static gboolean
bind_part (const PspVulkanWork *work,
           PspVulkanDevice     *device,
           Pixels               pixels,
           PspVulkanDispatch   *dispatch)
{
  const PspMap *residual = work->residual != NULL ? work->residual : work->destination;
  PspPart *part = work->push;
  guint64 max_bytes = device->max_binding_bytes;
  guint64 max_read_bytes = psp_vulkan_kernel_get (work->kernel)->texels ? device->max_texel_bytes
                                                                        : max_bytes;

  if (work->bias != NULL)
    dispatch->bindings[3] = bind_whole (work->bias);

  /* The kernel that adds a residual has the binding even where it adds none. */
  return bind_pixels (device, work->source, find_source_pixels (work, pixels), max_read_bytes,
                      &dispatch->bindings[0], &part->source.base) &&
         bind_pixels (device, work->destination, pixels, max_bytes, &dispatch->bindings[1],
                      &part->destination.base) &&
         (work->weights == NULL ||
          bind_pixels (device, residual, pixels, max_bytes, &dispatch->bindings[4],
                       &part->residual_base));
}

/* A part that needs smaller bindings than @pixels of the destination would. */
static gboolean
fit_bindings (const PspVulkanWork  *work,
              PspVulkanDevice      *device,
              Pixels               *pixels,
              PspVulkanDispatch    *dispatch,
              GError              **error)
{
  while (!bind_part (work, device, *pixels, dispatch))
    {
      if (pixels->end - pixels->first == 1)
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                       "%s can bind %" G_GUINT64_FORMAT " bytes of a buffer, less than one step of "
                       "this network needs; use smaller windows, or the device “cpu”",
                       device->adapter->name, device->max_binding_bytes);
          return FALSE;
        }
      pixels->end = pixels->first + (pixels->end - pixels->first) / 2;
    }
  return TRUE;
}

/* Pixels that one dispatch covers at most, in whole rows of work-groups. */
static gint64
find_largest_part (const PspVulkanKernel *kernel,
                   const PspVulkanDevice *device)
{
  gint64 n_groups = device->adapter->properties.limits.maxComputeWorkGroupCount[1];

  return n_groups * kernel->pixels_per_row * (kernel->group_per_pixel ? 1 : kernel->group_height);
}

/* How many of @n_left pixels go into the chunk now.  An operation that fits a chunk is not cut for
 * the sake of the one before it. */
static gboolean
choose_part (const PspVulkanWork  *work,
             PspVulkanStream      *stream,
             gint64                n_left,
             GCancellable         *cancellable,
             gint64               *n_pixels,
             GError              **error)
{
  int step = psp_vulkan_kernel_get (work->kernel)->pixels_per_row;
  double n_fit = psp_vulkan_stream_get_room (stream) / work->cost_per_pixel;

  if (n_fit < n_left && psp_vulkan_stream_is_recording (stream))
    {
      if (!psp_vulkan_stream_submit (stream, cancellable, error))
        return FALSE;
      n_fit = psp_vulkan_stream_get_room (stream) / work->cost_per_pixel;
    }

  *n_pixels = n_fit < n_left ? MIN (n_left, MAX (step, (gint64) n_fit / step * step)) : n_left;
  return TRUE;
}

static gboolean
record_part (const PspVulkanWork  *work,
             PspVulkanBackend     *backend,
             Pixels               *pixels,
             GError              **error)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (work->kernel);
  PspPart *part = work->push;
  int rows_per_group = kernel->group_per_pixel ? 1 : kernel->group_height;
  PspVulkanDispatch dispatch = {
    .kernel = work->kernel,
    .push = work->push,
  };

  memcpy (dispatch.constants, work->constants, sizeof dispatch.constants);
  if (!fit_bindings (work, backend->device, pixels, &dispatch, error))
    return FALSE;

  part->first_pixel = pixels->first;
  part->end_pixel = pixels->end;
  dispatch.n_groups[0] = divide_up (part->n_columns, kernel->group_width);
  dispatch.n_groups[1] = divide_up (divide_up (pixels->end - pixels->first,
                                               kernel->pixels_per_row), rows_per_group);
  dispatch.cost = (pixels->end - pixels->first) * work->cost_per_pixel;
  return work->weights != NULL
         ? psp_vulkan_split_dispatch (work, backend, &dispatch, error)
         : psp_vulkan_stream_dispatch (backend->stream, &dispatch, error);
}

static void
fill_part (const PspVulkanWork *work)
{
  int channels_per_column = psp_vulkan_kernel_get (work->kernel)->channels_per_column;
  PspPart *part = work->push;

  part->source = describe_map (work->source);
  part->destination = describe_map (work->destination);
  part->residual_stride =
    (work->residual != NULL ? work->residual : work->destination)->pixel_stride / QUAD;
  part->n_columns = psp_channels_pad (work->destination->channels) / channels_per_column;
}

gboolean
psp_vulkan_work_record (const PspVulkanWork  *work,
                        PspVulkanBackend     *backend,
                        GCancellable         *cancellable,
                        GError              **error)
{
  const PspMap *destination = work->destination;
  gint64 n_all = (gint64) destination->batch * destination->height * destination->width;
  gint64 n_pixels = work->n_pixels > 0 ? MIN (n_all, work->n_pixels) : n_all;
  gint64 largest = find_largest_part (psp_vulkan_kernel_get (work->kernel), backend->device);
  Pixels pixels = { 0, 0 };

  fill_part (work);
  while (pixels.first < n_pixels)
    {
      gint64 n_part;

      if (!choose_part (work, backend->stream, n_pixels - pixels.first, cancellable, &n_part,
                        error))
        return FALSE;

      pixels.end = pixels.first + MIN (n_part, largest);
      if (!record_part (work, backend, &pixels, error))
        return FALSE;
      pixels.first = pixels.end;
    }
  return TRUE;
}
