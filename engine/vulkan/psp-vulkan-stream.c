/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-stream.h"

#define TARGET_SECONDS 0.05

/* The first chunk, when nobody knows the device's speed, and the least that is worth a
 * submission. */
#define FIRST_COST_SOFTWARE 2e8
#define FIRST_COST 2e9
#define MIN_COST 1e7

#define MAX_DISPATCHES 128

/* A chunk is waited for in slices, so that whoever cancels is not kept by a device that does not
 * answer; after a minute it is given up. */
#define SLICE_NANOSECONDS (G_GUINT64_CONSTANT (50) * 1000 * 1000)
#define PATIENCE_SLICES 1200

/* Of a cautious stream: how much less one submission holds. */
#define CAUTION 4

static gboolean
create_chunk (PspVulkanStream  *self,
              PspVulkanChunk   *chunk,
              GError          **error)
{
  PspVulkanDevice *device = self->device;
  VkCommandBufferAllocateInfo commands = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = self->pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = 1,
  };
  VkFenceCreateInfo fence = {
    .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO,
  };
  VkDescriptorPoolSize sizes[] = {
    { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, MAX_DISPATCHES * PSP_VULKAN_N_BINDINGS },
    { VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, MAX_DISPATCHES * PSP_VULKAN_N_TEXEL_BINDINGS },
  };
  VkDescriptorPoolCreateInfo descriptors = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
    .maxSets = MAX_DISPATCHES,
    .poolSizeCount = G_N_ELEMENTS (sizes),
    .pPoolSizes = sizes,
  };

  chunk->views = g_array_new (FALSE, FALSE, sizeof (VkBufferView));
  return psp_vulkan_device_check (device,
                                  device->vk->AllocateCommandBuffers (device->handle, &commands,
                                                                      &chunk->commands),
                                  "vkAllocateCommandBuffers", error) &&
         psp_vulkan_device_check (device,
                                  device->vk->CreateFence (device->handle, &fence, NULL,
                                                           &chunk->fence),
                                  "vkCreateFence", error) &&
         psp_vulkan_device_check (device,
                                  device->vk->CreateDescriptorPool (device->handle, &descriptors,
                                                                    NULL, &chunk->descriptors),
                                  "vkCreateDescriptorPool", error);
}

static gboolean
create_pools (PspVulkanStream  *self,
              GError          **error)
{
  PspVulkanDevice *device = self->device;
  VkCommandPoolCreateInfo pool = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
    .queueFamilyIndex = device->adapter->queue_family,
  };
  VkQueryPoolCreateInfo queries = {
    .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
    .queryType = VK_QUERY_TYPE_TIMESTAMP,
    .queryCount = 2 * PSP_VULKAN_N_CHUNKS,
  };

  return psp_vulkan_device_check (device,
                                  device->vk->CreateCommandPool (device->handle, &pool, NULL,
                                                                 &self->pool),
                                  "vkCreateCommandPool", error) &&
         (device->adapter->timestamp_bits == 0 ||
          psp_vulkan_device_check (device,
                                   device->vk->CreateQueryPool (device->handle, &queries, NULL,
                                                                &self->queries),
                                   "vkCreateQueryPool", error));
}

static void
label_chunk (PspVulkanStream *self,
             int              i)
{
  PspVulkanChunk *chunk = &self->chunks[i];
  g_autofree char *label = g_strdup_printf ("chunk %d", i);

  psp_vulkan_device_set_label (self->device, VK_OBJECT_TYPE_COMMAND_BUFFER,
                               (guint64) chunk->commands, label);
  psp_vulkan_device_set_label (self->device, VK_OBJECT_TYPE_FENCE, (guint64) chunk->fence, label);
  psp_vulkan_device_set_label (self->device, VK_OBJECT_TYPE_DESCRIPTOR_POOL,
                               (guint64) chunk->descriptors, label);
}

PspVulkanStream *
psp_vulkan_stream_new (PspVulkanDevice     *device,
                       PspVulkanPipelines  *pipelines,
                       gboolean             cautious,
                       GError             **error)
{
  g_autoptr(PspVulkanStream) self = g_new0 (PspVulkanStream, 1);

  self->device = device;
  self->pipelines = pipelines;
  self->cost_limit = device->adapter->kind == PSP_DEVICE_SOFTWARE ? FIRST_COST_SOFTWARE
                                                                  : FIRST_COST;
  self->target_seconds = TARGET_SECONDS;
  if (cautious)
    {
      self->cost_limit /= CAUTION;
      self->target_seconds /= CAUTION;
    }
  if (!create_pools (self, error))
    return NULL;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_COMMAND_POOL, (guint64) self->pool, "chunks");
  if (self->queries != VK_NULL_HANDLE)
    psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_QUERY_POOL, (guint64) self->queries,
                                 "times of chunks");
  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    {
      if (!create_chunk (self, &self->chunks[i], error))
        return NULL;
      label_chunk (self, i);
    }
  return g_steal_pointer (&self);
}

