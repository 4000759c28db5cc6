/* SPDX-License-Identifier: MIT */
#include "ui/psp-viewport.h"

#include <math.h>

static PspViewport *
make_viewport (PspSize image,
               PspSize pane)
{
  PspViewport *viewport = psp_viewport_new ();

  psp_viewport_set_image_size (viewport, image);
  psp_viewport_set_pane_size (viewport, pane);
  return viewport;
}

static void
count (int *n)
{
  ++*n;
}

static void
test_fit (void)
{
  g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 480, 360 }, (PspSize) { 600, 400 });
  PspTransform transform = psp_viewport_get_transform (viewport, (PspSize) { 600, 400 });

  g_assert_true (psp_viewport_get_fitting (viewport));
  g_assert_cmpfloat_with_epsilon (transform.scale, 400.0 / 360, 1e-12);
  g_assert_cmpfloat (transform.x, ==, 33);
  g_assert_cmpfloat (transform.y, ==, 0);

  /* It goes on fitting when pane or image change … */
  psp_viewport_set_pane_size (viewport, (PspSize) { 240, 400 });
  g_assert_cmpfloat_with_epsilon (psp_viewport_get_zoom (viewport), 0.5, 1e-12);
  psp_viewport_set_image_size (viewport, (PspSize) { 120, 50 });
  g_assert_cmpfloat_with_epsilon (psp_viewport_get_zoom (viewport), 2, 1e-12);

  /* … until somebody zooms. */
  psp_viewport_zoom_to (viewport, 4, (PspPoint) { 60, 25 });
  psp_viewport_set_pane_size (viewport, (PspSize) { 300, 300 });
  g_assert_false (psp_viewport_get_fitting (viewport));
  g_assert_cmpfloat (psp_viewport_get_zoom (viewport), ==, 4);

  psp_viewport_fit (viewport);
  g_assert_true (psp_viewport_get_fitting (viewport));
  g_assert_cmpfloat (psp_viewport_get_zoom (viewport), ==, 2.5);
}

static void
test_limits (void)
{
  g_autoptr(PspViewport) large = make_viewport ((PspSize) { 4000, 100 }, (PspSize) { 400, 400 });
  g_autoptr(PspViewport) small = make_viewport ((PspSize) { 10, 10 }, (PspSize) { 400, 400 });

  psp_viewport_zoom_to (large, 1e9, (PspPoint) { 5, 5 });
  g_assert_cmpfloat (psp_viewport_get_zoom (large), ==, PSP_VIEWPORT_MAX_ZOOM);
  psp_viewport_zoom_to (large, 1e-9, (PspPoint) { 5, 5 });
  g_assert_cmpfloat_with_epsilon (psp_viewport_get_zoom (large), 0.1, 1e-12);
  g_assert_true (psp_viewport_get_fitting (large));

  psp_viewport_zoom_to (small, 1e-9, (PspPoint) { 5, 5 });
  g_assert_cmpfloat (psp_viewport_get_zoom (small), ==, 1);
  g_assert_false (psp_viewport_get_fitting (small));
}

/* What is under the pointer stays there, wherever on the image that is. */
static void
test_zoom_at_pointer (void)
{
  const PspSize pane = { 613, 402 };
  const PspPoint pointers[] = { { 0.5, 0.5 }, { 479.5, 359.5 }, { 200.25, 12 }, { 3, 357 } };

  for (gsize i = 0; i < G_N_ELEMENTS (pointers); i++)
    {
      g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 480, 360 }, pane);

      while (psp_viewport_get_zoom (viewport) < PSP_VIEWPORT_MAX_ZOOM)
        {
          PspTransform before = psp_viewport_get_transform (viewport, pane);
          PspTransform after;
          PspPoint a, b;

          psp_viewport_zoom_to (viewport, before.scale * 1.3, pointers[i]);
          after = psp_viewport_get_transform (viewport, pane);
          a = psp_transform_to_pane (&before, pointers[i]);
          b = psp_transform_to_pane (&after, pointers[i]);
          /* Half a pixel for each, because the image lies on whole pixels of the screen. */
          g_assert_cmpfloat_with_epsilon (a.x, b.x, 1 + 1e-9);
          g_assert_cmpfloat_with_epsilon (a.y, b.y, 1 + 1e-9);
        }
    }
}

