/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-pixels.h"

#include "engine/core/psp-vectorised.h"

/* How many pixels are compared before it is asked whether one of them was another: a loop of known
 * length without a way out becomes vectors. */
#define BLOCK 64
#define SMALL_BLOCK 8

PSP_VECTORISED int
psp_pixels_skip_many (const guint16 *pixels,
                      int            start,
                      int            end,
                      guint16        value)
{
  for (; start + BLOCK <= end; start += BLOCK)
    {
      guint16 different = 0;

      for (int i = 0; i < BLOCK; i++)
        different |= pixels[start + i] ^ value;
      if (different != 0)
        break;
    }
  for (; start + SMALL_BLOCK <= end; start += SMALL_BLOCK)
    {
      guint16 different = 0;

      for (int i = 0; i < SMALL_BLOCK; i++)
        different |= pixels[start + i] ^ value;
      if (different != 0)
        break;
    }
  while (start < end && pixels[start] == value)
    start++;
  return start;
}

PSP_VECTORISED int
psp_pixels_skip_back (const guint16 *pixels,
                      int            start,
                      int            end,
                      guint16        value)
{
  for (; start + BLOCK <= end; end -= BLOCK)
    {
      guint16 different = 0;

      for (int i = 1; i <= BLOCK; i++)
        different |= pixels[end - i] ^ value;
      if (different != 0)
        break;
    }
  while (start < end && pixels[end - 1] == value)
    end--;
  return end;
}
