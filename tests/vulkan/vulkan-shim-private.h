/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-functions.h"
#include "tests/vulkan/vulkan-shim.h"

/* Between the files of the shim. */

VulkanShim               *vulkan_shim_get      (void);

/* What the driver has. */
const PspVulkanFunctions *vulkan_shim_get_real (void);

/* Counts a call of @name; whether it fails now. */
gboolean                  vulkan_shim_fails    (const char *name);

/* Whether the device says that it is lost. */
gboolean                  vulkan_shim_is_lost  (void);

/* @result of a call that makes an object, which is counted. */
VkResult                  vulkan_shim_count    (VkResult    result);
