/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/cpu/psp-cpu-operations.h"

/*
 * Convolutions by Winograd's minimal filtering F(4x4, 3x3) (Lavin, Gray: Fast Algorithms for
 * Convolutional Neural Networks, CVPR 2016): 36 multiplications for a tile of 16 results instead
 * of 144, summed over channels as 36 matrix products.  A kernel with dilation d is d x d ordinary
 * kernels on the images of every d-th pixel.
 */

/* Whether @operation is a 3x3 convolution without stride. */
gboolean psp_cpu_winograd_supports (const PspConvolution  *operation);

/* Elements of scratch memory that @operation, a supported one, takes. */
gsize    psp_cpu_winograd_count_scratch (const PspConvolution *operation);

/**
 * psp_cpu_winograd_convolve:
 * @backend: its threads
 * @operation: one that psp_cpu_winograd_supports()
 * @scratch: psp_cpu_winograd_count_scratch() elements
 * @cancellable: (nullable): looked at every few milliseconds
 * @error: %G_IO_ERROR_CANCELLED
 *
 * The largest error is about 3e-6 of the largest result.  How the work is split depends on the
 * shapes alone, so the result is bit by bit the same with any number of threads.
 */
gboolean psp_cpu_winograd_convolve (PspCpuBackend         *backend,
                                    const PspConvolution  *operation,
                                    float                 *scratch,
                                    GCancellable          *cancellable,
                                    GError               **error);
