/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-functions.h"

typedef struct
{
  const char *name;
  gsize       offset; /* in PspVulkanFunctions */
} FunctionName;

static const FunctionName loader_functions[] = {
  { "vkEnumerateInstanceVersion", G_STRUCT_OFFSET (PspVulkanFunctions, EnumerateInstanceVersion) },
  { "vkEnumerateInstanceLayerProperties",
    G_STRUCT_OFFSET (PspVulkanFunctions, EnumerateInstanceLayerProperties) },
  { "vkEnumerateInstanceExtensionProperties",
    G_STRUCT_OFFSET (PspVulkanFunctions, EnumerateInstanceExtensionProperties) },
  { "vkCreateInstance", G_STRUCT_OFFSET (PspVulkanFunctions, CreateInstance) },
};

static const FunctionName instance_functions[] = {
  { "vkDestroyInstance", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyInstance) },
  { "vkEnumeratePhysicalDevices", G_STRUCT_OFFSET (PspVulkanFunctions, EnumeratePhysicalDevices) },
  { "vkGetPhysicalDeviceProperties",
    G_STRUCT_OFFSET (PspVulkanFunctions, GetPhysicalDeviceProperties) },
  { "vkGetPhysicalDeviceProperties2",
    G_STRUCT_OFFSET (PspVulkanFunctions, GetPhysicalDeviceProperties2) },
  { "vkGetPhysicalDeviceFeatures2",
    G_STRUCT_OFFSET (PspVulkanFunctions, GetPhysicalDeviceFeatures2) },
  { "vkGetPhysicalDeviceMemoryProperties",
    G_STRUCT_OFFSET (PspVulkanFunctions, GetPhysicalDeviceMemoryProperties) },
  { "vkGetPhysicalDeviceQueueFamilyProperties",
    G_STRUCT_OFFSET (PspVulkanFunctions, GetPhysicalDeviceQueueFamilyProperties) },
  { "vkEnumerateDeviceExtensionProperties",
    G_STRUCT_OFFSET (PspVulkanFunctions, EnumerateDeviceExtensionProperties) },
  { "vkCreateDevice", G_STRUCT_OFFSET (PspVulkanFunctions, CreateDevice) },
  { "vkGetDeviceProcAddr", G_STRUCT_OFFSET (PspVulkanFunctions, GetDeviceProcAddr) },
};

/* Of extensions: without them the pointer is %NULL. */
static const FunctionName optional_functions[] = {
  { "vkCreateDebugUtilsMessengerEXT",
    G_STRUCT_OFFSET (PspVulkanFunctions, CreateDebugUtilsMessengerEXT) },
  { "vkDestroyDebugUtilsMessengerEXT",
    G_STRUCT_OFFSET (PspVulkanFunctions, DestroyDebugUtilsMessengerEXT) },
  { "vkSetDebugUtilsObjectNameEXT",
    G_STRUCT_OFFSET (PspVulkanFunctions, SetDebugUtilsObjectNameEXT) },
  { "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR",
    G_STRUCT_OFFSET (PspVulkanFunctions, GetPhysicalDeviceCooperativeMatrixPropertiesKHR) },
  { "vkGetPhysicalDeviceCooperativeMatrixPropertiesNV",
    G_STRUCT_OFFSET (PspVulkanFunctions, GetPhysicalDeviceCooperativeMatrixPropertiesNV) },
};

