/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-memory.h"

#define MAX_WISHES 3

/* What a type must have, most wanted first; ends at 0. */
typedef struct
{
  VkMemoryPropertyFlags wishes[MAX_WISHES + 1];
} Wishes;

/* Only memory that the processor caches is read fast enough to do without staging. */
#define MAPPED (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_CACHED_BIT)

static const Wishes staging_wishes = {
  { MAPPED | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, MAPPED, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT },
};

/* Shared memory: the device's own type is mapped, too. */
static const Wishes shared_wishes = {
  { VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | MAPPED, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT },
};

static const Wishes device_wishes = {
  { VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT },
};

/* Written once by the host and never read by it: not cached is as good. */
static const Wishes weights_wishes = {
  { VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
    VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
    VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT,
    VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT },
};

static const Wishes *
choose_wishes (const PspVulkanDevice *device,
               PspVulkanMemoryUse     use)
{
  if (use == PSP_VULKAN_MEMORY_STAGING)
    return &staging_wishes;
  if (use == PSP_VULKAN_MEMORY_WEIGHTS)
    return &weights_wishes;
  return device->adapter->kind == PSP_DEVICE_DISCRETE ? &device_wishes : &shared_wishes;
}

/* Whether @type is only a window of a discrete device's memory, often 256 MiB for all programs:
 * too small for weights. */
static gboolean
is_window (const VkPhysicalDeviceMemoryProperties *memory,
           const VkMemoryType                     *type)
{
  const VkMemoryPropertyFlags window = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT |
                                       VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;

  if ((type->propertyFlags & window) != window)
    return FALSE;
  for (guint32 i = 0; i < memory->memoryHeapCount; i++)
    if (memory->memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT &&
        memory->memoryHeaps[i].size / 2 > memory->memoryHeaps[type->heapIndex].size)
      return TRUE;
  return FALSE;
}

/* The first type that fulfils the strongest wish and whose heap is large enough; -1: none. */
static int
choose_type (const PspVulkanDevice      *device,
             const VkMemoryRequirements *requirements,
             const Wishes               *wishes)
{
  const VkPhysicalDeviceMemoryProperties *memory = &device->adapter->memory;

  for (int wish = 0; wishes->wishes[wish] != 0; wish++)
    for (guint32 i = 0; i < memory->memoryTypeCount; i++)
      {
        const VkMemoryType *type = &memory->memoryTypes[i];

        if (requirements->memoryTypeBits & (1u << i) &&
            (type->propertyFlags & wishes->wishes[wish]) == wishes->wishes[wish] &&
            requirements->size <= memory->memoryHeaps[type->heapIndex].size &&
            !(wishes == &weights_wishes && is_window (memory, type)))
          return i;
      }
  return -1;
}

/* Whether the host writes there itself: staging has to be, weights may be uncached, maps are
 * read, too. */
static gboolean
is_mapped (PspVulkanMemoryUse    use,
           VkMemoryPropertyFlags flags)
{
  VkMemoryPropertyFlags needed =
    use == PSP_VULKAN_MEMORY_DEVICE ? MAPPED : VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;

  return (flags & needed) == needed;
}

gboolean
psp_vulkan_memory_is_mapped (const PspVulkanDevice *device,
                             PspVulkanMemoryUse     use)
{
  const VkMemoryRequirements requirements = { .memoryTypeBits = G_MAXUINT32 };
  int type = choose_type (device, &requirements, choose_wishes (device, use));

  return type >= 0 && is_mapped (use, device->adapter->memory.memoryTypes[type].propertyFlags);
}

static gboolean
report_no_memory (const PspVulkanDevice  *device,
                  guint64                 n_bytes,
                  const char             *label,
                  const char             *reason,
                  GError                **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
               "%s has no memory for “%s”, %" G_GUINT64_FORMAT " bytes: %s",
               device->adapter->name, label, n_bytes, reason);
  return FALSE;
}

static gboolean
check_result (PspVulkanMemory  *self,
              VkResult          result,
              const char       *call,
              const char       *label,
              GError          **error)
{
  if (result == VK_ERROR_OUT_OF_HOST_MEMORY || result == VK_ERROR_OUT_OF_DEVICE_MEMORY ||
      result == VK_ERROR_TOO_MANY_OBJECTS || result == VK_ERROR_MEMORY_MAP_FAILED)
    return report_no_memory (self->device, self->n_bytes, label, psp_vulkan_result_name (result),
                             error);
  return psp_vulkan_device_check (self->device, result, call, error);
}

static VkResult
create_buffer (PspVulkanMemory *self)
{
  VkBufferCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
    .size = self->n_bytes,
    .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT |
             VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
    .sharingMode = VK_SHARING_MODE_EXCLUSIVE,
  };

  return self->device->vk->CreateBuffer (self->device->handle, &info, NULL, &self->buffer);
}

