/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-confusion.h"

#include "engine/core/psp-error.h"

#include <string.h>

#define IGNORED 255

/* A mask of one row per line of digits; “.” is ignored. */
static PspMask *
mask_from_text (const char *text,
                int         width,
                int         bit_depth)
{
  g_autoptr(GError) error = NULL;
  int height = strlen (text) / width;
  PspMask *mask = psp_mask_new ((PspSize) { width, height }, bit_depth, &error);

  g_assert_no_error (error);
  for (int i = 0; i < width * height; i++)
    if (text[i] != '.')
      mask->pixels[i] = text[i] - '0';
  return mask;
}

static PspConfusion *
confusion_of (const char *truth_text,
              const char *prediction_text,
              int         n_classes)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMask) truth = mask_from_text (truth_text, 4, 8);
  g_autoptr(PspMask) prediction = mask_from_text (prediction_text, 4, 8);
  PspConfusion *confusion = psp_confusion_new (n_classes, &error);

  g_assert_no_error (error);
  psp_confusion_add (confusion, truth, prediction, &error);
  g_assert_no_error (error);
  return confusion;
}

static void
test_counts (void)
{
  g_autoptr(PspConfusion) confusion = confusion_of ("0011" "0012", "0111" "0.12", 3);

  g_assert_cmpuint (psp_confusion_get (confusion, 0, 0), ==, 2);
  g_assert_cmpuint (psp_confusion_get (confusion, 0, 1), ==, 1);
  g_assert_cmpuint (psp_confusion_get (confusion, 0, 2), ==, 0);
  g_assert_cmpuint (psp_confusion_get (confusion, 1, 1), ==, 3);
  g_assert_cmpuint (psp_confusion_get (confusion, 2, 2), ==, 1);
  g_assert_cmpuint (psp_confusion_get_prediction_outside (confusion, 0), ==, 1);
  g_assert_cmpuint (psp_confusion_get_prediction_outside (confusion, 1), ==, 0);
  g_assert_cmpuint (psp_confusion_count_truth (confusion, 0), ==, 4);
  g_assert_cmpuint (psp_confusion_count_predicted (confusion, 0), ==, 2);
  g_assert_cmpuint (psp_confusion_count_predicted (confusion, 1), ==, 4);
  g_assert_cmpuint (psp_confusion_get_truth_outside (confusion), ==, 0);
  g_assert_cmpint (psp_confusion_get_first_truth_outside (confusion), ==, -1);
}

static void
test_ignored_truth_counts_nowhere (void)
{
  g_autoptr(PspConfusion) confusion = confusion_of ("....", "0129", 3);

  for (int id = 0; id < 3; id++)
    {
      g_assert_cmpuint (psp_confusion_count_truth (confusion, id), ==, 0);
      g_assert_cmpuint (psp_confusion_count_predicted (confusion, id), ==, 0);
    }
  g_assert_cmpuint (psp_confusion_get_truth_outside (confusion), ==, 0);
}

static void
test_truth_outside_is_told (void)
{
  g_autoptr(PspConfusion) confusion = confusion_of ("0957", "0000", 3);

  g_assert_cmpuint (psp_confusion_get_truth_outside (confusion), ==, 3);
  g_assert_cmpint (psp_confusion_get_first_truth_outside (confusion), ==, 5);
  g_assert_cmpuint (psp_confusion_count_predicted (confusion, 0), ==, 1);
}

/* In a 16-bit label 255 is a class like any other and 65535 is ignored. */
static void
test_sixteen_bits (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMask) truth = mask_from_text ("....", 4, 16);
  g_autoptr(PspMask) prediction = mask_from_text ("0000", 4, 8);
  g_autoptr(PspConfusion) confusion = psp_confusion_new (300, &error);

  g_assert_no_error (error);
  truth->pixels[1] = 255;
  truth->pixels[2] = 299;
  prediction->pixels[2] = 255;
  psp_confusion_add (confusion, truth, prediction, &error);
  g_assert_no_error (error);

  g_assert_cmpuint (psp_confusion_get (confusion, 255, 0), ==, 1);
  g_assert_cmpuint (psp_confusion_get (confusion, 299, 255), ==, 1);
  g_assert_cmpuint (psp_confusion_count_predicted (confusion, 0), ==, 1);
}

static void
test_sizes_must_agree (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMask) truth = mask_from_text ("00000000", 4, 8);
  g_autoptr(PspMask) prediction = mask_from_text ("00000000", 2, 8);
  g_autoptr(PspConfusion) confusion = psp_confusion_new (3, NULL);

  g_assert_false (psp_confusion_add (confusion, truth, prediction, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_assert_nonnull (strstr (error->message, "4 x 2"));
  g_assert_nonnull (strstr (error->message, "2 x 4"));
  g_assert_cmpuint (psp_confusion_count_truth (confusion, 0), ==, 0);
}

static void
test_too_many_classes (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspConfusion) confusion = psp_confusion_new (PSP_CONFUSION_MAX_CLASSES + 1, &error);

  g_assert_null (confusion);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
}

