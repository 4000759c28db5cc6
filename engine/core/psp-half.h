/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * psp_half_from_floats:
 * @halves: (out caller-allocates) (array length=n): IEEE 754 binary16
 * @floats: (array length=n): what to convert
 * @n: how many
 *
 * Rounds to the nearest, ties to even; what is too large becomes infinite, NaN stays NaN.
 */
void psp_half_from_floats (guint16     *halves,
                           const float *floats,
                           gsize        n);

/* Whether @value is finite and stays so when it is rounded to binary16: below 65520, which is half
 * way from the largest number, 65504, to the next power of two. */
gboolean psp_half_can_hold (float        value);

/**
 * psp_half_to_floats:
 * @floats: (out caller-allocates) (array length=n): exactly the same numbers
 * @halves: (array length=n): IEEE 754 binary16
 * @n: how many
 */
void psp_half_to_floats   (float         *floats,
                           const guint16 *halves,
                           gsize          n);
