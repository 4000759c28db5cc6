/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-work.h"

/* Bytes of memory that @work, a convolution, takes at most, whatever is chosen for it. */
gsize    psp_vulkan_choose_count_scratch (const PspVulkanBackend *backend,
                                          const PspVulkanWork    *work);

/**
 * psp_vulkan_choose_convolution:
 * @backend: where
 * @operation: a convolution
 * @work: (inout): the same; its kernel and its number of parts are set
 * @cancellable: (nullable): looked at while kernels are measured
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED
 *
 * Sets what all convolutions of @backend use, if anything is set for them; else what was the
 * fastest for this class of layers when it was met for the first time on this device.  Then each
 * kernel that the device can run is timed on the layer itself, as much of it as half a submission
 * holds, or less if the kernel is slow or 16 MiB do not hold its results beside the residual that
 * they would replace; where its work-groups are too few to fill a device, also with the sums in 2
 * to 16 parts (psp-vulkan-split.h).  A kernel that fails at that is left out, one for matrix units
 * also if it fails to prove itself (psp-vulkan-proof.h); if all of them fail, a small tile is used,
 * and nothing is remembered.
 *
 * Returns: whether the kernel is set
 */
gboolean psp_vulkan_choose_convolution (PspVulkanBackend      *backend,
                                        const PspConvolution  *operation,
                                        PspVulkanWork         *work,
                                        GCancellable          *cancellable,
                                        GError               **error);
