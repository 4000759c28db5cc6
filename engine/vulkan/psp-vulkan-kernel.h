/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

#define PSP_VULKAN_MAX_CONSTANTS 3

/**
 * PspVulkanKernel:
 * @label: for debuggers
 * @code: SPIR-V for 32-bit and for 16-bit storage, indexed by PspPrecision
 * @code_bytes: their lengths
 * @group_width: invocations of a work-group along columns (channels): specialisation constant 0
 * @group_height: invocations along pixels: specialisation constant 1
 * @channels_per_column: channels that one invocation writes
 * @pixels_per_row: pixels that one row of invocations writes, or one row of work-groups if
 *   @group_per_pixel
 * @texels: whether source and weights are read as texels instead of storage buffers
 * @group_per_pixel: whether a whole column of a work-group makes one pixel
 * @shared_bytes: shared memory of a work-group
 * @push_bytes: of its push constants, which begin with a PspPart
 *
 * A shader and how it is laid over a map.  Another variant of an operation is one more .comp file
 * and one more row in the table.
 */
typedef struct
{
  const char    *label;
  const guint32 *code[2];
  gsize          code_bytes[2];
  guint32        group_width;
  guint32        group_height;
  int            channels_per_column;
  int            pixels_per_row;
  gboolean       texels;
  gboolean       group_per_pixel;
  guint32        shared_bytes;
  guint32        push_bytes;
} PspVulkanKernel;

typedef enum
{
  PSP_VULKAN_KERNEL_CLASSIFY,
  PSP_VULKAN_KERNEL_CONVOLVE,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_32, /* pixels, channels of a work-group */
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_64,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_64,
  PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_128,
  PSP_VULKAN_KERNEL_POOL,
  PSP_VULKAN_KERNEL_POOL_BINS,
  PSP_VULKAN_KERNEL_RESIZE,
  PSP_VULKAN_N_KERNELS,
} PspVulkanKernelId;

const PspVulkanKernel *psp_vulkan_kernel_get       (PspVulkanKernelId id);

/* Whether @id is one of the kernels that compute a convolution; any number is allowed. */
gboolean               psp_vulkan_kernel_convolves (PspVulkanKernelId id);
