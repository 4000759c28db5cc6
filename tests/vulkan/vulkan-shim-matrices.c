/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-shim-matrices.h"

/* The first size has sums in 16 bits, the second is too large for us, the third not the largest. */
VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_get_khr_matrices (VkPhysicalDevice                  adapter,
                              uint32_t                         *n_sizes,
                              VkCooperativeMatrixPropertiesKHR *sizes)
{
  static const guint32 sides[] = { 8, 64, 8, 16 };

  *n_sizes = G_N_ELEMENTS (sides);
  for (gsize i = 0; sizes != NULL && i < G_N_ELEMENTS (sides); i++)
    {
      g_assert_cmpint (sizes[i].sType, ==, VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR);
      sizes[i].MSize = sizes[i].NSize = sizes[i].KSize = sides[i];
      sizes[i].AType = sizes[i].BType = VK_COMPONENT_TYPE_FLOAT16_KHR;
      sizes[i].CType = i == 0 ? VK_COMPONENT_TYPE_FLOAT16_KHR : VK_COMPONENT_TYPE_FLOAT32_KHR;
      sizes[i].ResultType = sizes[i].CType;
      sizes[i].scope = VK_SCOPE_SUBGROUP_KHR;
    }
  return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL
vulkan_shim_get_nv_matrices (VkPhysicalDevice                 adapter,
                             uint32_t                        *n_sizes,
                             VkCooperativeMatrixPropertiesNV *sizes)
{
  *n_sizes = 1;
  if (sizes == NULL)
    return VK_SUCCESS;

  g_assert_cmpint (sizes->sType, ==, VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_NV);
  sizes->MSize = sizes->NSize = sizes->KSize = 16;
  sizes->AType = sizes->BType = VK_COMPONENT_TYPE_FLOAT16_NV;
  sizes->CType = sizes->DType = VK_COMPONENT_TYPE_FLOAT32_NV;
  sizes->scope = VK_SCOPE_SUBGROUP_NV;
  return VK_SUCCESS;
}

VkResult
vulkan_shim_list_matrix_extensions (gboolean               khr,
                                    uint32_t              *n_extensions,
                                    VkExtensionProperties *extensions)
{
  PspVulkanMatrices matrices = { .khr = khr };
  const char *names[PSP_VULKAN_N_MATRIX_EXTENSIONS];

  psp_vulkan_matrices_get_extensions (&matrices, names);
  *n_extensions = G_N_ELEMENTS (names);
  for (gsize i = 0; extensions != NULL && i < G_N_ELEMENTS (names); i++)
    g_strlcpy (extensions[i].extensionName, names[i], sizeof extensions[i].extensionName);
  return VK_SUCCESS;
}
