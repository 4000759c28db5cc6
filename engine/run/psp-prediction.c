/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-prediction-private.h"

#include "engine/core/psp-error.h"

#include <math.h>

struct _PspPrediction
{
  PspSize         size;
  PspSize         padded;      /* what the network saw */
  int             n_classes;
  PspMask        *labels;
  PspMask        *auxiliary_labels; /* (nullable) */
  PspTensor      *confidence;       /* (nullable) */
  PspTensor      *top_classes;      /* (nullable) [n, height, width] */
  PspTensor      *top_probabilities;
  PspScores      *logits;      /* (nullable) at the network's resolution */
  PspScores      *auxiliary;   /* (nullable) the same */
  GPtrArray      *levels;      /* PspTensor [bins, bins] */
  gatomicrefcount ref_count;
};

static PspMask *
labels_new (PspSize   size,
            int       n_classes,
            GError  **error)
{
  return psp_mask_new (size, n_classes > 255 ? 16 : 8, error);
}

static gboolean
alloc_top (PspPrediction  *self,
           int             n_top,
           GError        **error)
{
  gint64 shape[] = { MIN (n_top, self->n_classes), self->size.height, self->size.width };

  self->top_classes = psp_tensor_new (3, shape, error);
  if (self->top_classes == NULL)
    return FALSE;
  self->top_probabilities = psp_tensor_new (3, shape, error);
  return self->top_probabilities != NULL;
}

PspPrediction *
psp_prediction_new (PspSize    size,
                    int        n_classes,
                    int        n_top,
                    gboolean   confidence,
                    GError   **error)
{
  g_autoptr(PspPrediction) self = g_new0 (PspPrediction, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->size = size;
  self->n_classes = n_classes;
  self->levels = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_tensor_unref);
  self->labels = labels_new (size, n_classes, error);
  if (self->labels == NULL)
    return NULL;
  if (confidence || n_top > 0)
    {
      self->confidence = psp_tensor_new (2, (gint64[]) { size.height, size.width }, error);
      if (self->confidence == NULL)
        return NULL;
    }
  if (n_top > 0 && !alloc_top (self, n_top, error))
    return NULL;
  return g_steal_pointer (&self);
}

int
psp_prediction_get_n_kept (const PspPrediction *self)
{
  return self->top_classes != NULL ? self->top_classes->shape[0] : 1;
}

void
psp_prediction_set_row (PspPrediction *self,
                        gboolean       auxiliary,
                        int            y,
                        const float   *ranked,
                        int            stride)
{
  int n_kept = psp_prediction_get_n_kept (self);
  gsize plane = (gsize) self->size.height * self->size.width;
  gsize first = (gsize) y * self->size.width;

  for (int x = 0; x < self->size.width; x++, ranked += stride)
    {
      PspMask *labels = auxiliary ? self->auxiliary_labels : self->labels;

      labels->pixels[first + x] = (guint16) ranked[0];
      if (auxiliary || self->confidence == NULL)
        continue;
      self->confidence->data[first + x] = ranked[n_kept];
      for (int rank = 0; self->top_classes != NULL && rank < n_kept; rank++)
        {
          self->top_classes->data[rank * plane + first + x] = ranked[rank];
          self->top_probabilities->data[rank * plane + first + x] = ranked[n_kept + rank];
        }
    }
}

gboolean
psp_prediction_set_logits (PspPrediction  *self,
                           PspScores      *logits,
                           PspScores      *auxiliary,
                           PspSize         padded,
                           GError        **error)
{
  self->padded = padded;
  self->logits = logits;
  self->auxiliary = auxiliary;
  if (auxiliary != NULL)
    self->auxiliary_labels = labels_new (self->size, self->n_classes, error);
  return auxiliary == NULL || self->auxiliary_labels != NULL;
}

gboolean
psp_prediction_add_bins (PspPrediction    *self,
                         const PspTensor  *level,
                         GError          **error)
{
  gsize n_cells = level->shape[2] * level->shape[3];
  PspTensor *means = psp_tensor_new (2, &level->shape[2], error);

  if (means == NULL)
    return FALSE;
  for (gsize i = 0; i < n_cells; i++)
    {
      double sum = 0;

      for (gint64 c = 0; c < level->shape[1]; c++)
        sum += (double) level->data[c * n_cells + i];
      means->data[i] = sum / (double) level->shape[1];
    }
  g_ptr_array_add (self->levels, means);
  return TRUE;
}

