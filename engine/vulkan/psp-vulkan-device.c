/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-device.h"

/* Channels of a texel. */
#define QUAD 4

static gboolean
check_precision (PspVulkanDevice  *self,
                 GError          **error)
{
  VkPhysicalDevice16BitStorageFeatures storage = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES,
  };
  VkPhysicalDeviceFeatures2 features = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
    .pNext = &storage,
  };

  if (self->precision == PSP_PRECISION_FP32)
    return TRUE;

  self->vk->GetPhysicalDeviceFeatures2 (self->adapter->handle, &features);
  if (storage.storageBuffer16BitAccess)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s cannot store 16-bit numbers; use the precision fp32", self->adapter->name);
  return FALSE;
}

static VkResult
create_device (PspVulkanDevice *self)
{
  float priority = 1;
  VkDeviceQueueCreateInfo queue = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
    .queueFamilyIndex = self->adapter->queue_family,
    .queueCount = 1,
    .pQueuePriorities = &priority,
  };
  VkPhysicalDevice16BitStorageFeatures storage = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES,
    .storageBuffer16BitAccess = self->precision == PSP_PRECISION_FP16,
  };
  /* Costs speed; with it, runs that are checked show whether results depend on it. */
  VkPhysicalDeviceFeatures features = {
    .robustBufferAccess = self->instance->validating,
  };
  PspVulkanMatrixFeatures matrix_features;
  const char *extensions[PSP_VULKAN_N_MATRIX_EXTENSIONS];
  VkDeviceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
    .pNext = &storage,
    .pEnabledFeatures = &features,
    .queueCreateInfoCount = 1,
    .pQueueCreateInfos = &queue,
  };

  if (self->matrices.rows > 0)
    {
      storage.pNext = psp_vulkan_matrices_enable (&self->matrices, &matrix_features);
      psp_vulkan_matrices_get_extensions (&self->matrices, extensions);
      info.enabledExtensionCount = G_N_ELEMENTS (extensions);
      info.ppEnabledExtensionNames = extensions;
    }
  return self->vk->CreateDevice (self->adapter->handle, &info, NULL, &self->handle);
}

/* Matrix units are a gain that a device may say it has and then not give. */
static VkResult
create_some_device (PspVulkanDevice *self,
                    gboolean         cautious)
{
  VkResult result;

  if (self->precision == PSP_PRECISION_FP16 && !cautious)
    self->matrices = psp_vulkan_matrices_find (self->instance, self->adapter);
  result = create_device (self);
  if (result == VK_SUCCESS || self->matrices.rows == 0)
    return result;

  self->matrices.rows = 0;
  return create_device (self);
}

static gboolean
choose_adapter (PspVulkanDevice  *self,
                int               index,
                GError          **error)
{
  g_autoptr(GPtrArray) adapters = psp_vulkan_adapter_list (self->instance, error);

  if (adapters == NULL)
    return FALSE;
  if (index >= 0 && (guint) index < adapters->len)
    {
      self->adapter = g_ptr_array_steal_index (adapters, index);
      return TRUE;
    }

  g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
               "there is no device “vulkan:%d”: Vulkan offers %u", index, adapters->len);
  return FALSE;
}

PspVulkanDevice *
psp_vulkan_device_new (PspVulkanInstance  *instance,
                       int                 index,
                       PspPrecision        precision,
                       gboolean            cautious,
                       GError            **error)
{
  g_autoptr(PspVulkanDevice) self = g_new0 (PspVulkanDevice, 1);
  const VkPhysicalDeviceLimits *limits;

  self->instance = instance;
  self->vk = &instance->vk;
  self->precision = precision;
  self->element_bytes = precision == PSP_PRECISION_FP16 ? 2 : 4;
  if (!choose_adapter (self, index, error) ||
      !check_precision (self, error) ||
      !psp_vulkan_device_check (self, create_some_device (self, cautious), "vkCreateDevice",
                                error) ||
      !psp_vulkan_functions_load_device (&instance->vk, self->handle, error))
    return NULL;

  limits = &self->adapter->properties.limits;
  self->binding_alignment = MAX (MAX (limits->minStorageBufferOffsetAlignment,
                                      limits->minTexelBufferOffsetAlignment), 16);
  self->max_binding_bytes = limits->maxStorageBufferRange;
  self->max_texel_bytes = (guint64) MIN (limits->maxTexelBufferElements, G_MAXINT32) *
                          QUAD * self->element_bytes;
  self->vk->GetDeviceQueue (self->handle, self->adapter->queue_family, 0, &self->queue);
  return g_steal_pointer (&self);
}

void
psp_vulkan_device_free (PspVulkanDevice *self)
{
  self->instance->in_use = self->silent;
  if (self->handle != NULL && self->vk->DestroyDevice != NULL && !self->silent)
    {
      self->vk->DeviceWaitIdle (self->handle);
      self->vk->DestroyDevice (self->handle, NULL);
    }
  g_clear_pointer (&self->adapter, psp_vulkan_adapter_free);
  psp_vulkan_instance_free (self->instance);
  g_free (self);
}

gboolean
psp_vulkan_device_check (PspVulkanDevice  *self,
                         VkResult          result,
                         const char       *call,
                         GError          **error)
{
  if (result == VK_SUCCESS)
    return TRUE;

  if (result == VK_ERROR_DEVICE_LOST)
    self->lost = TRUE;
  if (result == VK_ERROR_OUT_OF_HOST_MEMORY || result == VK_ERROR_OUT_OF_DEVICE_MEMORY)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                 "%s has not enough memory: %s returned %s", self->adapter->name, call,
                 psp_vulkan_result_name (result));
  else
    g_set_error (error, PSP_ERROR, PSP_ERROR_DEVICE,
                 "%s failed: %s returned %s (%d)", self->adapter->name, call,
                 psp_vulkan_result_name (result), result);
  return FALSE;
}

gboolean
psp_vulkan_device_check_usable (PspVulkanDevice  *self,
                                GError          **error)
{
  if (!self->lost)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_DEVICE,
               "%s was lost in the middle of its work; open it again, or use the device “cpu”",
               self->adapter->name);
  return FALSE;
}

gboolean
psp_vulkan_device_check_messages (PspVulkanDevice  *self,
                                  GError          **error)
{
  g_autofree char *messages = psp_vulkan_instance_take_messages (self->instance);

  if (messages == NULL)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_DEVICE, "Vulkan's validation layer complains: %s",
               messages);
  return FALSE;
}

void
psp_vulkan_device_set_label (PspVulkanDevice *self,
                             VkObjectType     type,
                             guint64          object,
                             const char      *label)
{
  VkDebugUtilsObjectNameInfoEXT info = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
    .objectType = type,
    .objectHandle = object,
    .pObjectName = label,
  };

  if (self->instance->validating)
    self->vk->SetDebugUtilsObjectNameEXT (self->handle, &info);
}
