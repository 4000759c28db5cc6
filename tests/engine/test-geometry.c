/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-geometry.h"

static void
test_intersect (void)
{
  PspRect both = psp_rect_intersect ((PspRect) { 0, 0, 4, 4 }, (PspRect) { 2, 3, 9, 9 });

  g_assert_cmpint (both.x, ==, 2);
  g_assert_cmpint (both.y, ==, 3);
  g_assert_cmpint (both.width, ==, 2);
  g_assert_cmpint (both.height, ==, 1);
  g_assert_true (psp_rect_is_empty (psp_rect_intersect ((PspRect) { 0, 0, 4, 4 },
                                                        (PspRect) { 4, 0, 1, 1 })));
}

static void
test_union (void)
{
  PspRect around = psp_rect_union ((PspRect) { 5, 5, 1, 1 }, (PspRect) { 1, 2, 2, 2 });

  g_assert_cmpint (around.x, ==, 1);
  g_assert_cmpint (around.y, ==, 2);
  g_assert_cmpint (around.width, ==, 5);
  g_assert_cmpint (around.height, ==, 4);

  around = psp_rect_union ((PspRect) { 0 }, (PspRect) { 7, 8, 9, 1 });
  g_assert_cmpint (around.x, ==, 7);
  g_assert_cmpint (around.width, ==, 9);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/geometry/intersect", test_intersect);
  g_test_add_func ("/geometry/union", test_union);
  return g_test_run ();
}
