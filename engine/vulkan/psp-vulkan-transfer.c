/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-transfer.h"

#include "engine/core/psp-half.h"

#include <string.h>

#define STAGING_BYTES (8 * 1024 * 1024)

gsize
psp_vulkan_transfer_count_bytes (const PspVulkanDevice *device)
{
  return psp_vulkan_memory_is_mapped (device, PSP_VULKAN_MEMORY_DEVICE)
         ? 0 : PSP_VULKAN_N_CHUNKS * STAGING_BYTES;
}

static void
store (const PspVulkanBackend *self,
       guint8                 *memory,
       const float            *floats,
       gsize                   n_elements)
{
  if (self->device->precision == PSP_PRECISION_FP16)
    psp_half_from_floats ((guint16 *) memory, floats, n_elements);
  else
    memcpy (memory, floats, n_elements * sizeof *floats);
}

static void
load (const PspVulkanBackend *self,
      float                  *floats,
      const guint8           *memory,
      gsize                   n_elements)
{
  if (self->device->precision == PSP_PRECISION_FP16)
    psp_half_to_floats (floats, (const guint16 *) memory, n_elements);
  else
    memcpy (floats, memory, n_elements * sizeof *floats);
}

/* Begins a chunk of its own and finds its staging, which nothing uses any more. */
static PspVulkanMemory *
begin_staging (PspVulkanBackend  *self,
               GError           **error)
{
  g_autofree char *label = NULL;
  int slot;

  if (!psp_vulkan_stream_submit (self->stream, NULL, error) ||
      !psp_vulkan_stream_begin (self->stream, &slot, error))
    return NULL;

  label = g_strdup_printf ("staging %d", slot);
  if (self->staging[slot] == NULL)
    self->staging[slot] = psp_vulkan_memory_new (self->blocks, STAGING_BYTES,
                                                  PSP_VULKAN_MEMORY_STAGING, label, error);
  return self->staging[slot];
}

static gboolean
upload_piece (PspVulkanBackend      *self,
              const PspVulkanRange  *destination,
              const float           *floats,
              GError               **error)
{
  PspVulkanMemory *staging = begin_staging (self, error);
  PspVulkanRange source = { .n_bytes = destination->n_bytes };

  if (staging == NULL)
    return FALSE;

  source.buffer = staging->buffer;
  store (self, staging->mapped, floats, destination->n_bytes / self->device->element_bytes);
  return psp_vulkan_memory_flush (staging, 0, source.n_bytes, error) &&
         psp_vulkan_stream_copy (self->stream, &source, destination, error) &&
         psp_vulkan_stream_submit (self->stream, NULL, error);
}

static gboolean
download_piece (PspVulkanBackend      *self,
                const PspVulkanRange  *source,
                float                 *floats,
                GError               **error)
{
  PspVulkanMemory *staging = begin_staging (self, error);
  PspVulkanRange destination = { .n_bytes = source->n_bytes };

  if (staging == NULL)
    return FALSE;

  destination.buffer = staging->buffer;
  if (!psp_vulkan_stream_copy (self->stream, source, &destination, error) ||
      !psp_vulkan_stream_finish (self->stream, NULL, error) ||
      !psp_vulkan_memory_invalidate (staging, 0, destination.n_bytes, error))
    return FALSE;

  load (self, floats, staging->mapped, source->n_bytes / self->device->element_bytes);
  return TRUE;
}

/* What runs may still read what is replaced, or write what is read. */
static gboolean
settle (PspVulkanBackend  *self,
        GError           **error)
{
  return !psp_vulkan_stream_is_busy (self->stream) ||
         psp_vulkan_stream_finish (self->stream, NULL, error);
}

gboolean
psp_vulkan_upload (PspVulkanBackend  *self,
                   PspVulkanBuffer   *buffer,
                   gsize              offset,
                   const float       *floats,
                   gsize              n_elements,
                   GError           **error)
{
  gsize size = self->device->element_bytes;
  gsize n_piece = STAGING_BYTES / size;

  if (buffer->memory->mapped != NULL)
    {
      if (!settle (self, error))
        return FALSE;
      store (self, buffer->memory->mapped + offset * size, floats, n_elements);
      return psp_vulkan_memory_flush (buffer->memory, offset * size, n_elements * size, error);
    }

  for (gsize done = 0; done < n_elements; done += n_piece)
    {
      PspVulkanRange destination = {
        buffer->memory->buffer, (offset + done) * size, MIN (n_piece, n_elements - done) * size,
      };

      if (!upload_piece (self, &destination, floats + done, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
psp_vulkan_download (PspVulkanBackend  *self,
                     PspVulkanBuffer   *buffer,
                     gsize              offset,
                     float             *floats,
                     gsize              n_elements,
                     GError           **error)
{
  gsize size = self->device->element_bytes;
  gsize n_piece = STAGING_BYTES / size;

  if (buffer->memory->mapped != NULL)
    {
      if (!settle (self, error) ||
          !psp_vulkan_memory_invalidate (buffer->memory, offset * size, n_elements * size, error))
        return FALSE;
      load (self, floats, buffer->memory->mapped + offset * size, n_elements);
      return TRUE;
    }

  for (gsize done = 0; done < n_elements; done += n_piece)
    {
      PspVulkanRange source = {
        buffer->memory->buffer, (offset + done) * size, MIN (n_piece, n_elements - done) * size,
      };

      if (!download_piece (self, &source, floats + done, error))
        return FALSE;
    }
  return TRUE;
}
