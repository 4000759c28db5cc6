/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-shim-clock.h"
#include "tests/vulkan/vulkan-shim-matrices.h"
#include "tests/vulkan/vulkan-shim-memory.h"

#include <dlfcn.h>
#include <string.h>

static VulkanShim shim;
static PspVulkanFunctions real;
static gboolean lost; /* the device that was opened last */

/* With keep_device, what is used again. */
static VkInstance kept_instance;
static VkDevice kept_device;
static VkInstance loaded_instance; /* whose functions the real ones are */
static VkDevice loaded_device;

VulkanShim *
vulkan_shim_get (void)
{
  return &shim;
}

const PspVulkanFunctions *
vulkan_shim_get_real (void)
{
  return &real;
}

gboolean
vulkan_shim_fails (const char *name)
{
  shim.n_calls++;
  if (shim.for_good && shim.failed != NULL)
    return TRUE;
  if (shim.fail_at == 0 || (shim.only != NULL && strcmp (name, shim.only) != 0) ||
      --shim.fail_at > 0)
    return FALSE;

  shim.failed = name;
  if (shim.cancel != NULL)
    g_cancellable_cancel (shim.cancel);
  return shim.cancel == NULL;
}

gboolean
vulkan_shim_is_lost (void)
{
  return lost && !shim.drop_quietly;
}

