/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-kernel.h"

#include "shaders/psp-classify.h"
#include "shaders/psp-convolve.h"
#include "shaders/psp-pool-bins.h"
#include "shaders/psp-pool.h"
#include "shaders/psp-resize.h"

/* The least that every device offers. */
#define MAX_PUSH_BYTES 128

G_STATIC_ASSERT (sizeof (struct PspClassifyPush) <= MAX_PUSH_BYTES);
G_STATIC_ASSERT (sizeof (struct PspConvolvePush) <= MAX_PUSH_BYTES);
G_STATIC_ASSERT (sizeof (struct PspPoolPush) <= MAX_PUSH_BYTES);
G_STATIC_ASSERT (sizeof (struct PspPoolBinsPush) <= MAX_PUSH_BYTES);
G_STATIC_ASSERT (sizeof (struct PspResizePush) <= MAX_PUSH_BYTES);

static const guint32 classify_fp32[] = {
#include "shaders/psp-classify-fp32.inc"
};

static const guint32 classify_fp16[] = {
#include "shaders/psp-classify-fp16.inc"
};

static const guint32 convolve_fp32[] = {
#include "shaders/psp-convolve-fp32.inc"
};

static const guint32 convolve_fp16[] = {
#include "shaders/psp-convolve-fp16.inc"
};

static const guint32 convolve_sum_fp32[] = {
#include "shaders/psp-convolve-sum-fp32.inc"
};

static const guint32 convolve_sum_fp16[] = {
#include "shaders/psp-convolve-sum-fp16.inc"
};

static const guint32 convolve_tile_fp32[] = {
#include "shaders/psp-convolve-tile-fp32.inc"
};

static const guint32 convolve_tile_fp16[] = {
#include "shaders/psp-convolve-tile-fp16.inc"
};

static const guint32 convolve_matrix_khr[] = {
#include "shaders/psp-convolve-matrix-khr.inc"
};

static const guint32 convolve_matrix_nv[] = {
#include "shaders/psp-convolve-matrix-nv.inc"
};

static const guint32 pool_fp32[] = {
#include "shaders/psp-pool-fp32.inc"
};

static const guint32 pool_fp16[] = {
#include "shaders/psp-pool-fp16.inc"
};

static const guint32 pool_bins_fp32[] = {
#include "shaders/psp-pool-bins-fp32.inc"
};

static const guint32 pool_bins_fp16[] = {
#include "shaders/psp-pool-bins-fp16.inc"
};

static const guint32 resize_fp32[] = {
#include "shaders/psp-resize-fp32.inc"
};

static const guint32 resize_fp16[] = {
#include "shaders/psp-resize-fp16.inc"
};