static void
destroy_views (PspVulkanStream *self,
               PspVulkanChunk  *chunk)
{
  for (guint i = 0; chunk->views != NULL && i < chunk->views->len; i++)
    self->device->vk->DestroyBufferView (self->device->handle,
                                         g_array_index (chunk->views, VkBufferView, i), NULL);
  if (chunk->views != NULL)
    g_array_set_size (chunk->views, 0);
}

void
psp_vulkan_stream_free (PspVulkanStream *self)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkDevice handle = self->device->handle;

  psp_vulkan_stream_abandon (self);
  psp_vulkan_stream_settle (self);
  for (int i = 0; i < PSP_VULKAN_N_CHUNKS && !self->device->silent; i++)
    {
      if (self->chunks[i].fence != VK_NULL_HANDLE)
        vk->DestroyFence (handle, self->chunks[i].fence, NULL);
      if (self->chunks[i].descriptors != VK_NULL_HANDLE)
        vk->DestroyDescriptorPool (handle, self->chunks[i].descriptors, NULL);
      destroy_views (self, &self->chunks[i]);
    }
  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    g_clear_pointer (&self->chunks[i].views, g_array_unref);
  if (self->queries != VK_NULL_HANDLE && !self->device->silent)
    vk->DestroyQueryPool (handle, self->queries, NULL);
  if (self->pool != VK_NULL_HANDLE && !self->device->silent)
    vk->DestroyCommandPool (handle, self->pool, NULL);
  g_free (self);
}

double
psp_vulkan_stream_get_room (const PspVulkanStream *self)
{
  return self->recording ? MAX (0, self->cost_limit - self->chunks[self->current].cost)
                         : self->cost_limit;
}

gboolean
psp_vulkan_stream_is_recording (const PspVulkanStream *self)
{
  return self->recording;
}

gboolean
psp_vulkan_stream_is_busy (const PspVulkanStream *self)
{
  gboolean busy = self->recording;

  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    busy = busy || self->chunks[i].pending;
  return busy;
}

/* How long the chunk kept the device busy. */
static double
measure_seconds (PspVulkanStream *self,
                 int              i)
{
  PspVulkanDevice *device = self->device;
  guint32 n_bits = device->adapter->timestamp_bits;
  guint64 mask = n_bits < 64 ? (G_GUINT64_CONSTANT (1) << n_bits) - 1 : G_MAXUINT64;
  guint64 ticks[2];
  gint64 now = g_get_monotonic_time ();
  gint64 start = MAX (self->chunks[i].submitted_us, self->idle_us);

  self->idle_us = now;
  if (n_bits > 0 &&
      device->vk->GetQueryPoolResults (device->handle, self->queries, 2 * i, 2, sizeof ticks,
                                       ticks, sizeof ticks[0],
                                       VK_QUERY_RESULT_64_BIT) == VK_SUCCESS)
    return (double) ((ticks[1] - ticks[0]) & mask) * 1e-9 *
           (double) device->adapter->properties.limits.timestampPeriod;

  return (double) (now - start) / G_USEC_PER_SEC;
}

/* Aims at chunks of the target's length; grows only after one that was nearly full. */
static void
learn_cost_limit (PspVulkanStream *self,
                  double           cost,
                  double           seconds)
{
  if (cost <= 0)
    return;

  if (seconds > self->target_seconds)
    self->cost_limit = MAX (MIN_COST, cost * self->target_seconds / seconds);
  else if (seconds < self->target_seconds / 2 && cost > self->cost_limit / 2)
    self->cost_limit *= 2;
}

static gboolean
give_up_waiting (PspVulkanDevice  *device,
                 VkResult          result,
                 GError          **error)
{
  /* Whatever it still does, nobody can know: handled like a device that says it is lost. */
  device->lost = TRUE;
  if (result != VK_TIMEOUT)
    return psp_vulkan_device_check (device, result, "vkWaitForFences", error);

  device->silent = TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_DEVICE,
               "%s has not answered for a minute; what it was given to do usually takes a "
               "twentieth of a second", device->adapter->name);
  return FALSE;
}

