/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-runner.h"

/* Opens a device; the same one each time. */
typedef PspBackend *(*ConcurrentOpenFunc) (void);

/* (transfer full): a photo of noise, the same for each size and @seed. */
PspImage      *concurrent_draw_noise     (PspSize                 size,
                                          int                     seed) G_GNUC_WARN_UNUSED_RESULT;

/* Fails the test unless labels are equal and confidences differ by @tolerance at most. */
void           concurrent_assert_agree   (const PspPrediction    *prediction,
                                          const PspPrediction    *expected,
                                          double                  tolerance);

/**
 * concurrent_add_tests:
 * @open: opens the device that is tested
 * @prefix: of the tests' paths: “/cpu”
 *
 * Adds tests that run networks on several threads at once, sharing a runner, a device or nothing,
 * and that cancel runs at each of their steps.  Every result is compared with that of an
 * undisturbed run, bit by bit.
 */
void           concurrent_add_tests      (ConcurrentOpenFunc      open,
                                          const char             *prefix);