static const PspVulkanKernel kernels[PSP_VULKAN_N_KERNELS] = {
  [PSP_VULKAN_KERNEL_CLASSIFY] = {
    .label = "classify",
    .code = { classify_fp32, classify_fp16 },
    .code_bytes = { sizeof classify_fp32, sizeof classify_fp16 },
    .group_width = 2,
    .group_height = 32,
    .channels_per_column = 4,
    .pixels_per_row = 1,
    .texels = TRUE,
    .push_bytes = sizeof (struct PspClassifyPush),
  },
  [PSP_VULKAN_KERNEL_CONVOLVE] = {
    .label = "convolve",
    .code = { convolve_fp32, convolve_fp16 },
    .code_bytes = { sizeof convolve_fp32, sizeof convolve_fp16 },
    .group_width = 8,
    .group_height = 8,
    .channels_per_column = 8,
    .pixels_per_row = 8,
    .texels = TRUE,
    .push_bytes = sizeof (struct PspConvolvePush),
  },
  [PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_32] = {
    .label = "convolve-64x32",
    .code = { convolve_tile_fp32, convolve_tile_fp16 },
    .code_bytes = { sizeof convolve_tile_fp32, sizeof convolve_tile_fp16 },
    .group_width = 4,
    .group_height = 8,
    .channels_per_column = 8,
    .pixels_per_row = 8,
    .shared_bytes = (64 * 20 + 32 * 16) * sizeof (float),
    .push_bytes = sizeof (struct PspConvolvePush),
  },
  [PSP_VULKAN_KERNEL_CONVOLVE_TILE_64_64] = {
    .label = "convolve-64x64",
    .code = { convolve_tile_fp32, convolve_tile_fp16 },
    .code_bytes = { sizeof convolve_tile_fp32, sizeof convolve_tile_fp16 },
    .group_width = 8,
    .group_height = 8,
    .channels_per_column = 8,
    .pixels_per_row = 8,
    .shared_bytes = (64 * 20 + 64 * 16) * sizeof (float),
    .push_bytes = sizeof (struct PspConvolvePush),
  },
  [PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_64] = {
    .label = "convolve-128x64",
    .code = { convolve_tile_fp32, convolve_tile_fp16 },
    .code_bytes = { sizeof convolve_tile_fp32, sizeof convolve_tile_fp16 },
    .group_width = 8,
    .group_height = 16,
    .channels_per_column = 8,
    .pixels_per_row = 8,
    .shared_bytes = (128 * 20 + 64 * 16) * sizeof (float),
    .push_bytes = sizeof (struct PspConvolvePush),
  },
  [PSP_VULKAN_KERNEL_CONVOLVE_TILE_128_128] = {
    .label = "convolve-128x128",
    .code = { convolve_tile_fp32, convolve_tile_fp16 },
    .code_bytes = { sizeof convolve_tile_fp32, sizeof convolve_tile_fp16 },
    .group_width = 16,
    .group_height = 16,
    .channels_per_column = 8,
    .pixels_per_row = 8,
    .shared_bytes = (128 * 20 + 128 * 16) * sizeof (float),
    .push_bytes = sizeof (struct PspConvolvePush),
  },
  [PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_64] = {
    .label = "convolve-matrix-64x64",
    .code = { NULL, convolve_matrix_khr },
    .code_bytes = { 0, sizeof convolve_matrix_khr },
    .nv_code = convolve_matrix_nv,
    .nv_code_bytes = sizeof convolve_matrix_nv,
    .group_width = 8,
    .group_height = 8,
    .channels_per_column = 8,
    .pixels_per_row = 8,
    .shared_bytes = (64 * 5 + 32 * 9) * 16 + 4 * 256 * sizeof (float),
    .matrix_side = 32,
    .push_bytes = sizeof (struct PspConvolvePush),
  },
  [PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_128] = {
    .label = "convolve-matrix-128x128",
    .code = { NULL, convolve_matrix_khr },
    .code_bytes = { 0, sizeof convolve_matrix_khr },
    .nv_code = convolve_matrix_nv,
    .nv_code_bytes = sizeof convolve_matrix_nv,
    .group_width = 16,
    .group_height = 16,
    .channels_per_column = 8,
    .pixels_per_row = 8,
    .shared_bytes = (128 * 5 + 32 * 17) * 16 + 4 * 256 * sizeof (float),
    .matrix_side = 64,
    .push_bytes = sizeof (struct PspConvolvePush),
  },
  [PSP_VULKAN_KERNEL_CONVOLVE_SUM] = {
    .label = "convolve-sum",
    .code = { convolve_sum_fp32, convolve_sum_fp16 },
    .code_bytes = { sizeof convolve_sum_fp32, sizeof convolve_sum_fp16 },
    .group_width = 8,
    .group_height = 8,
    .channels_per_column = 4,
    .pixels_per_row = 1,
    .push_bytes = sizeof (struct PspConvolvePush),
  },
  [PSP_VULKAN_KERNEL_POOL] = {
    .label = "pool",
    .code = { pool_fp32, pool_fp16 },
    .code_bytes = { sizeof pool_fp32, sizeof pool_fp16 },
    .group_width = 8,
    .group_height = 8,
    .channels_per_column = 4,
    .pixels_per_row = 1,
    .texels = TRUE,
    .push_bytes = sizeof (struct PspPoolPush),
  },
  [PSP_VULKAN_KERNEL_POOL_BINS] = {
    .label = "pool-bins",
    .code = { pool_bins_fp32, pool_bins_fp16 },
    .code_bytes = { sizeof pool_bins_fp32, sizeof pool_bins_fp16 },
    .group_width = 8,
    .group_height = 16,
    .channels_per_column = 4,
    .pixels_per_row = 1,
    .texels = TRUE,
    .group_per_pixel = TRUE,
    .shared_bytes = 8 * 16 * 4 * sizeof (float),
    .push_bytes = sizeof (struct PspPoolBinsPush),
  },
  [PSP_VULKAN_KERNEL_RESIZE] = {
    .label = "resize",
    .code = { resize_fp32, resize_fp16 },
    .code_bytes = { sizeof resize_fp32, sizeof resize_fp16 },
    .group_width = 8,
    .group_height = 8,
    .channels_per_column = 4,
    .pixels_per_row = 1,
    .texels = TRUE,
    .push_bytes = sizeof (struct PspResizePush),
  },
};

const PspVulkanKernel *
psp_vulkan_kernel_get (PspVulkanKernelId id)
{
  g_return_val_if_fail (id < PSP_VULKAN_N_KERNELS, NULL);

  return &kernels[id];
}

gboolean
psp_vulkan_kernel_convolves (PspVulkanKernelId id)
{
  return id >= PSP_VULKAN_KERNEL_CONVOLVE && id <= PSP_VULKAN_KERNEL_CONVOLVE_MATRIX_128;
}