/* Cancelled, it may still be on the device: whoever needs the chunk next waits again. */
static gboolean
wait_for_chunk (PspVulkanStream  *self,
                int               i,
                GCancellable     *cancellable,
                GError          **error)
{
  PspVulkanDevice *device = self->device;
  PspVulkanChunk *chunk = &self->chunks[i];
  VkResult result = VK_TIMEOUT;

  if (!chunk->pending)
    return TRUE;
  if (!psp_vulkan_device_check_usable (device, error))
    return FALSE;

  for (int slice = 0; result == VK_TIMEOUT && slice < PATIENCE_SLICES; slice++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      result = device->vk->WaitForFences (device->handle, 1, &chunk->fence, VK_TRUE,
                                          SLICE_NANOSECONDS);
    }
  if (result != VK_SUCCESS)
    return give_up_waiting (device, result, error);

  chunk->pending = FALSE;
  destroy_views (self, chunk);
  self->last_seconds = measure_seconds (self, i);
  learn_cost_limit (self, chunk->cost, self->last_seconds);
  return TRUE;
}

static void
record_barrier (PspVulkanStream      *self,
                VkPipelineStageFlags  destination_stages,
                VkAccessFlags         destination_access)
{
  VkMemoryBarrier barrier = {
    .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
    .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
    .dstAccessMask = destination_access,
  };

  self->device->vk->CmdPipelineBarrier (self->chunks[self->current].commands,
                                        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT |
                                        VK_PIPELINE_STAGE_TRANSFER_BIT,
                                        destination_stages, 0, 1, &barrier, 0, NULL, 0, NULL);
  self->n_reads = 0;
  self->n_writes = 0;
}

/* What kernels and copies wrote before, to the kernels and copies that follow. */
static void
record_work_barrier (PspVulkanStream *self)
{
  record_barrier (self, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                  VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                  VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
}

static void
record_timestamp (PspVulkanStream *self,
                  guint32          query)
{
  if (self->queries != VK_NULL_HANDLE)
    self->device->vk->CmdWriteTimestamp (self->chunks[self->current].commands,
                                         VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, self->queries,
                                         2 * self->current + query);
}

gboolean
psp_vulkan_stream_begin (PspVulkanStream  *self,
                         int              *chunk,
                         GError          **error)
{
  PspVulkanDevice *device = self->device;
  PspVulkanChunk *current = &self->chunks[self->current];
  VkCommandBufferBeginInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
    .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
  };

  if (chunk != NULL)
    *chunk = self->current;
  if (self->recording)
    return TRUE;

  if (!psp_vulkan_device_check_usable (device, error) ||
      !wait_for_chunk (self, self->current, NULL, error) ||
      !psp_vulkan_device_check (device,
                                device->vk->ResetDescriptorPool (device->handle,
                                                                 current->descriptors, 0),
                                "vkResetDescriptorPool", error) ||
      !psp_vulkan_device_check (device,
                                device->vk->BeginCommandBuffer (current->commands, &info),
                                "vkBeginCommandBuffer", error))
    return FALSE;

  destroy_views (self, current);
  self->recording = TRUE;
  current->cost = 0;
  current->n_dispatches = 0;
  if (self->queries != VK_NULL_HANDLE)
    device->vk->CmdResetQueryPool (current->commands, self->queries, 2 * self->current, 2);
  record_work_barrier (self);
  record_timestamp (self, 0);
  return TRUE;
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
order_accesses (PspVulkanStream      *self,
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
allocate_set (PspVulkanStream  *self,
              const char       *label,
              VkDescriptorSet  *set,
              GError          **error)
{
  PspVulkanDevice *device = self->device;
  VkDescriptorSetAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
    .descriptorPool = self->chunks[self->current].descriptors,
    .descriptorSetCount = 1,
    .pSetLayouts = &self->pipelines->set_layout,
  };

  if (!psp_vulkan_device_check (device,
                                device->vk->AllocateDescriptorSets (device->handle, &info, set),
                                "vkAllocateDescriptorSets", error))
    return FALSE;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_DESCRIPTOR_SET, (guint64) *set, label);
  return TRUE;
}

