/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/*
 * Arrays of numbers of any size.  Large ones lie in pages of their own: large pages where the
 * system has them, which it hands out and looks up faster, and which it has back once they are
 * freed.
 */

/* An array begins at a multiple of this many bytes: a line of the cache. */
#define PSP_FLOATS_ALIGNMENT 64

/* (transfer full) (nullable): @n_elements zeros, 1 or more; %NULL if there is no memory. */
float  *psp_floats_new      (gsize   n_elements) G_GNUC_WARN_UNUSED_RESULT;

/* Frees @floats, which may be %NULL; @n_elements as it was made with. */
void    psp_floats_free     (float  *floats,
                             gsize   n_elements);

/* (transfer full): takes over @floats (transfer full). */
GBytes *psp_floats_to_bytes (float  *floats,
                             gsize   n_elements) G_GNUC_WARN_UNUSED_RESULT;
