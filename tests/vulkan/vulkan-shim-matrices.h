/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-matrices.h"

/* What the shim's matrix units multiply: 16 x 16 x 16 in 16 bits, with sums in 32, behind sizes
 * that we cannot use. */
VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_get_khr_matrices (VkPhysicalDevice                  adapter,
                              uint32_t                         *n_sizes,
                              VkCooperativeMatrixPropertiesKHR *sizes);

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_get_nv_matrices  (VkPhysicalDevice                 adapter,
                              uint32_t                        *n_sizes,
                              VkCooperativeMatrixPropertiesNV *sizes);

/* All extensions that go with matrix units, as vkEnumerateDeviceExtensionProperties() says them. */
VkResult vulkan_shim_list_matrix_extensions (gboolean               khr,
                                             uint32_t              *n_extensions,
                                             VkExtensionProperties *extensions);
