/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-pipelines.h"

#include "engine/vulkan/psp-vulkan-cache-file.h"

#include <string.h>

/* Constants 0 and 1 are the size of the work-group. */
#define N_GROUP_CONSTANTS 2
#define N_CONSTANTS (N_GROUP_CONSTANTS + PSP_VULKAN_MAX_CONSTANTS)
#define MAX_CONSTANTS (N_CONSTANTS + PSP_VULKAN_N_MATRIX_CONSTANTS)
#define PUSH_BYTES 128

typedef struct
{
  PspVulkanKernelId id;
  guint32           constants[PSP_VULKAN_MAX_CONSTANTS];
  VkPipeline        pipeline;
} Variant;

static guint
hash_variant (gconstpointer key)
{
  const Variant *variant = key;
  guint hash = variant->id;

  for (int i = 0; i < PSP_VULKAN_MAX_CONSTANTS; i++)
    hash = hash * 31 + variant->constants[i];
  return hash;
}

static gboolean
equal_variants (gconstpointer a,
                gconstpointer b)
{
  const Variant *one = a;
  const Variant *other = b;

  return one->id == other->id &&
         memcmp (one->constants, other->constants, sizeof one->constants) == 0;
}

static gboolean
create_set_layout (PspVulkanPipelines  *self,
                   GError             **error)
{
  PspVulkanDevice *device = self->device;
  VkDescriptorSetLayoutBinding bindings[PSP_VULKAN_N_BINDINGS + PSP_VULKAN_N_TEXEL_BINDINGS];
  VkDescriptorSetLayoutCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
    .bindingCount = G_N_ELEMENTS (bindings),
    .pBindings = bindings,
  };

  for (guint32 i = 0; i < G_N_ELEMENTS (bindings); i++)
    bindings[i] = (VkDescriptorSetLayoutBinding) {
      .binding = i,
      .descriptorType = i < PSP_VULKAN_N_BINDINGS ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
                                                  : VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
      .descriptorCount = 1,
      .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
    };

  return psp_vulkan_device_check (device,
                                  device->vk->CreateDescriptorSetLayout (device->handle, &info,
                                                                         NULL, &self->set_layout),
                                  "vkCreateDescriptorSetLayout", error);
}

static gboolean
create_layout (PspVulkanPipelines  *self,
               GError             **error)
{
  PspVulkanDevice *device = self->device;
  VkPushConstantRange push = {
    .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
    .size = PUSH_BYTES,
  };
  VkPipelineLayoutCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
    .setLayoutCount = 1,
    .pSetLayouts = &self->set_layout,
    .pushConstantRangeCount = 1,
    .pPushConstantRanges = &push,
  };

  return psp_vulkan_device_check (device,
                                  device->vk->CreatePipelineLayout (device->handle, &info, NULL,
                                                                    &self->layout),
                                  "vkCreatePipelineLayout", error);
}

/* (transfer full) (nullable): what the file holds; its choices are added to ours.  @n_bytes: their
 * length; behind them are the pipelines. */
static GBytes *
read_file (PspVulkanPipelines *self,
           gsize              *n_bytes)
{
  GBytes *content = self->cache_path != NULL
                    ? psp_vulkan_cache_file_read (self->cache_path, self->device->adapter) : NULL;

  *n_bytes = content != NULL
             ? psp_vulkan_choices_read (self->choices, g_bytes_get_data (content, NULL),
                                        g_bytes_get_size (content)) : 0;
  return content;
}

/* Without the content of the file if the driver refuses it. */
static gboolean
create_cache (PspVulkanPipelines  *self,
              GError             **error)
{
  PspVulkanDevice *device = self->device;
  gsize n_bytes;
  g_autoptr(GBytes) content = read_file (self, &n_bytes);
  VkPipelineCacheCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO,
  };

  if (content != NULL)
    {
      info.pInitialData = (const guint8 *) g_bytes_get_data (content, NULL) + n_bytes;
      info.initialDataSize = g_bytes_get_size (content) - n_bytes;
      if (device->vk->CreatePipelineCache (device->handle, &info, NULL, &self->cache) == VK_SUCCESS)
        return TRUE;
      info.pInitialData = NULL;
      info.initialDataSize = 0;
    }

  return psp_vulkan_device_check (device,
                                  device->vk->CreatePipelineCache (device->handle, &info, NULL,
                                                                   &self->cache),
                                  "vkCreatePipelineCache", error);
}

