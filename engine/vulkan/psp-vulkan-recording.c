/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-recording.h"

/* Of one descriptor pool; another one is made when they are taken. */
#define SETS_PER_POOL 64

PspVulkanRecording *
psp_vulkan_recording_new (PspVulkanDevice     *device,
                          PspVulkanPipelines  *pipelines,
                          gboolean             once,
                          const char          *label,
                          GError             **error)
{
  g_autoptr(PspVulkanRecording) self = g_new0 (PspVulkanRecording, 1);
  VkCommandPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .flags = once ? VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT : 0,
    .queueFamilyIndex = device->adapter->queue_family,
  };

  self->device = device;
  self->pipelines = pipelines;
  self->once = once;
  self->chunks = g_array_new (FALSE, FALSE, sizeof (PspVulkanChunk));
  self->descriptors = g_array_new (FALSE, FALSE, sizeof (VkDescriptorPool));
  self->views = g_array_new (FALSE, FALSE, sizeof (VkBufferView));
  if (!psp_vulkan_device_check (device,
                                device->vk->CreateCommandPool (device->handle, &info, NULL,
                                                               &self->pool),
                                "vkCreateCommandPool", error))
    return NULL;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_COMMAND_POOL, (guint64) self->pool, label);
  return g_steal_pointer (&self);
}

static void
destroy_views (PspVulkanRecording *self)
{
  for (guint i = 0; i < self->views->len; i++)
    self->device->vk->DestroyBufferView (self->device->handle,
                                         g_array_index (self->views, VkBufferView, i), NULL);
  g_array_set_size (self->views, 0);
}

void
psp_vulkan_recording_free (PspVulkanRecording *self)
{
  const PspVulkanDevice *device = self->device;

  if (!device->silent)
    {
      if (self->pool != VK_NULL_HANDLE)
        device->vk->DestroyCommandPool (device->handle, self->pool, NULL);
      for (guint i = 0; i < self->descriptors->len; i++)
        device->vk->DestroyDescriptorPool (device->handle,
                                           g_array_index (self->descriptors, VkDescriptorPool, i),
                                           NULL);
      destroy_views (self);
    }
  g_array_unref (self->chunks);
  g_array_unref (self->descriptors);
  g_array_unref (self->views);
  g_free (self);
}

void
psp_vulkan_recording_clear (PspVulkanRecording *self)
{
  destroy_views (self);
  self->n_chunks = 0;
  self->cost = 0;
}

static PspVulkanChunk *
get_last_chunk (PspVulkanRecording *self)
{
  return &g_array_index (self->chunks, PspVulkanChunk, self->n_chunks - 1);
}

const PspVulkanChunk *
psp_vulkan_recording_get_chunk (const PspVulkanRecording *self,
                                guint                     index)
{
  return &g_array_index (self->chunks, PspVulkanChunk, index);
}

static void
record_barrier (PspVulkanRecording   *self,
                VkPipelineStageFlags  destination_stages,
                VkAccessFlags         destination_access)
{
  VkMemoryBarrier barrier = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = destination_access,
  };

  self->device->vk->CmdPipelineBarrier (get_last_chunk (self)->commands,
                                        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT |
                                        VK_PIPELINE_STAGE_TRANSFER_BIT,
                                        destination_stages, 0, 1, &barrier, 0, NULL, 0, NULL);
  self->n_reads = 0;
  self->n_writes = 0;
}

/* What kernels and copies wrote before, to the kernels and copies that follow. */
static void
record_work_barrier (PspVulkanRecording *self)
{
  record_barrier (self, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                  VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                  VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
}

static gboolean
add_chunk (PspVulkanRecording  *self,
           GError             **error)
{
  PspVulkanDevice *device = self->device;
  g_autofree char *label = g_strdup_printf ("chunk %u", self->chunks->len);
  PspVulkanChunk chunk = { 0 };
  VkCommandBufferAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = self->pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };

  if (!psp_vulkan_device_check (device,
                                device->vk->AllocateCommandBuffers (device->handle, &info,
                                                                    &chunk.commands),
                                "vkAllocateCommandBuffers", error))
    return FALSE;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_COMMAND_BUFFER, (guint64) chunk.commands,
                               label);
  g_array_append_val (self->chunks, chunk);
  return TRUE;
}

static gboolean
reset_descriptors (PspVulkanRecording  *self,
                   GError             **error)
{
  PspVulkanDevice *device = self->device;

  for (guint i = 0; i < self->descriptors->len; i++)
    if (!psp_vulkan_device_check (device,
                                  device->vk->ResetDescriptorPool (
                                    device->handle,
                                    g_array_index (self->descriptors, VkDescriptorPool, i), 0),
                                  "vkResetDescriptorPool", error))
      return FALSE;
  self->n_sets = 0;
  return TRUE;
}

