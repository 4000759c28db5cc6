/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-choice.h"

#include "engine/vulkan/psp-vulkan-proof.h"
#include "engine/vulkan/psp-vulkan-split.h"

#include <math.h>

/* Of each share of a trial; the fastest counts. */
#define N_TIMED_RUNS 2

/* The first share of a trial is one of so many, or a row of work-groups; each one after it is so
 * many times as large. */
#define N_SHARES 64
#define GROWTH 4

/* Work-groups that fill a device: two for each of its cores, and there are devices with 132.  Sums
 * are computed in more parts only while there are fewer, and each part has some products to add. */
#define FULL_GROUPS (2 * 132)
#define MIN_PART_PRODUCTS 128

/* Of the results of a trial, where they cannot be written where they belong. */
#define MAX_TRIAL_BYTES (16 * 1024 * 1024)

/* Used without measuring where nothing else fits. */
#define SMALLEST_TILE PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_32

static gint64
count_pixels (const PspMap *map)
{
  return (gint64) map->batch * map->height * map->width;
}

/* Whether the device can run @work with its kernel at all. */
static gboolean
can_run (const PspVulkanBackend *backend,
         const PspVulkanWork    *work)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (work->kernel);
  const VkPhysicalDeviceLimits *limits = &backend->device->adapter->properties.limits;

  return psp_vulkan_split_count (work, backend) > 0 &&
         kernel->group_width <= limits->maxComputeWorkGroupSize[0] &&
         kernel->group_height <= limits->maxComputeWorkGroupSize[1] &&
         kernel->group_width * kernel->group_height <= limits->maxComputeWorkGroupInvocations &&
         kernel->shared_bytes <= limits->maxComputeSharedMemorySize &&
         (kernel->matrix_side == 0 || backend->device->matrices.rows > 0);
}

static gint64
divide_up (gint64 value,
           gint64 divisor)
{
  return (value + divisor - 1) / divisor;
}

/* Whether @work, whose kernel is set, may gain from sums in @n_parts parts: with half as many its
 * work-groups do not fill the device. */
static gboolean
may_split (const PspVulkanWork *work,
           guint32              n_parts)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (work->kernel);
  int channels = psp_channels_pad (work->destination->channels);
  gint64 n_groups =
    divide_up (channels, kernel->channels_per_column * (gint64) kernel->group_width) *
    divide_up (count_pixels (work->destination),
               kernel->pixels_per_row * (gint64) kernel->group_height);

  return n_groups * (n_parts / 2) < FULL_GROUPS &&
         work->n_weights / channels / n_parts >= MIN_PART_PRODUCTS;
}

