/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-metrics.h"

#include <math.h>

#define TOLERANCE 1e-9

/* Three classes: 0 mostly right, 1 half right, 2 in neither truth nor prediction. */
static PspConfusion *
small_confusion (void)
{
  PspConfusion *confusion = psp_confusion_new (3, NULL);

  psp_confusion_add_pixels (confusion, 0, 0, 8);
  psp_confusion_add_pixels (confusion, 0, 1, 2);
  psp_confusion_add_pixels (confusion, 1, 0, 1);
  psp_confusion_add_pixels (confusion, 1, 1, 2);
  psp_confusion_add_pixels (confusion, 1, 255, 1);
  return confusion;
}

static void
test_by_hand (void)
{
  g_autoptr(PspConfusion) confusion = small_confusion ();
  g_autoptr(PspMetrics) metrics = psp_metrics_new (confusion);
  const PspClassMetrics *zero = &metrics->classes[0];
  const PspClassMetrics *one = &metrics->classes[1];

  g_assert_cmpuint (zero->truth_pixels, ==, 10);
  g_assert_cmpuint (zero->predicted_pixels, ==, 9);
  g_assert_cmpuint (zero->true_positives, ==, 8);
  g_assert_cmpuint (zero->false_positives, ==, 1);
  g_assert_cmpuint (zero->false_negatives, ==, 2);
  g_assert_cmpfloat_with_epsilon (zero->iou, 8.0 / 11, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (zero->accuracy, 0.8, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (zero->precision, 8.0 / 9, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (zero->dice, 16.0 / 19, TOLERANCE);

  g_assert_cmpuint (one->truth_pixels, ==, 4);
  g_assert_cmpuint (one->false_negatives, ==, 2);
  g_assert_cmpfloat_with_epsilon (one->iou, 2.0 / 6, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (one->accuracy, 0.5, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (one->precision, 0.5, TOLERANCE);
}

static void
test_absent_class (void)
{
  g_autoptr(PspConfusion) confusion = small_confusion ();
  g_autoptr(PspMetrics) metrics = psp_metrics_new (confusion);
  double iou_sum = 8.0 / 11 + 2.0 / 6;

  g_assert_false (metrics->classes[2].present);
  g_assert_cmpfloat (metrics->classes[2].iou, ==, 0);
  g_assert_cmpint (metrics->n_present, ==, 2);
  g_assert_cmpfloat_with_epsilon (metrics->mean_iou, iou_sum / 3, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (metrics->mean_iou_present, iou_sum / 2, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (metrics->mean_accuracy, 1.3 / 3, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (metrics->mean_accuracy_present, 0.65, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (metrics->pixel_accuracy, 10.0 / 14, TOLERANCE);
}

/* A class that is only ever predicted is present and wrong, but has no accuracy to average. */
static void
test_only_predicted (void)
{
  g_autoptr(PspConfusion) confusion = psp_confusion_new (2, NULL);
  g_autoptr(PspMetrics) metrics = NULL;

  psp_confusion_add_pixels (confusion, 0, 0, 3);
  psp_confusion_add_pixels (confusion, 0, 1, 1);
  metrics = psp_metrics_new (confusion);

  g_assert_true (metrics->classes[1].present);
  g_assert_cmpfloat_with_epsilon (metrics->mean_iou_present, 0.375, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (metrics->mean_accuracy_present, 0.75, TOLERANCE);
}

static void
test_nothing (void)
{
  g_autoptr(PspConfusion) confusion = psp_confusion_new (2, NULL);
  g_autoptr(PspMetrics) metrics = psp_metrics_new (confusion);

  g_assert_cmpint (metrics->n_present, ==, 0);
  g_assert_cmpfloat (metrics->mean_iou, ==, 0);
  g_assert_cmpfloat (metrics->pixel_accuracy, ==, 0);
  g_assert_true (isnan (metrics->mean_iou_present));
  g_assert_true (isnan (metrics->mean_accuracy_present));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/by-hand", test_by_hand);
  g_test_add_func ("/metrics/absent-class", test_absent_class);
  g_test_add_func ("/metrics/only-predicted", test_only_predicted);
  g_test_add_func ("/metrics/nothing", test_nothing);
  return g_test_run ();
}
