/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend-private.h"

/* The operations of psp-backend.h, recorded into the backend's stream.  On failure the caller
 * abandons the stream. */
gboolean psp_vulkan_convolve  (PspVulkanBackend      *self,
                               const PspConvolution  *operation,
                               GCancellable          *cancellable,
                               GError               **error);
gsize    psp_vulkan_count_scratch (const PspVulkanBackend *self,
                                   const PspConvolution   *operation);
gboolean psp_vulkan_pool      (PspVulkanBackend      *self,
                               const PspPooling      *operation,
                               GCancellable          *cancellable,
                               GError               **error);
gboolean psp_vulkan_pool_bins (PspVulkanBackend      *self,
                               const PspBinPooling   *operation,
                               GCancellable          *cancellable,
                               GError               **error);
gboolean psp_vulkan_resize    (PspVulkanBackend      *self,
                               const PspResizing     *operation,
                               GCancellable          *cancellable,
                               GError               **error);
gboolean psp_vulkan_classify  (PspVulkanBackend         *self,
                               const PspClassification  *operation,
                               GCancellable             *cancellable,
                               GError                  **error);
