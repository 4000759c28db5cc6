/* SPDX-License-Identifier: MIT */
#pragma once

/* Before a function whose loops are vectorised: compiled for wider vectors too; which of them runs
 * is chosen when the program starts.  Not with clang, whose version 14 gives such functions a name
 * that other files do not find. */
#if defined (__x86_64__) && defined (__gnu_linux__) && !defined (__clang__)
#define PSP_VECTORISED __attribute__ ((target_clones ("avx512f", "avx2", "default")))
#else
#define PSP_VECTORISED
#endif

/* Before a loop of such a function over arrays that do not overlap: the compiler does not see that
 * of pointers which it reads from an array, and would leave the loop as it is. */
#if defined (__clang__)
#define PSP_APART _Pragma ("clang loop vectorize(assume_safety)")
#else
#define PSP_APART _Pragma ("GCC ivdep")
#endif
