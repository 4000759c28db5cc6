/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-pair-region.h"

#include <string.h>

typedef struct
{
  PspPairRegion region;
  gboolean      done;
} Answer;

static void
region_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Answer *answer = data;
  g_autoptr(GError) error = NULL;

  psp_pair_region_finish (result, &answer->region, &error);
  g_assert_no_error (error);
  answer->done = TRUE;
}

/* A mask of a drawing, a digit a pixel. */
static PspMask *
draw (const char * const *rows)
{
  PspSize size = { (int) strlen (rows[0]), (int) g_strv_length ((char **) rows) };
  g_autoptr(GError) error = NULL;
  PspMask *mask = psp_mask_new (size, 8, &error);

  g_assert_no_error (error);
  for (int i = 0; i < size.width * size.height; i++)
    mask->pixels[i] = (guint16) g_ascii_digit_value (rows[i / size.width][i % size.width]);
  return mask;
}

static PspPairRegion
find (PspMask *truth,
      PspMask *prediction,
      int      truth_id,
      int      prediction_id)
{
  Answer answer = { 0 };

  psp_pair_region_async (truth, prediction, truth_id, prediction_id, NULL, region_cb, &answer);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  return answer.region;
}

static void
assert_bounds (PspPairRegion region,
               int           x,
               int           y,
               int           width,
               int           height)
{
  g_assert_cmpint (region.bounds.x, ==, x);
  g_assert_cmpint (region.bounds.y, ==, y);
  g_assert_cmpint (region.bounds.width, ==, width);
  g_assert_cmpint (region.bounds.height, ==, height);
}

static void
test_largest (void)
{
  const char * const truth_rows[] = {
    "1110000", "1110000", "1111111", "2222222", NULL
  };
  const char * const prediction_rows[] = {
    "2210002", "1110000", "3312212", "2222222", NULL
  };
  g_autoptr(PspMask) truth = draw (truth_rows);
  g_autoptr(PspMask) prediction = draw (prediction_rows);
  PspPairRegion region;

  /* Neither corners nor the end of a row connect; the last row has another truth. */
  region = find (truth, prediction, 1, 2);
  g_assert_cmpuint (region.n_pixels, ==, 2);
  assert_bounds (region, 0, 0, 2, 1);

  region = find (truth, prediction, 2, 2);
  g_assert_cmpuint (region.n_pixels, ==, 7);
  assert_bounds (region, 0, 3, 7, 1);
  g_assert_cmpfloat (region.pixel.x, ==, 3.5);
  g_assert_cmpfloat (region.pixel.y, ==, 3.5);

  /* Rightly predicted pixels are none of the others. */
  region = find (truth, prediction, 1, PSP_PAIR_ANY_OTHER);
  g_assert_cmpuint (region.n_pixels, ==, 2);
  g_assert_cmpuint (find (truth, prediction, 0, PSP_PAIR_ANY_OTHER).n_pixels, ==, 1);
  g_assert_cmpuint (find (truth, prediction, 0, 3).n_pixels, ==, 0);
}

/* The pixel is one of the region, even if the middle of its bounds is not. */
static void
test_hollow (void)
{
  const char * const truth_rows[] = { "11111", "11111", "11111", "11111", "11111", NULL };
  const char * const prediction_rows[] = { "22222", "21112", "21112", "21112", "22212", NULL };
  g_autoptr(PspMask) truth = draw (truth_rows);
  g_autoptr(PspMask) prediction = draw (prediction_rows);
  PspPairRegion region = find (truth, prediction, 1, 2);
  int i = (int) region.pixel.y * 5 + (int) region.pixel.x;

  g_assert_cmpuint (region.n_pixels, ==, 15);
  assert_bounds (region, 0, 0, 5, 5);
  g_assert_cmpint (prediction->pixels[i], ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pair-region/largest", test_largest);
  g_test_add_func ("/pair-region/hollow", test_hollow);
  return g_test_run ();
}
