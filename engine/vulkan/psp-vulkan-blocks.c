/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-blocks.h"

#define BLOCK_BYTES (16 * 1024 * 1024)

static guint64
round_up (guint64 n,
          guint64 unit)
{
  return (n + unit - 1) / unit * unit;
}

/* Freeing the memory unmaps it. */
static void
free_block (PspVulkanBlocks *self,
            PspVulkanBlock  *block)
{
  const PspVulkanDevice *device = self->device;

  if (block->memory != VK_NULL_HANDLE && !device->silent)
    device->vk->FreeMemory (device->handle, block->memory, NULL);
  g_free (block);
}

PspVulkanBlocks *
psp_vulkan_blocks_new (PspVulkanDevice *device)
{
  PspVulkanBlocks *self = g_new0 (PspVulkanBlocks, 1);

  self->device = device;
  self->blocks = g_ptr_array_new ();
  return self;
}

void
psp_vulkan_blocks_free (PspVulkanBlocks *self)
{
  g_ptr_array_unref (self->blocks);
  g_free (self);
}

static VkResult
allocate (PspVulkanBlocks *self,
          PspVulkanBlock  *block,
          gboolean         mapped)
{
  const PspVulkanDevice *device = self->device;
  VkMemoryAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
    .allocationSize = block->n_bytes,
    .memoryTypeIndex = block->type,
  };
  VkResult result = device->vk->AllocateMemory (device->handle, &info, NULL, &block->memory);

  if (result != VK_SUCCESS || !mapped)
    return result;
  return device->vk->MapMemory (device->handle, block->memory, 0, VK_WHOLE_SIZE, 0,
                                (void **) &block->mapped);
}

/* What is left of @block is enough for @n_bytes. */
static gboolean
has_room (const PspVulkanBlock *block,
          guint64               alignment,
          guint64               n_bytes)
{
  guint64 offset = round_up (block->n_used, alignment);

  return offset <= block->n_bytes && n_bytes <= block->n_bytes - offset;
}

static PspVulkanBlock *
find_block (const PspVulkanBlocks *self,
            guint32                type,
            guint64                alignment,
            guint64                n_bytes)
{
  for (guint i = 0; i < self->blocks->len; i++)
    {
      PspVulkanBlock *block = g_ptr_array_index (self->blocks, i);

      if (block->shared && block->type == type && has_room (block, alignment, n_bytes))
        return block;
    }
  return NULL;
}

VkResult
psp_vulkan_blocks_take (PspVulkanBlocks            *self,
                        const VkMemoryRequirements *requirements,
                        guint32                     type,
                        gboolean                    shared,
                        gboolean                    mapped,
                        PspVulkanPlace             *place)
{
  const PspVulkanAdapter *adapter = self->device->adapter;
  guint64 atom = MAX (adapter->properties.limits.nonCoherentAtomSize, 1);
  guint64 alignment = MAX (requirements->alignment, atom); /* both are powers of two */
  guint64 n_bytes = round_up (requirements->size, atom);
  guint64 block_bytes = MIN (BLOCK_BYTES, adapter->max_allocation_bytes / atom * atom);
  PspVulkanBlock *block;

  /* One that fills half a block would waste most of the rest. */
  shared = shared && n_bytes <= block_bytes / 2;
  block = shared ? find_block (self, type, alignment, n_bytes) : NULL;
  if (block == NULL)
    {
      VkResult result;

      block = g_new0 (PspVulkanBlock, 1);
      block->n_bytes = shared ? block_bytes : n_bytes;
      block->type = type;
      block->shared = shared;
      result = allocate (self, block, mapped);
      if (result != VK_SUCCESS)
        {
          free_block (self, block);
          return result;
        }
      g_ptr_array_add (self->blocks, block);
    }

  *place = (PspVulkanPlace) { block, round_up (block->n_used, alignment), n_bytes };
  block->n_used = place->offset + n_bytes;
  block->n_places++;
  return VK_SUCCESS;
}

void
psp_vulkan_blocks_give_back (PspVulkanBlocks      *self,
                             const PspVulkanPlace *place)
{
  if (--place->block->n_places > 0)
    return;

  g_ptr_array_remove_fast (self->blocks, place->block);
  free_block (self, place->block);
}
