/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-backend.h"

/**
 * psp_cpu_half_backend_new:
 * @wide: (transfer full): a CPU backend of 32 bits, which computes
 *
 * The processor with 16-bit weights and activations.  Each operation widens what it reads, lets
 * @wide compute in 32 bits, and rounds what it wrote to the nearest half: half the memory, sums in
 * 32 bits, results rounded as on a device that stores 16 bits.  Slower than @wide by the
 * conversions.
 *
 * Returns: (transfer full): the backend
 */
PspBackend *psp_cpu_half_backend_new (PspBackend *wide) G_GNUC_WARN_UNUSED_RESULT;
