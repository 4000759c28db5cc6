/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-confusion.h"

#include "engine/core/psp-error.h"

#include <string.h>

struct _PspConfusion
{
  int      n_classes;
  guint64 *cells;              /* [truth][prediction] */
  guint64 *prediction_outside; /* [truth] */
  guint64  truth_outside;
  int      first_truth_outside;
};

static gsize
cell_count (const PspConfusion *self)
{
  return (gsize) self->n_classes * self->n_classes;
}

PspConfusion *
psp_confusion_new (int      n_classes,
                   GError **error)
{
  g_autoptr(PspConfusion) self = NULL;

  g_return_val_if_fail (n_classes >= 1, NULL);

  if (n_classes > PSP_CONFUSION_MAX_CLASSES)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "a confusion matrix of %d classes cannot be made; at most %d are handled",
                   n_classes, PSP_CONFUSION_MAX_CLASSES);
      return NULL;
    }

  self = g_new0 (PspConfusion, 1);
  self->n_classes = n_classes;
  self->first_truth_outside = -1;
  self->cells = g_try_new0 (guint64, cell_count (self));
  self->prediction_outside = g_try_new0 (guint64, n_classes);
  if (self->cells == NULL || self->prediction_outside == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for a confusion matrix of %d classes", n_classes);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
psp_confusion_free (PspConfusion *self)
{
  if (self == NULL)
    return;

  g_free (self->cells);
  g_free (self->prediction_outside);
  g_free (self);
}

PspConfusion *
psp_confusion_copy (const PspConfusion  *self,
                    GError             **error)
{
  PspConfusion *copy = psp_confusion_new (self->n_classes, error);

  if (copy != NULL)
    psp_confusion_merge (copy, self);
  return copy;
}

static void
note_truth_outside (PspConfusion *self,
                    int           id)
{
  if (self->first_truth_outside < 0 || id < self->first_truth_outside)
    self->first_truth_outside = id;
}

void
psp_confusion_add_pixels (PspConfusion *self,
                          int           truth,
                          int           prediction,
                          guint64       n_pixels)
{
  g_return_if_fail (truth >= 0);

  if (n_pixels == 0)
    return;

  if (truth >= self->n_classes)
    {
      self->truth_outside += n_pixels;
      note_truth_outside (self, truth);
    }
  else if (prediction < 0 || prediction >= self->n_classes)
    {
      self->prediction_outside[truth] += n_pixels;
    }
  else
    {
      self->cells[(gsize) truth * self->n_classes + prediction] += n_pixels;
    }
}

gboolean
psp_confusion_add (PspConfusion   *self,
                   const PspMask  *truth,
                   const PspMask  *prediction,
                   GError        **error)
{
  guint16 ignore = psp_mask_get_ignore (truth);
  gsize n_pixels = (gsize) truth->size.width * truth->size.height;
  gsize start = 0;

  if (!psp_size_equal (truth->size, prediction->size))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "the label has %d x %d pixels but the prediction %d x %d; they must agree",
                   truth->size.width, truth->size.height,
                   prediction->size.width, prediction->size.height);
      return FALSE;
    }

  while (start < n_pixels)
    {
      guint16 is = truth->pixels[start];
      guint16 taken_for = prediction->pixels[start];
      gsize end = start + 1;

      while (end < n_pixels && truth->pixels[end] == is && prediction->pixels[end] == taken_for)
        end++;
      if (is != ignore)
        psp_confusion_add_pixels (self, is, taken_for, end - start);
      start = end;
    }
  return TRUE;
}

void
psp_confusion_merge (PspConfusion       *self,
                     const PspConfusion *other)
{
  g_return_if_fail (self->n_classes == other->n_classes);

  for (gsize i = 0; i < cell_count (self); i++)
    self->cells[i] += other->cells[i];
  for (int i = 0; i < self->n_classes; i++)
    self->prediction_outside[i] += other->prediction_outside[i];

  self->truth_outside += other->truth_outside;
  if (other->first_truth_outside >= 0)
    note_truth_outside (self, other->first_truth_outside);
}

int
psp_confusion_get_n_classes (const PspConfusion *self)
{
  return self->n_classes;
}

guint64
psp_confusion_get (const PspConfusion *self,
                   int                 truth,
                   int                 prediction)
{
  g_return_val_if_fail (truth >= 0 && truth < self->n_classes, 0);
  g_return_val_if_fail (prediction >= 0 && prediction < self->n_classes, 0);

  return self->cells[(gsize) truth * self->n_classes + prediction];
}

guint64
psp_confusion_get_prediction_outside (const PspConfusion *self,
                                      int                 truth)
{
  g_return_val_if_fail (truth >= 0 && truth < self->n_classes, 0);

  return self->prediction_outside[truth];
}

guint64
psp_confusion_get_truth_outside (const PspConfusion *self)
{
  return self->truth_outside;
}

int
psp_confusion_get_first_truth_outside (const PspConfusion *self)
{
  return self->first_truth_outside;
}

guint64
psp_confusion_count_truth (const PspConfusion *self,
                           int                 truth)
{
  guint64 sum = psp_confusion_get_prediction_outside (self, truth);

  for (int prediction = 0; prediction < self->n_classes; prediction++)
    sum += psp_confusion_get (self, truth, prediction);
  return sum;
}

guint64
psp_confusion_count_predicted (const PspConfusion *self,
                               int                 prediction)
{
  guint64 sum = 0;

  for (int truth = 0; truth < self->n_classes; truth++)
    sum += psp_confusion_get (self, truth, prediction);
  return sum;
}

static int
compare_pairs (gconstpointer a,
               gconstpointer b)
{
  const PspConfusedPair *first = a;
  const PspConfusedPair *second = b;

  if (first->n_pixels != second->n_pixels)
    return first->n_pixels > second->n_pixels ? -1 : 1;
  if (first->truth != second->truth)
    return first->truth - second->truth;
  return first->prediction - second->prediction;
}

static void
append_pairs_of (const PspConfusion *self,
                 int                 truth,
                 GArray             *pairs)
{
  guint64 n_truth = psp_confusion_count_truth (self, truth);

  for (int prediction = 0; prediction < self->n_classes; prediction++)
    {
      PspConfusedPair pair = { truth, prediction, psp_confusion_get (self, truth, prediction), 0 };

      if (pair.n_pixels == 0 || prediction == truth)
        continue;
      pair.share = (double) pair.n_pixels / n_truth;
      g_array_append_val (pairs, pair);
    }
}

GArray *
psp_confusion_list_pairs (const PspConfusion *self,
                          int                 max_pairs)
{
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (PspConfusedPair));

  for (int truth = 0; truth < self->n_classes; truth++)
    append_pairs_of (self, truth, pairs);
  g_array_sort (pairs, compare_pairs);
  if (max_pairs > 0 && pairs->len > (guint) max_pairs)
    g_array_set_size (pairs, max_pairs);
  return pairs;
}