static const FunctionName device_functions[] = {
  { "vkDestroyDevice", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyDevice) },
  { "vkGetDeviceQueue", G_STRUCT_OFFSET (PspVulkanFunctions, GetDeviceQueue) },
  { "vkDeviceWaitIdle", G_STRUCT_OFFSET (PspVulkanFunctions, DeviceWaitIdle) },
  { "vkQueueSubmit", G_STRUCT_OFFSET (PspVulkanFunctions, QueueSubmit) },
  { "vkAllocateMemory", G_STRUCT_OFFSET (PspVulkanFunctions, AllocateMemory) },
  { "vkFreeMemory", G_STRUCT_OFFSET (PspVulkanFunctions, FreeMemory) },
  { "vkMapMemory", G_STRUCT_OFFSET (PspVulkanFunctions, MapMemory) },
  { "vkFlushMappedMemoryRanges", G_STRUCT_OFFSET (PspVulkanFunctions, FlushMappedMemoryRanges) },
  { "vkInvalidateMappedMemoryRanges",
    G_STRUCT_OFFSET (PspVulkanFunctions, InvalidateMappedMemoryRanges) },
  { "vkBindBufferMemory", G_STRUCT_OFFSET (PspVulkanFunctions, BindBufferMemory) },
  { "vkGetBufferMemoryRequirements",
    G_STRUCT_OFFSET (PspVulkanFunctions, GetBufferMemoryRequirements) },
  { "vkCreateBuffer", G_STRUCT_OFFSET (PspVulkanFunctions, CreateBuffer) },
  { "vkDestroyBuffer", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyBuffer) },
  { "vkCreateBufferView", G_STRUCT_OFFSET (PspVulkanFunctions, CreateBufferView) },
  { "vkDestroyBufferView", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyBufferView) },
  { "vkCreateFence", G_STRUCT_OFFSET (PspVulkanFunctions, CreateFence) },
  { "vkDestroyFence", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyFence) },
  { "vkResetFences", G_STRUCT_OFFSET (PspVulkanFunctions, ResetFences) },
  { "vkWaitForFences", G_STRUCT_OFFSET (PspVulkanFunctions, WaitForFences) },
  { "vkCreateQueryPool", G_STRUCT_OFFSET (PspVulkanFunctions, CreateQueryPool) },
  { "vkDestroyQueryPool", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyQueryPool) },
  { "vkGetQueryPoolResults", G_STRUCT_OFFSET (PspVulkanFunctions, GetQueryPoolResults) },
  { "vkCreateShaderModule", G_STRUCT_OFFSET (PspVulkanFunctions, CreateShaderModule) },
  { "vkDestroyShaderModule", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyShaderModule) },
  { "vkCreatePipelineCache", G_STRUCT_OFFSET (PspVulkanFunctions, CreatePipelineCache) },
  { "vkDestroyPipelineCache", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyPipelineCache) },
  { "vkGetPipelineCacheData", G_STRUCT_OFFSET (PspVulkanFunctions, GetPipelineCacheData) },
  { "vkCreateComputePipelines", G_STRUCT_OFFSET (PspVulkanFunctions, CreateComputePipelines) },
  { "vkDestroyPipeline", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyPipeline) },
  { "vkCreatePipelineLayout", G_STRUCT_OFFSET (PspVulkanFunctions, CreatePipelineLayout) },
  { "vkDestroyPipelineLayout", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyPipelineLayout) },
  { "vkCreateDescriptorSetLayout",
    G_STRUCT_OFFSET (PspVulkanFunctions, CreateDescriptorSetLayout) },
  { "vkDestroyDescriptorSetLayout",
    G_STRUCT_OFFSET (PspVulkanFunctions, DestroyDescriptorSetLayout) },
  { "vkCreateDescriptorPool", G_STRUCT_OFFSET (PspVulkanFunctions, CreateDescriptorPool) },
  { "vkDestroyDescriptorPool", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyDescriptorPool) },
  { "vkResetDescriptorPool", G_STRUCT_OFFSET (PspVulkanFunctions, ResetDescriptorPool) },
  { "vkAllocateDescriptorSets", G_STRUCT_OFFSET (PspVulkanFunctions, AllocateDescriptorSets) },
  { "vkUpdateDescriptorSets", G_STRUCT_OFFSET (PspVulkanFunctions, UpdateDescriptorSets) },
  { "vkCreateCommandPool", G_STRUCT_OFFSET (PspVulkanFunctions, CreateCommandPool) },
  { "vkDestroyCommandPool", G_STRUCT_OFFSET (PspVulkanFunctions, DestroyCommandPool) },
  { "vkAllocateCommandBuffers", G_STRUCT_OFFSET (PspVulkanFunctions, AllocateCommandBuffers) },
  { "vkBeginCommandBuffer", G_STRUCT_OFFSET (PspVulkanFunctions, BeginCommandBuffer) },
  { "vkEndCommandBuffer", G_STRUCT_OFFSET (PspVulkanFunctions, EndCommandBuffer) },
  { "vkCmdBindPipeline", G_STRUCT_OFFSET (PspVulkanFunctions, CmdBindPipeline) },
  { "vkCmdBindDescriptorSets", G_STRUCT_OFFSET (PspVulkanFunctions, CmdBindDescriptorSets) },
  { "vkCmdPushConstants", G_STRUCT_OFFSET (PspVulkanFunctions, CmdPushConstants) },
  { "vkCmdDispatch", G_STRUCT_OFFSET (PspVulkanFunctions, CmdDispatch) },
  { "vkCmdPipelineBarrier", G_STRUCT_OFFSET (PspVulkanFunctions, CmdPipelineBarrier) },
  { "vkCmdCopyBuffer", G_STRUCT_OFFSET (PspVulkanFunctions, CmdCopyBuffer) },
  { "vkCmdResetQueryPool", G_STRUCT_OFFSET (PspVulkanFunctions, CmdResetQueryPool) },
  { "vkCmdWriteTimestamp", G_STRUCT_OFFSET (PspVulkanFunctions, CmdWriteTimestamp) },
};

static gboolean
set_function (PspVulkanFunctions   *self,
              const FunctionName   *function,
              PFN_vkVoidFunction    pointer,
              GError              **error)
{
  G_STRUCT_MEMBER (PFN_vkVoidFunction, self, function->offset) = pointer;
  if (pointer != NULL)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
               "the Vulkan loader or driver lacks %s; a newer one is needed", function->name);
  return FALSE;
}

gboolean
psp_vulkan_functions_load_loader (PspVulkanFunctions  *self,
                                  GError             **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (loader_functions); i++)
    if (!set_function (self, &loader_functions[i],
                       self->GetInstanceProcAddr (NULL, loader_functions[i].name), error))
      return FALSE;
  return TRUE;
}

gboolean
psp_vulkan_functions_load_instance (PspVulkanFunctions  *self,
                                    VkInstance           instance,
                                    GError             **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (optional_functions); i++)
    set_function (self, &optional_functions[i],
                  self->GetInstanceProcAddr (instance, optional_functions[i].name), NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (instance_functions); i++)
    if (!set_function (self, &instance_functions[i],
                       self->GetInstanceProcAddr (instance, instance_functions[i].name), error))
      return FALSE;
  return TRUE;
}

gboolean
psp_vulkan_functions_load_device (PspVulkanFunctions  *self,
                                  VkDevice             device,
                                  GError             **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (device_functions); i++)
    if (!set_function (self, &device_functions[i],
                       self->GetDeviceProcAddr (device, device_functions[i].name), error))
      return FALSE;
  return TRUE;
}
