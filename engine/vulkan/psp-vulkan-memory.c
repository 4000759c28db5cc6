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

static const Wishes *
choose_wishes (const PspVulkanDevice *device,
               PspVulkanMemoryUse     use)
{
  if (use == PSP_VULKAN_MEMORY_STAGING)
    return &staging_wishes;
  return device->adapter->kind == PSP_DEVICE_DISCRETE ? &device_wishes : &shared_wishes;
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
            requirements->size <= memory->memoryHeaps[type->heapIndex].size)
          return i;
      }
  return -1;
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
  VkMemoryAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
  };
  VkMemoryPropertyFlags flags;
  int type;

  device->vk->GetBufferMemoryRequirements (device->handle, self->buffer, &requirements);
  type = choose_type (device, &requirements, choose_wishes (device, use));
  if (type < 0)
    return report_no_memory (device, self->n_bytes, label, "no kind of its memory fits", error);

  info.allocationSize = requirements.size;
  info.memoryTypeIndex = type;
  if (!check_result (self, device->vk->AllocateMemory (device->handle, &info, NULL, &self->memory),
                     "vkAllocateMemory", label, error) ||
      !check_result (self, device->vk->BindBufferMemory (device->handle, self->buffer,
                                                         self->memory, 0),
                     "vkBindBufferMemory", label, error))
    return FALSE;

  flags = device->adapter->memory.memoryTypes[type].propertyFlags;
  self->coherent = (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
  if (use == PSP_VULKAN_MEMORY_STAGING || (flags & MAPPED) == MAPPED)
    return check_result (self, device->vk->MapMemory (device->handle, self->memory, 0,
                                                      VK_WHOLE_SIZE, 0, (void **) &self->mapped),
                         "vkMapMemory", label, error);
  return TRUE;
}

PspVulkanMemory *
psp_vulkan_memory_new (PspVulkanDevice     *device,
                       guint64              n_bytes,
                       PspVulkanMemoryUse   use,
                       const char          *label,
                       GError             **error)
{
  g_autoptr(PspVulkanMemory) self = g_new0 (PspVulkanMemory, 1);

  self->device = device;
  self->n_bytes = n_bytes;
  if (n_bytes > device->adapter->max_allocation_bytes)
    {
      report_no_memory (device, n_bytes, label, "more than it can allocate in one piece", error);
      return NULL;
    }
  if (!psp_vulkan_device_check_usable (device, error) ||
      !check_result (self, create_buffer (self), "vkCreateBuffer", label, error) ||
      !allocate (self, use, label, error))
    return NULL;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_BUFFER, (guint64) self->buffer, label);
  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_DEVICE_MEMORY, (guint64) self->memory, label);
  return g_steal_pointer (&self);
}

/* Freeing the memory unmaps it. */
void
psp_vulkan_memory_free (PspVulkanMemory *self)
{
  const PspVulkanFunctions *vk = self->device->vk;

  if (self->buffer != VK_NULL_HANDLE && !self->device->silent)
    vk->DestroyBuffer (self->device->handle, self->buffer, NULL);
  if (self->memory != VK_NULL_HANDLE && !self->device->silent)
    vk->FreeMemory (self->device->handle, self->memory, NULL);
  g_free (self);
}

/* The whole of it: aligned to whatever nonCoherentAtomSize is. */
static VkMappedMemoryRange
whole_range (PspVulkanMemory *self)
{
  return (VkMappedMemoryRange) {
    .sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE,
    .memory = self->memory,
    .size = VK_WHOLE_SIZE,
  };
}

gboolean
psp_vulkan_memory_flush (PspVulkanMemory  *self,
                         GError          **error)
{
  VkMappedMemoryRange range = whole_range (self);

  return self->coherent ||
         psp_vulkan_device_check (self->device,
                                  self->device->vk->FlushMappedMemoryRanges (self->device->handle,
                                                                             1, &range),
                                  "vkFlushMappedMemoryRanges", error);
}

gboolean
psp_vulkan_memory_invalidate (PspVulkanMemory  *self,
                              GError          **error)
{
  VkMappedMemoryRange range = whole_range (self);

  return self->coherent ||
         psp_vulkan_device_check (self->device,
                                  self->device->vk->InvalidateMappedMemoryRanges (
                                    self->device->handle, 1, &range),
                                  "vkInvalidateMappedMemoryRanges", error);
}
