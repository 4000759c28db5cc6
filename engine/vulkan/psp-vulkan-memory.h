/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-blocks.h"

/**
 * PspVulkanMemoryUse:
 * @PSP_VULKAN_MEMORY_DEVICE: maps; mapped only where that costs nothing
 * @PSP_VULKAN_MEMORY_WEIGHTS: written once by the host; mapped wherever the device's memory can
 *   be, and beside others in one block
 * @PSP_VULKAN_MEMORY_STAGING: on the way to or from the device; always mapped
 */
typedef enum
{
  PSP_VULKAN_MEMORY_DEVICE,
  PSP_VULKAN_MEMORY_WEIGHTS,
  PSP_VULKAN_MEMORY_STAGING,
} PspVulkanMemoryUse;

/**
 * PspVulkanMemory:
 * @device: not owned
 * @buffer: Vulkan's, as long as the memory
 * @n_bytes: as asked for
 * @mapped: (nullable): where the host sees it
 *
 * A Vulkan buffer and the memory behind it, which other buffers may share.
 */
typedef struct
{
  PspVulkanDevice *device;
  VkBuffer         buffer;
  guint64          n_bytes;
  guint8          *mapped;

  /*< private >*/
  PspVulkanBlocks *blocks;
  PspVulkanPlace   place;
  gboolean         coherent;
} PspVulkanMemory;

/**
 * psp_vulkan_memory_new:
 * @blocks: memory of the device; outlive it
 * @n_bytes: more than 0
 * @use: what for
 * @label: for messages and debuggers
 * @error: %PSP_ERROR_NO_MEMORY naming @label and @n_bytes; %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): memory of undefined content, or %NULL with @error set
 */
PspVulkanMemory *psp_vulkan_memory_new        (PspVulkanBlocks     *blocks,
                                               guint64              n_bytes,
                                               PspVulkanMemoryUse   use,
                                               const char          *label,
                                               GError             **error)
                                               G_GNUC_WARN_UNUSED_RESULT;

/* Whether memory for @use would be mapped where all kinds of it fit. */
gboolean         psp_vulkan_memory_is_mapped  (const PspVulkanDevice *device,
                                               PspVulkanMemoryUse     use);

/* Leaves it to a silent device. */
void             psp_vulkan_memory_free       (PspVulkanMemory     *self);

/* Makes what the host wrote there, in bytes from @mapped, visible to work that is submitted
 * later. */
gboolean         psp_vulkan_memory_flush      (PspVulkanMemory     *self,
                                               guint64              offset,
                                               guint64              n_bytes,
                                               GError             **error);

/* Makes what finished work wrote there, in bytes from @mapped, visible to the host. */
gboolean         psp_vulkan_memory_invalidate (PspVulkanMemory     *self,
                                               guint64              offset,
                                               guint64              n_bytes,
                                               GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanMemory, psp_vulkan_memory_free)
