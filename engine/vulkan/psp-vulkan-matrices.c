/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-matrices.h"

#include <string.h>

/* What psp-convolve-matrix.comp is made for: parts of 32 or 64 pixels, channels and input channels,
 * read by octets; room for that many sums of a piece in shared memory. */
#define LEAST_SIDE 32
#define OCTET 8
#define MAX_PIECE 256
#define MAX_SUBGROUP 64

void
psp_vulkan_matrices_get_extensions (const PspVulkanMatrices  *self,
                                    const char              **names)
{
  names[0] = self->khr ? VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME
                       : VK_NV_COOPERATIVE_MATRIX_EXTENSION_NAME;
  names[1] = VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME;
  names[2] = VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME;
  names[3] = VK_KHR_VULKAN_MEMORY_MODEL_EXTENSION_NAME;
}

gpointer
psp_vulkan_matrices_enable (const PspVulkanMatrices *self,
                            PspVulkanMatrixFeatures *features)
{
  *features = (PspVulkanMatrixFeatures) {
    .memory_model = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES,
      .pNext = &features->half,
      .vulkanMemoryModel = VK_TRUE,
    },
    .half = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES,
      .pNext = &features->subgroups,
      .shaderFloat16 = VK_TRUE,
    },
    .subgroups = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES,
      .pNext = self->khr ? (gpointer) &features->khr : (gpointer) &features->nv,
      .subgroupSizeControl = VK_TRUE,
      .computeFullSubgroups = VK_TRUE,
    },
    .khr = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR,
      .cooperativeMatrix = VK_TRUE,
    },
    .nv = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_NV,
      .cooperativeMatrix = VK_TRUE,
    },
  };
  return &features->memory_model;
}

static gboolean
has_features (const PspVulkanMatrices *self,
              PspVulkanInstance       *instance,
              const PspVulkanAdapter  *adapter)
{
  PspVulkanMatrixFeatures features;
  VkPhysicalDeviceFeatures2 all = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
    .pNext = psp_vulkan_matrices_enable (self, &features),
  };

  instance->vk.GetPhysicalDeviceFeatures2 (adapter->handle, &all);
  return features.memory_model.vulkanMemoryModel && features.half.shaderFloat16 &&
         features.subgroups.subgroupSizeControl && features.subgroups.computeFullSubgroups &&
         (self->khr ? features.khr.cooperativeMatrix : features.nv.cooperativeMatrix);
}

static gboolean
has_extensions (const PspVulkanMatrices     *self,
                const VkExtensionProperties *extensions,
                guint32                      n_extensions)
{
  const char *names[PSP_VULKAN_N_MATRIX_EXTENSIONS];
  gboolean has_all = TRUE;

  psp_vulkan_matrices_get_extensions (self, names);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gboolean has = FALSE;

      for (guint32 j = 0; j < n_extensions; j++)
        has = has || strcmp (extensions[j].extensionName, names[i]) == 0;
      has_all = has_all && has;
    }
  return has_all;
}

/* Sets the size that subgroups usually have there, unless they may have another. */
static void
find_subgroup (PspVulkanMatrices      *self,
               PspVulkanInstance      *instance,
               const PspVulkanAdapter *adapter)
{
  const VkPhysicalDeviceLimits *limits = &adapter->properties.limits;
  VkPhysicalDeviceSubgroupProperties usual = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES,
  };
  VkPhysicalDeviceSubgroupSizeControlProperties control = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES,
    .pNext = &usual,
  };
  VkPhysicalDeviceProperties2 properties = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
    .pNext = &control,
  };
  guint32 invocations;

  instance->vk.GetPhysicalDeviceProperties2 (adapter->handle, &properties);
  invocations = usual.subgroupSize * PSP_VULKAN_MATRIX_SUBGROUPS;
  self->pinned = (control.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
  if (usual.subgroupSize < control.minSubgroupSize ||
      usual.subgroupSize > MIN (control.maxSubgroupSize, MAX_SUBGROUP) ||
      (!self->pinned && control.minSubgroupSize < control.maxSubgroupSize) ||
      control.maxComputeWorkgroupSubgroups < PSP_VULKAN_MATRIX_SUBGROUPS ||
      invocations > limits->maxComputeWorkGroupInvocations ||
      invocations > limits->maxComputeWorkGroupSize[0])
    return;
  self->subgroup = usual.subgroupSize;
}

