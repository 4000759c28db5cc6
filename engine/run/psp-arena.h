/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspArenaValue:
 * @n_elements: its size; 0: never placed
 * @first_step: the step that writes it first
 * @last_step: the step that reads it last
 * @offset: (out): where it lies, a multiple of the alignment
 */
typedef struct
{
  gsize n_elements;
  int   first_step;
  int   last_step;
  gsize offset;
} PspArenaValue;

/**
 * psp_arena_place:
 * @values: (array length=n_values): gets its offsets; values whose steps overlap do not share
 *   memory
 * @n_values: how many
 * @alignment: of every offset, in elements
 *
 * First fit, the largest value first: a plan for memory that is known before anything runs.
 *
 * Returns: the elements that the arena needs
 */
gsize psp_arena_place (PspArenaValue *values,
                       int            n_values,
                       gsize          alignment);
