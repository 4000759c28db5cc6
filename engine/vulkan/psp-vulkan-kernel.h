/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

#define PSP_VULKAN_MAX_CONSTANTS 4

/* The first specialisation constant that says what the matrix units are like, and their number. */
#define PSP_VULKAN_MATRIX_CONSTANT 16
#define PSP_VULKAN_N_MATRIX_CONSTANTS 7

/**
 * PspVulkanKernel:
 * @label: for debuggers
 * @code: SPIR-V for 32-bit and for 16-bit storage, indexed by PspPrecision
 * @code_bytes: their lengths
 * @nv_code: (nullable): @code for devices that know VK_NV_cooperative_matrix alone
 * @nv_code_bytes: its length
 * @group_width: invocations of a work-group along columns (channels): specialisation constant 0
 * @group_height: invocations along pixels: specialisation constant 1
 * @channels_per_column: channels that one invocation writes
 * @pixels_per_row: pixels that one row of invocations writes, or one row of work-groups if
 *   @group_per_pixel
 * @texels: whether source and weights are read as texels instead of storage buffers
 * @group_per_pixel: whether a whole column of a work-group makes one pixel
 * @shared_bytes: shared memory of a work-group
 * @matrix_side: pixels and channels of a subgroup's part, where matrix units compute; else 0.  Such
 *   a work-group has %PSP_VULKAN_MATRIX_SUBGROUPS subgroups instead of @group_width x @group_height
 *   invocations, and constants from %PSP_VULKAN_MATRIX_CONSTANT on: the side, then rows and columns
 *   of both factors and of the product
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
  const guint32 *nv_code;
  gsize          nv_code_bytes;
  guint32        group_width;
  guint32        group_height;
  int            channels_per_column;
  int            pixels_per_row;
  gboolean       texels;
  gboolean       group_per_pixel;
  guint32        shared_bytes;
  guint32        matrix_side;
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
  PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_64, /* pixels and channels; 16-bit storage alone */
  PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_128,
  PSP_VULKAN_KERNEL_CONVOLVE_SUM, /* adds what one of those left in slots */
  PSP_VULKAN_KERNEL_POOL,
  PSP_VULKAN_KERNEL_POOL_BINS,
  PSP_VULKAN_KERNEL_RESIZE,
  PSP_VULKAN_N_KERNELS,
} PspVulkanKernelId;

const PspVulkanKernel *psp_vulkan_kernel_get       (PspVulkanKernelId id);

/* Whether @id is one of the kernels that compute a convolution; any number is allowed. */
gboolean               psp_vulkan_kernel_convolves (PspVulkanKernelId id);
