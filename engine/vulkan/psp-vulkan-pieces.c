/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-pieces.h"

#include "engine/vulkan/psp-vulkan-transfer.h"

/* Of a piece, by which the next begins before its end. */
#define OVERLAP 16

gsize
psp_vulkan_pieces_get_largest (const PspVulkanDevice *device)
{
  return device->adapter->max_allocation_bytes / device->element_bytes / PSP_MAP_ALIGNMENT *
         PSP_MAP_ALIGNMENT;
}

gboolean
psp_vulkan_pieces_are_needed (const PspVulkanDevice *device,
                              gsize                  n_elements)
{
  gsize largest = psp_vulkan_pieces_get_largest (device);

  return n_elements > largest && largest >= OVERLAP * PSP_MAP_ALIGNMENT;
}

gboolean
psp_vulkan_pieces_fill (PspVulkanBuffer   *self,
                        PspVulkanBackend  *backend,
                        const float       *floats,
                        gsize              n_elements,
                        const char        *label,
                        GError           **error)
{
  gsize element_bytes = backend->device->element_bytes;
  gsize largest = psp_vulkan_pieces_get_largest (backend->device);
  gsize step = (largest - largest / OVERLAP) / PSP_MAP_ALIGNMENT * PSP_MAP_ALIGNMENT;

  self->pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_vulkan_memory_free);
  self->piece_bytes = step * element_bytes;
  for (gsize first = 0; first == 0 || first + largest - step < n_elements; first += step)
    {
      gsize n_piece = MIN (largest, n_elements - first);
      PspVulkanBuffer piece = {
        .memory = psp_vulkan_memory_new (backend->blocks, n_piece * element_bytes,
                                         PSP_VULKAN_MEMORY_WEIGHTS, label, error),
      };

      if (piece.memory == NULL)
        return FALSE;
      g_ptr_array_add (self->pieces, piece.memory);
      if (!psp_vulkan_upload (backend, &piece, 0, floats + first, n_piece, error))
        return FALSE;
    }
  return TRUE;
}

PspVulkanMemory *
psp_vulkan_pieces_find (const PspVulkanBuffer *self,
                        guint64                offset,
                        guint64               *start)
{
  guint64 index = 0;

  *start = 0;
  if (self->pieces == NULL)
    return self->memory;

  index = MIN (offset / self->piece_bytes, self->pieces->len - 1);
  *start = index * self->piece_bytes;
  return g_ptr_array_index (self->pieces, index);
}
