/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"
#include "engine/vulkan/psp-vulkan-matrix-types.h"

/**
 * PspVulkanFunctions:
 *
 * Every function of Vulkan that we call, by its name without “vk”.  The loader is opened at run
 * time, so that the program starts without one; tests put their own functions in between.
 */
typedef struct
{
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr;

  /* Of the loader. */
  PFN_vkEnumerateInstanceVersion               EnumerateInstanceVersion;
  PFN_vkEnumerateInstanceLayerProperties       EnumerateInstanceLayerProperties;
  PFN_vkEnumerateInstanceExtensionProperties   EnumerateInstanceExtensionProperties;
  PFN_vkCreateInstance                         CreateInstance;

  /* Of the instance. */
  PFN_vkDestroyInstance                        DestroyInstance;
  PFN_vkEnumeratePhysicalDevices               EnumeratePhysicalDevices;
  PFN_vkGetPhysicalDeviceProperties            GetPhysicalDeviceProperties;
  PFN_vkGetPhysicalDeviceProperties2           GetPhysicalDeviceProperties2;
  PFN_vkGetPhysicalDeviceFeatures2             GetPhysicalDeviceFeatures2;
  PFN_vkGetPhysicalDeviceMemoryProperties      GetPhysicalDeviceMemoryProperties;
  PFN_vkGetPhysicalDeviceQueueFamilyProperties GetPhysicalDeviceQueueFamilyProperties;
  PFN_vkEnumerateDeviceExtensionProperties     EnumerateDeviceExtensionProperties;
  PFN_vkCreateDevice                           CreateDevice;
  PFN_vkGetDeviceProcAddr                      GetDeviceProcAddr;

  /* Of the instance, with VK_EXT_debug_utils alone; else %NULL. */
  PFN_vkCreateDebugUtilsMessengerEXT           CreateDebugUtilsMessengerEXT;
  PFN_vkDestroyDebugUtilsMessengerEXT          DestroyDebugUtilsMessengerEXT;
  PFN_vkSetDebugUtilsObjectNameEXT             SetDebugUtilsObjectNameEXT;

  /* Of the instance, for devices with the extension alone; may be %NULL. */
  PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR
                                               GetPhysicalDeviceCooperativeMatrixPropertiesKHR;
  PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesNV
                                               GetPhysicalDeviceCooperativeMatrixPropertiesNV;

  /* Of the device. */
  PFN_vkDestroyDevice                          DestroyDevice;
  PFN_vkGetDeviceQueue                         GetDeviceQueue;
  PFN_vkDeviceWaitIdle                         DeviceWaitIdle;
  PFN_vkQueueSubmit                            QueueSubmit;
  PFN_vkAllocateMemory                         AllocateMemory;
  PFN_vkFreeMemory                             FreeMemory;
  PFN_vkMapMemory                              MapMemory;
  PFN_vkFlushMappedMemoryRanges                FlushMappedMemoryRanges;
  PFN_vkInvalidateMappedMemoryRanges           InvalidateMappedMemoryRanges;
  PFN_vkBindBufferMemory                       BindBufferMemory;
  PFN_vkGetBufferMemoryRequirements            GetBufferMemoryRequirements;
  PFN_vkCreateBuffer                           CreateBuffer;
  PFN_vkDestroyBuffer                          DestroyBuffer;
  PFN_vkCreateBufferView                       CreateBufferView;
  PFN_vkDestroyBufferView                      DestroyBufferView;
  PFN_vkCreateFence                            CreateFence;
  PFN_vkDestroyFence                           DestroyFence;
  PFN_vkResetFences                            ResetFences;
  PFN_vkWaitForFences                          WaitForFences;
  PFN_vkCreateQueryPool                        CreateQueryPool;
  PFN_vkDestroyQueryPool                       DestroyQueryPool;
  PFN_vkGetQueryPoolResults                    GetQueryPoolResults;
  PFN_vkCreateShaderModule                     CreateShaderModule;
  PFN_vkDestroyShaderModule                    DestroyShaderModule;
  PFN_vkCreatePipelineCache                    CreatePipelineCache;
  PFN_vkDestroyPipelineCache                   DestroyPipelineCache;
  PFN_vkGetPipelineCacheData                   GetPipelineCacheData;
  PFN_vkCreateComputePipelines                 CreateComputePipelines;
  PFN_vkDestroyPipeline                        DestroyPipeline;
  PFN_vkCreatePipelineLayout                   CreatePipelineLayout;
  PFN_vkDestroyPipelineLayout                  DestroyPipelineLayout;
  PFN_vkCreateDescriptorSetLayout              CreateDescriptorSetLayout;
  PFN_vkDestroyDescriptorSetLayout             DestroyDescriptorSetLayout;
  PFN_vkCreateDescriptorPool                   CreateDescriptorPool;
  PFN_vkDestroyDescriptorPool                  DestroyDescriptorPool;
  PFN_vkResetDescriptorPool                    ResetDescriptorPool;
  PFN_vkAllocateDescriptorSets                 AllocateDescriptorSets;
  PFN_vkUpdateDescriptorSets                   UpdateDescriptorSets;
  PFN_vkCreateCommandPool                      CreateCommandPool;
  PFN_vkDestroyCommandPool                     DestroyCommandPool;
  PFN_vkAllocateCommandBuffers                 AllocateCommandBuffers;
  PFN_vkBeginCommandBuffer                     BeginCommandBuffer;
  PFN_vkEndCommandBuffer                       EndCommandBuffer;
  PFN_vkCmdBindPipeline                        CmdBindPipeline;
  PFN_vkCmdBindDescriptorSets                  CmdBindDescriptorSets;
  PFN_vkCmdPushConstants                       CmdPushConstants;
  PFN_vkCmdDispatch                            CmdDispatch;
  PFN_vkCmdPipelineBarrier                     CmdPipelineBarrier;
  PFN_vkCmdCopyBuffer                          CmdCopyBuffer;
  PFN_vkCmdResetQueryPool                      CmdResetQueryPool;
  PFN_vkCmdWriteTimestamp                      CmdWriteTimestamp;
} PspVulkanFunctions;

/* Each of these fills its part with @self->GetInstanceProcAddr; %PSP_ERROR_NO_DEVICE if one of
 * the functions is missing. */
gboolean psp_vulkan_functions_load_loader   (PspVulkanFunctions  *self,
                                             GError             **error);
gboolean psp_vulkan_functions_load_instance (PspVulkanFunctions  *self,
                                             VkInstance           instance,
                                             GError             **error);
gboolean psp_vulkan_functions_load_device   (PspVulkanFunctions  *self,
                                             VkDevice             device,
                                             GError             **error);