static void
test_pan_is_clamped (void)
{
  const PspSize pane = { 400, 300 };
  g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 800, 600 }, pane);
  PspTransform transform;
  PspPoint middle;

  /* With the whole image in sight there is nowhere to go. */
  psp_viewport_pan (viewport, (PspPoint) { 50, 50 });
  g_assert_cmpfloat (psp_viewport_get_center (viewport).x, ==, 400);

  psp_viewport_zoom_to (viewport, 8, (PspPoint) { 400, 300 });
  psp_viewport_pan (viewport, (PspPoint) { 1e7, -1e7 });
  transform = psp_viewport_get_transform (viewport, pane);
  middle = psp_transform_to_image (&transform, (PspPoint) { 200, 150 });
  g_assert_cmpfloat (middle.x, >, 780);
  g_assert_cmpfloat (middle.x, <, 800);
  g_assert_cmpfloat (middle.y, >, 0);
  g_assert_cmpfloat (middle.y, <, 20);
}

static void
test_round_trip (void)
{
  g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 2048, 1024 },
                                                   (PspSize) { 500, 333 });

  psp_viewport_zoom_to (viewport, 7.3, (PspPoint) { 1500, 40 });
  for (int i = 0; i < 100; i++)
    {
      PspPoint image = { g_test_rand_double () * 2048, g_test_rand_double () * 1024 };
      PspTransform transform = psp_viewport_get_transform (viewport, (PspSize) { 500, 333 });
      PspPoint back = psp_transform_to_image (&transform,
                                              psp_transform_to_pane (&transform, image));

      g_assert_cmpfloat_with_epsilon (back.x, image.x, 1e-9);
      g_assert_cmpfloat_with_epsilon (back.y, image.y, 1e-9);
    }
}

/* A pane of half the size shows the same part of the image at half the scale. */
static void
test_other_pane (void)
{
  g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 640, 480 }, (PspSize) { 640, 480 });
  PspTransform large, small;
  PspPoint large_corner, small_corner;

  psp_viewport_zoom_to (viewport, 4, (PspPoint) { 123, 321 });
  large = psp_viewport_get_transform (viewport, (PspSize) { 640, 480 });
  small = psp_viewport_get_transform (viewport, (PspSize) { 320, 240 });
  large_corner = psp_transform_to_image (&large, (PspPoint) { 0, 0 });
  small_corner = psp_transform_to_image (&small, (PspPoint) { 0, 0 });

  g_assert_cmpfloat (small.scale, ==, 2);
  g_assert_cmpfloat_with_epsilon (large_corner.x, small_corner.x, 0.5);
  g_assert_cmpfloat_with_epsilon (large_corner.y, small_corner.y, 0.5);
}

/* The next image of another size shows the same place at the same zoom. */
static void
test_next_image (void)
{
  g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 1000, 500 },
                                                   (PspSize) { 300, 300 });
  PspPoint center;

  psp_viewport_zoom_to (viewport, 10, (PspPoint) { 800, 100 });
  center = psp_viewport_get_center (viewport);
  psp_viewport_set_image_size (viewport, (PspSize) { 2000, 1000 });

  g_assert_cmpfloat (psp_viewport_get_zoom (viewport), ==, 10);
  g_assert_cmpfloat_with_epsilon (psp_viewport_get_center (viewport).x, 2 * center.x, 1e-9);
  g_assert_cmpfloat_with_epsilon (psp_viewport_get_center (viewport).y, 2 * center.y, 1e-9);
}

