/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-backend-private.h"

#include "engine/vulkan/psp-vulkan-cache-file.h"
#include "engine/vulkan/psp-vulkan-ceiling.h"
#include "engine/vulkan/psp-vulkan-operations.h"
#include "engine/vulkan/psp-vulkan-pieces.h"
#include "engine/vulkan/psp-vulkan-transfer.h"

typedef struct
{
  PspRecording        parent;
  PspVulkanRecording *chunks;
} Recording;

/* The only place that looks at what is behind PspBackend. */
static PspVulkanBackend *
from_backend (PspBackend *backend)
{
  return (PspVulkanBackend *) backend;
}

/* After a failure nothing is recorded.  What is on the device is waited for by whoever needs it
 * next. */
static gboolean
conclude (PspVulkanBackend *self,
          gboolean          success)
{
  if (!success)
    psp_vulkan_stream_abandon (self->stream);
  return success;
}

/* No operation uses it, but an upload may still be under way. */
static void
free_buffer (PspBuffer *buffer)
{
  PspVulkanBuffer *self = (PspVulkanBuffer *) buffer;

  psp_vulkan_stream_settle (from_backend (buffer->backend)->stream);
  g_clear_pointer (&self->memory, psp_vulkan_memory_free);
  g_clear_pointer (&self->pieces, g_ptr_array_unref);
  g_free (self);
}

static PspBuffer *
create_buffer_for (PspVulkanBackend    *self,
                   gsize                n_elements,
                   PspVulkanMemoryUse   use,
                   const char          *label,
                   GError             **error)
{
  gsize element_bytes = self->device->element_bytes;
  PspVulkanBuffer *buffer;
  PspVulkanMemory *memory;

  if (n_elements > G_MAXSIZE / element_bytes)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "%s has no memory for “%s”, %" G_GSIZE_FORMAT " elements of %" G_GSIZE_FORMAT
                   " bytes", self->device->adapter->name, label, n_elements, element_bytes);
      return NULL;
    }

  memory = psp_vulkan_memory_new (self->blocks, (guint64) n_elements * element_bytes, use, label,
                                  error);
  if (memory == NULL)
    return NULL;

  buffer = g_new0 (PspVulkanBuffer, 1);
  buffer->memory = memory;
  return &buffer->parent;
}

static PspBuffer *
create_buffer (PspBackend  *backend,
               gsize        n_elements,
               const char  *label,
               GError     **error)
{
  return create_buffer_for (from_backend (backend), n_elements, PSP_VULKAN_MEMORY_DEVICE, label,
                            error);
}

static gboolean
upload (PspBackend   *backend,
        PspBuffer    *buffer,
        gsize         offset,
        const float  *floats,
        gsize         n_elements,
        GError      **error)
{
  PspVulkanBackend *self = from_backend (backend);

  return conclude (self, psp_vulkan_upload (self, (PspVulkanBuffer *) buffer, offset, floats,
                                            n_elements, error));
}

/* (transfer full): weights that the device does not allocate at once. */
static PspBuffer *
wrap_in_pieces (PspVulkanBackend  *self,
                const float       *content,
                gsize              n_elements,
                const char        *label,
                GError           **error)
{
  PspVulkanBuffer *buffer = g_new0 (PspVulkanBuffer, 1);

  buffer->parent.backend = &self->parent;
  if (conclude (self, psp_vulkan_pieces_fill (buffer, self, content, n_elements, label, error)))
    return &buffer->parent;

  free_buffer (&buffer->parent);
  return NULL;
}

static PspBuffer *
wrap_buffer (PspBackend  *backend,
             GBytes      *floats,
             const char  *label,
             GError     **error)
{
  PspVulkanBackend *self = from_backend (backend);
  gsize n_bytes;
  const float *content = g_bytes_get_data (floats, &n_bytes);
  gsize n_elements = n_bytes / sizeof *content;
  PspBuffer *buffer;

  if (psp_vulkan_pieces_are_needed (self->device, n_elements))
    return wrap_in_pieces (self, content, n_elements, label, error);

  buffer = create_buffer_for (self, n_elements, PSP_VULKAN_MEMORY_WEIGHTS, label, error);
  if (buffer == NULL)
    return NULL;

  buffer->backend = backend;
  if (!upload (backend, buffer, 0, content, n_elements, error))
    g_clear_pointer (&buffer, free_buffer);
  return buffer;
}

static gboolean
download (PspBackend  *backend,
          PspBuffer   *buffer,
          gsize        offset,
          float       *floats,
          gsize        n_elements,
          GError     **error)
{
  PspVulkanBackend *self = from_backend (backend);

  return conclude (self, psp_vulkan_download (self, (PspVulkanBuffer *) buffer, offset, floats,
                                              n_elements, error));
}

