/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-stored-tensor.h"

void
psp_stored_tensor_set_contiguous (PspStoredTensor *self)
{
  gint64 stride = 1;

  for (int i = self->entry.n_dimensions - 1; i >= 0; i--)
    {
      self->strides[i] = stride;
      if (__builtin_mul_overflow (stride, MAX (self->entry.shape[i], 1), &stride))
        stride = G_MAXINT64;
    }
}

gboolean
psp_stored_tensor_count (const PspStoredTensor *self,
                         gint64                *n_elements)
{
  const PspCheckpointEntry *entry = &self->entry;

  *n_elements = 1;
  for (int i = 0; i < entry->n_dimensions; i++)
    if (entry->shape[i] < 0 || __builtin_mul_overflow (*n_elements, entry->shape[i], n_elements))
      return FALSE;
  return TRUE;
}

gboolean
psp_stored_tensor_find_last (const PspStoredTensor *self,
                             gint64                *last)
{
  *last = self->first_element;
  if (*last < 0)
    return FALSE;
  for (int i = 0; i < self->entry.n_dimensions; i++)
    {
      gint64 step;

      if (self->strides[i] < 0 ||
          __builtin_mul_overflow (self->entry.shape[i] - 1, self->strides[i], &step) ||
          __builtin_add_overflow (*last, step, last))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_shape (PspStoredTensor  *self,
             PspFileReader    *file,
             gint64           *n_elements,
             GError          **error)
{
  const PspCheckpointEntry *entry = &self->entry;
  g_autofree char *shape = NULL;

  if (!psp_stored_tensor_count (self, n_elements))
    {
      shape = psp_shape_to_string (entry->n_dimensions, entry->shape);
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s: tensor “%s” cannot have the shape %s",
                   file->path, entry->name, shape);
      return FALSE;
    }
  if (*n_elements > self->storage_elements)
    {
      shape = psp_shape_to_string (entry->n_dimensions, entry->shape);
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "%s: tensor “%s” has the shape %s, but only %" G_GINT64_FORMAT
                   " elements are stored", file->path, entry->name, shape, self->storage_elements);
      return FALSE;
    }
  for (int i = 0; i < entry->n_dimensions; i++)
    if (entry->shape[i] <= 1)
      self->strides[i] = 0;
  return TRUE;
}

gsize
psp_stored_tensor_get_pitch (const PspStoredTensor *self)
{
  return self->pitch != 0 ? self->pitch : psp_dtype_get_size (self->entry.dtype);
}

/* From the first byte of an element to the last of the one @n_elements - 1 further on. */
static gboolean
count_bytes (const PspStoredTensor *self,
             gint64                 n_elements,
             guint64               *n_bytes)
{
  *n_bytes = 0;
  if (n_elements <= 0)
    return n_elements == 0;
  return !__builtin_mul_overflow ((guint64) n_elements - 1, psp_stored_tensor_get_pitch (self),
                                  n_bytes) &&
         !__builtin_add_overflow (*n_bytes, psp_dtype_get_size (self->entry.dtype), n_bytes);
}

static gboolean
check_storage (const PspStoredTensor  *self,
               PspFileReader          *file,
               GError                **error)
{
  guint64 n_bytes;

  if (!count_bytes (self, self->storage_elements, &n_bytes) ||
      !psp_file_reader_holds (file, self->storage_offset, n_bytes))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED,
                   "%s: the numbers of tensor “%s” lie beyond the end of the file; it was cut off",
                   file->path, self->entry.name);
      return FALSE;
    }
  return TRUE;
}

gboolean
psp_stored_tensor_check (PspStoredTensor  *self,
                         PspFileReader    *file,
                         GError          **error)
{
  gint64 n_elements;
  gint64 last;

  if (!check_storage (self, file, error) || !check_shape (self, file, &n_elements, error))
    return FALSE;
  if (n_elements > 0 &&
      (!psp_stored_tensor_find_last (self, &last) || last >= self->storage_elements))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "%s: the strides of tensor “%s” lead outside its %" G_GINT64_FORMAT
                   " stored elements", file->path, self->entry.name, self->storage_elements);
      return FALSE;
    }
  return TRUE;
}
