/* SPDX-License-Identifier: MIT */
#pragma once

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

/* VK_KHR_cooperative_matrix for Vulkan's headers before 1.3.255, as its specification has it. */
#ifndef VK_KHR_cooperative_matrix
#define VK_KHR_cooperative_matrix 1
#define VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME "VK_KHR_cooperative_matrix"
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR \
  ((VkStructureType) 1000506000)
#define VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR ((VkStructureType) 1000506001)

/* The numbers are those of VK_NV_cooperative_matrix. */
#define VK_COMPONENT_TYPE_FLOAT16_KHR VK_COMPONENT_TYPE_FLOAT16_NV
#define VK_COMPONENT_TYPE_FLOAT32_KHR VK_COMPONENT_TYPE_FLOAT32_NV
#define VK_SCOPE_SUBGROUP_KHR VK_SCOPE_SUBGROUP_NV
typedef VkComponentTypeNV VkComponentTypeKHR;
typedef VkScopeNV VkScopeKHR;

typedef struct VkCooperativeMatrixPropertiesKHR
{
  VkStructureType    sType;
  void              *pNext;
  uint32_t           MSize;
  uint32_t           NSize;
  uint32_t           KSize;
  VkComponentTypeKHR AType;
  VkComponentTypeKHR BType;
  VkComponentTypeKHR CType;
  VkComponentTypeKHR ResultType;
  VkBool32           saturatingAccumulation;
  VkScopeKHR         scope;
} VkCooperativeMatrixPropertiesKHR;

typedef struct VkPhysicalDeviceCooperativeMatrixFeaturesKHR
{
  VkStructureType  sType;
  void            *pNext;
  VkBool32         cooperativeMatrix;
  VkBool32         cooperativeMatrixRobustBufferAccess;
} VkPhysicalDeviceCooperativeMatrixFeaturesKHR;

typedef VkResult (VKAPI_PTR *PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR)
                                       (VkPhysicalDevice                  physicalDevice,
                                        uint32_t                         *pPropertyCount,
                                        VkCooperativeMatrixPropertiesKHR *pProperties);
#endif
