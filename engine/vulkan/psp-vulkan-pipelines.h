/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-choices.h"
#include "engine/vulkan/psp-vulkan-device.h"
#include "engine/vulkan/psp-vulkan-kernel.h"

/* Source, destination, weights, bias, residual: the same numbers in each shader. */
#define PSP_VULKAN_N_BINDINGS 5

/* Behind them: source and weights once more, as texels. */
#define PSP_VULKAN_N_TEXEL_BINDINGS 2

/**
 * PspVulkanPipelines:
 * @set_layout: of every kernel: %PSP_VULKAN_N_BINDINGS storage buffers, then
 *   %PSP_VULKAN_N_TEXEL_BINDINGS buffers of texels
 * @layout: of every kernel: @set_layout and 128 bytes of push constants
 *
 * @choices: which kernel is the fastest for what; kept in the same file
 *
 * The compiled kernels of a device, made when first used, with a cache on disk.
 */
typedef struct
{
  VkDescriptorSetLayout set_layout;
  VkPipelineLayout      layout;
  PspVulkanChoices     *choices;

  /*< private >*/
  PspVulkanDevice *device;
  VkPipelineCache  cache;
  char            *cache_path; /* (nullable) */
  VkShaderModule   modules[PSP_VULKAN_N_KERNELS];
  GHashTable      *pipelines; /* of Variant, to itself */
  guint32          proven; /* a bit for each kernel that psp-vulkan-proof.h found right */
} PspVulkanPipelines;

/**
 * psp_vulkan_pipelines_new:
 * @device: where; outlives the pipelines
 * @cache_path: (nullable): a file to read compiled kernels from, and to write them to in the end;
 *   whatever is wrong with it, they are just compiled anew
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): no pipelines yet, or %NULL with @error set
 */
PspVulkanPipelines *psp_vulkan_pipelines_new  (PspVulkanDevice     *device,
                                               const char          *cache_path,
                                               GError             **error)
                                               G_GNUC_WARN_UNUSED_RESULT;
void                psp_vulkan_pipelines_free (PspVulkanPipelines  *self);

/* Takes over what other processes have written to the file about choices since. */
void                psp_vulkan_pipelines_update (PspVulkanPipelines *self);

/* Writes pipelines and choices to the file, unless it would stay as it is: what is freed in the end
 * has done so.  Of a lost device, which gives its pipelines no more, the choices alone. */
void                psp_vulkan_pipelines_save (PspVulkanPipelines  *self);

/**
 * psp_vulkan_pipelines_get:
 * @self: pipelines
 * @id: a kernel
 * @constants: (array fixed-size=4): its specialisation constants from number 2 on
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: the pipeline, compiled at the first call, or %VK_NULL_HANDLE with @error set
 */
VkPipeline          psp_vulkan_pipelines_get  (PspVulkanPipelines  *self,
                                               PspVulkanKernelId    id,
                                               const guint32       *constants,
                                               GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanPipelines, psp_vulkan_pipelines_free)
