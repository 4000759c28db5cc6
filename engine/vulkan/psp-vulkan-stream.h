/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-memory.h"
#include "engine/vulkan/psp-vulkan-pipelines.h"

/* Chunks that may be on the device at a time: one that runs, one that waits. */
#define PSP_VULKAN_N_CHUNKS 2

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

/*< private: a command buffer and what it needs >*/
typedef struct
{
  VkCommandBuffer  commands;
  VkFence          fence;
  VkDescriptorPool descriptors;
  GArray          *views; /* VkBufferView: what its dispatches read as texels */
  guint32          n_dispatches;
  double           cost;
  gint64           submitted_us; /* when */
  gboolean         pending;      /* whether it is on the device */
} PspVulkanChunk;

/**
 * PspVulkanStream:
 *
 * Work on its way to the device.  Dispatches are recorded into chunks that take about 50 ms each:
 * no driver's watchdog wakes up, and whoever cancels waits for two chunks at most.  How much fits
 * in a chunk is learnt from how long the ones before took.
 */
typedef struct
{
  /*< private >*/
  PspVulkanDevice    *device;
  PspVulkanPipelines *pipelines;
  VkCommandPool       pool;
  VkQueryPool         queries; /* two timestamps for each chunk */
  PspVulkanChunk      chunks[PSP_VULKAN_N_CHUNKS];
  int                 current;      /* the chunk that is recorded, or will be next */
  gboolean            recording;
  double              cost_limit;   /* of a chunk */
  double              target_seconds; /* how long a chunk should take */
  double              last_seconds; /* of the chunk that was waited for last */
  gint64              idle_us;      /* when the chunk before was known to be done */
  PspVulkanRange      reads[PSP_VULKAN_MAX_ACCESSES];  /* since the last barrier */
  PspVulkanRange      writes[PSP_VULKAN_MAX_ACCESSES];
  guint               n_reads;
  guint               n_writes;
} PspVulkanStream;

/**
 * psp_vulkan_stream_new:
 * @device: where; outlives the stream
 * @pipelines: what can run; outlive the stream
 * @cautious: whether to submit less at a time: for a device that failed once
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: (transfer full): an empty stream, or %NULL with @error set
 */
PspVulkanStream *psp_vulkan_stream_new      (PspVulkanDevice          *device,
                                             PspVulkanPipelines       *pipelines,
                                             gboolean                  cautious,
                                             GError                  **error)
                                             G_GNUC_WARN_UNUSED_RESULT;

/* Waits until what was submitted is done, unless the device is silent. */
void             psp_vulkan_stream_free     (PspVulkanStream          *self);

/* The cost that still fits in the chunk that is being recorded. */
double           psp_vulkan_stream_get_room (const PspVulkanStream    *self);

/* Whether anything was recorded since the last submission. */
gboolean         psp_vulkan_stream_is_recording (const PspVulkanStream *self);

/* Whether anything is recorded or not known to be done. */
gboolean         psp_vulkan_stream_is_busy  (const PspVulkanStream    *self);

/* Which of the chunks the next thing is recorded into, 0 to %PSP_VULKAN_N_CHUNKS - 1, after what
 * it held before is done. */
gboolean         psp_vulkan_stream_begin    (PspVulkanStream          *self,
                                             int                      *chunk,
                                             GError                  **error);

/* Records @dispatch behind what it depends on. */
gboolean         psp_vulkan_stream_dispatch (PspVulkanStream          *self,
                                             const PspVulkanDispatch  *dispatch,
                                             GError                  **error);

/* Records a copy of @source into the range of the same length at @destination. */
gboolean         psp_vulkan_stream_copy     (PspVulkanStream          *self,
                                             const PspVulkanRange     *source,
                                             const PspVulkanRange     *destination,
                                             GError                  **error);

/* Hands what was recorded to the device, and waits for the chunk that is recorded next;
 * %G_IO_ERROR_CANCELLED leaves out what is not yet handed over. */
gboolean         psp_vulkan_stream_submit   (PspVulkanStream          *self,
                                             GCancellable             *cancellable,
                                             GError                  **error);

/* Submits the rest and waits until all is done; cancelled, at most for one more slice of 50 ms. */
gboolean         psp_vulkan_stream_finish   (PspVulkanStream          *self,
                                             GCancellable             *cancellable,
                                             GError                  **error);

/* Waits for what was submitted, whatever comes of it; what was only recorded stays.  Afterwards
 * the device uses no buffer any more, or is silent. */
void             psp_vulkan_stream_settle   (PspVulkanStream          *self);

/* Forgets what was recorded: after an error. */
void             psp_vulkan_stream_abandon  (PspVulkanStream          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanStream, psp_vulkan_stream_free)