static void
test_merge_and_copy (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspConfusion) first = confusion_of ("0011", "0111", 3);
  g_autoptr(PspConfusion) second = confusion_of ("1298", "1..0", 3);
  g_autoptr(PspConfusion) copy = psp_confusion_copy (first, &error);

  g_assert_no_error (error);
  psp_confusion_merge (first, second);
  g_assert_cmpuint (psp_confusion_get (first, 1, 1), ==, 3);
  g_assert_cmpuint (psp_confusion_get (first, 0, 1), ==, 1);
  g_assert_cmpuint (psp_confusion_get_prediction_outside (first, 2), ==, 1);
  g_assert_cmpuint (psp_confusion_get_truth_outside (first), ==, 2);
  g_assert_cmpint (psp_confusion_get_first_truth_outside (first), ==, 8);
  g_assert_cmpuint (psp_confusion_get (copy, 1, 1), ==, 2);
  g_assert_cmpuint (psp_confusion_get_truth_outside (copy), ==, 0);
}

/* More pixels than 32 bits count. */
static void
test_large_counts (void)
{
  g_autoptr(PspConfusion) confusion = psp_confusion_new (2, NULL);

  psp_confusion_add_pixels (confusion, 0, 1, G_GUINT64_CONSTANT (6000000000));
  psp_confusion_add_pixels (confusion, 0, 1, 1);
  g_assert_cmpuint (psp_confusion_get (confusion, 0, 1), ==, G_GUINT64_CONSTANT (6000000001));
}

/* Runs against counting pixel by pixel, on random masks. */
static void
test_random_masks (void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (7);
  g_autoptr(PspMask) truth = psp_mask_new ((PspSize) { 61, 37 }, 8, NULL);
  g_autoptr(PspMask) prediction = psp_mask_new ((PspSize) { 61, 37 }, 8, NULL);
  g_autoptr(PspConfusion) confusion = psp_confusion_new (4, NULL);
  guint64 expected[4][4] = { 0 };

  for (int i = 0; i < 61 * 37; i++)
    {
      truth->pixels[i] = g_rand_int_range (random, 0, 5);
      prediction->pixels[i] = g_rand_int_range (random, 0, 5);
      if (truth->pixels[i] == 4)
        truth->pixels[i] = IGNORED;
      else if (prediction->pixels[i] < 4)
        expected[truth->pixels[i]][prediction->pixels[i]]++;
    }

  psp_confusion_add (confusion, truth, prediction, NULL);
  for (int i = 0; i < 16; i++)
    g_assert_cmpuint (psp_confusion_get (confusion, i / 4, i % 4), ==, expected[i / 4][i % 4]);
}

static void
test_pairs (void)
{
  g_autoptr(PspConfusion) confusion = psp_confusion_new (3, NULL);
  g_autoptr(GArray) pairs = NULL;
  g_autoptr(GArray) first = NULL;
  const int expected[][2] = { { 2, 0 }, { 0, 1 }, { 1, 0 } };

  psp_confusion_add_pixels (confusion, 0, 0, 100);
  psp_confusion_add_pixels (confusion, 1, 0, 3);
  psp_confusion_add_pixels (confusion, 0, 1, 3);
  psp_confusion_add_pixels (confusion, 2, 0, 6);
  psp_confusion_add_pixels (confusion, 2, 2, 4);
  psp_confusion_add_pixels (confusion, 2, 9, 14);

  pairs = psp_confusion_list_pairs (confusion, 0);
  g_assert_cmpuint (pairs->len, ==, 3);
  for (guint i = 0; i < pairs->len; i++)
    {
      g_assert_cmpint (g_array_index (pairs, PspConfusedPair, i).truth, ==, expected[i][0]);
      g_assert_cmpint (g_array_index (pairs, PspConfusedPair, i).prediction, ==, expected[i][1]);
    }
  g_assert_cmpuint (g_array_index (pairs, PspConfusedPair, 0).n_pixels, ==, 6);
  g_assert_cmpfloat (g_array_index (pairs, PspConfusedPair, 0).share, ==, 0.25);

  first = psp_confusion_list_pairs (confusion, 1);
  g_assert_cmpuint (first->len, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/confusion/counts", test_counts);
  g_test_add_func ("/confusion/ignored-truth", test_ignored_truth_counts_nowhere);
  g_test_add_func ("/confusion/truth-outside", test_truth_outside_is_told);
  g_test_add_func ("/confusion/sixteen-bits", test_sixteen_bits);
  g_test_add_func ("/confusion/sizes", test_sizes_must_agree);
  g_test_add_func ("/confusion/too-many-classes", test_too_many_classes);
  g_test_add_func ("/confusion/merge-and-copy", test_merge_and_copy);
  g_test_add_func ("/confusion/large-counts", test_large_counts);
  g_test_add_func ("/confusion/random-masks", test_random_masks);
  g_test_add_func ("/confusion/pairs", test_pairs);
  return g_test_run ();
}
