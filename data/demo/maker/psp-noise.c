/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-noise.h"

#include <math.h>

double
psp_noise_cell (int     x,
                int     y,
                guint32 seed)
{
  guint32 bits = (guint32) x * 0x8da6b343u ^ (guint32) y * 0xd8163841u ^ seed * 0xcb1ab31fu;

  bits = (bits ^ bits >> 16) * 0x7feb352du;
  bits = (bits ^ bits >> 15) * 0x846ca68bu;
  bits ^= bits >> 16;
  return bits / 4294967295.0;
}

double
psp_noise_smooth (double  x,
                  double  y,
                  guint32 seed)
{
  double left = floor (x), top = floor (y);
  double across = x - left, down = y - top;
  int column = (int) left, row = (int) top;
  double upper, lower;

  across *= across * (3 - 2 * across);
  down *= down * (3 - 2 * down);
  upper = psp_noise_cell (column, row, seed) * (1 - across)
          + psp_noise_cell (column + 1, row, seed) * across;
  lower = psp_noise_cell (column, row + 1, seed) * (1 - across)
          + psp_noise_cell (column + 1, row + 1, seed) * across;
  return upper * (1 - down) + lower * down;
}

double
psp_noise_fractal (double  x,
                   double  y,
                   guint32 seed,
                   int     n_octaves)
{
  double sum = 0, weight = 1, total = 0;

  for (int i = 0; i < n_octaves; i++)
    {
      sum += weight * psp_noise_smooth (x, y, seed + (guint32) i);
      total += weight;
      weight /= 2;
      x *= 2.03;
      y *= 2.03;
    }
  return sum / total;
}
