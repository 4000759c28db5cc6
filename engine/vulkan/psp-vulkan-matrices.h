/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-adapter.h"

/* Subgroups of a work-group of psp-convolve-matrix.comp. */
#define PSP_VULKAN_MATRIX_SUBGROUPS 4

/* Extensions of a device that has matrix units: the one that says so comes first. */
#define PSP_VULKAN_N_MATRIX_EXTENSIONS 4

/**
 * PspVulkanMatrices:
 * @khr: whether it is VK_KHR_cooperative_matrix; else VK_NV_cooperative_matrix
 * @rows: of the product of two matrices; 0: the device multiplies none
 * @columns: of the product
 * @depth: columns of the first, rows of the second
 * @subgroup: invocations of a subgroup
 * @pinned: whether a pipeline must ask for it, and can; else there is no other size
 *
 * What a device can multiply at once: 16-bit matrices, with sums in 32 bits.
 */
typedef struct
{
  gboolean khr;
  guint32  rows;
  guint32  columns;
  guint32  depth;
  guint32  subgroup;
  gboolean pinned;
} PspVulkanMatrices;

/**
 * PspVulkanMatrixFeatures:
 *
 * What psp-convolve-matrix.comp needs of a device, as asked for and as enabled: a chain of
 * structures, which may not be moved.
 */
typedef struct
{
  VkPhysicalDeviceVulkanMemoryModelFeatures    memory_model;
  VkPhysicalDeviceShaderFloat16Int8Features    half;
  VkPhysicalDeviceSubgroupSizeControlFeatures  subgroups;
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR khr;
  VkPhysicalDeviceCooperativeMatrixFeaturesNV  nv;
} PspVulkanMatrixFeatures;

/**
 * psp_vulkan_matrices_find:
 * @instance: an opened loader
 * @adapter: one of its devices
 *
 * The largest size among those that psp-convolve-matrix.comp can use, of equal ones the first; by
 * VK_KHR_cooperative_matrix if it has both extensions.
 *
 * Returns: the size; its rows are 0 if there is none, or if the device lacks what goes with it
 */
PspVulkanMatrices psp_vulkan_matrices_find           (PspVulkanInstance       *instance,
                                                      const PspVulkanAdapter  *adapter);

/* Fills @features with all that @self needs and returns the first structure of the chain. */
gpointer          psp_vulkan_matrices_enable         (const PspVulkanMatrices *self,
                                                      PspVulkanMatrixFeatures *features);

/* Sets the %PSP_VULKAN_N_MATRIX_EXTENSIONS @names to what @self needs, constant strings. */
void              psp_vulkan_matrices_get_extensions (const PspVulkanMatrices  *self,
                                                      const char              **names);
