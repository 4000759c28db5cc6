/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-work.h"

/*
 * The sums of a convolution in parts: each part of the input channels and taps makes 32-bit sums of
 * its own in slots of memory, and psp-convolve-sum.comp adds these and finishes the result.  For
 * maps too small to fill the device, and for weights that the device cannot bind at once.
 *
 * Slots are lent with the convolution, or the backend's own, in which its convolutions take turns:
 * made when first needed, and again where one needs more.  None needs more than 32 MiB, or than the
 * device binds and allocates: then the pixels are cut.
 */

/**
 * psp_vulkan_split_count:
 * @work: a convolution
 * @backend: where
 *
 * Returns: the least number of parts in which the device can bind its weights, 1 as long as there
 *   are none; 0: there is no such number
 */
int      psp_vulkan_split_count    (const PspVulkanWork      *work,
                                    const PspVulkanBackend   *backend);

/* Bytes of slots that @work takes with its kernel and its number of parts. */
guint64  psp_vulkan_split_count_bytes (const PspVulkanWork    *work,
                                       const PspVulkanBackend *backend);

/**
 * psp_vulkan_split_dispatch:
 * @work: a convolution
 * @backend: where
 * @dispatch: part of it, all but the weights bound; is changed
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY; %PSP_ERROR_UNSUPPORTED if the device cannot bind
 *   the weights
 *
 * Records @dispatch, in as many parts as @work says or as its weights need.
 */
gboolean psp_vulkan_split_dispatch (const PspVulkanWork      *work,
                                    PspVulkanBackend         *backend,
                                    PspVulkanDispatch        *dispatch,
                                    GError                  **error);
