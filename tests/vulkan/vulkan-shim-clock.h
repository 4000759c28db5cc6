/* SPDX-License-Identifier: MIT */
#pragma once

#include "tests/vulkan/vulkan-shim-private.h"

/*
 * Timestamps, and the clock of a device that takes as long as VulkanShim.pixel_seconds says for
 * each pixel, in whole work-groups.  The functions without a result are told what passes the shim.
 */

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_clock_create_pool   (VkDevice                     device,
                                 const VkQueryPoolCreateInfo *info,
                                 const VkAllocationCallbacks *allocator,
                                 VkQueryPool                 *pool);

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_clock_destroy_pool  (VkDevice                     device,
                                 VkQueryPool                  pool,
                                 const VkAllocationCallbacks *allocator);

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_clock_read          (VkDevice                     device,
                                 VkQueryPool                  pool,
                                 uint32_t                     first,
                                 uint32_t                     n_queries,
                                 size_t                       n_bytes,
                                 void                        *data,
                                 VkDeviceSize                 stride,
                                 VkQueryResultFlags           flags);

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_clock_write         (VkCommandBuffer              commands,
                                 VkPipelineStageFlagBits      stage,
                                 VkQueryPool                  pool,
                                 uint32_t                     query);

VKAPI_ATTR void VKAPI_CALL
vulkan_shim_clock_bind          (VkCommandBuffer              commands,
                                 VkPipelineBindPoint          point,
                                 VkPipeline                   pipeline);

void vulkan_shim_clock_reset        (void);

void vulkan_shim_clock_add_module   (VkShaderModule                     module,
                                     const guint32                     *code);

void vulkan_shim_clock_add_pipeline (VkPipeline                         pipeline,
                                     const VkComputePipelineCreateInfo *info);

void vulkan_shim_clock_begin        (VkCommandBuffer                    commands);

void vulkan_shim_clock_dispatch     (VkCommandBuffer                    commands,
                                     guint32                            n_rows);

void vulkan_shim_clock_submit       (const VkSubmitInfo                *info);
