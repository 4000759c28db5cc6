/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-kernel.h"
#include "engine/vulkan/psp-vulkan-matrices.h"

#include <gio/gio.h>

/**
 * VulkanShimMatrices:
 * @VULKAN_SHIM_MATRICES_NONE: the truth about matrix units
 * @VULKAN_SHIM_MATRICES_RIGHT: the device says it has them, and computes right
 * @VULKAN_SHIM_MATRICES_WRONG: it leaves half of the results out
 * @VULKAN_SHIM_MATRICES_REFUSED: it makes no pipeline for them
 *
 * No software device has matrix units: what is asked for is replaced on its way to the driver, by
 * the kernel of psp-convolve-tile.comp with a tile of the same size.
 */
typedef enum
{
  VULKAN_SHIM_MATRICES_NONE,
  VULKAN_SHIM_MATRICES_RIGHT,
  VULKAN_SHIM_MATRICES_WRONG,
  VULKAN_SHIM_MATRICES_REFUSED,
} VulkanShimMatrices;

/**
 * VulkanShim:
 * @storage_range: what to say as maxStorageBufferRange; 0: the truth
 * @n_texels: what to say as maxTexelBufferElements; 0: the truth
 * @n_groups: what to say as maxComputeWorkGroupCount[1]; 0: the truth
 * @no_timestamps: whether to say that queues have none
 * @split_memory: whether to say that the device's memory cannot be mapped, and that the memory
 *   which can is not coherent: only a flush lets anything arrive, only an invalidation return
 * @open_memory: with @split_memory: the device's memory can be mapped after all, by the type that
 *   is not coherent
 * @window_bytes: with @open_memory: how much of it; 0: all
 * @atom: what to say as nonCoherentAtomSize; 0: the truth
 * @allocation_bytes: what to say as maxMemoryAllocationSize; 0: the truth
 * @shared_bytes: what to say as maxComputeSharedMemorySize; 0: the truth
 * @no_semaphores: whether the device has no function of semaphores, timeline or not
 * @no_16_bit: whether to say that 16-bit storage is not supported
 * @matrices: what to make of matrix units
 * @nv_matrices: whether to know VK_NV_cooperative_matrix alone
 * @one_subgroup: whether to say that no pipeline can ask for a size of subgroups
 * @silent: whether work that is handed over never seems to end; waiting for it without a limit
 *   fails the test
 * @drop_at: which submission from now on is lost, 1: the next; 0: none.  Its fence is signalled all
 *   the same; that the device is lost is said by whatever asks for it later, except fences
 * @drop_quietly: whether nothing says so
 * @cancel: (nullable): cancelled instead of letting a call fail
 * @pixel_seconds: (nullable): how long, by its timestamps, the device takes for one pixel with each
 *   kernel, and nothing is computed; %NULL: the truth
 * @first_seconds: with @pixel_seconds: what the first dispatch of a pipeline takes beside that
 * @keep_device: whether to use the same device of the driver for each that is opened, one after the
 *   other: faster where hundreds are
 * @for_good: whether all calls fail after the one that should, too
 * @fail_at: which call from now on fails, 1: the next; 0: none
 * @only: (nullable): the function whose calls @fail_at counts; %NULL: all that can fail
 * @failure: with what
 * @n_waits: (out): in vain, for a silent device
 * @n_calls: (out): calls that could have failed so far
 * @n_submits: (out): submissions that succeeded so far
 * @longest_seconds: (out): with @pixel_seconds: what the longest submission took
 * @n_recorded: (out): command buffers begun, dispatches and updates of descriptors so far
 * @n_allocations: (out): pieces of memory that were asked for so far
 * @n_bytes: (out): of memory that was allocated and not freed
 * @most_bytes: (out): the most that @n_bytes was
 * @robust: (out): whether the last device was opened with robustBufferAccess
 * @n_matrix_pipelines: (out): for matrix units, asked for
 * @n_live: (out): objects that were made and not freed
 * @dropped: (out): whether a submission was lost, as @drop_at says
 * @failed: (out) (nullable): the call that failed
 *
 * What vulkan_shim_get_function() puts between us and the loader.  Whatever limit is said here
 * fails the test when it is exceeded.  One for the process, since
 * Vulkan's functions carry no data of ours; one thread at a time.
 */
typedef struct
{
  guint32       storage_range;
  guint32       n_texels;
  guint32       n_groups;
  gboolean      no_timestamps;
  gboolean      split_memory;
  gboolean      open_memory;
  guint64       window_bytes;
  guint64       atom;
  guint64       allocation_bytes;
  guint32       shared_bytes;
  gboolean      no_semaphores;
  gboolean      no_16_bit;
  VulkanShimMatrices matrices;
  gboolean      nv_matrices;
  gboolean      one_subgroup;
  gboolean      silent;
  int           drop_at;
  gboolean      drop_quietly;
  GCancellable *cancel;
  const double *pixel_seconds;
  double        first_seconds;
  gboolean      keep_device;
  gboolean      for_good;
  int           fail_at;
  const char   *only;
  VkResult      failure;
  int           n_waits;
  int           n_calls;
  int           n_submits;
  double        longest_seconds;
  int           n_recorded;
  int           n_allocations;
  guint64       n_bytes;
  guint64       most_bytes;
  gboolean      robust;
  int           n_matrix_pipelines;
  int           n_live;
  gboolean      dropped;
  const char   *failed;
} VulkanShim;

/* Begins anew with the truth, and returns the shim to be changed.  No backend may live. */
VulkanShim                     *vulkan_shim_reset        (void);

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL
                                vulkan_shim_get_function (VkInstance  instance,
                                                          const char *name);
