/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspArenaValue:
 * @n_elements: its size; 0: never placed
 * @first_step: the step that writes it first
 * @last_step: the step that reads it last
 * @piece: (out): of the arena, in which it lies
 * @offset: (out): where in that piece, a multiple of the alignment
 */
typedef struct
{
  gsize n_elements;
  int   first_step;
  int   last_step;
  int   piece;
  gsize offset;
} PspArenaValue;

/**
 * psp_arena_place:
 * @values: (array length=n_values): gets its places; values whose steps overlap do not share memory
 * @n_values: how many
 * @alignment: of every offset, in elements
 * @limit: elements of a piece, unless a value is larger by itself; 0: the arena is one piece
 *
 * First fit, the largest value first: a plan for memory that is known before anything runs.
 *
 * Returns: (transfer full) (element-type gsize): the elements that each piece needs
 */
GArray *psp_arena_place (PspArenaValue *values,
                         int            n_values,
                         gsize          alignment,
                         gsize          limit) G_GNUC_WARN_UNUSED_RESULT;
