/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * psp_cpu_core_find_slowdown:
 * @core: whose kernels OpenBLAS uses, as openblas_get_corename() says it: “Haswell”
 * @forced: (nullable): the environment's OPENBLAS_CORETYPE, which overrides OpenBLAS' own choice
 *
 * Compares the vectors that the kernels of @core compute with (OpenBLAS, kernel/x86_64/KERNEL.*)
 * with those of this processor.
 *
 * Returns: (transfer full) (nullable): a sentence for people if @forced makes OpenBLAS use narrower
 *   vectors than it could; %NULL otherwise, for cores that are not known, and on processors other
 *   than x86-64
 */
char *psp_cpu_core_find_slowdown (const char *core,
                                  const char *forced) G_GNUC_WARN_UNUSED_RESULT;
