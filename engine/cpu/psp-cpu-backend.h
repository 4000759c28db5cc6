/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-device.h"

/**
 * psp_cpu_backend_new:
 * @options: how many threads; %NULL: all zero
 * @error: as for psp_vulkan_backend_new(); never set
 *
 * The processor through OpenBLAS: every convolution is a single-threaded sgemm over bands of
 * pixels, the bands spread over threads of our own.  The bands do not depend on the number of
 * threads, so neither do the results, bit by bit.  With 16-bit precision weights and activations
 * are stored in 16 bits and computed in 32 (psp-cpu-half-backend.h).
 *
 * Returns: (transfer full): the backend, or %NULL with @error set
 */
PspBackend    *psp_cpu_backend_new (const PspBackendOptions  *options,
                                    GError                  **error) G_GNUC_WARN_UNUSED_RESULT;

/* As psp_device_restart_if_slow(). */
void           psp_cpu_restart_if_slow (char **argv);

/* (transfer full) (nullable): why OpenBLAS is slower than it could be: psp-cpu-core.h. */
char          *psp_cpu_find_slowdown (void) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): “cpu” with the name of the OpenBLAS core in use. */
PspDeviceInfo *psp_cpu_device_info (void) G_GNUC_WARN_UNUSED_RESULT;
