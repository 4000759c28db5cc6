/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-metrics.h"

#include <math.h>

/* What hszhao/semseg adds to denominators, so that classes without pixels give 0. */
static const double SMALL = 1e-10;

static double
ratio (guint64 part,
       guint64 whole)
{
  return part / (whole + SMALL);
}

/* NaN of nothing. */
static double
mean_of (double sum,
         int    n)
{
  return n > 0 ? sum / n : (double) NAN;
}

static PspClassMetrics
measure_class (const PspConfusion *confusion,
               int                 id)
{
  PspClassMetrics class = {
    .truth_pixels = psp_confusion_count_truth (confusion, id),
    .predicted_pixels = psp_confusion_count_predicted (confusion, id),
    .true_positives = psp_confusion_get (confusion, id, id),
  };
  guint64 both = class.truth_pixels + class.predicted_pixels;

  class.false_positives = class.predicted_pixels - class.true_positives;
  class.false_negatives = class.truth_pixels - class.true_positives;
  class.present = both > 0;
  class.iou = ratio (class.true_positives, both - class.true_positives);
  class.accuracy = ratio (class.true_positives, class.truth_pixels);
  class.precision = ratio (class.true_positives, class.predicted_pixels);
  class.dice = ratio (2 * class.true_positives, both);
  return class;
}

PspMetrics *
psp_metrics_new (const PspConfusion *confusion)
{
  PspMetrics *self = g_new0 (PspMetrics, 1);
  guint64 n_labelled = 0;
  guint64 n_correct = 0;
  double iou_sum = 0;
  double accuracy_sum = 0;
  int n_in_truth = 0;

  self->n_classes = psp_confusion_get_n_classes (confusion);
  self->classes = g_new0 (PspClassMetrics, self->n_classes);
  for (int i = 0; i < self->n_classes; i++)
    {
      PspClassMetrics class = measure_class (confusion, i);

      self->classes[i] = class;
      self->n_present += class.present;
      n_in_truth += class.truth_pixels > 0;
      n_labelled += class.truth_pixels;
      n_correct += class.true_positives;
      iou_sum += class.iou;
      accuracy_sum += class.accuracy;
    }

  self->mean_iou = iou_sum / self->n_classes;
  self->mean_accuracy = accuracy_sum / self->n_classes;
  self->pixel_accuracy = ratio (n_correct, n_labelled);
  self->mean_iou_present = mean_of (iou_sum, self->n_present);
  self->mean_accuracy_present = mean_of (accuracy_sum, n_in_truth);
  return self;
}

void
psp_metrics_free (PspMetrics *self)
{
  if (self == NULL)
    return;

  g_free (self->classes);
  g_free (self);
}