PspVulkanPipelines *
psp_vulkan_pipelines_new (PspVulkanDevice  *device,
                          const char       *cache_path,
                          GError          **error)
{
  g_autoptr(PspVulkanPipelines) self = g_new0 (PspVulkanPipelines, 1);

  self->device = device;
  self->cache_path = g_strdup (cache_path);
  self->choices = psp_vulkan_choices_new ();
  self->pipelines = g_hash_table_new_full (hash_variant, equal_variants, g_free, NULL);
  if (!create_set_layout (self, error) ||
      !create_layout (self, error) ||
      !create_cache (self, error))
    return NULL;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_DESCRIPTOR_SET_LAYOUT,
                               (guint64) self->set_layout, "bindings");
  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_PIPELINE_LAYOUT, (guint64) self->layout,
                               "kernels");
  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_PIPELINE_CACHE, (guint64) self->cache,
                               "kernels");
  return g_steal_pointer (&self);
}

/* Appends to @file what the driver wants to be kept; FALSE if it does not give it. */
static gboolean
append_pipelines (PspVulkanPipelines *self,
                  GByteArray         *file)
{
  PspVulkanDevice *device = self->device;
  g_autofree guint8 *content = NULL;
  gsize n_bytes = 0;

  if (device->vk->GetPipelineCacheData (device->handle, self->cache, &n_bytes, NULL) != VK_SUCCESS)
    return FALSE;

  content = g_try_malloc (n_bytes);
  if (content == NULL ||
      device->vk->GetPipelineCacheData (device->handle, self->cache, &n_bytes,
                                        content) != VK_SUCCESS)
    return FALSE;

  g_byte_array_append (file, content, n_bytes);
  return TRUE;
}

void
psp_vulkan_pipelines_update (PspVulkanPipelines *self)
{
  gsize n_bytes;
  g_autoptr(GBytes) content G_GNUC_UNUSED = read_file (self, &n_bytes);
}

void
psp_vulkan_pipelines_save (PspVulkanPipelines *self)
{
  g_autoptr(GByteArray) file = g_byte_array_new ();
  g_autoptr(GBytes) before = NULL;
  const guint8 *content = NULL;
  gsize n_before = 0;
  gsize n_choices;

  if (self->cache_path == NULL || g_hash_table_size (self->pipelines) == 0)
    return;

  before = read_file (self, &n_choices);
  if (before != NULL)
    content = g_bytes_get_data (before, &n_before);
  psp_vulkan_choices_write (self->choices, file);
  if (self->device->lost && n_before > n_choices)
    g_byte_array_append (file, content + n_choices, n_before - n_choices);
  else if (!self->device->lost && !append_pipelines (self, file))
    return;

  if (file->len != n_before || memcmp (file->data, content, n_before) != 0)
    psp_vulkan_cache_file_write (self->cache_path, self->device->adapter, file->data, file->len);
}

void
psp_vulkan_pipelines_free (PspVulkanPipelines *self)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkDevice handle = self->device->handle;
  GHashTableIter iter;
  gpointer variant;

  if (self->cache != VK_NULL_HANDLE)
    {
      psp_vulkan_pipelines_save (self);
      vk->DestroyPipelineCache (handle, self->cache, NULL);
    }

  g_hash_table_iter_init (&iter, self->pipelines);
  while (!self->device->silent && g_hash_table_iter_next (&iter, &variant, NULL))
    vk->DestroyPipeline (handle, ((Variant *) variant)->pipeline, NULL);
  g_hash_table_unref (self->pipelines);

  for (int id = 0; id < PSP_VULKAN_N_KERNELS; id++)
    if (self->modules[id] != VK_NULL_HANDLE)
      vk->DestroyShaderModule (handle, self->modules[id], NULL);
  if (self->layout != VK_NULL_HANDLE)
    vk->DestroyPipelineLayout (handle, self->layout, NULL);
  if (self->set_layout != VK_NULL_HANDLE)
    vk->DestroyDescriptorSetLayout (handle, self->set_layout, NULL);
  g_clear_pointer (&self->choices, psp_vulkan_choices_free);
  g_free (self->cache_path);
  g_free (self);
}

