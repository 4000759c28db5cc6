/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-instance.h"

#include <dlfcn.h>
#include <string.h>

#define LOADER_NAME "libvulkan.so.1"
#define VALIDATION_LAYER "VK_LAYER_KHRONOS_validation"

/* Of the layer's messages; a broken loop of ours would otherwise fill the memory. */
#define MAX_MESSAGE_BYTES 8192

const char *
psp_vulkan_result_name (VkResult result)
{
  static const struct
  {
    VkResult    result;
    const char *name;
  } names[] = {
    { VK_SUCCESS, "VK_SUCCESS" },
    { VK_NOT_READY, "VK_NOT_READY" },
    { VK_TIMEOUT, "VK_TIMEOUT" },
    { VK_INCOMPLETE, "VK_INCOMPLETE" },
    { VK_ERROR_OUT_OF_HOST_MEMORY, "VK_ERROR_OUT_OF_HOST_MEMORY" },
    { VK_ERROR_OUT_OF_DEVICE_MEMORY, "VK_ERROR_OUT_OF_DEVICE_MEMORY" },
    { VK_ERROR_INITIALIZATION_FAILED, "VK_ERROR_INITIALIZATION_FAILED" },
    { VK_ERROR_DEVICE_LOST, "VK_ERROR_DEVICE_LOST" },
    { VK_ERROR_MEMORY_MAP_FAILED, "VK_ERROR_MEMORY_MAP_FAILED" },
    { VK_ERROR_LAYER_NOT_PRESENT, "VK_ERROR_LAYER_NOT_PRESENT" },
    { VK_ERROR_EXTENSION_NOT_PRESENT, "VK_ERROR_EXTENSION_NOT_PRESENT" },
    { VK_ERROR_FEATURE_NOT_PRESENT, "VK_ERROR_FEATURE_NOT_PRESENT" },
    { VK_ERROR_INCOMPATIBLE_DRIVER, "VK_ERROR_INCOMPATIBLE_DRIVER" },
    { VK_ERROR_TOO_MANY_OBJECTS, "VK_ERROR_TOO_MANY_OBJECTS" },
    { VK_ERROR_OUT_OF_POOL_MEMORY, "VK_ERROR_OUT_OF_POOL_MEMORY" },
    { VK_ERROR_FRAGMENTED_POOL, "VK_ERROR_FRAGMENTED_POOL" },
    { VK_ERROR_FRAGMENTATION, "VK_ERROR_FRAGMENTATION" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].result == result)
      return names[i].name;
  return "an unknown VkResult";
}

static gboolean
open_loader (PspVulkanInstance  *self,
             GError            **error)
{
  /* Drivers keep threads and thread-local data: their code stays mapped after dlclose(). */
  self->library = dlopen (LOADER_NAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (self->library != NULL)
    self->vk.GetInstanceProcAddr =
      (PFN_vkGetInstanceProcAddr) dlsym (self->library, "vkGetInstanceProcAddr");
  if (self->vk.GetInstanceProcAddr != NULL)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
               "the Vulkan loader %s cannot be opened (%s); install it, or use the device “cpu”",
               LOADER_NAME, dlerror ());
  return FALSE;
}

static gboolean
check_version (PspVulkanInstance  *self,
               guint32            *version,
               GError            **error)
{
  if (self->vk.EnumerateInstanceVersion (version) != VK_SUCCESS)
    *version = VK_API_VERSION_1_0;
  if (*version >= VK_API_VERSION_1_1)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
               "the Vulkan loader is older than version 1.1; install a newer one, or use the "
               "device “cpu”");
  return FALSE;
}

static gboolean
check_layer (PspVulkanInstance  *self,
             GError            **error)
{
  guint32 n_layers = 0;
  g_autofree VkLayerProperties *layers = NULL;

  self->vk.EnumerateInstanceLayerProperties (&n_layers, NULL);
  layers = g_new0 (VkLayerProperties, n_layers + 1);
  self->vk.EnumerateInstanceLayerProperties (&n_layers, layers);
  for (guint32 i = 0; i < n_layers; i++)
    if (strcmp (layers[i].layerName, VALIDATION_LAYER) == 0)
      return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
               "Vulkan's validation layer %s is not installed; install it, or run without "
               "validation", VALIDATION_LAYER);
  return FALSE;
}

static VKAPI_ATTR VkBool32 VKAPI_CALL
note_message (VkDebugUtilsMessageSeverityFlagBitsEXT      severity,
              VkDebugUtilsMessageTypeFlagsEXT             types,
              const VkDebugUtilsMessengerCallbackDataEXT *message,
              void                                       *data)
{
  PspVulkanInstance *self = data;

  g_mutex_lock (&self->messages_lock);
  if (self->messages->len < MAX_MESSAGE_BYTES)
    {
      if (self->messages->len > 0)
        g_string_append_c (self->messages, '\n');
      g_string_append (self->messages, message->pMessage);
    }
  g_mutex_unlock (&self->messages_lock);
  return VK_FALSE;
}

