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
  PspTensor      *confidence;
  PspScores      *logits;      /* (nullable) at the network's resolution */
  PspScores      *auxiliary;   /* (nullable) the same */
  GPtrArray      *levels;      /* PspTensor [bins, bins] */
  gatomicrefcount ref_count;
};

/* Labels and their probabilities, filled row by row; @confidence may be %NULL. */
typedef struct
{
  int        n_classes;
  PspMask   *labels;
  PspTensor *confidence;
} Classification;

static void
classify_row (int      y,
              float   *values,
              gpointer data)
{
  Classification *self = data;
  int width = self->labels->size.width;

  for (int x = 0; x < width; x++, values += self->n_classes)
    {
      int best = psp_scores_find_maximum (values, self->n_classes);
      float sum = 0;

      self->labels->pixels[(gsize) y * width + x] = best;
      if (self->confidence == NULL)
        continue;
      for (int i = 0; i < self->n_classes; i++)
        sum += expf (values[i] - values[best]);
      self->confidence->data[(gsize) y * width + x] = 1 / sum;
    }
}

static PspMask *
labels_new (PspSize   size,
            int       n_classes,
            GError  **error)
{
  return psp_mask_new (size, n_classes > 255 ? 16 : 8, error);
}

static PspPrediction *
prediction_new (PspSize   size,
                int       n_classes,
                GError  **error)
{
  g_autoptr(PspPrediction) self = g_new0 (PspPrediction, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->size = size;
  self->n_classes = n_classes;
  self->levels = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_tensor_unref);
  self->labels = labels_new (size, n_classes, error);
  if (self->labels == NULL)
    return NULL;
  self->confidence = psp_tensor_new (2, (gint64[]) { size.height, size.width }, error);
  return self->confidence != NULL ? g_steal_pointer (&self) : NULL;
}

static gboolean
classify_auxiliary (PspPrediction  *self,
                    GError        **error)
{
  Classification classification = { .n_classes = self->n_classes };

  if (self->auxiliary == NULL)
    return TRUE;
  self->auxiliary_labels = labels_new (self->size, self->n_classes, error);
  if (self->auxiliary_labels == NULL)
    return FALSE;
  classification.labels = self->auxiliary_labels;
  return psp_scores_enlarge (self->auxiliary, self->padded, self->size, classify_row,
                             &classification, error);
}

PspPrediction *
psp_prediction_new_whole (PspScores  *logits,
                          PspScores  *auxiliary,
                          PspSize     padded,
                          PspSize     size,
                          GError    **error)
{
  g_autoptr(PspScores) main_logits = logits;
  g_autoptr(PspScores) auxiliary_logits = auxiliary;
  g_autoptr(PspPrediction) self = prediction_new (size, logits->n_channels, error);

  if (self == NULL)
    return NULL;

  self->padded = padded;
  self->logits = g_steal_pointer (&main_logits);
  self->auxiliary = g_steal_pointer (&auxiliary_logits);
  if (!psp_scores_enlarge (self->logits, padded, size, classify_row, &(Classification) {
        self->n_classes, self->labels, self->confidence }, error) ||
      !classify_auxiliary (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

PspPrediction *
psp_prediction_new_probabilities (const PspScores  *probabilities,
                                  GError          **error)
{
  PspPrediction *self = prediction_new (probabilities->size, probabilities->n_channels, error);
  gsize n_pixels = (gsize) probabilities->size.width * probabilities->size.height;

  if (self == NULL)
    return NULL;

  for (gsize i = 0; i < n_pixels; i++)
    {
      const float *values = probabilities->data + i * self->n_classes;
      int best = psp_scores_find_maximum (values, self->n_classes);

      self->labels->pixels[i] = best;
      self->confidence->data[i] = values[best];
    }
  return self;
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
  psp_scores_softmax (probabilities, self->n_classes);
  return TRUE;
}

/* The most probable classes, filled row by row. */
typedef struct
{
  int        n_classes;
  PspTensor *classes;       /* [n, height, width] */
  PspTensor *probabilities; /* [n, height, width] */
} Ranking;

static void
rank_row (int      y,
          float   *values,
          gpointer data)
{
  Ranking *self = data;
  int n_top = self->classes->shape[0];
  int width = self->classes->shape[2];
  gsize plane = (gsize) self->classes->shape[1] * width;

  for (int x = 0; x < width; x++, values += self->n_classes)
    {
      psp_scores_softmax (values, self->n_classes);
      for (int rank = 0; rank < n_top; rank++)
        {
          int best = psp_scores_find_maximum (values, self->n_classes);
          gsize place = rank * plane + (gsize) y * width + x;

          self->classes->data[place] = best;
          self->probabilities->data[place] = values[best];
          values[best] = -1;
        }
    }
}

gboolean
psp_prediction_get_top_classes (const PspPrediction  *self,
                                int                   n_top,
                                PspTensor           **classes,
                                PspTensor           **probabilities,
                                GError              **error)
{
  gint64 shape[] = { MIN (n_top, self->n_classes), self->size.height, self->size.width };
  g_autoptr(PspTensor) top = NULL;
  g_autoptr(PspTensor) values = NULL;

  if (self->logits == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "the probabilities of every class are kept by the protocol “whole” only");
      return FALSE;
    }
  top = psp_tensor_new (3, shape, error);
  values = top != NULL ? psp_tensor_new (3, shape, error) : NULL;
  if (values == NULL ||
      !psp_scores_enlarge (self->logits, self->padded, self->size, rank_row,
                           &(Ranking) { self->n_classes, top, values }, error))
    return FALSE;

  *classes = g_steal_pointer (&top);
  *probabilities = g_steal_pointer (&values);
  return TRUE;
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
