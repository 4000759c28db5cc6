/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-varint.h"

int
psp_varint_write (guint8  digits[PSP_VARINT_MAX_DIGITS],
                  guint32 value)
{
  int n_digits = 0;

  while (value >= 0x80)
    {
      digits[n_digits++] = 0x80 | (value & 0x7f);
      value >>= 7;
    }
  digits[n_digits++] = value;
  return n_digits;
}

void
psp_varint_append (GByteArray *bytes,
                   guint32     value)
{
  guint8 digits[PSP_VARINT_MAX_DIGITS];

  g_byte_array_append (bytes, digits, psp_varint_write (digits, value));
}

gboolean
psp_varint_read (const guint8 **cursor,
                 const guint8  *end,
                 guint32       *value)
{
  guint64 sum = 0;

  for (int shift = 0; shift < 35 && *cursor < end; shift += 7)
    {
      guint8 digit = *(*cursor)++;

      sum |= (guint64) (digit & 0x7f) << shift;
      if ((digit & 0x80) == 0)
        {
          *value = sum;
          return sum <= G_MAXUINT32;
        }
    }
  return FALSE;
}