static gboolean
ensure_module (PspVulkanPipelines  *self,
               PspVulkanKernelId    id,
               GError             **error)
{
  PspVulkanDevice *device = self->device;
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (id);
  VkShaderModuleCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
    .codeSize = kernel->code_bytes[device->precision],
    .pCode = kernel->code[device->precision],
  };

  if (kernel->matrix_side > 0 && !device->matrices.khr)
    {
      info.codeSize = kernel->nv_code_bytes;
      info.pCode = kernel->nv_code;
    }

  if (self->modules[id] != VK_NULL_HANDLE)
    return TRUE;
  if (!psp_vulkan_device_check (device,
                                device->vk->CreateShaderModule (device->handle, &info, NULL,
                                                                &self->modules[id]),
                                "vkCreateShaderModule", error))
    return FALSE;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_SHADER_MODULE, (guint64) self->modules[id],
                               kernel->label);
  return TRUE;
}

/* Fills @values, and @entries with where they are; returns their number. */
static guint32
fill_constants (const PspVulkanDevice    *device,
                const PspVulkanKernel    *kernel,
                const Variant            *variant,
                guint32                   values[MAX_CONSTANTS],
                VkSpecializationMapEntry  entries[MAX_CONSTANTS])
{
  const PspVulkanMatrices *matrices = &device->matrices;
  const guint32 dimensions[PSP_VULKAN_N_MATRIX_CONSTANTS] = {
    kernel->matrix_side, matrices->rows, matrices->depth, matrices->depth, matrices->columns,
    matrices->rows, matrices->columns,
  };
  guint32 n_constants = kernel->matrix_side > 0 ? MAX_CONSTANTS : N_CONSTANTS;

  values[0] = kernel->group_width;
  values[1] = kernel->group_height;
  if (kernel->matrix_side > 0)
    {
      values[0] = matrices->subgroup * PSP_VULKAN_MATRIX_SUBGROUPS;
      values[1] = 1;
    }
  memcpy (values + N_GROUP_CONSTANTS, variant->constants, sizeof variant->constants);
  memcpy (values + N_CONSTANTS, dimensions, sizeof dimensions);
  for (guint32 i = 0; i < n_constants; i++)
    entries[i] = (VkSpecializationMapEntry) {
      i < N_CONSTANTS ? i : i - N_CONSTANTS + PSP_VULKAN_MATRIX_CONSTANT,
      i * sizeof values[0], sizeof values[0],
    };
  return n_constants;
}

static gboolean
create_pipeline (PspVulkanPipelines  *self,
                 Variant             *variant,
                 GError             **error)
{
  PspVulkanDevice *device = self->device;
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (variant->id);
  VkSpecializationMapEntry entries[MAX_CONSTANTS];
  guint32 values[MAX_CONSTANTS];
  VkSpecializationInfo constants = {
    .mapEntryCount = fill_constants (device, kernel, variant, values, entries),
    .pMapEntries = entries,
    .dataSize = sizeof values,
    .pData = values,
  };
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo subgroup = {
    .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO,
    .requiredSubgroupSize = device->matrices.subgroup,
  };
  VkComputePipelineCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
    .stage = {
      .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
      .stage = VK_SHADER_STAGE_COMPUTE_BIT,
      .module = self->modules[variant->id],
      .pName = "main",
      .pSpecializationInfo = &constants,
    },
    .layout = self->layout,
  };

  if (kernel->matrix_side > 0)
    {
      info.stage.pNext = device->matrices.pinned ? &subgroup : NULL;
      info.stage.flags = VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT;
    }

  if (!psp_vulkan_device_check (device,
                                device->vk->CreateComputePipelines (device->handle, self->cache,
                                                                    1, &info, NULL,
                                                                    &variant->pipeline),
                                "vkCreateComputePipelines", error))
    return FALSE;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_PIPELINE, (guint64) variant->pipeline,
                               kernel->label);
  return TRUE;
}

VkPipeline
psp_vulkan_pipelines_get (PspVulkanPipelines  *self,
                          PspVulkanKernelId    id,
                          const guint32       *constants,
                          GError             **error)
{
  g_autofree Variant *variant = g_new0 (Variant, 1);
  Variant *found;

  variant->id = id;
  memcpy (variant->constants, constants, sizeof variant->constants);
  found = g_hash_table_lookup (self->pipelines, variant);
  if (found != NULL)
    return found->pipeline;

  if (!ensure_module (self, id, error) || !create_pipeline (self, variant, error))
    return VK_NULL_HANDLE;

  found = g_steal_pointer (&variant);
  g_hash_table_add (self->pipelines, found);
  return found->pipeline;
}
