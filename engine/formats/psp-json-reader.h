/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspJsonReader:
 * @text: UTF-8, followed by a zero byte; strings are decoded in place
 * @n_bytes: the length of @text
 * @position: of the next byte; the start of what is wrong after a failure
 *
 * Takes JSON (RFC 8259, and nothing beyond it) apart from front to back, without memory of its own
 * and without nested calls: for long texts from strangers.  Short ones go through psp-json.h.  All
 * functions skip white space before what they take.  One thread.
 */
typedef struct
{
  char  *text;
  gsize  n_bytes;
  gsize  position;
} PspJsonReader;

/* Whether the next byte is @c, one of “{}[]:,”; steps over it if so. */
gboolean    psp_json_reader_take         (PspJsonReader *self,
                                          char           c);

/* Whether nothing but white space follows. */
gboolean    psp_json_reader_is_at_end    (PspJsonReader *self);

/**
 * psp_json_reader_take_string:
 *
 * Returns: (transfer none) (nullable): the string, as long as @text is; %NULL if what follows is
 *   none, or one with a zero character or half of a pair of surrogates
 */
const char *psp_json_reader_take_string  (PspJsonReader *self);

/* Whether what follows is an integer of 64 bits, without fraction and exponent; steps over it. */
gboolean    psp_json_reader_take_integer (PspJsonReader *self,
                                          gint64        *integer);

/* Whether what follows is a value, nested at most 64 levels deep; steps over it. */
gboolean    psp_json_reader_skip_value   (PspJsonReader *self);
