/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/cpu/psp-cpu-operations.h"

/*
 * Convolutions by Winograd's minimal filtering F(4x4, 3x3) (Lavin, Gray: Fast Algorithms for
 * Convolutional Neural Networks, CVPR 2016): 36 multiplications for a tile of 16 results instead
 * of 144, summed over channels as 36 matrix products.  A kernel with dilation d is d x d ordinary
 * kernels on the images of every d-th pixel.
 *
 * Weights are transformed a block at a time, in every run unless there is memory to keep them
 * (psp_backend_keep_weights()).  That is 2 to 4 % of the time of PSPNet-50 at 473x473; kept, they
 * take 332 MiB, where the network itself has 178 and a run takes 97 beyond it.
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
 * @keep: whether transformed weights are kept, and those that were kept are used, which changes no
 *   bit of the result
 * @cancellable: (nullable): looked at every few milliseconds
 * @error: %G_IO_ERROR_CANCELLED
 *
 * The largest error is about 3e-6 of the largest result.  How the work is split depends on the
 * shapes alone, so the result is bit by bit the same with any number of threads.
 */
gboolean psp_cpu_winograd_convolve (PspCpuBackend         *backend,
                                    const PspConvolution  *operation,
                                    float                 *scratch,
                                    gboolean               keep,
                                    GCancellable          *cancellable,
                                    GError               **error);
