/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-mask.h"

/* The most classes of a matrix: 4096 squared counters of 64 bits are 128 MiB. */
#define PSP_CONFUSION_MAX_CLASSES 4096

/**
 * PspConfusion:
 *
 * Counts pixels by what they are and what they were taken for: a K x K matrix of 64-bit counters,
 * rows = truth, columns = prediction, and beside it what does not fit into the matrix:
 *
 * - pixels of truth class t whose prediction is outside 0 … K - 1 (“ignored” among them).  They are
 *   misses of t and nobody's false alarms, as in mseg-semantic and hszhao/semseg.
 * - pixels whose truth is outside 0 … K - 1 and not “ignored”: a fault of the label file.  They
 *   count nowhere.
 *
 * Pixels whose truth is “ignored” (255 in 8-bit masks, 65535 in 16-bit ones) count nowhere either.
 * A plain value: one thread at a time.
 */
typedef struct _PspConfusion PspConfusion;

/**
 * PspConfusedPair:
 * @truth: class id
 * @prediction: class id, another one
 * @n_pixels: pixels of @truth that were taken for @prediction, at least 1
 * @share: @n_pixels / all counted pixels of @truth, above 0, at most 1
 */
typedef struct
{
  int     truth;
  int     prediction;
  guint64 n_pixels;
  double  share;
} PspConfusedPair;

/**
 * psp_confusion_new:
 * @n_classes: K, at least 1
 * @error: %PSP_ERROR_UNSUPPORTED (more than %PSP_CONFUSION_MAX_CLASSES) or %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): all counters 0, or %NULL with @error set
 */
PspConfusion *psp_confusion_new                     (int                  n_classes,
                                                     GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void          psp_confusion_free                    (PspConfusion        *self);

/* (transfer full): the same counts in memory of their own, or %NULL with @error set. */
PspConfusion *psp_confusion_copy                    (const PspConfusion  *self,
                                                     GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_confusion_add:
 * @self: a matrix
 * @truth: what the pixels are; its bit depth says which id is “ignored”, even if K is larger
 * @prediction: what they were taken for, of the same size
 * @error: %PSP_ERROR_BAD_SHAPE, naming both sizes; nothing is counted then
 *
 * Counts every pixel of one image.  One pass over both masks, by runs of equal pairs.
 */
gboolean      psp_confusion_add                     (PspConfusion        *self,
                                                     const PspMask       *truth,
                                                     const PspMask       *prediction,
                                                     GError             **error);

/**
 * psp_confusion_add_pixels:
 * @self: a matrix
 * @truth: id that the pixels have, not the “ignored” one; it may be outside 0 … K - 1
 * @prediction: id that they were taken for; it may be outside 0 … K - 1
 * @n_pixels: how many
 *
 * Counts pixels of one kind.
 */
void          psp_confusion_add_pixels              (PspConfusion        *self,
                                                     int                  truth,
                                                     int                  prediction,
                                                     guint64              n_pixels);

/* Adds the counts of @other, which has the same number of classes. */
void          psp_confusion_merge                   (PspConfusion        *self,
                                                     const PspConfusion  *other);

int           psp_confusion_get_n_classes           (const PspConfusion  *self);

/* Pixels of class @truth that were taken for class @prediction. */
guint64       psp_confusion_get                     (const PspConfusion  *self,
                                                     int                  truth,
                                                     int                  prediction);

/* Pixels of class @truth whose prediction is no class. */
guint64       psp_confusion_get_prediction_outside  (const PspConfusion  *self,
                                                     int                  truth);

/* Pixels whose truth is neither a class nor “ignored”. */
guint64       psp_confusion_get_truth_outside       (const PspConfusion  *self);

/* The smallest such id that was seen; -1 if there was none. */
int           psp_confusion_get_first_truth_outside (const PspConfusion  *self);

/* Pixels of class @truth: its row and those whose prediction is no class. */
guint64       psp_confusion_count_truth             (const PspConfusion  *self,
                                                     int                  truth);

/* Labelled pixels that were taken for class @prediction: its column. */
guint64       psp_confusion_count_predicted         (const PspConfusion  *self,
                                                     int                  prediction);

/**
 * psp_confusion_list_pairs:
 * @self: a matrix
 * @max_pairs: how many at most; 0: all
 *
 * The cells off the diagonal that are not 0: most pixels first, then by truth, then by prediction.
 *
 * Returns: (transfer full) (element-type PspConfusedPair): the pairs
 */
GArray       *psp_confusion_list_pairs              (const PspConfusion  *self,
                                                     int                  max_pairs) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspConfusion, psp_confusion_free)
