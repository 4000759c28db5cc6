/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/analysis/psp-confusion.h"

/**
 * PspClassMetrics:
 * @truth_pixels: pixels that are of the class
 * @predicted_pixels: labelled pixels that were taken for it
 * @true_positives: pixels that are both
 * @false_positives: @predicted_pixels less @true_positives
 * @false_negatives: @truth_pixels less @true_positives
 * @present: whether the class has any pixel, in truth or prediction; if not, its measures are
 *   unknown and stand as 0
 * @iou: true positives / (truth + predicted - true positives)
 * @accuracy: true positives / truth (recall)
 * @precision: true positives / predicted
 * @dice: 2 true positives / (truth + predicted)
 *
 * All measures are 0 to 1.
 */
typedef struct
{
  guint64  truth_pixels;
  guint64  predicted_pixels;
  guint64  true_positives;
  guint64  false_positives;
  guint64  false_negatives;
  gboolean present;
  double   iou;
  double   accuracy;
  double   precision;
  double   dice;
} PspClassMetrics;

/**
 * PspMetrics:
 * @n_classes: K
 * @n_present: how many of them have any pixel, in truth or prediction
 * @mean_iou: mIoU over all K classes; classes without a pixel count as 0
 * @mean_accuracy: mAcc, over all K classes in the same way
 * @pixel_accuracy: allAcc: correct pixels / labelled pixels
 * @mean_iou_present: mIoU over the present classes alone; NaN if there is none
 * @mean_accuracy_present: mean accuracy over the classes that the truth has; NaN if there is none
 * @classes: (array length=n_classes): by id
 *
 * What a confusion matrix says.  @mean_iou, @mean_accuracy and @pixel_accuracy with their 1e-10 in
 * the denominators are those of hszhao/semseg and mseg-semantic; the “present” ones are those of
 * mmsegmentation and cityscapesScripts.
 */
typedef struct
{
  int              n_classes;
  int              n_present;
  double           mean_iou;
  double           mean_accuracy;
  double           pixel_accuracy;
  double           mean_iou_present;
  double           mean_accuracy_present;
  PspClassMetrics *classes;
} PspMetrics;

/* (transfer full): the measures of @confusion.  Any thread. */
PspMetrics *psp_metrics_new  (const PspConfusion *confusion) G_GNUC_WARN_UNUSED_RESULT;
void        psp_metrics_free (PspMetrics         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspMetrics, psp_metrics_free)
