/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-shim-memory.h"

#include <string.h>

#define MAX_ALLOCATIONS 256

/* Memory, and what the host sees of it where it is not coherent. */
typedef struct
{
  VkDeviceMemory  memory;
  gsize           n_bytes;
  guint8         *real;   /* (nullable) */
  guint8         *shadow; /* (nullable) */
} Allocation;

static Allocation allocations[MAX_ALLOCATIONS];

static Allocation *
find_allocation (VkDeviceMemory memory)
{
  for (int i = 0; i < MAX_ALLOCATIONS; i++)
    if (allocations[i].memory == memory)
      return &allocations[i];
  g_assert_not_reached ();
}

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_memory_allocate (VkDevice                     device,
                             const VkMemoryAllocateInfo  *info,
                             const VkAllocationCallbacks *allocator,
                             VkDeviceMemory              *memory)
{
  VkMemoryAllocateInfo truth = *info;
  VkResult result;

  if (vulkan_shim_get ()->allocation_bytes > 0)
    g_assert_cmpuint (info->allocationSize, <=, vulkan_shim_get ()->allocation_bytes);

  /* Both of the pretended types are the only one that a software device has. */
  if (vulkan_shim_get ()->split_memory)
    truth.memoryTypeIndex = 0;
  if (vulkan_shim_fails ("vkAllocateMemory"))
    return vulkan_shim_get ()->failure;

  result = vulkan_shim_get_real ()->AllocateMemory (device, &truth, allocator, memory);
  if (result == VK_SUCCESS)
    {
      *find_allocation (VK_NULL_HANDLE) = (Allocation) {
        *memory, info->allocationSize, NULL, NULL
      };
      vulkan_shim_get ()->n_bytes += info->allocationSize;
    }
  vulkan_shim_get ()->most_bytes = MAX (vulkan_shim_get ()->most_bytes,
                                        vulkan_shim_get ()->n_bytes);
  vulkan_shim_get ()->n_allocations++;
  return vulkan_shim_count (result);
}

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_memory_free (VkDevice                     device,
                         VkDeviceMemory               memory,
                         const VkAllocationCallbacks *allocator)
{
  Allocation *allocation = find_allocation (memory);

  vulkan_shim_get ()->n_bytes -= allocation->n_bytes;
  g_free (allocation->shadow);
  *allocation = (Allocation) { 0 };
  vulkan_shim_get ()->n_live--;
  vulkan_shim_get_real ()->FreeMemory (device, memory, allocator);
}

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_memory_map (VkDevice           device,
                        VkDeviceMemory     memory,
                        VkDeviceSize       offset,
                        VkDeviceSize       n_bytes,
                        VkMemoryMapFlags   flags,
                        void             **data)
{
  Allocation *allocation = find_allocation (memory);
  VkResult result;

  if (vulkan_shim_fails ("vkMapMemory"))
    return vulkan_shim_get ()->failure;

  result = vulkan_shim_get_real ()->MapMemory (device, memory, offset, n_bytes, flags, data);
  if (result != VK_SUCCESS || !vulkan_shim_get ()->split_memory)
    return result;

  g_assert_cmpuint (offset, ==, 0);
  allocation->real = *data;
  allocation->shadow = g_malloc (allocation->n_bytes);
  memset (allocation->shadow, 0xff, allocation->n_bytes);
  *data = allocation->shadow;
  return VK_SUCCESS;
}

/* As the standard wants ranges: multiples of nonCoherentAtomSize within the allocation. */
static Allocation *
check_range (const VkMappedMemoryRange *range)
{
  Allocation *allocation = find_allocation (range->memory);

  g_assert_nonnull (allocation->shadow);
  g_assert_cmpuint (range->offset % MAX (vulkan_shim_get ()->atom, 1), ==, 0);
  g_assert_cmpuint (range->size % MAX (vulkan_shim_get ()->atom, 1), ==, 0);
  g_assert_cmpuint (range->size, >, 0);
  g_assert_cmpuint (range->offset, <=, allocation->n_bytes);
  g_assert_cmpuint (range->size, <=, allocation->n_bytes - range->offset);
  return allocation;
}

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_memory_flush (VkDevice                   device,
                          uint32_t                   n_ranges,
                          const VkMappedMemoryRange *ranges)
{
  Allocation *allocation = check_range (ranges);

  if (vulkan_shim_fails ("vkFlushMappedMemoryRanges"))
    return vulkan_shim_get ()->failure;
  memcpy (allocation->real + ranges->offset, allocation->shadow + ranges->offset, ranges->size);
  return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_memory_invalidate (VkDevice                   device,
                               uint32_t                   n_ranges,
                               const VkMappedMemoryRange *ranges)
{
  Allocation *allocation = check_range (ranges);

  if (vulkan_shim_fails ("vkInvalidateMappedMemoryRanges"))
    return vulkan_shim_get ()->failure;
  memcpy (allocation->shadow + ranges->offset, allocation->real + ranges->offset, ranges->size);
  return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_memory_get_requirements (VkDevice              device,
                                     VkBuffer              buffer,
                                     VkMemoryRequirements *requirements)
{
  vulkan_shim_get_real ()->GetBufferMemoryRequirements (device, buffer, requirements);
  if (vulkan_shim_get ()->split_memory)
    requirements->memoryTypeBits = 3;
}

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_memory_get_properties (VkPhysicalDevice                  adapter,
                                   VkPhysicalDeviceMemoryProperties *memory)
{
  vulkan_shim_get_real ()->GetPhysicalDeviceMemoryProperties (adapter, memory);
  if (!vulkan_shim_get ()->split_memory)
    return;

  memory->memoryTypeCount = 2;
  memory->memoryTypes[0] = (VkMemoryType) { VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0 };
  memory->memoryTypes[1] = (VkMemoryType) { VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, 0 };
  if (!vulkan_shim_get ()->open_memory)
    return;

  memory->memoryTypes[1].propertyFlags |= VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
  if (vulkan_shim_get ()->window_bytes > 0)
    {
      memory->memoryHeapCount = 2;
      memory->memoryHeaps[1] = (VkMemoryHeap) { vulkan_shim_get ()->window_bytes,
                                                VK_MEMORY_HEAP_DEVICE_LOCAL_BIT };
      memory->memoryTypes[1].heapIndex = 1;
    }
}
