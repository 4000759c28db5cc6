/* SPDX-License-Identifier: MIT */
#include "engine/cpu/psp-cpu-transforms.h"

#include "engine/core/psp-vectorised.h"

/* The points ±A and ±B. */
#define A (5 / 8.0f)
#define B (3 / 2.0f)
#define A2 (A * A)
#define B2 (B * B)

PSP_VECTORISED void
psp_cpu_transform_pixels (const float *const  pixels[PSP_TILE_SIDE],
                          float *const        positions[PSP_TILE_SIDE],
                          int                 n)
{
  const float *d0 = pixels[0];
  const float *d1 = pixels[1];
  const float *d2 = pixels[2];
  const float *d3 = pixels[3];
  const float *d4 = pixels[4];
  const float *d5 = pixels[5];
  float *v0 = positions[0];
  float *v1 = positions[1];
  float *v2 = positions[2];
  float *v3 = positions[3];
  float *v4 = positions[4];
  float *v5 = positions[5];

  PSP_APART
  for (int i = 0; i < n; i++)
    {
      float even_a = d4[i] - B2 * d2[i];
      float odd_a = A * (d3[i] - B2 * d1[i]);
      float even_b = d4[i] - A2 * d2[i];
      float odd_b = B * (d3[i] - A2 * d1[i]);

      v0[i] = A2 * B2 * d0[i] - (A2 + B2) * d2[i] + d4[i];
      v1[i] = even_a + odd_a;
      v2[i] = even_a - odd_a;
      v3[i] = even_b + odd_b;
      v4[i] = even_b - odd_b;
      v5[i] = A2 * B2 * d1[i] - (A2 + B2) * d3[i] + d5[i];
    }
}

PSP_VECTORISED void
psp_cpu_transform_taps (const float *const  taps[PSP_TILE_TAPS],
                        float *const        positions[PSP_TILE_SIDE],
                        int                 n)
{
  const float *g0 = taps[0];
  const float *g1 = taps[1];
  const float *g2 = taps[2];
  float *u0 = positions[0];
  float *u1 = positions[1];
  float *u2 = positions[2];
  float *u3 = positions[3];
  float *u4 = positions[4];
  float *u5 = positions[5];

  PSP_APART
  for (int i = 0; i < n; i++)
    {
      float even_a = (g0[i] + A2 * g2[i]) * (1 / (2 * A2 * (A2 - B2)));
      float odd_a = g1[i] * (A / (2 * A2 * (A2 - B2)));
      float even_b = (g0[i] + B2 * g2[i]) * (1 / (2 * B2 * (B2 - A2)));
      float odd_b = g1[i] * (B / (2 * B2 * (B2 - A2)));

      u0[i] = g0[i] * (1 / (A2 * B2));
      u1[i] = even_a + odd_a;
      u2[i] = even_a - odd_a;
      u3[i] = even_b + odd_b;
      u4[i] = even_b - odd_b;
      u5[i] = g2[i];
    }
}

PSP_VECTORISED void
psp_cpu_transform_products (const float *const  positions[PSP_TILE_SIDE],
                            float *const        results[PSP_TILE_RESULTS],
                            int                 n)
{
  const float *m0 = positions[0];
  const float *m1 = positions[1];
  const float *m2 = positions[2];
  const float *m3 = positions[3];
  const float *m4 = positions[4];
  const float *m5 = positions[5];
  float *y0 = results[0];
  float *y1 = results[1];
  float *y2 = results[2];
  float *y3 = results[3];

  PSP_APART
  for (int i = 0; i < n; i++)
    {
      float sum_a = m1[i] + m2[i];
      float difference_a = m1[i] - m2[i];
      float sum_b = m3[i] + m4[i];
      float difference_b = m3[i] - m4[i];

      y0[i] = m0[i] + sum_a + sum_b;
      y1[i] = A * difference_a + B * difference_b;
      y2[i] = A2 * sum_a + B2 * sum_b;
      y3[i] = A * A2 * difference_a + B * B2 * difference_b + m5[i];
    }
}
