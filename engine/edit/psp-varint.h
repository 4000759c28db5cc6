/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* Small numbers in few bytes: seven bits each, the lowest first; the high bit says that more
 * follow. */

/* The most bytes of a number. */
#define PSP_VARINT_MAX_DIGITS 5

/* Writes @value to @digits; returns how many bytes it took. */
int      psp_varint_write  (guint8         digits[PSP_VARINT_MAX_DIGITS],
                            guint32        value);

void     psp_varint_append (GByteArray    *bytes,
                            guint32        value);

/**
 * psp_varint_read:
 * @cursor: (inout): where the number starts; moved behind it
 * @end: where the bytes end
 * @value: (out): the number
 *
 * Returns: %FALSE if the bytes end too early or the number does not fit into 32 bits
 */
gboolean psp_varint_read   (const guint8 **cursor,
                            const guint8  *end,
                            guint32       *value);
