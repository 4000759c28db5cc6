/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend-private.h"

/**
 * psp_vulkan_proof_run:
 * @backend: where; nothing may be recorded that is not submitted
 * @kernel: one that computes convolutions
 * @cancellable: (nullable): looked at before each submission
 * @right: (out): whether the kernel did what it should
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED, whatever keeps it from
 *   running
 *
 * Runs @kernel on three small convolutions of small integers: 3x3 with dilation, padding, residual
 * and ReLU; 1x1 with stride and nothing else; 3x3 with its sums in parts.  Sizes fill no tile, and
 * there are two images.  All sums are integers that 16 bits hold, so that every element must be
 * equal to that of a plain loop.
 *
 * Returns: whether it ran
 */
gboolean psp_vulkan_proof_run (PspVulkanBackend   *backend,
                               PspVulkanKernelId   kernel,
                               GCancellable       *cancellable,
                               gboolean           *right,
                               GError            **error);
