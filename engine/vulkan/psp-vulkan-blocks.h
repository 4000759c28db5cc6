/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-device.h"

/**
 * PspVulkanBlock:
 * @memory: Vulkan's
 * @n_bytes: of all of it
 * @mapped: (nullable): where the host sees it
 * @type: number of its memory type
 * @shared: whether more than one buffer may lie in it
 * @n_used: bytes from its start that were given away
 * @n_places: how many buffers lie in it
 *
 * One allocation.
 */
typedef struct
{
  VkDeviceMemory  memory;
  guint64         n_bytes;
  guint8         *mapped;

  /*< private >*/
  guint32         type;
  gboolean        shared;
  guint64         n_used;
  int             n_places;
} PspVulkanBlock;

/**
 * PspVulkanPlace:
 * @block: where; owned by the blocks
 * @offset: bytes from its start, a multiple of nonCoherentAtomSize
 * @n_bytes: a multiple of nonCoherentAtomSize
 *
 * Where a buffer lies.
 */
typedef struct
{
  PspVulkanBlock *block;
  guint64         offset;
  guint64         n_bytes;
} PspVulkanPlace;

/**
 * PspVulkanBlocks:
 *
 * The memory of a device.  Drivers allow as few as 4096 allocations, and round each up to as much
 * as 2 MiB: small buffers that live equally long share blocks of 16 MiB, or of as much as the
 * device allocates in one piece.  A block is given back with the last buffer in it; what is given
 * back before is not used again, since weights come and go together.
 */
typedef struct
{
  /*< private >*/
  PspVulkanDevice *device;
  GPtrArray       *blocks; /* of PspVulkanBlock */
} PspVulkanBlocks;

/* @device: outlives the blocks. */
PspVulkanBlocks *psp_vulkan_blocks_new  (PspVulkanDevice *device);

/* All that was taken must have been given back. */
void             psp_vulkan_blocks_free (PspVulkanBlocks *self);

/**
 * psp_vulkan_blocks_take:
 * @self: blocks
 * @requirements: of a buffer
 * @type: number of the memory type
 * @shared: whether the buffer may lie beside others
 * @mapped: whether the host shall see it
 * @place: (out): where the buffer is to be bound
 *
 * Returns: %VK_SUCCESS, or what vkAllocateMemory or vkMapMemory returned
 */
VkResult         psp_vulkan_blocks_take (PspVulkanBlocks            *self,
                                         const VkMemoryRequirements *requirements,
                                         guint32                     type,
                                         gboolean                    shared,
                                         gboolean                    mapped,
                                         PspVulkanPlace             *place);

/* The buffer at @place is destroyed.  Leaves memory to a silent device. */
void             psp_vulkan_blocks_give_back (PspVulkanBlocks      *self,
                                              const PspVulkanPlace *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanBlocks, psp_vulkan_blocks_free)
