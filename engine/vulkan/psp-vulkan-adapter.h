/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-device.h"
#include "engine/vulkan/psp-vulkan-instance.h"

/**
 * PspVulkanAdapter:
 * @handle: Vulkan's; lives as long as the instance
 * @kind: what it is
 * @name: as the driver writes it
 * @driver: name and version of the driver
 * @properties: numbers of device and driver, and limits
 * @uuid: of the device, the same through each of its drivers
 * @memory: heaps and types
 * @max_allocation_bytes: of one piece of memory
 * @queue_family: the first that computes
 * @timestamp_bits: that this family's timestamps have; 0: none
 *
 * A physical device that we can use: version 1.1, a queue that computes.
 */
typedef struct
{
  VkPhysicalDevice                  handle;
  PspDeviceKind                     kind;
  char                             *name;
  char                             *driver;
  VkPhysicalDeviceProperties        properties;
  guint8                            uuid[VK_UUID_SIZE];
  VkPhysicalDeviceMemoryProperties  memory;
  guint64                           max_allocation_bytes;
  guint32                           queue_family;
  guint32                           timestamp_bits;
} PspVulkanAdapter;

void             psp_vulkan_adapter_free      (PspVulkanAdapter       *self);

/* Bytes of the heaps that belong to the device. */
guint64          psp_vulkan_adapter_get_memory (const PspVulkanAdapter *self);

/**
 * psp_vulkan_adapter_list:
 * @instance: an opened loader
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_NO_DEVICE if the driver cannot list its devices
 *
 * In the loader's order, each device once even if several drivers offer it.  The index in this
 * list is the N of “vulkan:N”.
 *
 * Returns: (transfer full) (element-type PspVulkanAdapter): may be empty; %NULL with @error set
 */
GPtrArray       *psp_vulkan_adapter_list      (PspVulkanInstance      *instance,
                                               GError                **error)
                                               G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanAdapter, psp_vulkan_adapter_free)
