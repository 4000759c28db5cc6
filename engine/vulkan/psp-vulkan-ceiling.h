/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend-private.h"

/**
 * psp_vulkan_measure_ceiling:
 * @backend: where
 * @ceiling: (out): what it reaches
 * @cancellable: (nullable): looked at before each submission
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED
 *
 * psp_backend_measure_ceiling().  Vulkan has no library of matrix products: they are 1x1
 * convolutions of 1024 to 16384 rows by 1024 x 1024, by the kernel that is chosen for them
 * (psp-vulkan-choice.h).  Copies are vkCmdCopyBuffer of 256 MiB.  Both are repeated, until a run
 * takes 0.05 s, with nothing from the host in between.
 */
gboolean psp_vulkan_measure_ceiling (PspVulkanBackend  *backend,
                                     PspCeiling        *ceiling,
                                     GCancellable      *cancellable,
                                     GError           **error);
