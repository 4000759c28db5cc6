/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * psp_cpu_core_find_better:
 * @core: whose kernels OpenBLAS chose on its own, as openblas_get_corename() says it
 *
 * OpenBLAS up to 0.3.24 takes the kernels of 2004 (“Prescott”, SSE3) on processors of Intel's that
 * are newer than itself (OpenBLAS, issue 4267; driver/others/dynamic.c, get_coretype()), which
 * costs three quarters of the speed where there is AVX-512.
 *
 * Returns: (nullable): what OPENBLAS_CORETYPE should be, if @core computes with SSE and this
 *   processor has AVX2 or more; %NULL otherwise, and on processors other than x86-64
 */
const char *psp_cpu_core_find_better (const char *core);

/**
 * psp_cpu_core_find_slowdown:
 * @core: whose kernels OpenBLAS uses, as openblas_get_corename() says it: “Haswell”
 * @forced: (nullable): the environment's OPENBLAS_CORETYPE, which overrides OpenBLAS' own choice
 *
 * Compares the vectors that the kernels of @core compute with (OpenBLAS, kernel/x86_64/KERNEL.*)
 * with those of this processor.
 *
 * Returns: (transfer full) (nullable): a sentence for people if @forced makes OpenBLAS use narrower
 *   vectors than it could, or psp_cpu_core_find_better() knows a better core; %NULL otherwise, for
 *   cores that are not known, and on processors other than x86-64
 */
char *psp_cpu_core_find_slowdown (const char *core,
                                  const char *forced) G_GNUC_WARN_UNUSED_RESULT;