static VkDebugUtilsMessengerCreateInfoEXT
describe_messenger (PspVulkanInstance *self)
{
  return (VkDebugUtilsMessengerCreateInfoEXT) {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
    .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                       VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT |
                   VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT,
    .pfnUserCallback = note_message,
    .pUserData = self,
  };
}

/* A newer interface than 1.2 is not used; drivers may be as old as 1.1. */
static VkResult
create_instance (PspVulkanInstance *self,
                 guint32            version)
{
  static const char *const layers[] = { VALIDATION_LAYER };
  static const char *const extensions[] = { VK_EXT_DEBUG_UTILS_EXTENSION_NAME };
  VkDebugUtilsMessengerCreateInfoEXT messenger = describe_messenger (self);
  VkValidationFeatureEnableEXT enabled =
    VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
  VkValidationFeaturesEXT features = {
    .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
    .pNext = &messenger,
    .enabledValidationFeatureCount = 1,
    .pEnabledValidationFeatures = &enabled,
  };
  VkApplicationInfo application = {
    .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
    .pApplicationName = "Scenescope",
    .apiVersion = MIN (version, VK_API_VERSION_1_2),
  };
  VkInstanceCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
    .pApplicationInfo = &application,
  };

  if (self->validating)
    {
      info.pNext = &features;
      info.enabledLayerCount = G_N_ELEMENTS (layers);
      info.ppEnabledLayerNames = layers;
      info.enabledExtensionCount = G_N_ELEMENTS (extensions);
      info.ppEnabledExtensionNames = extensions;
    }

  return self->vk.CreateInstance (&info, NULL, &self->handle);
}

static gboolean
check_created (VkResult   result,
               GError   **error)
{
  if (result == VK_SUCCESS)
    return TRUE;

  if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
                 "no Vulkan driver is installed; install one, or use the device “cpu”");
  else if (result == VK_ERROR_OUT_OF_HOST_MEMORY || result == VK_ERROR_OUT_OF_DEVICE_MEMORY)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                 "no memory to open Vulkan: %s", psp_vulkan_result_name (result));
  else
    g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
                 "Vulkan cannot be opened: %s; use the device “cpu”",
                 psp_vulkan_result_name (result));
  return FALSE;
}

static gboolean
create_messenger (PspVulkanInstance  *self,
                  GError            **error)
{
  VkDebugUtilsMessengerCreateInfoEXT info = describe_messenger (self);

  if (!self->validating)
    return TRUE;
  if (self->vk.CreateDebugUtilsMessengerEXT == NULL || self->vk.SetDebugUtilsObjectNameEXT == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
                   "the Vulkan loader lacks %s, which validation needs",
                   VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
      return FALSE;
    }
  return check_created (self->vk.CreateDebugUtilsMessengerEXT (self->handle, &info, NULL,
                                                               &self->messenger), error);
}

PspVulkanInstance *
psp_vulkan_instance_new (PFN_vkGetInstanceProcAddr   get_function,
                         gboolean                    validation,
                         GError                    **error)
{
  g_autoptr(PspVulkanInstance) self = g_new0 (PspVulkanInstance, 1);
  guint32 version;

  self->validating = validation;
  self->messages = g_string_new (NULL);
  g_mutex_init (&self->messages_lock);
  self->vk.GetInstanceProcAddr = get_function;

  if ((get_function == NULL && !open_loader (self, error)) ||
      !psp_vulkan_functions_load_loader (&self->vk, error) ||
      !check_version (self, &version, error) ||
      (validation && !check_layer (self, error)) ||
      !check_created (create_instance (self, version), error) ||
      !psp_vulkan_functions_load_instance (&self->vk, self->handle, error) ||
      !create_messenger (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
psp_vulkan_instance_free (PspVulkanInstance *self)
{
  if (self->messenger != VK_NULL_HANDLE)
    self->vk.DestroyDebugUtilsMessengerEXT (self->handle, self->messenger, NULL);
  if (self->handle != NULL && self->vk.DestroyInstance != NULL && !self->in_use)
    self->vk.DestroyInstance (self->handle, NULL);
  if (self->library != NULL)
    dlclose (self->library);
  g_mutex_clear (&self->messages_lock);
  g_string_free (self->messages, TRUE);
  g_free (self);
}

char *
psp_vulkan_instance_take_messages (PspVulkanInstance *self)
{
  char *messages = NULL;

  g_mutex_lock (&self->messages_lock);
  if (self->messages->len > 0)
    messages = g_strndup (self->messages->str, self->messages->len);
  g_string_truncate (self->messages, 0);
  g_mutex_unlock (&self->messages_lock);
  return messages;
}
