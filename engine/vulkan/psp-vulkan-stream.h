/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-progress.h"
#include "engine/vulkan/psp-vulkan-recording.h"

/* Chunks that may be on the device at a time: one that runs, one that waits. */
#define PSP_VULKAN_N_CHUNKS 2

/* Of a slot: while those of one chunk are waited for, those of the chunk before are out of use. */
#define PSP_VULKAN_N_STAMP_PAIRS 2

/*< private: a chunk on the device, and what its submission needs >*/
typedef struct
{
  PspVulkanRecording *once;      /* of a chunk that is not kept */
  VkCommandBuffer     stamps[PSP_VULKAN_N_STAMP_PAIRS][2]; /* (nullable): write a timestamp before
                                                              and after it */
  int                 pair;      /* the one of them that was submitted last */
  VkFence             fence;
  PspVulkanRecording *recording; /* that holds the chunk */
  double              cost;
  gint64              submitted_us; /* when */
  gboolean            again;     /* whether it was submitted before */
  gboolean            pending;   /* whether it is on the device */
} PspVulkanSlot;

/**
 * PspVulkanStream:
 *
 * Work on its way to the device.  Dispatches are recorded into chunks that take about 50 ms each:
 * no driver's watchdog wakes up, and whoever cancels waits for two chunks at most.  How much fits
 * in a chunk is learnt from how long the ones before took.
 *
 * Each chunk is submitted as soon as it is full.  It is forgotten when it is done, unless a
 * recording was set with psp_vulkan_stream_keep(), which then holds all chunks of a run and can be
 * submitted again.
 *
 * A fence that is signalled does not prove that a chunk was computed: drivers may signal those of a
 * lost device.  What proves it is the timestamp behind the chunk, which was not there before; where
 * a device has none, it is asked in the end whether it was lost.
 */
typedef struct
{
  /*< private >*/
  PspVulkanDevice    *device;
  PspVulkanPipelines *pipelines;
  VkCommandPool       pool;    /* of what writes timestamps */
  VkQueryPool         queries; /* a timestamp for each of the slots' stamps */
  PspVulkanSlot       slots[PSP_VULKAN_N_CHUNKS];
  int                 current; /* the slot of the chunk that is submitted next */
  PspVulkanRecording *kept;    /* (nullable): where chunks are kept; not owned */
  PspVulkanRecording *open;    /* (nullable): where a chunk was begun; not owned */
  double              cost_limit;   /* of a chunk */
  double              target_seconds; /* how long a chunk should take */
  double              busy_seconds; /* that the chunks took which were waited for so far */
  gint64              idle_us;      /* when the chunk before was known to be done */
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

/* Which of the slots the next chunk will have, 0 to %PSP_VULKAN_N_CHUNKS - 1, after what was there
 * before is done; begins the chunk. */
gboolean         psp_vulkan_stream_begin    (PspVulkanStream          *self,
                                             int                      *slot,
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

/* Hands what was recorded to the device, and waits for the chunk that was handed over before the
 * last one; %G_IO_ERROR_CANCELLED leaves out what is not yet handed over. */
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

/**
 * psp_vulkan_stream_keep:
 * @self: a stream
 * @recording: (nullable): where the chunks are kept that are begun from now on; %NULL: nowhere
 *
 * Returns: (nullable) (transfer none): where they were kept until now
 */
PspVulkanRecording *psp_vulkan_stream_keep  (PspVulkanStream          *self,
                                             PspVulkanRecording       *recording);

/**
 * psp_vulkan_stream_replay:
 * @self: a stream
 * @recording: chunks that were kept, all of which were submitted
 * @progress: told about the share that was handed over
 * @cancellable: (nullable): looked at before each submission
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED
 *
 * Waits for all that was submitted, then submits @recording once more.
 */
gboolean         psp_vulkan_stream_replay   (PspVulkanStream          *self,
                                             PspVulkanRecording       *recording,
                                             PspProgress               progress,
                                             GCancellable             *cancellable,
                                             GError                  **error);

/* Whether @recording is cut well: no chunk took more than 100 ms when it was submitted again, and
 * much larger ones would not do. */
gboolean         psp_vulkan_stream_suits    (const PspVulkanStream    *self,
                                             const PspVulkanRecording *recording);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspVulkanStream, psp_vulkan_stream_free)