static gboolean
convolve (PspBackend            *backend,
          const PspConvolution  *operation,
          GCancellable          *cancellable,
          GError               **error)
{
  PspVulkanBackend *self = from_backend (backend);

  return conclude (self, psp_vulkan_convolve (self, operation, cancellable, error));
}

static gsize
count_scratch (PspBackend           *backend,
               const PspConvolution *operation)
{
  return psp_vulkan_count_scratch (from_backend (backend), operation);
}

static gboolean
pool (PspBackend        *backend,
      const PspPooling  *operation,
      GCancellable      *cancellable,
      GError           **error)
{
  PspVulkanBackend *self = from_backend (backend);

  return conclude (self, psp_vulkan_pool (self, operation, cancellable, error));
}

static gboolean
pool_bins (PspBackend           *backend,
           const PspBinPooling  *operation,
           GCancellable         *cancellable,
           GError              **error)
{
  PspVulkanBackend *self = from_backend (backend);

  return conclude (self, psp_vulkan_pool_bins (self, operation, cancellable, error));
}

static gboolean
resize (PspBackend         *backend,
        const PspResizing  *operation,
        GCancellable       *cancellable,
        GError            **error)
{
  PspVulkanBackend *self = from_backend (backend);

  return conclude (self, psp_vulkan_resize (self, operation, cancellable, error));
}

static gboolean
classify (PspBackend               *backend,
          const PspClassification  *operation,
          GCancellable             *cancellable,
          GError                  **error)
{
  PspVulkanBackend *self = from_backend (backend);

  return conclude (self, psp_vulkan_classify (self, operation, cancellable, error));
}

static gboolean
measure_ceiling (PspBackend    *backend,
                 PspCeiling    *ceiling,
                 GCancellable  *cancellable,
                 GError       **error)
{
  return psp_vulkan_measure_ceiling (from_backend (backend), ceiling, cancellable, error);
}

static PspRecording *
begin_recording (PspBackend  *backend,
                 GError     **error)
{
  PspVulkanBackend *self = from_backend (backend);
  PspVulkanRecording *chunks;
  Recording *recording;

  if (!conclude (self, psp_vulkan_stream_submit (self->stream, NULL, error)))
    return NULL;
  chunks = psp_vulkan_recording_new (self->device, self->pipelines, FALSE, "recording", error);
  if (chunks == NULL)
    return NULL;

  (void) psp_vulkan_stream_keep (self->stream, chunks);
  recording = g_new0 (Recording, 1);
  recording->chunks = chunks;
  return &recording->parent;
}

static void
end_recording (PspBackend *backend)
{
  PspVulkanBackend *self = from_backend (backend);

  psp_vulkan_stream_abandon (self->stream);
  (void) psp_vulkan_stream_keep (self->stream, NULL);
}

static void
free_recording (PspRecording *recording)
{
  psp_vulkan_stream_settle (from_backend (recording->backend)->stream);
  psp_vulkan_recording_free (((Recording *) recording)->chunks);
  g_free (recording);
}

static gboolean
suits (const PspRecording *recording)
{
  return psp_vulkan_stream_suits (from_backend (recording->backend)->stream,
                                  ((const Recording *) recording)->chunks);
}

static gboolean
replay (PspRecording  *recording,
        PspProgress    progress,
        GCancellable  *cancellable,
        GError       **error)
{
  PspVulkanBackend *self = from_backend (recording->backend);

  return conclude (self, psp_vulkan_stream_replay (self->stream, ((Recording *) recording)->chunks,
                                                   progress, cancellable, error));
}

static gboolean
finish (PspBackend    *backend,
        GCancellable  *cancellable,
        GError       **error)
{
  PspVulkanBackend *self = from_backend (backend);

  return conclude (self, psp_vulkan_stream_finish (self->stream, cancellable, error)) &&
         psp_vulkan_device_check_messages (self->device, error);
}

/* Accepts a half-built one. */
static void
free_backend (PspBackend *backend)
{
  PspVulkanBackend *self = from_backend (backend);

  g_clear_pointer (&self->stream, psp_vulkan_stream_free);
  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    g_clear_pointer (&self->staging[i], psp_vulkan_memory_free);
  g_clear_pointer (&self->slots, psp_vulkan_memory_free);
  g_clear_pointer (&self->former_slots, g_ptr_array_unref);
  g_clear_pointer (&self->blocks, psp_vulkan_blocks_free);
  g_clear_pointer (&self->pipelines, psp_vulkan_pipelines_free);
  g_clear_pointer (&self->device, psp_vulkan_device_free);
  g_clear_pointer (&self->parent.pool, psp_thread_pool_free);
  g_free (self);
}