static void
bind_storage (PspVulkanStream      *self,
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

/* The view lives as long as the chunk is on the device. */
static gboolean
bind_texels (PspVulkanStream       *self,
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

  g_array_append_val (self->chunks[self->current].views, view);
  device->vk->UpdateDescriptorSets (device->handle, 1, &write, 0, NULL);
  return TRUE;
}

static gboolean
bind (PspVulkanStream          *self,
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

  self->device->vk->CmdBindDescriptorSets (self->chunks[self->current].commands,
                                           VK_PIPELINE_BIND_POINT_COMPUTE,
                                           self->pipelines->layout, 0, 1, &set, 0, NULL);
  return TRUE;
}

gboolean
psp_vulkan_stream_dispatch (PspVulkanStream          *self,
                            const PspVulkanDispatch  *dispatch,
                            GError                  **error)
{
  const PspVulkanFunctions *vk = self->device->vk;
  const PspVulkanKernel *kernel = psp_vulkan_kernel_get (dispatch->kernel);
  PspVulkanRange reads[PSP_VULKAN_N_BINDINGS];
  guint n_reads = 0;
  PspVulkanChunk *chunk;
  VkPipeline pipeline;

  if (self->recording && self->chunks[self->current].n_dispatches == MAX_DISPATCHES &&
      !psp_vulkan_stream_submit (self, NULL, error))
    return FALSE;

  pipeline = psp_vulkan_pipelines_get (self->pipelines, dispatch->kernel, dispatch->constants,
                                       error);
  if (pipeline == VK_NULL_HANDLE ||
      !psp_vulkan_stream_begin (self, NULL, error) ||
      !bind (self, dispatch, error))
    return FALSE;

  for (int i = 0; i < PSP_VULKAN_N_BINDINGS; i++)
    if (i != 1 && dispatch->bindings[i].buffer != VK_NULL_HANDLE)
      reads[n_reads++] = dispatch->bindings[i];
  order_accesses (self, reads, n_reads, &dispatch->bindings[1]);

  chunk = &self->chunks[self->current];
  vk->CmdBindPipeline (chunk->commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
  vk->CmdPushConstants (chunk->commands, self->pipelines->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                        kernel->push_bytes, dispatch->push);
  vk->CmdDispatch (chunk->commands, dispatch->n_groups[0], dispatch->n_groups[1], 1);
  chunk->n_dispatches++;
  chunk->cost += dispatch->cost;
  return TRUE;
}

gboolean
psp_vulkan_stream_copy (PspVulkanStream       *self,
                        const PspVulkanRange  *source,
                        const PspVulkanRange  *destination,
                        GError               **error)
{
  VkBufferCopy region = {
    .srcOffset = source->offset,
    .dstOffset = destination->offset,
    .size = source->n_bytes,
  };

  if (!psp_vulkan_stream_begin (self, NULL, error))
    return FALSE;

  order_accesses (self, source, 1, destination);
  self->device->vk->CmdCopyBuffer (self->chunks[self->current].commands, source->buffer,
                                   destination->buffer, 1, &region);
  return TRUE;
}

gboolean
psp_vulkan_stream_submit (PspVulkanStream  *self,
                          GCancellable     *cancellable,
                          GError          **error)
{
  PspVulkanDevice *device = self->device;
  PspVulkanChunk *chunk = &self->chunks[self->current];
  VkSubmitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .commandBufferCount = 1,
    .pCommandBuffers = &chunk->commands,
  };

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!self->recording)
    return TRUE;

  record_timestamp (self, 1);
  /* What kernels and copies wrote, to the host that maps it. */
  record_barrier (self, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  self->recording = FALSE;
  chunk->submitted_us = g_get_monotonic_time ();
  if (!psp_vulkan_device_check (device, device->vk->EndCommandBuffer (chunk->commands),
                                "vkEndCommandBuffer", error) ||
      !psp_vulkan_device_check (device,
                                device->vk->ResetFences (device->handle, 1, &chunk->fence),
                                "vkResetFences", error) ||
      !psp_vulkan_device_check (device,
                                device->vk->QueueSubmit (device->queue, 1, &info, chunk->fence),
                                "vkQueueSubmit", error))
    return FALSE;

  chunk->pending = TRUE;
  self->current = (self->current + 1) % PSP_VULKAN_N_CHUNKS;
  return wait_for_chunk (self, self->current, cancellable, error);
}

gboolean
psp_vulkan_stream_finish (PspVulkanStream  *self,
                          GCancellable     *cancellable,
                          GError          **error)
{
  if (!psp_vulkan_stream_submit (self, cancellable, error))
    return FALSE;

  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    if (!wait_for_chunk (self, (self->current + i) % PSP_VULKAN_N_CHUNKS, cancellable, error))
      return FALSE;
  return psp_vulkan_device_check_usable (self->device, error);
}

/* Given up after an error, it may still run: whatever it uses must not be freed before. */
static void
wait_until_idle (PspVulkanStream *self)
{
  self->device->vk->DeviceWaitIdle (self->device->handle);
  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    {
      self->chunks[i].pending = FALSE;
      destroy_views (self, &self->chunks[i]);
    }
}

void
psp_vulkan_stream_settle (PspVulkanStream *self)
{
  gboolean settled = TRUE;

  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    settled = wait_for_chunk (self, (self->current + i) % PSP_VULKAN_N_CHUNKS, NULL, NULL) &&
              settled;
  if (!settled && !self->device->silent)
    wait_until_idle (self);
}

void
psp_vulkan_stream_abandon (PspVulkanStream *self)
{
  if (self->recording)
    self->device->vk->EndCommandBuffer (self->chunks[self->current].commands);
  self->recording = FALSE;
}
