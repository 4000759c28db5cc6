/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-adapter.h"

/*
 * The pipeline cache on disk.  One file for each device, in the byte order of the machine:
 *   1. 8 bytes: “PSPVKC03”
 *   2. 4 × 32 bits: vendor, device, driver version, 0
 *   3. 16 bytes: the driver's pipelineCacheUUID
 *   4. 32 bytes: SHA-256 of the content
 *   5. 64 bits: length of the content
 *   6. the content: choices of kernels, then what vkGetPipelineCacheData() gave
 * Drivers check their content badly, so we do.  Nothing here is ever an error: it is a cache.
 */

/* (transfer full): where @adapter's file lies in the user's cache directory. */
char   *psp_vulkan_cache_file_get_path (const PspVulkanAdapter *adapter);

/* (transfer full) (nullable): the content of @path, %NULL unless all of it is as it was written
 * for just this device and driver. */
GBytes *psp_vulkan_cache_file_read     (const char             *path,
                                        const PspVulkanAdapter *adapter) G_GNUC_WARN_UNUSED_RESULT;

/* Replaces @path atomically; directories above it are made. */
void    psp_vulkan_cache_file_write    (const char             *path,
                                        const PspVulkanAdapter *adapter,
                                        const guint8           *content,
                                        gsize                   n_bytes);
