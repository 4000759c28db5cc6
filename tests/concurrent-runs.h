/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-runner.h"

/* Opens a device; the same one each time. */
typedef PspBackend *(*ConcurrentOpenFunc) (void);

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
