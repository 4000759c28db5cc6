/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-device.h"

/**
 * psp_vulkan_list_devices:
 *
 * What Vulkan offers, in the loader's order, each device once; entry N has the id “vulkan:N”.
 * Empty if there is no loader or no driver.
 *
 * Returns: (transfer full) (element-type PspDeviceInfo): may be empty
 */
GPtrArray  *psp_vulkan_list_devices (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_vulkan_backend_new:
 * @index: the N of “vulkan:N”
 * @options: (nullable): precision and validation; the rest is for others; %NULL: all zero
 * @error: %PSP_ERROR_NO_DEVICE if there is no loader, no driver, no such device, or no validation
 *   layer though it was asked for; %PSP_ERROR_UNSUPPORTED if the device lacks the precision;
 *   %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY
 *
 * Opens a device.  Its operations are recorded and handed to the device in chunks of about
 * 50 ms; psp_backend_finish() waits for them.  Compiled kernels are kept in the user's cache
 * directory.
 *
 * Returns: (transfer full): the backend, or %NULL with @error set
 */
PspBackend *psp_vulkan_backend_new  (int                       index,
                                     const PspBackendOptions  *options,
                                     GError                  **error) G_GNUC_WARN_UNUSED_RESULT;
