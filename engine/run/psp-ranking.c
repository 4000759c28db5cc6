/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-ranking.h"

#include "engine/core/psp-vectorised.h"

#include <math.h>
#include <string.h>

/* Values that are looked at side by side; the compiler makes vectors of them. */
#define LANES 8

int
psp_ranking_find_maximum (const float *values,
                          int          n_padded)
{
  float best[LANES];
  int block[LANES] = { 0 };
  int winner = 0;

  memcpy (best, values, sizeof best);
  for (int i = LANES; i < n_padded; i += LANES)
    for (int lane = 0; lane < LANES; lane++)
      {
        gboolean better = values[i + lane] > best[lane];

        best[lane] = better ? values[i + lane] : best[lane];
        block[lane] = better ? i : block[lane];
      }

  for (int lane = 1; lane < LANES; lane++)
    if (best[lane] > best[winner] ||
        (best[lane] >= best[winner] && block[lane] + lane < block[winner] + winner))
      winner = lane;
  return block[winner] + winner;
}

/* exp (x) = 2^n exp (r) with |r| <= ln 2 / 2, and exp (r) by its Taylor polynomial: without a
 * branch or a call, so that loops of it become vectors (fmaxf() is a call: of two numbers one of
 * which is none it has to choose the other). */
static inline float
exponential (float x)
{
  const float round = 12582912; /* 1.5 2^23: adding it leaves whole numbers */
  float bounded = x > -87 ? MIN (x, 88) : -87;
  float n = bounded * 1.44269504f + round - round;
  float r = bounded - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1 + r * (1 + r * (1 / 2.0f + r * (1 / 6.0f + r * (1 / 24.0f + r * (1 / 120.0f +
            r * (1 / 720.0f))))));
  gint32 bits = ((gint32) n + 127) * (1 << 23);
  float power;

  memcpy (&power, &bits, sizeof power);
  return x < -87 ? 0 : p * power;
}

PSP_VECTORISED float
psp_ranking_exponential (float *values,
                         int    n_padded,
                         float  shift)
{
  for (int i = 0; i < n_padded; i++)
    values[i] = exponential (values[i] - shift);
  return psp_ranking_sum (values, n_padded);
}

float
psp_ranking_sum (const float *values,
                 int          n_padded)
{
  float sums[LANES] = { 0 };
  float sum = 0;

  for (int i = 0; i < n_padded; i += LANES)
    for (int lane = 0; lane < LANES; lane++)
      sums[lane] += values[i + lane];
  for (int lane = 0; lane < LANES; lane++)
    sum += sums[lane];
  return sum;
}

void
psp_ranking_normalise (float *values,
                       int    n_padded)
{
  float sum = psp_ranking_sum (values, n_padded);

  for (int i = 0; i < n_padded; i++)
    values[i] /= sum;
}

void
psp_ranking_softmax (float *values,
                     int    n_padded)
{
  float maximum = values[psp_ranking_find_maximum (values, n_padded)];
  float sum = psp_ranking_exponential (values, n_padded, maximum);

  for (int i = 0; i < n_padded; i++)
    values[i] /= sum;
}

void
psp_ranking_choose (float *values,
                    int    n_padded,
                    int    n_top,
                    float *classes,
                    float *chosen)
{
  for (int rank = 0; rank < n_top; rank++)
    {
      int best = psp_ranking_find_maximum (values, n_padded);

      classes[rank] = best;
      if (chosen != NULL)
        chosen[rank] = values[best];
      values[best] = 2 * PSP_RANKING_LEAST;
    }
}
