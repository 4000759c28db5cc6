/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-tensor.h"

#include "engine/core/psp-error.h"
#include "engine/core/psp-floats.h"

#include <string.h>

PspTensor *
psp_tensor_new (int            n_dimensions,
                const gint64  *shape,
                GError       **error)
{
  g_autofree char *text = NULL;
  float *data;
  gsize n_elements = 1;
  PspTensor *self;

  g_return_val_if_fail (n_dimensions >= 0 && n_dimensions <= PSP_TENSOR_MAX_DIMENSIONS, NULL);

  for (int i = 0; i < n_dimensions; i++)
    if (shape[i] < 0 || !g_size_checked_mul (&n_elements, n_elements, (gsize) shape[i]) ||
        n_elements > G_MAXSSIZE / sizeof (float))
      {
        text = psp_shape_to_string (n_dimensions, shape);
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                     "a tensor cannot have the shape %s", text);
        return NULL;
      }

  data = psp_floats_new (MAX (n_elements, 1));
  if (data == NULL)
    {
      text = psp_shape_to_string (n_dimensions, shape);
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for a tensor of shape %s", text);
      return NULL;
    }

  self = g_new0 (PspTensor, 1);
  self->n_dimensions = n_dimensions;
  if (n_dimensions > 0)
    memcpy (self->shape, shape, n_dimensions * sizeof *shape);
  self->n_elements = n_elements;
  self->data = data;
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

PspTensor *
psp_tensor_ref (PspTensor *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_tensor_unref (PspTensor *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  psp_floats_free (self->data, MAX (self->n_elements, 1));
  g_free (self);
}

char *
psp_shape_to_string (int           n_dimensions,
                     const gint64 *shape)
{
  GString *text = g_string_new ("[");

  for (int i = 0; i < n_dimensions; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", shape[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}
