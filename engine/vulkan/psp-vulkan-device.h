/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-adapter.h"
#include "engine/vulkan/psp-vulkan-matrices.h"

/**
 * PspVulkanDevice:
 * @instance: owned
 * @adapter: owned
 * @vk: the functions, all of them
 * @handle: Vulkan's
 * @queue: the only one
 * @precision: of what buffers hold
 * @element_bytes: of one element of a buffer: 4 or 2
 * @binding_alignment: bytes; where a binding may begin in a buffer
 * @max_binding_bytes: of one storage buffer; less than 2^32, so that shaders count its quads in 31
 *   bits
 * @max_texel_bytes: of one buffer of texels, which are quads; less than 2^31 quads
 * @matrices: what its matrix units multiply; none unless it stores 16 bits
 * @lost: (private): no call can succeed any more
 * @silent: (private): lost, and it may still be at work: what it uses is never given back, since
 *   nobody knows when it will be done, and waiting for it could last for ever
 *
 * An opened device.  One thread at a time.
 */
typedef struct
{
  PspVulkanInstance        *instance;
  PspVulkanAdapter         *adapter;
  const PspVulkanFunctions *vk;
  VkDevice                  handle;
  VkQueue                   queue;
  PspPrecision              precision;
  gsize                     element_bytes;
  guint64                   binding_alignment;
  guint64                   max_binding_bytes;
  guint64                   max_texel_bytes;
  PspVulkanMatrices         matrices;
  gboolean                  lost;
  gboolean                  silent;
} PspVulkanDevice;

/**
 * psp_vulkan_device_new:
 * @instance: (transfer full): taken even on failure
 * @index: in psp_vulkan_adapter_list()
 * @precision: of what buffers will hold
 * @cautious: whether to do without matrix units
 * @error: %PSP_ERROR_NO_DEVICE; %PSP_ERROR_UNSUPPORTED if the device cannot store @precision;
 *   %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): the device, or %NULL with @error set
 */
PspVulkanDevice *psp_vulkan_device_new          (PspVulkanInstance     *instance,
                                                 int                    index,
                                                 PspPrecision           precision,
                                                 gboolean               cautious,
                                                 GError               **error)
                                                 G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it is idle first, unless it is silent. */
void             psp_vulkan_device_free         (PspVulkanDevice       *self);

/**
 * psp_vulkan_device_check:
 * @self: a device
 * @result: what a call returned
 * @call: its name, for the message
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: whether @result is %VK_SUCCESS.  After a lost device everything else fails, too.
 */
gboolean         psp_vulkan_device_check        (PspVulkanDevice       *self,
                                                 VkResult               result,
                                                 const char            *call,
                                                 GError               **error);

/* Whether the device still answers; %PSP_ERROR_DEVICE once it is lost. */
gboolean         psp_vulkan_device_check_usable (PspVulkanDevice       *self,
                                                 GError               **error);

/* Fails with %PSP_ERROR_DEVICE and the words of the validation layer if it said any since last. */
gboolean         psp_vulkan_device_check_messages (PspVulkanDevice       *self,
                                                   GError               **error);

/* Names @object for debuggers and for the messages of the validation layer. */
void             psp_vulkan_device_set_label    (PspVulkanDevice       *self,
                                                 VkObjectType           type,
                                                 guint64                object,
                                                 const char            *label);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanDevice, psp_vulkan_device_free)