/* Takes the size if it fits, and multiplies more at once than what was taken before. */
static void
consider (PspVulkanMatrices *self,
          guint32            rows,
          guint32            columns,
          guint32            depth)
{
  if (rows == 0 || columns == 0 || depth == 0 ||
      LEAST_SIDE % rows != 0 || LEAST_SIDE % columns != 0 || LEAST_SIDE % depth != 0 ||
      columns % OCTET != 0 || depth % OCTET != 0 || rows * columns > MAX_PIECE ||
      rows * columns * depth <= self->rows * self->columns * self->depth)
    return;

  self->rows = rows;
  self->columns = columns;
  self->depth = depth;
}

static void
find_khr_size (PspVulkanMatrices      *self,
               PspVulkanInstance      *instance,
               const PspVulkanAdapter *adapter)
{
  guint32 n_sizes = 0;
  g_autofree VkCooperativeMatrixPropertiesKHR *sizes = NULL;

  instance->vk.GetPhysicalDeviceCooperativeMatrixPropertiesKHR (adapter->handle, &n_sizes, NULL);
  sizes = g_new0 (VkCooperativeMatrixPropertiesKHR, n_sizes + 1);
  for (guint32 i = 0; i < n_sizes; i++)
    sizes[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR;
  if (instance->vk.GetPhysicalDeviceCooperativeMatrixPropertiesKHR (adapter->handle, &n_sizes,
                                                                    sizes) < 0)
    return;

  for (guint32 i = 0; i < n_sizes; i++)
    if (sizes[i].AType == VK_COMPONENT_TYPE_FLOAT16_KHR &&
        sizes[i].BType == VK_COMPONENT_TYPE_FLOAT16_KHR &&
        sizes[i].CType == VK_COMPONENT_TYPE_FLOAT32_KHR &&
        sizes[i].ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR &&
        !sizes[i].saturatingAccumulation && sizes[i].scope == VK_SCOPE_SUBGROUP_KHR)
      consider (self, sizes[i].MSize, sizes[i].NSize, sizes[i].KSize);
}

static void
find_nv_size (PspVulkanMatrices      *self,
              PspVulkanInstance      *instance,
              const PspVulkanAdapter *adapter)
{
  guint32 n_sizes = 0;
  g_autofree VkCooperativeMatrixPropertiesNV *sizes = NULL;

  instance->vk.GetPhysicalDeviceCooperativeMatrixPropertiesNV (adapter->handle, &n_sizes, NULL);
  sizes = g_new0 (VkCooperativeMatrixPropertiesNV, n_sizes + 1);
  for (guint32 i = 0; i < n_sizes; i++)
    sizes[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_NV;
  if (instance->vk.GetPhysicalDeviceCooperativeMatrixPropertiesNV (adapter->handle, &n_sizes,
                                                                   sizes) < 0)
    return;

  for (guint32 i = 0; i < n_sizes; i++)
    if (sizes[i].AType == VK_COMPONENT_TYPE_FLOAT16_NV &&
        sizes[i].BType == VK_COMPONENT_TYPE_FLOAT16_NV &&
        sizes[i].CType == VK_COMPONENT_TYPE_FLOAT32_NV &&
        sizes[i].DType == VK_COMPONENT_TYPE_FLOAT32_NV && sizes[i].scope == VK_SCOPE_SUBGROUP_NV)
      consider (self, sizes[i].MSize, sizes[i].NSize, sizes[i].KSize);
}

PspVulkanMatrices
psp_vulkan_matrices_find (PspVulkanInstance      *instance,
                          const PspVulkanAdapter *adapter)
{
  PspVulkanMatrices self = { .khr = TRUE };
  guint32 n_extensions = 0;
  g_autofree VkExtensionProperties *extensions = NULL;

  instance->vk.EnumerateDeviceExtensionProperties (adapter->handle, NULL, &n_extensions, NULL);
  extensions = g_new0 (VkExtensionProperties, n_extensions + 1);
  if (instance->vk.EnumerateDeviceExtensionProperties (adapter->handle, NULL, &n_extensions,
                                                       extensions) < 0)
    return self;

  if (instance->vk.GetPhysicalDeviceCooperativeMatrixPropertiesKHR != NULL &&
      has_extensions (&self, extensions, n_extensions) && has_features (&self, instance, adapter))
    find_khr_size (&self, instance, adapter);
  if (self.rows == 0)
    {
      self.khr = FALSE;
      if (instance->vk.GetPhysicalDeviceCooperativeMatrixPropertiesNV != NULL &&
          has_extensions (&self, extensions, n_extensions) &&
          has_features (&self, instance, adapter))
        find_nv_size (&self, instance, adapter);
    }

  if (self.rows > 0)
    find_subgroup (&self, instance, adapter);
  if (self.subgroup == 0)
    self.rows = 0;
  return self;
}
