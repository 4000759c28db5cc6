/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-choice.h"

#include "engine/vulkan/psp-vulkan-proof.h"

#include <math.h>

/* Of each kernel, after one run that is not timed; the fastest counts. */
#define N_TIMED_RUNS 2

/* Used without measuring where nothing else fits. */
#define SMALLEST_TILE PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_32

static gint64
count_pixels (const PspMap *map)
{
  return (gint64) map->batch * map->height * map->width;
}

/* Whether the device can run @id on @work at all. */
static gboolean
can_run (const PspVulkanDevice *device,
         const PspVulkanWork   *work,
         PspVulkanKernelId      id)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (id);
  const VkPhysicalDeviceLimits *limits = &device->adapter->properties.limits;

  return work->n_weights * device->element_bytes <=
           (kernel->texels ? device->max_texel_bytes : device->max_binding_bytes) &&
         kernel->group_width <= limits->maxComputeWorkGroupSize[0] &&
         kernel->group_height <= limits->maxComputeWorkGroupSize[1] &&
         kernel->group_width * kernel->group_height <= limits->maxComputeWorkGroupInvocations &&
         kernel->shared_bytes <= limits->maxComputeSharedMemorySize &&
         (kernel->matrix_side == 0 || device->matrices.rows > 0);
}

static PspVulkanLayerClass
classify (const PspVulkanBackend *backend,
          const PspConvolution   *operation)
{
  return (PspVulkanLayerClass) {
    .precision = backend->device->precision,
    .kernel = operation->kernel,
    .source_channels = psp_channels_pad (operation->source.channels),
    .destination_channels = psp_channels_pad (operation->destination.channels),
    .pixel_bits = g_bit_storage (count_pixels (&operation->destination)),
  };
}

/* Runs @work on a device that does nothing else.  @seconds: how long it took there. */
static gboolean
run_alone (PspVulkanBackend     *backend,
           const PspVulkanWork  *work,
           GCancellable         *cancellable,
           double               *seconds,
           GError              **error)
{
  if (!psp_vulkan_work_record (work, backend, cancellable, error) ||
      !psp_vulkan_stream_finish (backend->stream, cancellable, error))
    return FALSE;

  *seconds = backend->stream->last_seconds;
  return TRUE;
}

static gboolean
time_kernel (PspVulkanBackend     *backend,
             const PspVulkanWork  *work,
             GCancellable         *cancellable,
             double               *best,
             GError              **error)
{
  double seconds;

  if (!run_alone (backend, work, cancellable, &seconds, error))
    return FALSE;

  *best = HUGE_VAL;
  for (int i = 0; i < N_TIMED_RUNS; i++)
    {
      if (!run_alone (backend, work, cancellable, &seconds, error))
        return FALSE;
      *best = MIN (*best, seconds);
    }
  return TRUE;
}

/* Whether @id may be chosen: a kernel for matrix units, whose drivers are young, has to prove
 * itself on each device first.  One that fails is refused for good; that is on disk before the
 * proof, since a driver may lose the device or take the program with it. */
static gboolean
prove (PspVulkanBackend   *backend,
       PspVulkanKernelId   id,
       GCancellable       *cancellable,
       gboolean           *right,
       GError            **error)
{
  PspVulkanPipelines *pipelines = backend->pipelines;

  *right = psp_vulkan_kernel_get (id)->matrix_side == 0 || (pipelines->proven >> id & 1) != 0;
  if (*right || psp_vulkan_choices_get_refused (pipelines->choices, id))
    return TRUE;

  psp_vulkan_choices_set_refused (pipelines->choices, id, TRUE);
  psp_vulkan_pipelines_save (pipelines);
  if (!psp_vulkan_proof_run (backend, id, cancellable, right, error))
    {
      psp_vulkan_choices_set_refused (pipelines->choices, id,
                                      !g_cancellable_is_cancelled (cancellable));
      return FALSE;
    }

  psp_vulkan_choices_set_refused (pipelines->choices, id, !*right);
  if (*right)
    pipelines->proven |= 1u << id;
  return TRUE;
}

