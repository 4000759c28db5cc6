/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-functions.h"

/**
 * PspVulkanInstance:
 * @vk: the functions; its device part is filled by psp_vulkan_device_new()
 * @handle: Vulkan's
 * @validating: whether the validation layer watches; labels are set then
 * @in_use: whether a silent device of it was left behind, and Vulkan's instance with it
 *
 * An opened loader.  Freed last of all that belongs to a backend.
 */
typedef struct
{
  PspVulkanFunctions vk;
  VkInstance         handle;
  gboolean           validating;
  gboolean           in_use;

  /*< private >*/
  void                     *library; /* (nullable) of dlopen() */
  VkDebugUtilsMessengerEXT  messenger;
  GMutex                    messages_lock;
  GString                  *messages; /* of the layer; any thread, under the lock */
} PspVulkanInstance;

/**
 * psp_vulkan_instance_new:
 * @get_function: (nullable): how to find functions; %NULL: open the system's loader
 * @validation: whether to load the validation layer with its synchronization checks
 * @error: %PSP_ERROR_NO_DEVICE if there is no loader, no driver or no such layer; %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): the instance, or %NULL with @error set
 */
PspVulkanInstance *psp_vulkan_instance_new (PFN_vkGetInstanceProcAddr   get_function,
                                            gboolean                    validation,
                                            GError                    **error)
                                            G_GNUC_WARN_UNUSED_RESULT;

void               psp_vulkan_instance_free (PspVulkanInstance *self);

/* (transfer full) (nullable): what the validation layer said since the last call. */
char              *psp_vulkan_instance_take_messages (PspVulkanInstance *self);

/* “VK_ERROR_DEVICE_LOST”. */
const char        *psp_vulkan_result_name (VkResult result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanInstance, psp_vulkan_instance_free)
