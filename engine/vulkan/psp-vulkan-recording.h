/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-pipelines.h"

/* Parts of buffers that one chunk can remember; more only cost a barrier. */
#define PSP_VULKAN_MAX_ACCESSES 64

/* A range of a buffer, in bytes; @buffer is %VK_NULL_HANDLE where a kernel has no such binding. */
typedef struct
{
  VkBuffer buffer;
  guint64  offset;
  guint64  n_bytes;
} PspVulkanRange;

/**
 * PspVulkanDispatch:
 * @kernel: what runs
 * @constants: its specialisation constants from number 2 on
 * @bindings: number 1 is written, the others are read
 * @push: its push constants
 * @n_groups: work-groups along columns and along pixels
 * @cost: how long it takes, in about the time of a floating-point operation
 */
typedef struct
{
  PspVulkanKernelId kernel;
  guint32           constants[PSP_VULKAN_MAX_CONSTANTS];
  PspVulkanRange    bindings[PSP_VULKAN_N_BINDINGS];
  gconstpointer     push;
  guint32           n_groups[2];
  double            cost;
} PspVulkanDispatch;

/**
 * PspVulkanChunk:
 * @commands: waits for all that was submitted before, ends with what it wrote visible to the host
 * @cost: of its dispatches
 *
 * What is handed to the device at a time.
 */
typedef struct
{
  VkCommandBuffer commands;
  double          cost;
} PspVulkanChunk;

/**
 * PspVulkanRecording:
 * @n_chunks: how many it holds
 * @cost: of all of them
 * @cost_limit: (private): of psp-vulkan-stream.h; of a chunk, when the first one was begun
 * @outdated: (private): of psp-vulkan-stream.h; whether it is not worth another submission
 *
 * Work for the device, in chunks that are submitted in their order, as often as wanted.  It owns
 * what the commands need beside pipelines: descriptor sets and views of buffers live as long as
 * they do.  The buffers themselves belong to whoever asked for the work, and must live as long,
 * too.
 */
typedef struct
{
  guint    n_chunks;
  double   cost;
  double   cost_limit;
  gboolean outdated;

  /*< private >*/
  PspVulkanDevice    *device;
  PspVulkanPipelines *pipelines;
  gboolean            once;
  VkCommandPool       pool;
  GArray             *chunks;      /* PspVulkanChunk: the first n_chunks hold something */
  GArray             *descriptors; /* VkDescriptorPool */
  guint               n_sets;      /* taken from them */
  GArray             *views;       /* VkBufferView: what dispatches read as texels */
  PspVulkanRange      reads[PSP_VULKAN_MAX_ACCESSES];  /* since the last barrier */
  PspVulkanRange      writes[PSP_VULKAN_MAX_ACCESSES];
  guint               n_reads;
  guint               n_writes;
} PspVulkanRecording;

/**
 * psp_vulkan_recording_new:
 * @device: where; outlives the recording
 * @pipelines: what can run; outlive the recording
 * @once: whether each chunk is submitted once
 * @label: for debuggers
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): an empty recording, or %NULL with @error set
 */
PspVulkanRecording   *psp_vulkan_recording_new       (PspVulkanDevice           *device,
                                                      PspVulkanPipelines        *pipelines,
                                                      gboolean                   once,
                                                      const char                *label,
                                                      GError                   **error)
                                                      G_GNUC_WARN_UNUSED_RESULT;

/* No chunk may be on the device, unless that is silent: it is left what it may still use. */
void                  psp_vulkan_recording_free      (PspVulkanRecording        *self);

/* Forgets all chunks, none of which may be on the device; memory is kept for those that come. */
void                  psp_vulkan_recording_clear     (PspVulkanRecording        *self);

/* Begins another chunk. */
gboolean              psp_vulkan_recording_begin     (PspVulkanRecording        *self,
                                                      GError                   **error);

/* Ends the chunk that was begun. */
gboolean              psp_vulkan_recording_end       (PspVulkanRecording        *self,
                                                      GError                   **error);

/* Forgets the chunk that was begun. */
void                  psp_vulkan_recording_abandon   (PspVulkanRecording        *self);

/* The chunk at @index; the last one may be begun and not ended. */
const PspVulkanChunk *psp_vulkan_recording_get_chunk (const PspVulkanRecording  *self,
                                                      guint                      index);

/* Records @dispatch into the chunk that was begun, behind what it depends on. */
gboolean              psp_vulkan_recording_dispatch  (PspVulkanRecording        *self,
                                                      const PspVulkanDispatch   *dispatch,
                                                      GError                   **error);

/* Records a copy of @source into the range of the same length at @destination. */
void                  psp_vulkan_recording_copy      (PspVulkanRecording        *self,
                                                      const PspVulkanRange      *source,
                                                      const PspVulkanRange      *destination);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanRecording, psp_vulkan_recording_free)