VkResult
vulkan_shim_count (VkResult result)
{
  if (result == VK_SUCCESS)
    shim.n_live++;
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_instance (const VkInstanceCreateInfo  *info,
                 const VkAllocationCallbacks *allocator,
                 VkInstance                  *instance)
{
  VkResult result;

  if (vulkan_shim_fails ("vkCreateInstance"))
    return shim.failure;
  if (shim.keep_device && kept_instance != NULL)
    {
      *instance = kept_instance;
      return vulkan_shim_count (VK_SUCCESS);
    }

  result = real.CreateInstance (info, allocator, instance);
  if (shim.keep_device)
    kept_instance = *instance;
  return vulkan_shim_count (result);
}

static VKAPI_ATTR VkResult VKAPI_CALL
enumerate_adapters (VkInstance        instance,
                    uint32_t         *n_adapters,
                    VkPhysicalDevice *adapters)
{
  if (vulkan_shim_fails ("vkEnumeratePhysicalDevices"))
    return shim.failure;
  return real.EnumeratePhysicalDevices (instance, n_adapters, adapters);
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_device (VkPhysicalDevice             adapter,
               const VkDeviceCreateInfo    *info,
               const VkAllocationCallbacks *allocator,
               VkDevice                    *device)
{
  VkPhysicalDevice16BitStorageFeatures storage =
    *(const VkPhysicalDevice16BitStorageFeatures *) info->pNext;
  VkDeviceCreateInfo plain = *info;
  VkResult result;

  storage.pNext = NULL;
  plain.pNext = &storage;
  plain.enabledExtensionCount = 0;
  if (vulkan_shim_fails ("vkCreateDevice"))
    return shim.failure;
  lost = FALSE;
  shim.robust = info->pEnabledFeatures != NULL && info->pEnabledFeatures->robustBufferAccess;
  if (shim.keep_device && kept_device != NULL)
    {
      *device = kept_device;
      return vulkan_shim_count (VK_SUCCESS);
    }

  result = real.CreateDevice (adapter, shim.matrices != VULKAN_SHIM_MATRICES_NONE ? &plain : info,
                              allocator, device);
  if (shim.keep_device)
    kept_device = *device;
  return vulkan_shim_count (result);
}

static VKAPI_ATTR VkResult VKAPI_CALL
queue_submit (VkQueue             queue,
              uint32_t            n_submits,
              const VkSubmitInfo *submits,
              VkFence             fence)
{
  if (vulkan_shim_fails ("vkQueueSubmit"))
    return shim.failure;
  if (vulkan_shim_is_lost ())
    return VK_ERROR_DEVICE_LOST;
  shim.n_submits++;
  if (shim.drop_at > 0 && --shim.drop_at == 0)
    {
      shim.dropped = TRUE;
      lost = TRUE;
      return real.QueueSubmit (queue, 0, NULL, fence);
    }
  vulkan_shim_clock_submit (submits);
  return real.QueueSubmit (queue, n_submits, submits, fence);
}

static VKAPI_ATTR VkResult VKAPI_CALL
bind_buffer_memory (VkDevice       device,
                    VkBuffer       buffer,
                    VkDeviceMemory memory,
                    VkDeviceSize   offset)
{
  if (vulkan_shim_fails ("vkBindBufferMemory"))
    return shim.failure;
  return real.BindBufferMemory (device, buffer, memory, offset);
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_buffer (VkDevice                     device,
               const VkBufferCreateInfo    *info,
               const VkAllocationCallbacks *allocator,
               VkBuffer                    *buffer)
{
  if (vulkan_shim_fails ("vkCreateBuffer"))
    return shim.failure;
  return vulkan_shim_count (real.CreateBuffer (device, info, allocator, buffer));
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_buffer_view (VkDevice                      device,
                    const VkBufferViewCreateInfo *info,
                    const VkAllocationCallbacks  *allocator,
                    VkBufferView                 *view)
{
  if (vulkan_shim_fails ("vkCreateBufferView"))
    return shim.failure;
  return vulkan_shim_count (real.CreateBufferView (device, info, allocator, view));
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_fence (VkDevice                     device,
              const VkFenceCreateInfo     *info,
              const VkAllocationCallbacks *allocator,
              VkFence                     *fence)
{
  if (vulkan_shim_fails ("vkCreateFence"))
    return shim.failure;
  return vulkan_shim_count (real.CreateFence (device, info, allocator, fence));
}

static VKAPI_ATTR VkResult VKAPI_CALL
reset_fences (VkDevice       device,
              uint32_t       n_fences,
              const VkFence *fences)
{
  if (vulkan_shim_fails ("vkResetFences"))
    return shim.failure;
  return real.ResetFences (device, n_fences, fences);
}

static VKAPI_ATTR VkResult VKAPI_CALL
wait_for_fences (VkDevice       device,
                 uint32_t       n_fences,
                 const VkFence *fences,
                 VkBool32       all,
                 uint64_t       timeout)
{
  if (vulkan_shim_fails ("vkWaitForFences"))
    return shim.failure;
  if (shim.silent)
    {
      shim.n_waits++;
      return VK_TIMEOUT;
    }
  return real.WaitForFences (device, n_fences, fences, all, timeout);
}

/* A lost device does nothing any more either: what was submitted before is still at work here. */
static VKAPI_ATTR VkResult VKAPI_CALL
wait_until_idle (VkDevice device)
{
  VkResult result;

  g_assert_false (shim.silent);
  result = real.DeviceWaitIdle (device);
  return vulkan_shim_is_lost () ? VK_ERROR_DEVICE_LOST : result;
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_shader_module (VkDevice                        device,
                      const VkShaderModuleCreateInfo *info,
                      const VkAllocationCallbacks    *allocator,
                      VkShaderModule                 *module)
{
  const PspVulkanKernel *matrix = psp_vulkan_kernel_get (PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_64);
  const PspVulkanKernel *tile = psp_vulkan_kernel_get (PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_64);
  VkShaderModuleCreateInfo replaced = *info;
  VkResult result;

  if (vulkan_shim_fails ("vkCreateShaderModule"))
    return shim.failure;
  if (info->pCode == matrix->code[PSP_PRECISION_FP16] || info->pCode == matrix->nv_code)
    {
      g_assert_true (shim.matrices != VULKAN_SHIM_MATRICES_NONE);
      g_assert_true ((info->pCode == matrix->nv_code) == shim.nv_matrices);
      replaced.pCode = tile->code[PSP_PRECISION_FP16];
      replaced.codeSize = tile->code_bytes[PSP_PRECISION_FP16];
      info = &replaced;
    }
  result = vulkan_shim_count (real.CreateShaderModule (device, info, allocator, module));
  vulkan_shim_clock_add_module (*module, info->pCode);
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_pipeline_cache (VkDevice                         device,
                       const VkPipelineCacheCreateInfo *info,
                       const VkAllocationCallbacks     *allocator,
                       VkPipelineCache                 *cache)
{
  if (vulkan_shim_fails ("vkCreatePipelineCache"))
    return shim.failure;
  return vulkan_shim_count (real.CreatePipelineCache (device, info, allocator, cache));
}

/* The pipeline for matrix units that @info asks for, with the tile's kernel. */
static VkResult
create_matrix_pipeline (VkDevice                           device,
                        VkPipelineCache                    cache,
                        const VkComputePipelineCreateInfo *info,
                        VkPipeline                        *pipeline)
{
  const VkPipelineShaderStageRequiredSubgroupSizeCreateInfo *subgroup = info->stage.pNext;
  const VkSpecializationInfo *constants = info->stage.pSpecializationInfo;
  const guint32 *given = constants->pData;
  guint32 values[2 + PSP_VULKAN_MAX_CONSTANTS], side = 0;
  VkSpecializationInfo fewer = *constants;
  VkComputePipelineCreateInfo replaced = *info;
  VkResult result;

  shim.n_matrix_pipelines++;
  for (guint32 i = 0; i < constants->mapEntryCount; i++)
    if (constants->pMapEntries[i].constantID == PSP_VULKAN_MATRIX_CONSTANT)
      side = given[constants->pMapEntries[i].offset / sizeof *given];
  g_assert_true (side == 32 || side == 64);
  g_assert_true (shim.one_subgroup == (subgroup == NULL));
  if (subgroup != NULL)
    g_assert_cmpuint (given[0], ==, subgroup->requiredSubgroupSize * PSP_VULKAN_MATRIX_SUBGROUPS);
  g_assert_cmpuint (given[1], ==, 1);
  if (shim.matrices == VULKAN_SHIM_MATRICES_REFUSED)
    return VK_ERROR_UNKNOWN;

  memcpy (values, given, sizeof values);
  values[0] = shim.matrices == VULKAN_SHIM_MATRICES_WRONG ? side / 8 : side / 4;
  values[1] = side / 4;
  fewer.mapEntryCount = G_N_ELEMENTS (values);
  fewer.dataSize = sizeof values;
  fewer.pData = values;
  replaced.stage.pNext = NULL;
  replaced.stage.flags = 0;
  replaced.stage.pSpecializationInfo = &fewer;
  result = vulkan_shim_count (real.CreateComputePipelines (device, cache, 1, &replaced, NULL,
                                                           pipeline));
  vulkan_shim_clock_add_pipeline (*pipeline, info);
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_compute_pipelines (VkDevice                           device,
                          VkPipelineCache                    cache,
                          uint32_t                           n_infos,
                          const VkComputePipelineCreateInfo *infos,
                          const VkAllocationCallbacks       *allocator,
                          VkPipeline                        *pipelines)
{
  VkResult result;

  if (vulkan_shim_fails ("vkCreateComputePipelines"))
    return shim.failure;
  if (infos[0].stage.flags & VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT)
    return create_matrix_pipeline (device, cache, &infos[0], pipelines);
  result = vulkan_shim_count (real.CreateComputePipelines (device, cache, n_infos, infos, allocator,
                                                           pipelines));
  vulkan_shim_clock_add_pipeline (pipelines[0], &infos[0]);
  return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_pipeline_layout (VkDevice                          device,
                        const VkPipelineLayoutCreateInfo *info,
                        const VkAllocationCallbacks      *allocator,
                        VkPipelineLayout                 *layout)
{
  if (vulkan_shim_fails ("vkCreatePipelineLayout"))
    return shim.failure;
  return vulkan_shim_count (real.CreatePipelineLayout (device, info, allocator, layout));
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_descriptor_set_layout (VkDevice                               device,
                              const VkDescriptorSetLayoutCreateInfo *info,
                              const VkAllocationCallbacks           *allocator,
                              VkDescriptorSetLayout                 *layout)
{
  if (vulkan_shim_fails ("vkCreateDescriptorSetLayout"))
    return shim.failure;
  return vulkan_shim_count (real.CreateDescriptorSetLayout (device, info, allocator, layout));
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_descriptor_pool (VkDevice                          device,
                        const VkDescriptorPoolCreateInfo *info,
                        const VkAllocationCallbacks      *allocator,
                        VkDescriptorPool                 *pool)
{
  if (vulkan_shim_fails ("vkCreateDescriptorPool"))
    return shim.failure;
  return vulkan_shim_count (real.CreateDescriptorPool (device, info, allocator, pool));
}

static VKAPI_ATTR VkResult VKAPI_CALL
reset_descriptor_pool (VkDevice                   device,
                       VkDescriptorPool           pool,
                       VkDescriptorPoolResetFlags flags)
{
  if (vulkan_shim_fails ("vkResetDescriptorPool"))
    return shim.failure;
  return real.ResetDescriptorPool (device, pool, flags);
}

static VKAPI_ATTR VkResult VKAPI_CALL
allocate_descriptor_sets (VkDevice                           device,
                          const VkDescriptorSetAllocateInfo *info,
                          VkDescriptorSet                   *sets)
{
  if (vulkan_shim_fails ("vkAllocateDescriptorSets"))
    return shim.failure;
  return real.AllocateDescriptorSets (device, info, sets);
}

static VKAPI_ATTR VkResult VKAPI_CALL
create_command_pool (VkDevice                       device,
                     const VkCommandPoolCreateInfo *info,
                     const VkAllocationCallbacks   *allocator,
                     VkCommandPool                 *pool)
{
  if (vulkan_shim_fails ("vkCreateCommandPool"))
    return shim.failure;
  return vulkan_shim_count (real.CreateCommandPool (device, info, allocator, pool));
}

static VKAPI_ATTR VkResult VKAPI_CALL
allocate_command_buffers (VkDevice                           device,
                          const VkCommandBufferAllocateInfo *info,
                          VkCommandBuffer                   *buffers)
{
  if (vulkan_shim_fails ("vkAllocateCommandBuffers"))
    return shim.failure;
  return real.AllocateCommandBuffers (device, info, buffers);
}

static VKAPI_ATTR VkResult VKAPI_CALL
begin_command_buffer (VkCommandBuffer                 commands,
                      const VkCommandBufferBeginInfo *info)
{
  if (vulkan_shim_fails ("vkBeginCommandBuffer"))
    return shim.failure;
  shim.n_recorded++;
  vulkan_shim_clock_begin (commands);
  return real.BeginCommandBuffer (commands, info);
}

static VKAPI_ATTR VkResult VKAPI_CALL
end_command_buffer (VkCommandBuffer commands)
{
  if (vulkan_shim_fails ("vkEndCommandBuffer"))
    return shim.failure;
  return real.EndCommandBuffer (commands);
}

static VKAPI_ATTR VkResult VKAPI_CALL
get_pipeline_cache_data (VkDevice         device,
                         VkPipelineCache  cache,
                         size_t          *n_bytes,
                         void            *data)
{
  if (vulkan_shim_fails ("vkGetPipelineCacheData"))
    return shim.failure;
  return real.GetPipelineCacheData (device, cache, n_bytes, data);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_instance (VkInstance                   instance,
                  const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  if (instance != kept_instance)
    real.DestroyInstance (instance, allocator);
  /* The next one may have other layers, and so other functions. */
  loaded_instance = VK_NULL_HANDLE;
}

static VKAPI_ATTR void VKAPI_CALL
destroy_device (VkDevice                     device,
                const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  if (device != kept_device)
    real.DestroyDevice (device, allocator);
  loaded_device = VK_NULL_HANDLE;
}

static VKAPI_ATTR void VKAPI_CALL
destroy_buffer (VkDevice                     device,
                VkBuffer                     object,
                const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyBuffer (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_buffer_view (VkDevice                     device,
                     VkBufferView                 object,
                     const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyBufferView (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_fence (VkDevice                     device,
               VkFence                      object,
               const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyFence (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_shader_module (VkDevice                     device,
                       VkShaderModule               object,
                       const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyShaderModule (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_pipeline_cache (VkDevice                     device,
                        VkPipelineCache              object,
                        const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyPipelineCache (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_pipeline (VkDevice                     device,
                  VkPipeline                   object,
                  const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyPipeline (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_pipeline_layout (VkDevice                     device,
                         VkPipelineLayout             object,
                         const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyPipelineLayout (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_descriptor_set_layout (VkDevice                     device,
                               VkDescriptorSetLayout        object,
                               const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyDescriptorSetLayout (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_descriptor_pool (VkDevice                     device,
                         VkDescriptorPool             object,
                         const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyDescriptorPool (device, object, allocator);
}

static VKAPI_ATTR void VKAPI_CALL
destroy_command_pool (VkDevice                     device,
                      VkCommandPool                object,
                      const VkAllocationCallbacks *allocator)
{
  shim.n_live--;
  real.DestroyCommandPool (device, object, allocator);
}

/* (nullable): what the chain that begins at @link has of @type. */
static gpointer
find_in_chain (const void      *link,
               VkStructureType  type)
{
  const VkBaseInStructure *structure = link;

  while (structure != NULL && structure->sType != type)
    structure = structure->pNext;
  return (gpointer) structure;
}

static VKAPI_ATTR void VKAPI_CALL
get_properties (VkPhysicalDevice             adapter,
                VkPhysicalDeviceProperties2 *properties)
{
  VkPhysicalDeviceLimits *limits = &properties->properties.limits;
  VkPhysicalDeviceMaintenance3Properties *maintenance =
    find_in_chain (properties, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES);
  VkPhysicalDeviceSubgroupSizeControlProperties *subgroups =
    find_in_chain (properties, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES);

  real.GetPhysicalDeviceProperties2 (adapter, properties);
  if (shim.storage_range > 0)
    limits->maxStorageBufferRange = shim.storage_range;
  if (shim.n_texels > 0)
    limits->maxTexelBufferElements = shim.n_texels;
  if (shim.n_groups > 0)
    limits->maxComputeWorkGroupCount[1] = shim.n_groups;
  if (shim.shared_bytes > 0)
    limits->maxComputeSharedMemorySize = shim.shared_bytes;
  if (shim.atom > 0)
    limits->nonCoherentAtomSize = shim.atom;
  if (shim.allocation_bytes > 0 && maintenance != NULL)
    maintenance->maxMemoryAllocationSize = shim.allocation_bytes;
  if (shim.one_subgroup && subgroups != NULL)
    subgroups->requiredSubgroupSizeStages = 0;
}

static VKAPI_ATTR void VKAPI_CALL
get_queue_families (VkPhysicalDevice         adapter,
                    uint32_t                *n_families,
                    VkQueueFamilyProperties *families)
{
  real.GetPhysicalDeviceQueueFamilyProperties (adapter, n_families, families);
  for (uint32_t i = 0; families != NULL && shim.no_timestamps && i < *n_families; i++)
    families[i].timestampValidBits = 0;
}

static VKAPI_ATTR void VKAPI_CALL
get_features (VkPhysicalDevice           adapter,
              VkPhysicalDeviceFeatures2 *features)
{
  VkPhysicalDevice16BitStorageFeatures *storage =
    find_in_chain (features, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES);

  VkBaseOutStructure *subgroups =
    find_in_chain (features, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES);
  VkPhysicalDeviceCooperativeMatrixFeaturesNV *matrices =
    subgroups != NULL ? (gpointer) subgroups->pNext : NULL;

  /* What the driver does not know is not asked of it. */
  if (subgroups != NULL)
    subgroups->pNext = NULL;
  real.GetPhysicalDeviceFeatures2 (adapter, features);
  if (shim.no_16_bit && storage != NULL)
    storage->storageBuffer16BitAccess = VK_FALSE;
  if (matrices != NULL)
    matrices->cooperativeMatrix = shim.matrices != VULKAN_SHIM_MATRICES_NONE;
}

/* All extensions that go with matrix units, if there are any. */
static VKAPI_ATTR VkResult VKAPI_CALL
enumerate_extensions (VkPhysicalDevice       adapter,
                      const char            *layer,
                      uint32_t              *n_extensions,
                      VkExtensionProperties *extensions)
{
  if (shim.matrices == VULKAN_SHIM_MATRICES_NONE)
    return real.EnumerateDeviceExtensionProperties (adapter, layer, n_extensions, extensions);

  return vulkan_shim_list_matrix_extensions (!shim.nv_matrices, n_extensions, extensions);
}

/* No limit that was told is exceeded. */
static VKAPI_ATTR void VKAPI_CALL
cmd_dispatch (VkCommandBuffer commands,
              uint32_t        x,
              uint32_t        y,
              uint32_t        z)
{
  g_assert_cmpuint (y, <=, shim.n_groups > 0 ? shim.n_groups : 65535);
  g_assert_cmpuint (MAX (x, z), <=, 65535);
  shim.n_recorded++;
  vulkan_shim_clock_dispatch (commands, y);
  if (shim.pixel_seconds == NULL)
    real.CmdDispatch (commands, x, y, z);
}

static VKAPI_ATTR void VKAPI_CALL
update_descriptor_sets (VkDevice                    device,
                        uint32_t                    n_writes,
                        const VkWriteDescriptorSet *writes,
                        uint32_t                    n_copies,
                        const VkCopyDescriptorSet  *copies)
{
  shim.n_recorded++;
  for (uint32_t i = 0; i < n_writes; i++)
    if (shim.storage_range > 0 && writes[i].pBufferInfo != NULL)
      g_assert_cmpuint (writes[i].pBufferInfo->range, <=, shim.storage_range);
  real.UpdateDescriptorSets (device, n_writes, writes, n_copies, copies);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL
get_device_function (VkDevice    device,
                     const char *name);

typedef struct
{
  const char         *name;
  PFN_vkVoidFunction  function;
} Replacement;

static const Replacement replacements[] = {
  { "vkCreateInstance", (PFN_vkVoidFunction) create_instance },
  { "vkEnumeratePhysicalDevices", (PFN_vkVoidFunction) enumerate_adapters },
  { "vkCreateDevice", (PFN_vkVoidFunction) create_device },
  { "vkQueueSubmit", (PFN_vkVoidFunction) queue_submit },
  { "vkBindBufferMemory", (PFN_vkVoidFunction) bind_buffer_memory },
  { "vkCreateBuffer", (PFN_vkVoidFunction) create_buffer },
  { "vkCreateBufferView", (PFN_vkVoidFunction) create_buffer_view },
  { "vkCreateFence", (PFN_vkVoidFunction) create_fence },
  { "vkResetFences", (PFN_vkVoidFunction) reset_fences },
  { "vkWaitForFences", (PFN_vkVoidFunction) wait_for_fences },
  { "vkDeviceWaitIdle", (PFN_vkVoidFunction) wait_until_idle },
  { "vkCreateQueryPool", (PFN_vkVoidFunction) vulkan_shim_clock_create_pool },
  { "vkCreateShaderModule", (PFN_vkVoidFunction) create_shader_module },
  { "vkCreatePipelineCache", (PFN_vkVoidFunction) create_pipeline_cache },
  { "vkCreateComputePipelines", (PFN_vkVoidFunction) create_compute_pipelines },
  { "vkCreatePipelineLayout", (PFN_vkVoidFunction) create_pipeline_layout },
  { "vkCreateDescriptorSetLayout", (PFN_vkVoidFunction) create_descriptor_set_layout },
  { "vkCreateDescriptorPool", (PFN_vkVoidFunction) create_descriptor_pool },
  { "vkResetDescriptorPool", (PFN_vkVoidFunction) reset_descriptor_pool },
  { "vkAllocateDescriptorSets", (PFN_vkVoidFunction) allocate_descriptor_sets },
  { "vkCreateCommandPool", (PFN_vkVoidFunction) create_command_pool },
  { "vkAllocateCommandBuffers", (PFN_vkVoidFunction) allocate_command_buffers },
  { "vkBeginCommandBuffer", (PFN_vkVoidFunction) begin_command_buffer },
  { "vkEndCommandBuffer", (PFN_vkVoidFunction) end_command_buffer },
  { "vkGetPipelineCacheData", (PFN_vkVoidFunction) get_pipeline_cache_data },
  { "vkDestroyInstance", (PFN_vkVoidFunction) destroy_instance },
  { "vkDestroyDevice", (PFN_vkVoidFunction) destroy_device },
  { "vkDestroyBuffer", (PFN_vkVoidFunction) destroy_buffer },
  { "vkDestroyBufferView", (PFN_vkVoidFunction) destroy_buffer_view },
  { "vkDestroyFence", (PFN_vkVoidFunction) destroy_fence },
  { "vkDestroyQueryPool", (PFN_vkVoidFunction) vulkan_shim_clock_destroy_pool },
  { "vkGetQueryPoolResults", (PFN_vkVoidFunction) vulkan_shim_clock_read },
  { "vkCmdWriteTimestamp", (PFN_vkVoidFunction) vulkan_shim_clock_write },
  { "vkCmdBindPipeline", (PFN_vkVoidFunction) vulkan_shim_clock_bind },
  { "vkDestroyShaderModule", (PFN_vkVoidFunction) destroy_shader_module },
  { "vkDestroyPipelineCache", (PFN_vkVoidFunction) destroy_pipeline_cache },
  { "vkDestroyPipeline", (PFN_vkVoidFunction) destroy_pipeline },
  { "vkDestroyPipelineLayout", (PFN_vkVoidFunction) destroy_pipeline_layout },
  { "vkDestroyDescriptorSetLayout", (PFN_vkVoidFunction) destroy_descriptor_set_layout },
  { "vkDestroyDescriptorPool", (PFN_vkVoidFunction) destroy_descriptor_pool },
  { "vkDestroyCommandPool", (PFN_vkVoidFunction) destroy_command_pool },
  { "vkAllocateMemory", (PFN_vkVoidFunction) vulkan_shim_memory_allocate },
  { "vkFreeMemory", (PFN_vkVoidFunction) vulkan_shim_memory_free },
  { "vkMapMemory", (PFN_vkVoidFunction) vulkan_shim_memory_map },
  { "vkFlushMappedMemoryRanges", (PFN_vkVoidFunction) vulkan_shim_memory_flush },
  { "vkInvalidateMappedMemoryRanges", (PFN_vkVoidFunction) vulkan_shim_memory_invalidate },
  { "vkGetBufferMemoryRequirements", (PFN_vkVoidFunction) vulkan_shim_memory_get_requirements },
  { "vkGetPhysicalDeviceMemoryProperties", (PFN_vkVoidFunction) vulkan_shim_memory_get_properties },
  { "vkGetPhysicalDeviceProperties2", (PFN_vkVoidFunction) get_properties },
  { "vkGetPhysicalDeviceQueueFamilyProperties", (PFN_vkVoidFunction) get_queue_families },
  { "vkGetPhysicalDeviceFeatures2", (PFN_vkVoidFunction) get_features },
  { "vkCmdDispatch", (PFN_vkVoidFunction) cmd_dispatch },
  { "vkUpdateDescriptorSets", (PFN_vkVoidFunction) update_descriptor_sets },
  { "vkEnumerateDeviceExtensionProperties", (PFN_vkVoidFunction) enumerate_extensions },
  { "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR",
    (PFN_vkVoidFunction) vulkan_shim_get_khr_matrices },
  { "vkGetPhysicalDeviceCooperativeMatrixPropertiesNV",
    (PFN_vkVoidFunction) vulkan_shim_get_nv_matrices },
  { "vkGetDeviceProcAddr", (PFN_vkVoidFunction) get_device_function },
};

static PFN_vkVoidFunction
find_replacement (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (replacements); i++)
    if (strcmp (replacements[i].name, name) == 0)
      return replacements[i].function;
  return NULL;
}

static PFN_vkVoidFunction VKAPI_CALL
get_device_function (VkDevice    device,
                     const char *name)
{
  PFN_vkVoidFunction replacement = find_replacement (name);

  /* With validation a device has functions of its own. */
  if (device != loaded_device)
    psp_vulkan_functions_load_device (&real, device, NULL);
  loaded_device = device;
  if (shim.no_semaphores && strstr (name, "Semaphore") != NULL)
    return NULL;
  return replacement != NULL ? replacement : real.GetDeviceProcAddr (device, name);
}

PFN_vkVoidFunction VKAPI_CALL
vulkan_shim_get_function (VkInstance  instance,
                          const char *name)
{
  PFN_vkVoidFunction replacement = find_replacement (name);

  if (real.GetInstanceProcAddr == NULL)
    {
      void *library = dlopen ("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

      real.GetInstanceProcAddr =
        (PFN_vkGetInstanceProcAddr) dlsym (library, "vkGetInstanceProcAddr");
      psp_vulkan_functions_load_loader (&real, NULL);
    }
  if (instance != NULL && instance != loaded_instance)
    psp_vulkan_functions_load_instance (&real, instance, NULL);
  loaded_instance = instance;

  return replacement != NULL ? replacement : real.GetInstanceProcAddr (instance, name);
}

VulkanShim *
vulkan_shim_reset (void)
{
  g_assert_cmpint (shim.n_live, ==, 0);
  real = (PspVulkanFunctions) { 0 };
  loaded_instance = VK_NULL_HANDLE;
  loaded_device = VK_NULL_HANDLE;
  shim = (VulkanShim) { 0 };
  lost = FALSE;
  vulkan_shim_clock_reset ();
  return &shim;
}
