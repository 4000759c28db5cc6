/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-half.h"

#include <math.h>

#define HALF_INFINITY 0x7c00

static float
to_float (guint16 half)
{
  float value;

  psp_half_to_floats (&value, &half, 1);
  return value;
}

static guint16
from_float (float value)
{
  guint16 half;

  psp_half_from_floats (&half, &value, 1);
  return half;
}

static void
test_exact (void)
{
  g_assert_cmpfloat (to_float (0x3c00), ==, 1.0f);
  g_assert_cmpfloat (to_float (0xc000), ==, -2.0f);
  g_assert_cmpfloat (to_float (0x7bff), ==, 65504.0f);
  g_assert_cmpfloat (to_float (0x0400), ==, 0x1p-14f);
  g_assert_cmpfloat (to_float (0x0001), ==, 0x1p-24f);
  g_assert_cmpfloat (to_float (0x3555), ==, 0x1.554p-2f);
  g_assert_true (isinf (to_float (HALF_INFINITY)));
  g_assert_true (isnan (to_float (0x7e00)));
  g_assert_true (signbit (to_float (0x8000)));
}

/* Every half survives the way to float and back. */
static void
test_round_trip (void)
{
  for (guint32 half = 0; half <= G_MAXUINT16; half++)
    {
      float value = to_float ((guint16) half);

      if (isnan (value))
        g_assert_true (isnan (to_float (from_float (value))));
      else
        g_assert_cmphex (from_float (value), ==, half);
    }
}

/* Between every two neighbours: below the middle down, above it up, on it to the even one. */
static void
test_rounding (void)
{
  for (guint16 half = 0; half < HALF_INFINITY; half++)
    {
      float low = to_float (half);
      /* The neighbour of the largest half is where the next step would be. */
      float high = half + 1 == HALF_INFINITY ? 65536.0f : to_float (half + 1);
      float middle = (low + high) / 2.0f;
      guint16 even = half % 2 == 0 ? half : half + 1;

      g_assert_cmphex (from_float (middle), ==, even);
      g_assert_cmphex (from_float (nextafterf (middle, 0.0f)), ==, half);
      g_assert_cmphex (from_float (nextafterf (middle, INFINITY)), ==, half + 1);
      g_assert_cmphex (from_float (-middle), ==, 0x8000 | even);
    }
  g_assert_cmphex (from_float (INFINITY), ==, HALF_INFINITY);
  g_assert_cmphex (from_float (-3e38f), ==, 0x8000 | HALF_INFINITY);
  g_assert_cmphex (from_float (1e-40f), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/half/exact", test_exact);
  g_test_add_func ("/half/round-trip", test_round_trip);
  g_test_add_func ("/half/rounding", test_rounding);
  return g_test_run ();
}
