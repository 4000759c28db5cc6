/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-caffe-layers.h"

#include <math.h>
#include <string.h>

struct _PspCaffeLayers
{
  PspCheckpointIndex *index;
  char               *convolution; /* (nullable) the last layer's name, if it was one, … */
  char               *top;         /* … what it made, and … */
  gint64              n_outputs;   /* … in how many channels */
  PspCaffeLayer       pending;     /* a BatchNorm that waits for its Scale; without a name: none */
};

void
psp_caffe_layer_clear (PspCaffeLayer *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->bottom, g_free);
  g_clear_pointer (&self->top, g_free);
  g_clear_pointer (&self->tensors, g_array_unref);
}

PspCaffeLayers *
psp_caffe_layers_new (PspCheckpointIndex *index)
{
  PspCaffeLayers *self = g_new0 (PspCaffeLayers, 1);

  self->index = index;
  return self;
}

void
psp_caffe_layers_free (PspCaffeLayers *self)
{
  g_free (self->convolution);
  g_free (self->top);
  psp_caffe_layer_clear (&self->pending);
  g_free (self);
}

static gboolean
add_tensor (PspCaffeLayers         *self,
            const char             *layer,
            guint                   number,
            const PspStoredTensor  *tensor,
            GError                **error)
{
  g_autofree char *name = g_strdup_printf ("%s/%u", layer, number);

  return psp_checkpoint_index_add (self->index, name, strlen (name), tensor, error);
}

/* Adds all blobs of @layer under @name. */
static gboolean
add_layer (PspCaffeLayers       *self,
           const PspCaffeLayer  *layer,
           const char           *name,
           GError              **error)
{
  for (guint i = 0; i < layer->tensors->len; i++)
    if (!add_tensor (self, name, i, &g_array_index (layer->tensors, PspStoredTensor, i), error))
      return FALSE;
  return TRUE;
}

/* Whether @layer has @n_vectors blobs with a number for each output of the convolution, and behind
 * them @n_numbers with one. */
static gboolean
has_blobs (const PspCaffeLayers *self,
           const PspCaffeLayer  *layer,
           guint                 n_vectors,
           guint                 n_numbers)
{
  if (layer->tensors->len != n_vectors + n_numbers)
    return FALSE;
  for (guint i = 0; i < layer->tensors->len; i++)
    if (g_array_index (layer->tensors, PspStoredTensor, i).storage_elements !=
        (i < n_vectors ? self->n_outputs : 1))
      return FALSE;
  return TRUE;
}

/* Whether @layer works on @top, or is called after the convolution. */
static gboolean
follows (const PspCaffeLayers *self,
         const PspCaffeLayer  *layer,
         const char           *top)
{
  return (*top != '\0' && g_str_equal (layer->bottom, top)) ||
         g_str_has_prefix (layer->name, self->convolution);
}

/* Reads the last blob of a BatchNorm.  By an infinite number, zeros are what is left. */
static gboolean
read_divisor (const PspCaffeLayers  *self,
              const PspCaffeLayer   *layer,
              double                *divisor,
              GError               **error)
{
  PspStoredTensor tensor = g_array_index (layer->tensors, PspStoredTensor, 2);
  g_autoptr(PspTensor) value = NULL;

  tensor.entry.name = layer->name;
  if (!psp_stored_tensor_check (&tensor, self->index->file, error))
    return FALSE;
  value = psp_stored_tensor_read (&tensor, self->index->file, error);
  if (value == NULL)
    return FALSE;
  *divisor = value->data[0] != 0 ? (double) value->data[0] : HUGE_VAL;
  return TRUE;
}

static gboolean
add_pair (PspCaffeLayers       *self,
          const PspCaffeLayer  *batch_norm,
          const PspCaffeLayer  *scale,
          GError              **error)
{
  g_autofree char *name = g_strconcat (self->convolution, "/bn", NULL);
  double divisor;

  if (!read_divisor (self, batch_norm, &divisor, error) || !add_layer (self, scale, name, error))
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      PspStoredTensor tensor = g_array_index (batch_norm->tensors, PspStoredTensor, i);

      tensor.divisor = divisor;
      if (!add_tensor (self, name, 2 + i, &tensor, error))
        return FALSE;
    }
  return TRUE;
}

/* Remembers @layer if it is a convolution: its blob of weights has several dimensions. */
static void
remember (PspCaffeLayers      *self,
          const PspCaffeLayer *layer)
{
  const PspCheckpointEntry *weights = &g_array_index (layer->tensors, PspStoredTensor, 0).entry;

  g_clear_pointer (&self->convolution, g_free);
  g_clear_pointer (&self->top, g_free);
  if (layer->tensors->len > 2 || weights->n_dimensions != 4)
    return;
  self->convolution = g_strdup (layer->name);
  self->top = g_strdup (layer->top);
  self->n_outputs = weights->shape[0];
}

/* A layer that belongs to no other. */
static gboolean
add_apart (PspCaffeLayers       *self,
           const PspCaffeLayer  *layer,
           GError              **error)
{
  remember (self, layer);
  return add_layer (self, layer, layer->name, error);
}

gboolean
psp_caffe_layers_take (PspCaffeLayers  *self,
                       PspCaffeLayer   *layer,
                       GError         **error)
{
  g_auto(PspCaffeLayer) own = *layer;
  g_auto(PspCaffeLayer) before = self->pending;

  *layer = (PspCaffeLayer) { 0 };
  self->pending = (PspCaffeLayer) { 0 };
  if (before.name != NULL)
    {
      if (has_blobs (self, &own, 2, 0) && follows (self, &own, before.top))
        return add_pair (self, &before, &own, error);
      if (!add_apart (self, &before, error))
        return FALSE;
    }
  if (self->convolution == NULL || !follows (self, &own, self->top))
    return add_apart (self, &own, error);
  if (has_blobs (self, &own, 4, 0))
    {
      g_autofree char *name = g_strconcat (self->convolution, "/bn", NULL);

      return add_layer (self, &own, name, error);
    }
  if (!has_blobs (self, &own, 2, 1))
    return add_apart (self, &own, error);

  self->pending = own;
  own = (PspCaffeLayer) { 0 };
  return TRUE;
}

gboolean
psp_caffe_layers_finish (PspCaffeLayers  *self,
                         GError         **error)
{
  return self->pending.name == NULL || add_apart (self, &self->pending, error);
}
