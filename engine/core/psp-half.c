/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-half.h"

#include "engine/core/psp-bits.h"

#ifdef __x86_64__
#include <immintrin.h>

/* How many are converted by one instruction. */
#define VECTOR 8

/* Before functions that use it. */
#define CONVERTS_VECTORS __attribute__ ((target ("avx,f16c")))
#endif

/* The bits of float32 numbers. */
#define FLOAT_INFINITY 0x7f800000u
#define FLOAT_HALF_OVERFLOW 0x477ff000u /* 65520: rounds to 65536, which binary16 lacks */
#define FLOAT_HALF_NORMAL 0x38800000u   /* 2^-14: the least normal number of binary16 */
#define EXPONENT_SHIFT ((127 - 15) << 23)

static guint16
half_from_float (float value)
{
  guint32 bits = psp_float_to_bits (value);
  guint16 sign = bits >> 16 & 0x8000;
  guint32 magnitude = bits & 0x7fffffff;

  if (magnitude > FLOAT_INFINITY)
    return sign | 0x7e00;
  if (magnitude >= FLOAT_HALF_OVERFLOW)
    return sign | 0x7c00;

  /* Adding 0.5 leaves multiples of 2^-24 in the low bits, rounded by the processor. */
  if (magnitude < FLOAT_HALF_NORMAL)
    return sign | (psp_float_to_bits (psp_float_from_bits (magnitude) + 0.5f) -
                   psp_float_to_bits (0.5f));

  magnitude += 0xfff + (magnitude >> 13 & 1);
  return sign | (magnitude - EXPONENT_SHIFT) >> 13;
}

static float
float_from_half (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16;
  guint32 magnitude = (guint32) (half & 0x7fff) << 13;

  if (magnitude >= 0x7c00u << 13)
    magnitude |= FLOAT_INFINITY;
  else if (magnitude >= 0x400u << 13)
    magnitude += EXPONENT_SHIFT;
  else
    /* A multiple of 2^-24. */
    magnitude = psp_float_to_bits ((float) (half & 0x7fff) * 0x1p-24f);

  return psp_float_from_bits (sign | magnitude);
}

#ifdef __x86_64__
/* gcc and clang cannot be asked for F16C itself; every processor with AVX2 has it. */
static gboolean
has_vectors (void)
{
  return __builtin_cpu_supports ("avx2");
}

/* Those of the first @n that fill vectors; returns how many these are. */
CONVERTS_VECTORS static gsize
vectors_from_floats (guint16     *halves,
                     const float *floats,
                     gsize        n)
{
  gsize i = 0;

  for (; i + VECTOR <= n; i += VECTOR)
    _mm_storeu_si128 ((__m128i *) (halves + i),
                      _mm256_cvtps_ph (_mm256_loadu_ps (floats + i), _MM_FROUND_TO_NEAREST_INT));
  return i;
}

CONVERTS_VECTORS static gsize
vectors_to_floats (float         *floats,
                   const guint16 *halves,
                   gsize          n)
{
  gsize i = 0;

  for (; i + VECTOR <= n; i += VECTOR)
    _mm256_storeu_ps (floats + i,
                      _mm256_cvtph_ps (_mm_loadu_si128 ((const __m128i *) (halves + i))));
  return i;
}
#else
static gboolean
has_vectors (void)
{
  return FALSE;
}

static gsize
vectors_from_floats (guint16     *halves,
                     const float *floats,
                     gsize        n)
{
  return 0;
}

static gsize
vectors_to_floats (float         *floats,
                   const guint16 *halves,
                   gsize          n)
{
  return 0;
}
#endif

void
psp_half_from_floats (guint16     *halves,
                      const float *floats,
                      gsize        n)
{
  for (gsize i = has_vectors () ? vectors_from_floats (halves, floats, n) : 0; i < n; i++)
    halves[i] = half_from_float (floats[i]);
}

gboolean
psp_half_can_hold (float value)
{
  return (psp_float_to_bits (value) & 0x7fffffff) < FLOAT_HALF_OVERFLOW;
}

void
psp_half_to_floats (float         *floats,
                    const guint16 *halves,
                    gsize          n)
{
  for (gsize i = has_vectors () ? vectors_to_floats (floats, halves, n) : 0; i < n; i++)
    floats[i] = float_from_half (halves[i]);
}