static const PspBackendOperations operations = {
  .free = free_backend,
  .buffer_new = create_buffer,
  .buffer_wrap = wrap_buffer,
  .buffer_free = free_buffer,
  .upload = upload,
  .download = download,
  .convolve = convolve,
  .pool = pool,
  .pool_bins = pool_bins,
  .resize = resize,
  .classify = classify,
  .count_scratch = count_scratch,
  .begin_recording = begin_recording,
  .end_recording = end_recording,
  .recording_free = free_recording,
  .recording_suits = suits,
  .replay = replay,
  .measure_ceiling = measure_ceiling,
  .finish = finish,
};

static gboolean
open_device (PspVulkanBackend           *self,
             PFN_vkGetInstanceProcAddr   get_function,
             int                         index,
             const PspBackendOptions    *options,
             GError                    **error)
{
  PspVulkanInstance *instance = psp_vulkan_instance_new (get_function, options->validation, error);

  if (instance != NULL)
    self->device = psp_vulkan_device_new (instance, index, options->precision, options->cautious,
                                          error);
  if (self->device == NULL)
    return FALSE;

  self->blocks = psp_vulkan_blocks_new (self->device);
  self->former_slots = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_vulkan_memory_free);
  return TRUE;
}

PspBackend *
psp_vulkan_backend_new_full (PFN_vkGetInstanceProcAddr   get_function,
                             const char                 *cache_path,
                             int                         index,
                             const PspBackendOptions    *options,
                             GError                    **error)
{
  static const PspBackendOptions no_options = { 0 };
  g_autofree char *id = g_strdup_printf ("vulkan:%d", index);
  g_autofree char *path = g_strdup (cache_path);
  PspVulkanBackend *self = g_new0 (PspVulkanBackend, 1);

  options = options != NULL ? options : &no_options;
  if (!open_device (self, get_function, index, options, error))
    {
      free_backend (&self->parent);
      return NULL;
    }

  /* Tiles in shared memory took llvmpipe 14 to 35 times as long: not worth measuring. */
  self->convolution.kernel = self->device->adapter->kind == PSP_DEVICE_SOFTWARE
                             ? PSP_VULKAN_KERNEL_CONVOLVE : PSP_VULKAN_N_KERNELS;
  self->convolution.n_parts = 1;
  if (path == NULL)
    path = psp_vulkan_cache_file_get_path (self->device->adapter);
  self->pipelines = psp_vulkan_pipelines_new (self->device, path, error);
  if (self->pipelines != NULL)
    self->stream = psp_vulkan_stream_new (self->device, self->pipelines, options->cautious, error);
  if (self->stream == NULL)
    {
      free_backend (&self->parent);
      return NULL;
    }

  self->parent.max_buffer_elements = psp_vulkan_pieces_get_largest (self->device);
  self->parent.transfer_bytes = psp_vulkan_transfer_count_bytes (self->device);
  self->parent.pool = psp_thread_pool_new (options->n_threads, options->background);
  psp_backend_init (&self->parent, &operations, id, self->device->adapter->name,
                    options->precision);
  return &self->parent;
}

PspBackend *
psp_vulkan_backend_new (int                       index,
                        const PspBackendOptions  *options,
                        GError                  **error)
{
  return psp_vulkan_backend_new_full (NULL, NULL, index, options, error);
}

static PspDeviceInfo *
describe (const PspVulkanAdapter *adapter,
          guint                   index)
{
  PspDeviceInfo *info = g_new0 (PspDeviceInfo, 1);

  info->id = g_strdup_printf ("vulkan:%u", index);
  info->name = g_strdup (adapter->name);
  info->kind = adapter->kind;
  info->driver = g_strdup (adapter->driver);
  info->memory_bytes = psp_vulkan_adapter_get_memory (adapter);
  return info;
}

GPtrArray *
psp_vulkan_list_devices (void)
{
  g_autoptr(GPtrArray) devices =
    g_ptr_array_new_with_free_func ((GDestroyNotify) psp_device_info_free);
  g_autoptr(PspVulkanInstance) instance = psp_vulkan_instance_new (NULL, FALSE, NULL);
  g_autoptr(GPtrArray) adapters = NULL;

  if (instance != NULL)
    adapters = psp_vulkan_adapter_list (instance, NULL);
  for (guint i = 0; adapters != NULL && i < adapters->len; i++)
    g_ptr_array_add (devices, describe (g_ptr_array_index (adapters, i), i));
  return g_steal_pointer (&devices);
}