gboolean
psp_vulkan_recording_begin (PspVulkanRecording  *self,
                            GError             **error)
{
  PspVulkanDevice *device = self->device;
  VkCommandBufferBeginInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
    .flags = self->once ? VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT : 0,
  };
  PspVulkanChunk *chunk;

  if ((self->n_chunks == 0 && !reset_descriptors (self, error)) ||
      (self->n_chunks == self->chunks->len && !add_chunk (self, error)))
    return FALSE;

  chunk = &g_array_index (self->chunks, PspVulkanChunk, self->n_chunks);
  if (!psp_vulkan_device_check (device, device->vk->BeginCommandBuffer (chunk->commands, &info),
                                "vkBeginCommandBuffer", error))
    return FALSE;

  chunk->cost = 0;
  self->n_chunks++;
  record_work_barrier (self);
  return TRUE;
}

gboolean
psp_vulkan_recording_end (PspVulkanRecording  *self,
                          GError             **error)
{
  PspVulkanDevice *device = self->device;

  /* What kernels and copies wrote, to the host that maps it. */
  record_barrier (self, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  return psp_vulkan_device_check (device,
                                  device->vk->EndCommandBuffer (get_last_chunk (self)->commands),
                                  "vkEndCommandBuffer", error);
}

void
psp_vulkan_recording_abandon (PspVulkanRecording *self)
{
  PspVulkanChunk *chunk = get_last_chunk (self);

  self->device->vk->EndCommandBuffer (chunk->commands);
  self->cost -= chunk->cost;
  self->n_chunks--;
}

static gboolean
overlap (const PspVulkanRange *ranges,
         guint                 n_ranges,
         const PspVulkanRange *range)
{
  for (guint i = 0; i < n_ranges; i++)
    if (ranges[i].buffer == range->buffer &&
        ranges[i].offset < range->offset + range->n_bytes &&
        range->offset < ranges[i].offset + ranges[i].n_bytes)
      return TRUE;
  return FALSE;
}

/* A barrier, unless all these accesses are independent of the ones since the last barrier. */
static void
order_accesses (PspVulkanRecording   *self,
                const PspVulkanRange *reads,
                guint                 n_reads,
                const PspVulkanRange *write)
{
  gboolean depends = self->n_writes == PSP_VULKAN_MAX_ACCESSES ||
                     self->n_reads + n_reads > PSP_VULKAN_MAX_ACCESSES ||
                     overlap (self->writes, self->n_writes, write) ||
                     overlap (self->reads, self->n_reads, write);

  for (guint i = 0; i < n_reads; i++)
    depends = depends || overlap (self->writes, self->n_writes, &reads[i]);
  if (depends)
    record_work_barrier (self);

  self->writes[self->n_writes++] = *write;
  for (guint i = 0; i < n_reads; i++)
    self->reads[self->n_reads++] = reads[i];
}

static gboolean
add_descriptor_pool (PspVulkanRecording  *self,
                     GError             **error)
{
  PspVulkanDevice *device = self->device;
  VkDescriptorPool pool;
  VkDescriptorPoolSize sizes[] = {
    { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, SETS_PER_POOL * PSP_VULKAN_N_BINDINGS },
    { VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, SETS_PER_POOL * PSP_VULKAN_N_TEXEL_BINDINGS },
  };
  VkDescriptorPoolCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
    .maxSets = SETS_PER_POOL,
    .poolSizeCount = G_N_ELEMENTS (sizes),
    .pPoolSizes = sizes,
  };

  if (!psp_vulkan_device_check (device,
                                device->vk->CreateDescriptorPool (device->handle, &info, NULL,
                                                                  &pool),
                                "vkCreateDescriptorPool", error))
    return FALSE;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_DESCRIPTOR_POOL, (guint64) pool,
                               "bindings of dispatches");
  g_array_append_val (self->descriptors, pool);
  return TRUE;
}

static gboolean
allocate_set (PspVulkanRecording  *self,
              const char          *label,
              VkDescriptorSet     *set,
              GError             **error)
{
  PspVulkanDevice *device = self->device;
  VkDescriptorSetAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
    .descriptorSetCount = 1,
    .pSetLayouts = &self->pipelines->set_layout,
  };

  if (self->n_sets == self->descriptors->len * SETS_PER_POOL &&
      !add_descriptor_pool (self, error))
    return FALSE;

  info.descriptorPool = g_array_index (self->descriptors, VkDescriptorPool,
                                       self->n_sets / SETS_PER_POOL);
  if (!psp_vulkan_device_check (device,
                                device->vk->AllocateDescriptorSets (device->handle, &info, set),
                                "vkAllocateDescriptorSets", error))
    return FALSE;

  self->n_sets++;
  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_DESCRIPTOR_SET, (guint64) *set, label);
  return TRUE;
}