/* Bytes of slots that @work takes at most, whatever is chosen for it. */
static guint64
count_slots (const PspVulkanBackend *backend,
             const PspVulkanWork    *work)
{
  gboolean fixed = backend->convolution.kernel != PSP_VULKAN_N_KERNELS;
  PspVulkanWork trial = *work;
  guint64 n_bytes = 0;

  for (int id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    {
      trial.kernel = id;
      if (!psp_vulkan_kernel_convolves (id) || !can_run (backend, &trial) ||
          (fixed && id != (int) backend->convolution.kernel))
        continue;
      trial.n_parts = fixed ? backend->convolution.n_parts : 1;
      while (!fixed && trial.n_parts < PSP_VULKAN_MAX_PARTS &&
             may_split (&trial, trial.n_parts * 2))
        trial.n_parts *= 2;
      n_bytes = MAX (n_bytes, psp_vulkan_split_count_bytes (&trial, backend));
    }
  return n_bytes;
}

/* Pixels of @work that a trial computes at most: its results may not be written where they are
 * added to. */
static gint64
count_trial_pixels (const PspVulkanBackend *backend,
                    const PspVulkanWork    *work)
{
  gint64 pixel_bytes = psp_channels_pad (work->destination->channels) *
                       (gint64) backend->device->element_bytes;
  gint64 n_pixels = count_pixels (work->destination);

  return psp_convolution_adds_in_place (work->operation)
         ? CLAMP (MAX_TRIAL_BYTES / pixel_bytes, 1, n_pixels) : n_pixels;
}

/* Elements of the results of a trial that are not written where they belong. */
static gsize
count_trial (const PspVulkanBackend *backend,
             const PspVulkanWork    *work)
{
  return backend->convolution.kernel == PSP_VULKAN_N_KERNELS &&
         psp_convolution_adds_in_place (work->operation)
         ? count_trial_pixels (backend, work) * psp_channels_pad (work->destination->channels) : 0;
}

/* Elements from the beginning of scratch memory to the results of a trial: behind the slots. */
static gsize
find_trial (const PspVulkanBackend *backend,
            const PspVulkanWork    *work)
{
  return divide_up (count_slots (backend, work),
                    (gint64) PSP_MAP_ALIGNMENT * (gint64) backend->device->element_bytes) *
         PSP_MAP_ALIGNMENT;
}

gsize
psp_vulkan_choose_count_scratch (const PspVulkanBackend *backend,
                                 const PspVulkanWork    *work)
{
  return (find_trial (backend, work) + count_trial (backend, work)) *
         backend->device->element_bytes;
}

/* Lets @work use the slots in @operation's scratch memory. */
static void
borrow_slots (const PspVulkanBackend *backend,
              const PspConvolution   *operation,
              PspVulkanWork          *work)
{
  guint64 n_bytes = operation->scratch != NULL ? count_slots (backend, work) : 0;

  if (n_bytes > 0)
    work->slots = (PspVulkanRange) {
      ((PspVulkanBuffer *) operation->scratch)->memory->buffer,
      operation->scratch_offset * backend->device->element_bytes, n_bytes
    };
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

/* Runs the first @n_pixels of @work on a device that does nothing else.  @seconds: how long it was
 * busy with them, in however many chunks they went. */
static gboolean
run_alone (PspVulkanBackend     *backend,
           const PspVulkanWork  *work,
           gint64                n_pixels,
           GCancellable         *cancellable,
           double               *seconds,
           GError              **error)
{
  PspVulkanStream *stream = backend->stream;
  PspVulkanWork share = *work;
  double before;

  share.n_pixels = n_pixels;
  if (!psp_vulkan_stream_finish (stream, cancellable, error))
    return FALSE;

  before = stream->busy_seconds;
  if (!psp_vulkan_work_record (&share, backend, cancellable, error) ||
      !psp_vulkan_stream_finish (stream, cancellable, error))
    return FALSE;

  *seconds = stream->busy_seconds - before;
  return TRUE;
}

/* As run_alone(); what it takes says nothing about what fits a chunk of other work. */
static gboolean
run_trial (PspVulkanBackend     *backend,
           const PspVulkanWork  *work,
           gint64                n_pixels,
           GCancellable         *cancellable,
           double               *seconds,
           GError              **error)
{
  double cost_limit = backend->stream->cost_limit;
  gboolean success = run_alone (backend, work, n_pixels, cancellable, seconds, error);

  backend->stream->cost_limit = cost_limit;
  return success;
}

/* A driver may compile a pipeline when it is first used: that time counts for nothing. */
static gboolean
warm_up (PspVulkanBackend     *backend,
         const PspVulkanWork  *work,
         GCancellable         *cancellable,
         GError              **error)
{
  double seconds;

  return run_trial (backend, work, 1, cancellable, &seconds, error);
}

static gboolean
time_share (PspVulkanBackend     *backend,
            const PspVulkanWork  *work,
            gint64                n_pixels,
            GCancellable         *cancellable,
            double               *best,
            GError              **error)
{
  *best = HUGE_VAL;
  for (int i = 0; i < N_TIMED_RUNS; i++)
    {
      double seconds;

      if (!run_trial (backend, work, n_pixels, cancellable, &seconds, error))
        return FALSE;
      *best = MIN (*best, seconds);
    }
  return TRUE;
}

/* What all of @work's trial takes.  A kernel so slow that the next share would keep the device for
 * longer than a chunk should is judged by the share before. */
static gboolean
time_kernel (PspVulkanBackend     *backend,
             const PspVulkanWork  *work,
             GCancellable         *cancellable,
             double               *best,
             GError              **error)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (work->kernel);
  gint64 n_pixels = MIN (MAX (work->n_pixels / N_SHARES,
                              kernel->pixels_per_row * (gint64) kernel->group_height),
                         work->n_pixels);

  if (!warm_up (backend, work, cancellable, error) ||
      !time_share (backend, work, n_pixels, cancellable, best, error))
    return FALSE;
  while (n_pixels < work->n_pixels && *best * GROWTH <= backend->stream->target_seconds)
    {
      n_pixels = MIN (n_pixels * GROWTH, work->n_pixels);
      if (!time_share (backend, work, n_pixels, cancellable, best, error))
        return FALSE;
    }
  *best *= (double) work->n_pixels / (double) n_pixels;
  return TRUE;
}

/* Whether @failure is a kernel's fault: memory may be there the next time. */
static gboolean
is_faulty (const GError *failure)
{
  return g_error_matches (failure, PSP_ERROR, PSP_ERROR_DEVICE);
}

/* Whether @id may be chosen: a kernel for matrix units, whose drivers are young, has to prove
 * itself on each device first.  One that fails is refused for good; that it is tried is on disk
 * before the proof, since a driver may take the program with it, and what came of it afterwards. */
static gboolean
prove (PspVulkanBackend   *backend,
       PspVulkanKernelId   id,
       GCancellable       *cancellable,
       gboolean           *right,
       GError            **error)
{
  PspVulkanPipelines *pipelines = backend->pipelines;
  GError *failure = NULL;

  *right = psp_vulkan_kernel_get (id)->matrix_side == 0 || (pipelines->proven >> id & 1) != 0;
  if (*right)
    return TRUE;
  psp_vulkan_pipelines_update (pipelines);
  if (psp_vulkan_choices_get_refused (pipelines->choices, id))
    return TRUE;

  psp_vulkan_choices_begin_proof (pipelines->choices, id);
  psp_vulkan_pipelines_save (pipelines);
  if (psp_vulkan_proof_run (backend, id, cancellable, right, &failure))
    {
      psp_vulkan_choices_set_refused (pipelines->choices, id, !*right);
      if (*right)
        pipelines->proven |= 1u << id;
    }
  else
    psp_vulkan_choices_set_refused (pipelines->choices, id, is_faulty (failure));
  psp_vulkan_pipelines_save (pipelines);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return failure == NULL;
}

/* Whether to go on after one kernel failed: not if the device or whoever waits has had enough. */
static gboolean
forgive (PspVulkanBackend     *backend,
         const PspVulkanWork  *work,
         GError               *failure,
         GError              **error)
{
  psp_vulkan_stream_abandon (backend->stream);
  if (psp_vulkan_kernel_get (work->kernel)->matrix_side > 0 && work->n_parts == 1 &&
      is_faulty (failure))
    psp_vulkan_choices_set_refused (backend->pipelines->choices, work->kernel, TRUE);
  if (backend->device->lost || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }

  g_error_free (failure);
  return TRUE;
}

/* @seconds: that @work takes with its kernel, or %HUGE_VAL if that must not be chosen. */
static gboolean
try_kernel (PspVulkanBackend     *backend,
            const PspVulkanWork  *work,
            GCancellable         *cancellable,
            double               *seconds,
            GError              **error)
{
  GError *failure = NULL;
  gboolean right = FALSE;

  *seconds = HUGE_VAL;
  if (!can_run (backend, work) ||
      (prove (backend, work->kernel, cancellable, &right, &failure) &&
       (!right || time_kernel (backend, work, cancellable, seconds, &failure))))
    return TRUE;

  *seconds = HUGE_VAL;
  return forgive (backend, work, failure, error);
}

/* Tries @work's kernel with its sums in one part and in more. */
static gboolean
try_parts (PspVulkanBackend   *backend,
           PspVulkanWork      *work,
           GCancellable       *cancellable,
           PspVulkanChoice    *fastest,
           double             *least,
           GError            **error)
{
  for (work->n_parts = 1; work->n_parts <= PSP_VULKAN_MAX_PARTS; work->n_parts *= 2)
    {
      double seconds;

      if (work->n_parts > 1 && !may_split (work, work->n_parts))
        return TRUE;
      if (!try_kernel (backend, work, cancellable, &seconds, error))
        return FALSE;
      if (seconds < *least)
        {
          *fastest = (PspVulkanChoice) { work->kernel, work->n_parts };
          *least = seconds;
        }
    }
  return TRUE;
}

/* Pixels of @work that fit a chunk. */
static gint64
count_fitting (const PspVulkanBackend *backend,
               const PspVulkanWork    *work)
{
  double n_pixels = psp_vulkan_stream_get_room (backend->stream) / work->cost_per_pixel;

  return MAX (1, (gint64) MIN (n_pixels, (double) G_MAXINT32));
}

/* Lets the stream learn how much of @work fits a chunk, with a kernel that every device runs: what
 * is the fastest for the first few rows need not be for the layer. */
static gboolean
learn_room (PspVulkanBackend  *backend,
            PspVulkanWork     *work,
            GCancellable      *cancellable,
            GError           **error)
{
  GError *failure = NULL;
  double seconds = 0;

  work->kernel = PSP_VULKAN_KERNEL_CONVOLVE;
  work->n_parts = 1;
  if (!can_run (backend, work))
    return TRUE;
  if (!warm_up (backend, work, cancellable, &failure))
    return forgive (backend, work, failure, error);
  while (seconds < backend->stream->target_seconds / 2 &&
         count_fitting (backend, work) < work->n_pixels)
    if (!run_alone (backend, work, count_fitting (backend, work), cancellable, &seconds,
                    &failure))
      return forgive (backend, work, failure, error);
  return TRUE;
}

/* Measures with the first of @work's pixels, n_pixels at most. */
static gboolean
measure (PspVulkanBackend   *backend,
         PspVulkanWork      *work,
         GCancellable       *cancellable,
         PspVulkanChoice    *fastest,
         GError            **error)
{
  double least = HUGE_VAL;

  if (!learn_room (backend, work, cancellable, error))
    return FALSE;

  work->n_pixels = CLAMP (count_fitting (backend, work) / 2, 1, work->n_pixels);
  for (int id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    {
      work->kernel = id;
      if (psp_vulkan_kernel_convolves (id) &&
          !try_parts (backend, work, cancellable, fastest, &least, error))
        return FALSE;
    }
  return TRUE;
}

/* What is measured is computed once more in the end, and so may write where it belongs, unless that
 * is the residual of this very layer, which has to be read once more.  Without memory for another
 * place, or where every kernel fails, @fastest stays. */
static gboolean
measure_aside (PspVulkanBackend      *backend,
               const PspConvolution  *operation,
               const PspVulkanWork   *work,
               GCancellable          *cancellable,
               PspVulkanChoice       *fastest,
               GError               **error)
{
  PspMap destination = *work->destination;
  g_autoptr(PspBuffer) buffer = NULL;
  PspVulkanWork copy = *work;
  PspVulkanRecording *recording;
  gboolean success;

  copy.n_pixels = count_trial_pixels (backend, work);
  if (psp_convolution_adds_in_place (operation))
    {
      destination.buffer = operation->scratch;
      destination.offset = operation->scratch_offset + find_trial (backend, work);
      destination.pixel_stride = psp_channels_pad (destination.channels);
      copy.destination = &destination;
    }
  if (copy.destination->buffer == NULL)
    {
      buffer = psp_backend_buffer_new (&backend->parent, count_trial (backend, work),
                                       "measurement of kernels", NULL);
      if (buffer == NULL)
        return TRUE;
      destination.buffer = buffer;
      destination.offset = 0;
    }

  recording = psp_vulkan_stream_keep (backend->stream, NULL);
  success = measure (backend, &copy, cancellable, fastest, error);
  if (!success)
    psp_vulkan_stream_abandon (backend->stream);
  (void) psp_vulkan_stream_keep (backend->stream, recording);
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
  PspVulkanChoice chosen = backend->convolution;

  borrow_slots (backend, operation, work);
  if (chosen.kernel == PSP_VULKAN_N_KERNELS)
    chosen = psp_vulkan_choices_find (backend->pipelines->choices, &class);
  if (chosen.kernel == PSP_VULKAN_N_KERNELS)
    {
      if (!measure_aside (backend, operation, work, cancellable, &chosen, error))
        return FALSE;
      if (chosen.kernel == PSP_VULKAN_N_KERNELS)
        chosen.kernel = SMALLEST_TILE;
      else
        psp_vulkan_choices_add (backend->pipelines->choices, &class, chosen);
    }

  work->kernel = chosen.kernel;
  work->n_parts = chosen.n_parts;
  if (!can_run (backend, work))
    work->kernel = SMALLEST_TILE;
  return TRUE;
}