static gboolean
allocate (PspVulkanMemory     *self,
          PspVulkanMemoryUse   use,
          const char          *label,
          GError             **error)
{
  PspVulkanDevice *device = self->device;
  VkMemoryRequirements requirements;
  VkMemoryPropertyFlags flags;
  int type;

  device->vk->GetBufferMemoryRequirements (device->handle, self->buffer, &requirements);
  type = choose_type (device, &requirements, choose_wishes (device, use));
  if (type < 0)
    return report_no_memory (device, self->n_bytes, label, "no kind of its memory fits", error);

  flags = device->adapter->memory.memoryTypes[type].propertyFlags;
  self->coherent = (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
  if (!check_result (self, psp_vulkan_blocks_take (self->blocks, &requirements, type,
                                                   use == PSP_VULKAN_MEMORY_WEIGHTS,
                                                   is_mapped (use, flags), &self->place),
                     "vkAllocateMemory", label, error) ||
      !check_result (self, device->vk->BindBufferMemory (device->handle, self->buffer,
                                                         self->place.block->memory,
                                                         self->place.offset),
                     "vkBindBufferMemory", label, error))
    return FALSE;

  if (self->place.block->mapped != NULL)
    self->mapped = self->place.block->mapped + self->place.offset;
  return TRUE;
}

/* Of one piece, which an arena is, and weights of one layer. */
static gboolean
check_size (const PspVulkanDevice  *device,
            guint64                 n_bytes,
            const char             *label,
            GError                **error)
{
  g_autofree char *reason = NULL;

  if (n_bytes <= device->adapter->max_allocation_bytes)
    return TRUE;

  reason = g_strdup_printf ("it allocates at most %" G_GUINT64_FORMAT " in one piece",
                            device->adapter->max_allocation_bytes);
  return report_no_memory (device, n_bytes, label, reason, error);
}

PspVulkanMemory *
psp_vulkan_memory_new (PspVulkanBlocks     *blocks,
                       guint64              n_bytes,
                       PspVulkanMemoryUse   use,
                       const char          *label,
                       GError             **error)
{
  g_autoptr(PspVulkanMemory) self = g_new0 (PspVulkanMemory, 1);
  PspVulkanDevice *device = blocks->device;

  self->device = device;
  self->blocks = blocks;
  self->n_bytes = n_bytes;
  if (!check_size (device, n_bytes, label, error) ||
      !psp_vulkan_device_check_usable (device, error) ||
      !check_result (self, create_buffer (self), "vkCreateBuffer", label, error) ||
      !allocate (self, use, label, error))
    return NULL;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_BUFFER, (guint64) self->buffer, label);
  return g_steal_pointer (&self);
}

void
psp_vulkan_memory_free (PspVulkanMemory *self)
{
  const PspVulkanFunctions *vk = self->device->vk;

  if (self->buffer != VK_NULL_HANDLE && !self->device->silent)
    vk->DestroyBuffer (self->device->handle, self->buffer, NULL);
  if (self->place.block != NULL)
    psp_vulkan_blocks_give_back (self->blocks, &self->place);
  g_free (self);
}

/* At least @n_bytes from @offset: Vulkan wants multiples of nonCoherentAtomSize, as places are. */
static VkMappedMemoryRange
find_range (const PspVulkanMemory *self,
            guint64                offset,
            guint64                n_bytes)
{
  guint64 atom = MAX (self->device->adapter->properties.limits.nonCoherentAtomSize, 1);
  guint64 start = offset / atom * atom;
  guint64 end = (offset + n_bytes + atom - 1) / atom * atom;

  return (VkMappedMemoryRange) {
    .sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE,
    .memory = self->place.block->memory,
    .offset = self->place.offset + start,
    .size = end - start,
  };
}

gboolean
psp_vulkan_memory_flush (PspVulkanMemory  *self,
                         guint64           offset,
                         guint64           n_bytes,
                         GError          **error)
{
  VkMappedMemoryRange range = find_range (self, offset, n_bytes);

  return self->coherent ||
         psp_vulkan_device_check (self->device,
                                  self->device->vk->FlushMappedMemoryRanges (self->device->handle,
                                                                             1, &range),
                                  "vkFlushMappedMemoryRanges", error);
}

gboolean
psp_vulkan_memory_invalidate (PspVulkanMemory  *self,
                              guint64           offset,
                              guint64           n_bytes,
                              GError          **error)
{
  VkMappedMemoryRange range = find_range (self, offset, n_bytes);

  return self->coherent ||
         psp_vulkan_device_check (self->device,
                                  self->device->vk->InvalidateMappedMemoryRanges (
                                    self->device->handle, 1, &range),
                                  "vkInvalidateMappedMemoryRanges", error);
}