/* Whether to go on after one kernel failed: not if the device or whoever waits has had enough. */
static gboolean
forgive (PspVulkanBackend   *backend,
         PspVulkanKernelId   id,
         GError             *failure,
         GError            **error)
{
  psp_vulkan_stream_abandon (backend->stream);
  if (backend->device->lost || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }

  if (psp_vulkan_kernel_get (id)->matrix_side > 0)
    psp_vulkan_choices_set_refused (backend->pipelines->choices, id, TRUE);
  g_error_free (failure);
  return TRUE;
}

/* @seconds: that @work takes with @id, or %HUGE_VAL if it must not be chosen. */
static gboolean
try_kernel (PspVulkanBackend   *backend,
            PspVulkanWork      *work,
            PspVulkanKernelId   id,
            GCancellable       *cancellable,
            double             *seconds,
            GError            **error)
{
  GError *failure = NULL;
  gboolean right = FALSE;

  work->kernel = id;
  *seconds = HUGE_VAL;
  if (!can_run (backend->device, work, id) ||
      (prove (backend, id, cancellable, &right, &failure) &&
       (!right || time_kernel (backend, work, cancellable, seconds, &failure))))
    return TRUE;

  *seconds = HUGE_VAL;
  return forgive (backend, id, failure, error);
}

static gboolean
measure (PspVulkanBackend   *backend,
         PspVulkanWork      *work,
         GCancellable       *cancellable,
         PspVulkanKernelId  *fastest,
         GError            **error)
{
  double least = HUGE_VAL;

  if (!psp_vulkan_stream_finish (backend->stream, cancellable, error))
    return FALSE;

  /* One chunk holds them all, so that the time of the last one is that of the whole. */
  work->n_pixels = MAX (1, (gint64) (psp_vulkan_stream_get_room (backend->stream) / 2 /
                                     work->cost_per_pixel));
  for (int id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    {
      double seconds;

      if (!psp_vulkan_kernel_convolves (id))
        continue;
      if (!try_kernel (backend, work, id, cancellable, &seconds, error))
        return FALSE;
      if (seconds < least)
        *fastest = id;
      least = MIN (least, seconds);
    }
  return TRUE;
}

/* The destination may be the residual of this very layer, which has to be read once more.  Without
 * memory for another, or where every kernel fails, @fastest stays. */
static gboolean
measure_elsewhere (PspVulkanBackend     *backend,
                   const PspVulkanWork  *work,
                   GCancellable         *cancellable,
                   PspVulkanKernelId    *fastest,
                   GError              **error)
{
  PspMap destination = *work->destination;
  g_autoptr(PspBuffer) buffer =
    psp_backend_buffer_new (&backend->parent,
                            destination.offset + count_pixels (&destination) *
                                                 destination.pixel_stride,
                            "measurement of kernels", NULL);
  PspVulkanWork copy = *work;
  gboolean success;

  if (buffer == NULL)
    return TRUE;

  destination.buffer = buffer;
  copy.destination = &destination;
  success = measure (backend, &copy, cancellable, fastest, error);
  if (!success)
    psp_vulkan_stream_abandon (backend->stream);
  return success;
}

gboolean
psp_vulkan_choose_convolution (PspVulkanBackend      *backend,
                               const PspConvolution  *operation,
                               PspVulkanWork         *work,
                               GCancellable          *cancellable,
                               GError               **error)
{
  PspVulkanLayerClass class = classify (backend, operation);
  PspVulkanKernelId chosen = backend->convolution;

  if (chosen == PSP_VULKAN_N_KERNELS)
    chosen = psp_vulkan_choices_find (backend->pipelines->choices, &class);
  if (chosen == PSP_VULKAN_N_KERNELS)
    {
      if (!measure_elsewhere (backend, work, cancellable, &chosen, error))
        return FALSE;
      if (chosen == PSP_VULKAN_N_KERNELS)
        chosen = SMALLEST_TILE;
      else
        psp_vulkan_choices_add (backend->pipelines->choices, &class, chosen);
    }

  work->kernel = can_run (backend->device, work, chosen) ? chosen : SMALLEST_TILE;
  return TRUE;
}