static void
test_reveal (void)
{
  const PspSize pane = { 300, 200 };
  g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 1000, 1000 }, pane);
  PspPoint image = { 700, 500 };
  PspPoint seen;
  PspTransform transform;

  psp_viewport_zoom_to (viewport, 10, (PspPoint) { 500, 500 });
  psp_viewport_reveal (viewport, image);
  transform = psp_viewport_get_transform (viewport, pane);
  seen = psp_transform_to_pane (&transform, image);
  g_assert_cmpfloat (seen.x, >, 0);
  g_assert_cmpfloat (seen.x, <, pane.width);

  /* What is in sight moves nothing. */
  psp_viewport_reveal (viewport, (PspPoint) { image.x - 5, image.y });
  g_assert_cmpfloat (psp_viewport_get_transform (viewport, pane).x, ==, transform.x);
}

static void
test_steps (void)
{
  const double up[] = { 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 64 };
  const double down[] = { 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1.5, 1, 0.75, 0.5, 0.4, 0.4 };
  g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 1000, 1000 },
                                                   (PspSize) { 400, 400 });

  for (gsize i = 0; i < G_N_ELEMENTS (up); i++)
    {
      psp_viewport_zoom_step (viewport, 1, (PspPoint) { 500, 500 });
      g_assert_cmpfloat (psp_viewport_get_zoom (viewport), ==, up[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (down); i++)
    {
      psp_viewport_zoom_step (viewport, -1, (PspPoint) { 500, 500 });
      g_assert_cmpfloat_with_epsilon (psp_viewport_get_zoom (viewport), down[i], 1e-12);
    }
}

static void
test_signals (void)
{
  g_autoptr(PspViewport) viewport = make_viewport ((PspSize) { 100, 100 }, (PspSize) { 200, 200 });
  int n_changed = 0, n_zoomed = 0, n_moved = 0;
  PspPoint crosshair;

  g_signal_connect_swapped (viewport, "changed", G_CALLBACK (count), &n_changed);
  g_signal_connect_swapped (viewport, "notify::zoom", G_CALLBACK (count), &n_zoomed);
  g_signal_connect_swapped (viewport, "crosshair-moved", G_CALLBACK (count), &n_moved);

  psp_viewport_zoom_to (viewport, 8, (PspPoint) { 10, 10 });
  psp_viewport_zoom_to (viewport, 8, (PspPoint) { 10, 10 });
  g_assert_cmpint (n_changed, ==, 1);
  g_assert_cmpint (n_zoomed, ==, 1);

  psp_viewport_pan (viewport, (PspPoint) { 1, 0 });
  g_assert_cmpint (n_changed, ==, 2);
  g_assert_cmpint (n_zoomed, ==, 1);

  g_assert_false (psp_viewport_get_crosshair (viewport, NULL));
  psp_viewport_set_crosshair (viewport, (PspPoint) { 99.9, 0 });
  psp_viewport_set_crosshair (viewport, (PspPoint) { 99.9, 0 });
  g_assert_true (psp_viewport_get_crosshair (viewport, &crosshair));
  g_assert_cmpfloat (crosshair.x, ==, 99.9);
  g_assert_cmpint (n_moved, ==, 1);

  psp_viewport_set_crosshair (viewport, (PspPoint) { 100, 0 });
  g_assert_false (psp_viewport_get_crosshair (viewport, NULL));
  g_assert_cmpint (n_moved, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/viewport/fit", test_fit);
  g_test_add_func ("/viewport/limits", test_limits);
  g_test_add_func ("/viewport/zoom-at-pointer", test_zoom_at_pointer);
  g_test_add_func ("/viewport/pan-is-clamped", test_pan_is_clamped);
  g_test_add_func ("/viewport/round-trip", test_round_trip);
  g_test_add_func ("/viewport/other-pane", test_other_pane);
  g_test_add_func ("/viewport/next-image", test_next_image);
  g_test_add_func ("/viewport/reveal", test_reveal);
  g_test_add_func ("/viewport/steps", test_steps);
  g_test_add_func ("/viewport/signals", test_signals);
  return g_test_run ();
}
