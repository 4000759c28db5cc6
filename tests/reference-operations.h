/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-backend.h"

/**
 * reference_add_tests:
 * @backend: what is tested; lives until g_test_run() returns
 * @prefix: of the tests' paths: “/cpu”
 * @exact: whether its convolutions of small integers are exact
 *
 * Adds a test for each line of the tables of operations.  Each runs one operation and compares it
 * with a plain loop in double precision: the error is bounded, or zero where the numbers are small
 * integers and the operation is exact; padding channels are zero; what is not part of the
 * destination is as it was.  All that an operation must not read is NaN.
 */
void reference_add_tests (PspBackend *backend,
                          const char *prefix,
                          gboolean    exact);

/* Adds @n_cases convolutions of random shapes, each 3x3 without stride, tested in the same way. */
void reference_add_sweep (PspBackend *backend,
                          const char *prefix,
                          gboolean    exact,
                          int         n_cases);

/* Of those for convolutions one in @step, from number @first on: for a backend that has more ways
 * to run them than there is time for. */
void reference_add_convolutions (PspBackend *backend,
                                 const char *prefix,
                                 int         first,
                                 int         step);
