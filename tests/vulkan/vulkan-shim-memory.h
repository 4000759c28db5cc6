/* SPDX-License-Identifier: MIT */
#pragma once

#include "tests/vulkan/vulkan-shim-private.h"

/* Memory, in the kinds that the shim says there are. */

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_memory_allocate (VkDevice                     device,
                             const VkMemoryAllocateInfo  *info,
                             const VkAllocationCallbacks *allocator,
                             VkDeviceMemory              *memory);

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_memory_free (VkDevice                     device,
                         VkDeviceMemory               memory,
                         const VkAllocationCallbacks *allocator);

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_memory_map (VkDevice           device,
                        VkDeviceMemory     memory,
                        VkDeviceSize       offset,
                        VkDeviceSize       n_bytes,
                        VkMemoryMapFlags   flags,
                        void             **data);

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_memory_flush (VkDevice                   device,
                          uint32_t                   n_ranges,
                          const VkMappedMemoryRange *ranges);

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_memory_invalidate (VkDevice                   device,
                               uint32_t                   n_ranges,
                               const VkMappedMemoryRange *ranges);

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_memory_get_requirements (VkDevice              device,
                                     VkBuffer              buffer,
                                     VkMemoryRequirements *requirements);

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_memory_get_properties (VkPhysicalDevice                  adapter,
                                   VkPhysicalDeviceMemoryProperties *memory);
