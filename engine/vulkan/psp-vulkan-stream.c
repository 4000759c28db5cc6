/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-stream.h"

#define TARGET_SECONDS 0.05

/* A chunk that is submitted again may take so many times the target before it is cut smaller; or be
 * so many times smaller than what is submitted now before it is cut larger. */
#define TOLERANCE 2

/* The first chunk, when nobody knows the device's speed, and the least that is worth a
 * submission. */
#define FIRST_COST_SOFTWARE 2e8
#define FIRST_COST 2e9
#define MIN_COST 1e7

/* A chunk is waited for in slices, so that whoever cancels is not kept by a device that does not
 * answer; after a minute it is given up. */
#define SLICE_NANOSECONDS (G_GUINT64_CONSTANT (50) * 1000 * 1000)
#define PATIENCE_SLICES 1200

/* Of a cautious stream: how much less one submission holds. */
#define CAUTION 4

/* The first of the queries of slot @i's @pair. */
static guint32
find_query (int i,
            int pair)
{
  return 2 * (PSP_VULKAN_N_STAMP_PAIRS * i + pair);
}

/* What writes timestamp @stamp of slot @i, 0: before its chunk, 1: after it.  Each time the queries
 * of all pairs are reset on the device, so that those that come next hold nothing until they are
 * written. */
static gboolean
record_stamp (PspVulkanStream  *self,
              int               i,
              int               pair,
              int               stamp,
              GError          **error)
{
  PspVulkanDevice *device = self->device;
  VkCommandBuffer commands = self->slots[i].stamps[pair][stamp];
  VkCommandBufferBeginInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
  };

  if (!psp_vulkan_device_check (device, device->vk->BeginCommandBuffer (commands, &info),
                                "vkBeginCommandBuffer", error))
    return FALSE;

  if (stamp == 0)
    device->vk->CmdResetQueryPool (commands, self->queries, find_query (i, 0),
                                   2 * PSP_VULKAN_N_STAMP_PAIRS);
  device->vk->CmdWriteTimestamp (commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, self->queries,
                                 find_query (i, pair) + stamp);
  return psp_vulkan_device_check (device, device->vk->EndCommandBuffer (commands),
                                  "vkEndCommandBuffer", error);
}

static gboolean
create_stamps (PspVulkanStream  *self,
               int               i,
               GError          **error)
{
  PspVulkanDevice *device = self->device;
  PspVulkanSlot *slot = &self->slots[i];
  VkCommandBufferAllocateInfo info = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
    .commandPool = self->pool,
    .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
    .commandBufferCount = G_N_ELEMENTS (slot->stamps[0]),
  };

  for (int pair = 0; pair < PSP_VULKAN_N_STAMP_PAIRS; pair++)
    if (!psp_vulkan_device_check (device,
                                  device->vk->AllocateCommandBuffers (device->handle, &info,
                                                                      slot->stamps[pair]),
                                  "vkAllocateCommandBuffers", error) ||
        !record_stamp (self, i, pair, 0, error) ||
        !record_stamp (self, i, pair, 1, error))
      return FALSE;
  return TRUE;
}

static gboolean
create_slot (PspVulkanStream  *self,
             int               i,
             GError          **error)
{
  PspVulkanDevice *device = self->device;
  PspVulkanSlot *slot = &self->slots[i];
  g_autofree char *label = g_strdup_printf ("slot %d", i);
  VkFenceCreateInfo fence = {
    .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO,
  };

  slot->once = psp_vulkan_recording_new (device, self->pipelines, TRUE, label, error);
  if (slot->once == NULL ||
      !psp_vulkan_device_check (device,
                                device->vk->CreateFence (device->handle, &fence, NULL,
                                                         &slot->fence),
                                "vkCreateFence", error))
    return FALSE;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_FENCE, (guint64) slot->fence, label);
  return self->queries == VK_NULL_HANDLE || create_stamps (self, i, error);
}