PspPrediction *
psp_prediction_ref (PspPrediction *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_prediction_unref (PspPrediction *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->labels, psp_mask_unref);
  g_clear_pointer (&self->auxiliary_labels, psp_mask_unref);
  g_clear_pointer (&self->confidence, psp_tensor_unref);
  g_clear_pointer (&self->top_classes, psp_tensor_unref);
  g_clear_pointer (&self->top_probabilities, psp_tensor_unref);
  g_clear_pointer (&self->logits, psp_scores_free);
  g_clear_pointer (&self->auxiliary, psp_scores_free);
  g_ptr_array_unref (self->levels);
  g_free (self);
}

PspSize
psp_prediction_get_size (const PspPrediction *self)
{
  return self->size;
}

int
psp_prediction_get_n_classes (const PspPrediction *self)
{
  return self->n_classes;
}

PspMask *
psp_prediction_get_labels (const PspPrediction *self)
{
  return self->labels;
}

PspMask *
psp_prediction_get_auxiliary_labels (const PspPrediction *self)
{
  return self->auxiliary_labels;
}

PspTensor *
psp_prediction_get_confidence (const PspPrediction *self)
{
  return self->confidence;
}

/* Replaces @n values by exp (value - max) / sum. */
static void
softmax (float *values,
         int    n)
{
  float maximum = values[0];
  float sum = 0;

  for (int i = 1; i < n; i++)
    maximum = fmaxf (maximum, values[i]);
  for (int i = 0; i < n; i++)
    {
      values[i] = expf (values[i] - maximum);
      sum += values[i];
    }
  for (int i = 0; i < n; i++)
    values[i] /= sum;
}

gboolean
psp_prediction_get_probabilities (const PspPrediction *self,
                                  int                  x,
                                  int                  y,
                                  gboolean             auxiliary,
                                  float               *probabilities)
{
  const PspScores *logits = auxiliary ? self->auxiliary : self->logits;

  if (logits == NULL || x < 0 || y < 0 || x >= self->size.width || y >= self->size.height)
    return FALSE;

  psp_scores_interpolate (logits, self->padded, x, y, probabilities);
  softmax (probabilities, self->n_classes);
  return TRUE;
}

PspTensor *
psp_prediction_get_top_classes (const PspPrediction *self)
{
  return self->top_classes;
}

PspTensor *
psp_prediction_get_top_probabilities (const PspPrediction *self)
{
  return self->top_probabilities;
}

PspTensor *
psp_prediction_get_bin_means (const PspPrediction *self,
                              int                  bins)
{
  for (guint i = 0; i < self->levels->len; i++)
    {
      PspTensor *means = g_ptr_array_index (self->levels, i);

      if (means->shape[0] == bins)
        return means;
    }
  return NULL;
}

/* Along one axis: how long the padded photo, the photo and the network's map of it are. */
typedef struct
{
  int      padded;
  int      length;
  int      features;
  gboolean half_pixels;
} Axis;

/* Where feature pixel @feature ends and the next one begins, in photo pixels. */
static int
find_border (const Axis *self,
             int         feature)
{
  double step = self->half_pixels ? (double) self->padded / self->features
                                  : (self->padded - 1.0) / MAX (1, self->features - 1);
  double border = self->half_pixels ? (feature + 1) * step : (feature + 0.5) * step;

  return CLAMP ((int) floor (border), 0, self->length);
}

/* First photo pixel of cell @i of @bins, and the one behind its last. */
static void
find_cell (const Axis *self,
           int         i,
           int         bins,
           int        *start,
           int        *end)
{
  int first = (gint64) i * self->features / bins;
  int last = ((gint64) (i + 1) * self->features + bins - 1) / bins - 1;

  *start = find_border (self, first - 1);
  *end = find_border (self, last);
  if (last == self->features - 1)
    *end = self->length;
}

PspRect
psp_prediction_get_bin_cell (const PspPrediction *self,
                             int                  bins,
                             int                  column,
                             int                  row)
{
  const PspScores *logits = self->logits;
  int left, right, top, bottom;

  if (logits == NULL)
    return (PspRect) { 0 };
  find_cell (&(Axis) { self->padded.width, self->size.width, logits->size.width,
                       logits->half_pixels }, column, bins, &left, &right);
  find_cell (&(Axis) { self->padded.height, self->size.height, logits->size.height,
                       logits->half_pixels }, row, bins, &top, &bottom);
  return (PspRect) { left, top, right - left, bottom - top };
}
