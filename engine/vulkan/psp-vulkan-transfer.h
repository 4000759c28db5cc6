/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend-private.h"

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