static gboolean
create_pools (PspVulkanStream  *self,
              GError          **error)
{
  PspVulkanDevice *device = self->device;
  VkCommandPoolCreateInfo pool = {
    .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
    .queueFamilyIndex = device->adapter->queue_family,
  };
  VkQueryPoolCreateInfo queries = {
    .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
    .queryType = VK_QUERY_TYPE_TIMESTAMP,
    .queryCount = find_query (PSP_VULKAN_N_CHUNKS, 0),
  };

  if (device->adapter->timestamp_bits == 0)
    return TRUE;
  if (!psp_vulkan_device_check (device,
                                device->vk->CreateCommandPool (device->handle, &pool, NULL,
                                                               &self->pool),
                                "vkCreateCommandPool", error) ||
      !psp_vulkan_device_check (device,
                                device->vk->CreateQueryPool (device->handle, &queries, NULL,
                                                             &self->queries),
                                "vkCreateQueryPool", error))
    return FALSE;

  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_COMMAND_POOL, (guint64) self->pool,
                               "timestamps");
  psp_vulkan_device_set_label (device, VK_OBJECT_TYPE_QUERY_POOL, (guint64) self->queries,
                               "times of chunks");
  return TRUE;
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
  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    if (!create_slot (self, i, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
psp_vulkan_stream_free (PspVulkanStream *self)
{
  const PspVulkanFunctions *vk = self->device->vk;
  VkDevice handle = self->device->handle;

  psp_vulkan_stream_abandon (self);
  psp_vulkan_stream_settle (self);
  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    {
      if (self->slots[i].fence != VK_NULL_HANDLE && !self->device->silent)
        vk->DestroyFence (handle, self->slots[i].fence, NULL);
      g_clear_pointer (&self->slots[i].once, psp_vulkan_recording_free);
    }
  if (self->queries != VK_NULL_HANDLE && !self->device->silent)
    vk->DestroyQueryPool (handle, self->queries, NULL);
  if (self->pool != VK_NULL_HANDLE && !self->device->silent)
    vk->DestroyCommandPool (handle, self->pool, NULL);
  g_free (self);
}

double
psp_vulkan_stream_get_room (const PspVulkanStream *self)
{
  const PspVulkanRecording *open = self->open;

  return open != NULL
         ? MAX (0, self->cost_limit - psp_vulkan_recording_get_chunk (open,
                                                                      open->n_chunks - 1)->cost)
         : self->cost_limit;
}

gboolean
psp_vulkan_stream_is_recording (const PspVulkanStream *self)
{
  return self->open != NULL;
}

gboolean
psp_vulkan_stream_is_busy (const PspVulkanStream *self)
{
  gboolean busy = self->open != NULL;

  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    busy = busy || self->slots[i].pending;
  return busy;
}

/* @seconds: how long the chunk of slot @i kept the device busy. */
static gboolean
measure_seconds (PspVulkanStream  *self,
                 int               i,
                 double           *seconds,
                 GError          **error)
{
  PspVulkanDevice *device = self->device;
  guint32 n_bits = device->adapter->timestamp_bits;
  guint64 mask = n_bits < 64 ? (G_GUINT64_CONSTANT (1) << n_bits) - 1 : G_MAXUINT64;
  guint64 ticks[2];
  gint64 now = g_get_monotonic_time ();
  gint64 start = MAX (self->slots[i].submitted_us, self->idle_us);
  VkResult result;

  self->idle_us = now;
  *seconds = (double) (now - start) / G_USEC_PER_SEC;
  if (self->queries == VK_NULL_HANDLE)
    return TRUE;

  result = device->vk->GetQueryPoolResults (device->handle, self->queries,
                                            find_query (i, self->slots[i].pair), 2, sizeof ticks,
                                            ticks, sizeof ticks[0], VK_QUERY_RESULT_64_BIT);
  /* The fence says that it was done, and it was not. */
  if (result == VK_NOT_READY)
    device->lost = TRUE;
  if (!psp_vulkan_device_check (device, result, "vkGetQueryPoolResults", error))
    return FALSE;

  *seconds = (double) ((ticks[1] - ticks[0]) & mask) * 1e-9 *
             (double) device->adapter->properties.limits.timestampPeriod;
  return TRUE;
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

/* What a recording holds cannot be changed: it goes on as it is as long as that will do. */
static void
learn_from_replay (PspVulkanStream *self,
                   PspVulkanSlot   *slot,
                   double           seconds)
{
  if (seconds <= TOLERANCE * self->target_seconds || slot->cost <= MIN_COST)
    return;

  slot->recording->outdated = TRUE;
  learn_cost_limit (self, slot->cost, seconds);
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

/* What was not kept is forgotten at once: buffers that it views may be freed next. */
static void
empty_slot (PspVulkanSlot *slot)
{
  slot->pending = FALSE;
  psp_vulkan_recording_clear (slot->once);
}

/* Cancelled, it may still be on the device: whoever needs the slot next waits again. */
static gboolean
wait_for_slot (PspVulkanStream  *self,
               int               i,
               GCancellable     *cancellable,
               GError          **error)
{
  PspVulkanDevice *device = self->device;
  PspVulkanSlot *slot = &self->slots[i];
  VkResult result = VK_TIMEOUT;
  double seconds;

  if (!slot->pending)
    return TRUE;
  if (!psp_vulkan_device_check_usable (device, error))
    return FALSE;

  for (int slice = 0; result == VK_TIMEOUT && slice < PATIENCE_SLICES; slice++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      result = device->vk->WaitForFences (device->handle, 1, &slot->fence, VK_TRUE,
                                          SLICE_NANOSECONDS);
    }
  if (result != VK_SUCCESS)
    return give_up_waiting (device, result, error);

  if (!measure_seconds (self, i, &seconds, error))
    {
      if (!device->lost)
        empty_slot (slot);
      return FALSE;
    }

  self->busy_seconds += seconds;
  if (slot->again)
    learn_from_replay (self, slot, seconds);
  else
    learn_cost_limit (self, slot->cost, seconds);
  empty_slot (slot);
  return TRUE;
}

gboolean
psp_vulkan_stream_begin (PspVulkanStream  *self,
                         int              *slot,
                         GError          **error)
{
  PspVulkanRecording *once = self->slots[self->current].once;
  PspVulkanRecording *recording = self->kept != NULL ? self->kept : once;

  if (slot != NULL)
    *slot = self->current;
  if (self->open != NULL)
    return TRUE;

  if (!psp_vulkan_device_check_usable (self->device, error) ||
      !wait_for_slot (self, self->current, NULL, error))
    return FALSE;

  /* A submission that failed may have left something. */
  psp_vulkan_recording_clear (once);
  if (!psp_vulkan_recording_begin (recording, error))
    return FALSE;

  self->open = recording;
  return TRUE;
}

gboolean
psp_vulkan_stream_dispatch (PspVulkanStream          *self,
                            const PspVulkanDispatch  *dispatch,
                            GError                  **error)
{
  return psp_vulkan_stream_begin (self, NULL, error) &&
         psp_vulkan_recording_dispatch (self->open, dispatch, error);
}

gboolean
psp_vulkan_stream_copy (PspVulkanStream       *self,
                        const PspVulkanRange  *source,
                        const PspVulkanRange  *destination,
                        GError               **error)
{
  if (!psp_vulkan_stream_begin (self, NULL, error))
    return FALSE;

  psp_vulkan_recording_copy (self->open, source, destination);
  return TRUE;
}

/* Submits the chunk at @index of @recording, and waits for the slot that is used next. */
static gboolean
hand_over (PspVulkanStream     *self,
           PspVulkanRecording  *recording,
           guint                index,
           gboolean             again,
           GCancellable        *cancellable,
           GError             **error)
{
  PspVulkanDevice *device = self->device;
  PspVulkanSlot *slot = &self->slots[self->current];
  const PspVulkanChunk *chunk = psp_vulkan_recording_get_chunk (recording, index);
  int pair = (slot->pair + 1) % PSP_VULKAN_N_STAMP_PAIRS;
  const VkCommandBuffer commands[] = {
    slot->stamps[pair][0], chunk->commands, slot->stamps[pair][1]
  };
  gboolean timed = self->queries != VK_NULL_HANDLE;
  VkSubmitInfo info = {
    .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
    .commandBufferCount = timed ? G_N_ELEMENTS (commands) : 1,
    .pCommandBuffers = timed ? commands : &chunk->commands,
  };

  slot->recording = recording;
  slot->cost = chunk->cost;
  slot->again = again;
  slot->submitted_us = g_get_monotonic_time ();
  if (!psp_vulkan_device_check (device,
                                device->vk->ResetFences (device->handle, 1, &slot->fence),
                                "vkResetFences", error) ||
      !psp_vulkan_device_check (device,
                                device->vk->QueueSubmit (device->queue, 1, &info, slot->fence),
                                "vkQueueSubmit", error))
    return FALSE;

  slot->pair = pair;
  slot->pending = TRUE;
  self->current = (self->current + 1) % PSP_VULKAN_N_CHUNKS;
  return wait_for_slot (self, self->current, cancellable, error);
}

gboolean
psp_vulkan_stream_submit (PspVulkanStream  *self,
                          GCancellable     *cancellable,
                          GError          **error)
{
  PspVulkanRecording *recording = self->open;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (recording == NULL)
    return TRUE;

  self->open = NULL;
  return psp_vulkan_recording_end (recording, error) &&
         hand_over (self, recording, recording->n_chunks - 1, FALSE, cancellable, error);
}

/* Whether a device without timestamps, which has nothing to do any more, says that it is lost. */
static gboolean
ask_device (PspVulkanStream  *self,
            GError          **error)
{
  PspVulkanDevice *device = self->device;

  return self->queries != VK_NULL_HANDLE ||
         psp_vulkan_device_check (device, device->vk->DeviceWaitIdle (device->handle),
                                  "vkDeviceWaitIdle", error);
}

gboolean
psp_vulkan_stream_finish (PspVulkanStream  *self,
                          GCancellable     *cancellable,
                          GError          **error)
{
  if (!psp_vulkan_stream_submit (self, cancellable, error))
    return FALSE;

  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    if (!wait_for_slot (self, (self->current + i) % PSP_VULKAN_N_CHUNKS, cancellable, error))
      return FALSE;
  return psp_vulkan_device_check_usable (self->device, error) && ask_device (self, error);
}

/* Given up after an error, it may still run: whatever it uses must not be freed before. */
static void
wait_until_idle (PspVulkanStream *self)
{
  self->device->vk->DeviceWaitIdle (self->device->handle);
  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    if (self->slots[i].pending)
      empty_slot (&self->slots[i]);
}

void
psp_vulkan_stream_settle (PspVulkanStream *self)
{
  gboolean settled = TRUE;

  for (int i = 0; i < PSP_VULKAN_N_CHUNKS; i++)
    settled = wait_for_slot (self, (self->current + i) % PSP_VULKAN_N_CHUNKS, NULL, NULL) &&
              settled;
  if (!settled && !self->device->silent)
    wait_until_idle (self);
}

void
psp_vulkan_stream_abandon (PspVulkanStream *self)
{
  if (self->open == NULL)
    return;

  psp_vulkan_recording_abandon (self->open);
  psp_vulkan_recording_clear (self->slots[self->current].once);
  self->open = NULL;
}

PspVulkanRecording *
psp_vulkan_stream_keep (PspVulkanStream    *self,
                        PspVulkanRecording *recording)
{
  PspVulkanRecording *before = self->kept;

  self->kept = recording;
  if (recording != NULL && recording->n_chunks == 0)
    recording->cost_limit = self->cost_limit;
  return before;
}

gboolean
psp_vulkan_stream_replay (PspVulkanStream     *self,
                          PspVulkanRecording  *recording,
                          PspProgress          progress,
                          GCancellable        *cancellable,
                          GError             **error)
{
  double done = 0;

  if (!psp_vulkan_stream_finish (self, cancellable, error))
    return FALSE;

  for (guint i = 0; i < recording->n_chunks; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !hand_over (self, recording, i, TRUE, cancellable, error))
        return FALSE;

      done += psp_vulkan_recording_get_chunk (recording, i)->cost;
      psp_progress_report (progress, done / MAX (1, recording->cost));
    }
  return TRUE;
}

gboolean
psp_vulkan_stream_suits (const PspVulkanStream    *self,
                         const PspVulkanRecording *recording)
{
  return !recording->outdated &&
         (recording->n_chunks == 1 || self->cost_limit < TOLERANCE * recording->cost_limit);
}
