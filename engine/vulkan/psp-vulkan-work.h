/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/vulkan/psp-vulkan-backend-private.h"

#include "shaders/psp-part.h"

/* The rows of one source image that row @row of the destination reads: @first to @end, excluded.
 * Both never fall as @row grows. */
typedef void (*PspVulkanRowsFunc) (gconstpointer  operation,
                                   int            row,
                                   int           *first,
                                   int           *end);

/**
 * PspVulkanWork:
 * @kernel: what runs
 * @n_parts: that the sums of a convolution are computed in
 * @constants: its specialisation constants from number 2 on
 * @source: the map that is read
 * @destination: the map that is written
 * @residual: (nullable): a map of the destination's shape that is read, too
 * @weights: (nullable): of a convolution: the buffer in which they lie
 * @weights_offset: of the first of them, in elements, a multiple of %PSP_MAP_ALIGNMENT
 * @n_weights: how many there are
 * @bias: (nullable): bound whole
 * @push: of @kernel; begins with a PspPart, which is filled here; with @weights, the one of
 *   psp-convolve.h
 * @rows: which rows of @source a row of @destination needs
 * @operation: given to @rows
 * @slots: for the sums of parts of a convolution (psp-vulkan-split.h), lent; without a buffer the
 *   backend's own are used
 * @n_pixels: of the destination, from the first; 0: all
 * @cost_per_pixel: of the destination; see PspVulkanDispatch
 *
 * One operation, before it is split into parts.
 */
typedef struct
{
  PspVulkanKernelId   kernel;
  guint32             n_parts;
  guint32             constants[PSP_VULKAN_MAX_CONSTANTS];
  const PspMap       *source;
  const PspMap       *destination;
  const PspMap       *residual;
  PspBuffer          *weights;
  gsize               weights_offset;
  gsize               n_weights;
  PspBuffer          *bias;
  PspPart            *push;
  PspVulkanRowsFunc   rows;
  gconstpointer       operation;
  PspVulkanRange      slots;
  gint64              n_pixels;
  double              cost_per_pixel;
} PspVulkanWork;

/**
 * psp_vulkan_work_record:
 * @work: an operation
 * @backend: where
 * @cancellable: (nullable): looked at before each submission
 * @error: %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED; %PSP_ERROR_UNSUPPORTED if
 *   one pixel needs more than the device can bind
 *
 * Records @work in as many parts as chunks, work-group counts and bindings of the device require,
 * and submits the chunks that are full.
 */
gboolean psp_vulkan_work_record (const PspVulkanWork  *work,
                                 PspVulkanBackend     *backend,
                                 GCancellable         *cancellable,
                                 GError              **error);
