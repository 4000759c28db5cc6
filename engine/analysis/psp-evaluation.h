/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/analysis/psp-confusion.h"
#include "engine/analysis/psp-metrics.h"
#include "engine/core/psp-taxonomy.h"

/**
 * PspEvaluation:
 *
 * What came of judging a dataset image by image: the confusion matrix of all of them, a line for
 * each image, and what went wrong.  Images are added as they come, from any thread; every question
 * may be asked at any time from any thread, and its answer is a copy.  Answers do not depend on the
 * order in which images were added.  Reference-counted.
 */
typedef struct _PspEvaluation PspEvaluation;

/**
 * PspEvaluatedImage:
 * @stem: the image's name
 * @error: (nullable): why it could not be judged; the counts are 0 and the measures NaN then
 * @labelled_pixels: pixels that counted
 * @correct_pixels: those of them that are right
 * @truth_outside: pixels of the label with an id that is no class; they count nowhere
 * @first_truth_outside: the smallest such id; -1: none
 * @mean_iou: over the classes that the image has in truth or prediction, 0 to 1; NaN without
 *   labelled pixels
 * @pixel_accuracy: correct / labelled pixels, 0 to 1; NaN without labelled pixels
 */
typedef struct
{
  char    *stem;
  char    *error;
  guint64  labelled_pixels;
  guint64  correct_pixels;
  guint64  truth_outside;
  int      first_truth_outside;
  double   mean_iou;
  double   pixel_accuracy;
} PspEvaluatedImage;

/**
 * PspImageShare:
 * @stem: the image's name
 * @n_pixels: how many of the pixels that were asked for are in it, at least 1
 */
typedef struct
{
  char    *stem;
  guint64  n_pixels;
} PspImageShare;

/**
 * psp_evaluation_new:
 * @taxonomy: the classes of truth and prediction
 * @error: %PSP_ERROR_UNSUPPORTED or %PSP_ERROR_NO_MEMORY, as psp_confusion_new()
 *
 * Returns: (transfer full): an evaluation of no images, or %NULL with @error set
 */
PspEvaluation *psp_evaluation_new               (PspTaxonomy          *taxonomy,
                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;
PspEvaluation *psp_evaluation_ref               (PspEvaluation        *self);
void           psp_evaluation_unref             (PspEvaluation        *self);

/**
 * psp_evaluation_add:
 * @self: an evaluation
 * @stem: the image's name; an image of that name that is there already is replaced
 * @truth: its label mask
 * @prediction: what the network says, of the same size
 * @error: %PSP_ERROR_BAD_SHAPE (sizes differ) or %PSP_ERROR_NO_MEMORY, for the caller to put the
 *   image's name before
 *
 * Judges one image.  After a failure the image is there with that error as its own, so that reports
 * name it; nothing of it is counted.
 *
 * Returns: whether it was judged
 */
gboolean       psp_evaluation_add               (PspEvaluation        *self,
                                                 const char           *stem,
                                                 const PspMask        *truth,
                                                 const PspMask        *prediction,
                                                 GError              **error);

/**
 * psp_evaluation_add_failure:
 * @self: an evaluation
 * @stem: the image's name; an image of that name that is there already is replaced
 * @message: why it cannot be judged (no label, a damaged file): a whole sentence
 */
void           psp_evaluation_add_failure       (PspEvaluation        *self,
                                                 const char           *stem,
                                                 const char           *message);

/* Notes what is wrong with the dataset as a whole: a whole sentence. */
void           psp_evaluation_add_problem       (PspEvaluation        *self,
                                                 const char           *message);

/* (transfer none): the classes. */
PspTaxonomy   *psp_evaluation_get_taxonomy      (const PspEvaluation  *self);

/* How many images were judged. */
int            psp_evaluation_get_n_judged      (PspEvaluation        *self);

/* How many images could not be judged. */
int            psp_evaluation_get_n_failed      (PspEvaluation        *self);

/* (transfer full): the counts of all judged images, or %NULL with %PSP_ERROR_NO_MEMORY. */
PspConfusion  *psp_evaluation_get_confusion     (PspEvaluation        *self,
                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the measures over all judged images, or %NULL with %PSP_ERROR_NO_MEMORY. */
PspMetrics    *psp_evaluation_get_metrics       (PspEvaluation        *self,
                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (nullable): one image; %NULL if it was never added. */
PspEvaluatedImage *psp_evaluation_get_image     (PspEvaluation        *self,
                                                 const char           *stem) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (element-type PspEvaluatedImage): all images, by stem. */
GPtrArray     *psp_evaluation_list_images       (PspEvaluation        *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_evaluation_list_worst:
 * @self: an evaluation
 * @max_images: how many at most; 0: all
 *
 * The judged images with labelled pixels, lowest mean IoU first, then lowest pixel accuracy, then
 * by stem.
 *
 * Returns: (transfer full) (element-type PspEvaluatedImage): the images
 */
GPtrArray     *psp_evaluation_list_worst        (PspEvaluation        *self,
                                                 int                   max_images) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_evaluation_list_cell:
 * @self: an evaluation
 * @truth: class id
 * @prediction: class id
 * @max_images: how many at most; 0: all
 *
 * The images that have pixels of class @truth taken for class @prediction: most pixels first, then
 * by stem.
 *
 * Returns: (transfer full) (element-type PspImageShare): the images
 */
GPtrArray     *psp_evaluation_list_cell         (PspEvaluation        *self,
                                                 int                   truth,
                                                 int                   prediction,
                                                 int                   max_images) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_evaluation_list_missed:
 * @self: an evaluation
 * @truth: class id
 * @max_images: how many at most; 0: all
 *
 * The images in which pixels of class @truth are missed, whatever they are taken for: another class
 * or none.  In the order of psp_evaluation_list_cell().
 *
 * Returns: (transfer full) (element-type PspImageShare): the images
 */
GPtrArray     *psp_evaluation_list_missed       (PspEvaluation        *self,
                                                 int                   truth,
                                                 int                   max_images) G_GNUC_WARN_UNUSED_RESULT;

/* How many judged images have pixels of class @class_id in their truth. */
int            psp_evaluation_count_images      (PspEvaluation        *self,
                                                 int                   class_id);

/* (transfer full) (array zero-terminated): everything that is wrong, one sentence each: problems
 * of the dataset in the order of the alphabet, then “STEM: message” by stem: images that could
 * not be judged, labels with ids outside the taxonomy, predictions without a class. */
char         **psp_evaluation_list_problems     (PspEvaluation        *self) G_GNUC_WARN_UNUSED_RESULT;

void           psp_evaluated_image_free         (PspEvaluatedImage    *self);
void           psp_image_share_free             (PspImageShare        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspEvaluation, psp_evaluation_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspEvaluatedImage, psp_evaluated_image_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspImageShare, psp_image_share_free)