static void
bind_storage (PspVulkanRecording   *self,
              VkDescriptorSet       set,
              guint32               binding,
              const PspVulkanRange *range)
{
  VkDescriptorBufferInfo info = { range->buffer, range->offset, range->n_bytes };
  VkWriteDescriptorSet write = {
    .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
    .dstSet = set,
    .dstBinding = binding,
    .descriptorCount = 1,
    .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
    .pBufferInfo = &info,
  };

  self->device->vk->UpdateDescriptorSets (self->device->handle, 1, &write, 0, NULL);
}

static gboolean
bind_texels (PspVulkanRecording    *self,
             VkDescriptorSet        set,
             guint32                binding,
             const PspVulkanRange  *range,
             GError               **error)
{
  PspVulkanDevice *device = self->device;
  VkBufferView view;
  VkBufferViewCreateInfo info = {
    .sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
    .buffer = range->buffer,
    .format = device->precision == PSP_PRECISION_FP16 ? VK_FORMAT_R16G16B16A16_SFLOAT
                                                      : VK_FORMAT_R32G32B32A32_SFLOAT,
    .offset = range->offset,
    .range = range->n_bytes,
  };
  VkWriteDescriptorSet write = {
    .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
    .dstSet = set,
    .dstBinding = binding,
    .descriptorCount = 1,
    .descriptorType = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER,
    .pTexelBufferView = &view,
  };

  if (!psp_vulkan_device_check (device,
                                device->vk->CreateBufferView (device->handle, &info, NULL, &view),
                                "vkCreateBufferView", error))
    return FALSE;

  g_array_append_val (self->views, view);
  device->vk->UpdateDescriptorSets (device->handle, 1, &write, 0, NULL);
  return TRUE;
}

static gboolean
bind (PspVulkanRecording       *self,
      const PspVulkanDispatch  *dispatch,
      GError                  **error)
{
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (dispatch->kernel);
  VkDescriptorSet set;

  if (!allocate_set (self, kernel->label, &set, error))
    return FALSE;

  for (guint32 i = 0; i < PSP_VULKAN_N_BINDINGS; i++)
    {
      const PspVulkanRange *range = &dispatch->bindings[i];

      if (range->buffer == VK_NULL_HANDLE)
        continue;
      if (!kernel->texels || i % 2 != 0 || i / 2 >= PSP_VULKAN_N_TEXEL_BINDINGS)
        bind_storage (self, set, i, range);
      else if (!bind_texels (self, set, PSP_VULKAN_N_BINDINGS + i / 2, range, error))
        return FALSE;
    }

  self->device->vk->CmdBindDescriptorSets (get_last_chunk (self)->commands,
                                           VK_PIPELINE_BIND_POINT_COMPUTE,
                                           self->pipelines->layout, 0, 1, &set, 0, NULL);
  return TRUE;
}

gboolean
psp_vulkan_recording_dispatch (PspVulkanRecording       *self,
                               const PspVulkanDispatch  *dispatch,
                               GError                  **error)
{
  const PspVulkanFunctions *vk = self->device->vk;
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (dispatch->kernel);
  PspVulkanChunk *chunk = get_last_chunk (self);
  PspVulkanRange reads[PSP_VULKAN_N_BINDINGS];
  guint n_reads = 0;
  VkPipeline pipeline = psp_vulkan_pipelines_get (self->pipelines, dispatch->kernel,
                                                  dispatch->constants, error);

  if (pipeline == VK_NULL_HANDLE || !bind (self, dispatch, error))
    return FALSE;

  for (int i = 0; i < PSP_VULKAN_N_BINDINGS; i++)
    if (i != 1 && dispatch->bindings[i].buffer != VK_NULL_HANDLE)
      reads[n_reads++] = dispatch->bindings[i];
  order_accesses (self, reads, n_reads, &dispatch->bindings[1]);

  vk->CmdBindPipeline (chunk->commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
  vk->CmdPushConstants (chunk->commands, self->pipelines->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                        kernel->push_bytes, dispatch->push);
  vk->CmdDispatch (chunk->commands, dispatch->n_groups[0], dispatch->n_groups[1], 1);
  chunk->cost += dispatch->cost;
  self->cost += dispatch->cost;
  return TRUE;
}

void
psp_vulkan_recording_copy (PspVulkanRecording   *self,
                           const PspVulkanRange *source,
                           const PspVulkanRange *destination)
{
  VkBufferCopy region = {
    .srcOffset = source->offset,
    .dstOffset = destination->offset,
    .size = source->n_bytes,
  };

  order_accesses (self, source, 1, destination);
  self->device->vk->CmdCopyBuffer (get_last_chunk (self)->commands, source->buffer,
                                   destination->buffer, 1, &region);
}
