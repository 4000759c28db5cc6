/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-tensor.h"

#include "engine/core/psp-error.h"
#include "engine/core/psp-floats.h"

#include <string.h>

static gboolean
count_elements (int            n_dimensions,
                const gint64  *shape,
                gsize         *n_elements,
                GError       **error)
{
  g_autofree char *text = NULL;

  *n_elements = 1;
  for (int i = 0; i < n_dimensions; i++)
    if (shape[i] < 0 || !g_size_checked_mul (n_elements, *n_elements, (gsize) shape[i]) ||
        *n_elements > G_MAXSSIZE / sizeof (float))
      {
        text = psp_shape_to_string (n_dimensions, shape);
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                     "a tensor cannot have the shape %s", text);
        return FALSE;
      }
  return TRUE;
}

gboolean
psp_tensor_reshape (PspTensor     *self,
                    int            n_dimensions,
                    const gint64  *shape,
                    GError       **error)
{
  g_autofree char *text = NULL;
  gsize n_elements;

  g_return_val_if_fail (n_dimensions >= 0 && n_dimensions <= PSP_TENSOR_MAX_DIMENSIONS, FALSE);

  if (!count_elements (n_dimensions, shape, &n_elements, error))
    return FALSE;
  if (n_elements > self->n_allocated || self->n_allocated == 0)
    {
      psp_floats_free (self->data, self->n_allocated);
      self->n_elements = 0;
      self->n_allocated = MAX (n_elements, 1);
      self->data = psp_floats_new (self->n_allocated);
      if (self->data == NULL)
        {
          self->n_allocated = 0;
          text = psp_shape_to_string (n_dimensions, shape);
          g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                       "no memory for a tensor of shape %s", text);
          return FALSE;
        }
    }
  self->n_dimensions = n_dimensions;
  if (n_dimensions > 0)
    memcpy (self->shape, shape, n_dimensions * sizeof *shape);
  self->n_elements = n_elements;
  return TRUE;
}

PspTensor *
psp_tensor_new (int            n_dimensions,
                const gint64  *shape,
                GError       **error)
{
  g_autoptr(PspTensor) self = g_new0 (PspTensor, 1);

  g_atomic_ref_count_init (&self->ref_count);
  return psp_tensor_reshape (self, n_dimensions, shape, error) ? g_steal_pointer (&self) : NULL;
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

  psp_floats_free (self->data, self->n_allocated);
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
