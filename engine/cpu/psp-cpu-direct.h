/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/cpu/psp-cpu-operations.h"

/* Elements of scratch memory that @operation takes on the threads of @backend. */
gsize    psp_cpu_direct_count_scratch (const PspCpuBackend  *backend,
                                       const PspConvolution *operation);

/**
 * psp_cpu_direct_convolve:
 * @backend: its threads
 * @operation: any convolution
 * @scratch: psp_cpu_direct_count_scratch() elements
 * @cancellable: (nullable): looked at every few milliseconds
 * @error: %G_IO_ERROR_CANCELLED
 *
 * One matrix product for each band of pixels: of the source itself for 1x1 without stride, else
 * of a panel that holds the taps of each pixel (im2col).  The bands depend on the shapes alone,
 * so the result is bit by bit the same with any number of threads.
 */
gboolean psp_cpu_direct_convolve (PspCpuBackend         *backend,
                                  const PspConvolution  *operation,
                                  float                 *scratch,
                                  GCancellable          *cancellable,
                                  GError               **error);
