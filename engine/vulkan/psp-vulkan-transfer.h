/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend-private.h"

/* Bytes of staging that a backend takes for maps. */
gsize    psp_vulkan_transfer_count_bytes (const PspVulkanDevice *device);

/* psp_backend_upload() and psp_backend_download(): directly where the host sees the device's
 * memory, else through staging of 8 MiB for each slot.  Numbers become 16-bit, or 32-bit again, on
 * the host. */
gboolean psp_vulkan_upload   (PspVulkanBackend  *self,
                              PspVulkanBuffer   *buffer,
                              gsize              offset,
                              const float       *floats,
                              gsize              n_elements,
                              GError           **error);
gboolean psp_vulkan_download (PspVulkanBackend  *self,
                              PspVulkanBuffer   *buffer,
                              gsize              offset,
                              float             *floats,
                              gsize              n_elements,
                              GError           **error);
