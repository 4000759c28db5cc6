/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-stored-tensor.h"

#include "engine/core/psp-floats.h"

#include <string.h>
#include <zlib.h>

#define PIECE_BYTES (256 * 1024)

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

/* The index of the element that lies farthest in the storage; there is at least one element. */
static gboolean
find_last_element (const PspStoredTensor *self,
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

static gsize
get_pitch (const PspStoredTensor *self)
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
  return !__builtin_mul_overflow ((guint64) n_elements - 1, get_pitch (self), n_bytes) &&
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
  if (n_elements > 0 && (!find_last_element (self, &last) || last >= self->storage_elements))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "%s: the strides of tensor “%s” lead outside its %" G_GINT64_FORMAT
                   " stored elements", file->path, self->entry.name, self->storage_elements);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_crc (const PspStoredTensor  *self,
           PspFileReader          *file,
           guint32                 crc,
           GError                **error)
{
  if (self->crc32 == 0 || self->crc32 == crc)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
               "%s: the numbers of tensor “%s” are damaged (CRC %08x instead of %08x); "
               "copy or download the file again", file->path, self->entry.name, crc, self->crc32);
  return FALSE;
}

/* Moves elements that lie @pitch bytes apart next to each other. */
static void
close_gaps (guint8 *bytes,
            gsize   n_elements,
            gsize   size,
            gsize   pitch)
{
  for (gsize i = 1; i < n_elements; i++)
    memmove (bytes + i * size, bytes + i * pitch, size);
}

static void
reverse_elements (guint8 *bytes,
                  gsize   n_elements,
                  gsize   size)
{
  for (gsize i = 0; i < n_elements * size; i += size)
    for (gsize k = 0; k < size / 2; k++)
      {
        guint8 byte = bytes[i + k];

        bytes[i + k] = bytes[i + size - 1 - k];
        bytes[i + size - 1 - k] = byte;
      }
}

/* Such numbers go from the file to where they are wanted without a step between. */
static gboolean
is_as_in_memory (const PspStoredTensor *self)
{
  return self->entry.dtype == PSP_DTYPE_F32 && get_pitch (self) == sizeof (float) &&
         G_BYTE_ORDER == G_LITTLE_ENDIAN && !self->is_big_endian;
}

/* values [n_elements]: the storage's elements from @first on */
static gboolean
read_elements (const PspStoredTensor  *self,
               PspFileReader          *file,
               gint64                  first,
               gint64                  n_elements,
               float                  *values,
               GError                **error)
{
  gsize size = psp_dtype_get_size (self->entry.dtype);
  gsize pitch = get_pitch (self);
  gboolean is_whole = first == 0 && n_elements == self->storage_elements;
  gboolean is_ready = is_as_in_memory (self);
  g_autofree guint8 *buffer = is_ready ? NULL : g_malloc (PIECE_BYTES);
  guint32 crc = 0;

  for (gint64 done = 0; done < n_elements;)
    {
      gsize n_now = (gsize) MIN (n_elements - done, (gint64) (PIECE_BYTES / pitch));
      guint64 offset = self->storage_offset + (guint64) (first + done) * pitch;
      guint8 *piece = is_ready ? (guint8 *) (values + done) : buffer;

      if (!psp_file_reader_read (file, offset, piece, (n_now - 1) * pitch + size, error))
        return FALSE;
      if (pitch != size)
        close_gaps (piece, n_now, size, pitch);
      if (is_whole && self->crc32 != 0)
        crc = (guint32) crc32 (crc, piece, (uInt) (n_now * size));
      if (self->is_big_endian)
        reverse_elements (piece, n_now, size);
      if (!is_ready)
        psp_dtype_to_float (self->entry.dtype, piece, n_now, values + done);
      done += (gint64) n_now;
    }
  return !is_whole || check_crc (self, file, crc, error);
}

static gboolean
is_contiguous (const PspStoredTensor *self)
{
  gint64 stride = 1;

  for (int i = self->entry.n_dimensions - 1; i >= 0; i--)
    {
      if (self->entry.shape[i] > 1 && self->strides[i] != stride)
        return FALSE;
      stride *= self->entry.shape[i];
    }
  return TRUE;
}

/* Copies from the elements between the first and the last, in storage order, to row-major order. */
static void
gather (const PspStoredTensor *self,
        const float           *span,
        PspTensor             *tensor)
{
  gint64 position[PSP_TENSOR_MAX_DIMENSIONS] = { 0 };
  gint64 source = 0;

  for (gsize i = 0; i < tensor->n_elements; i++)
    {
      tensor->data[i] = span[source];
      for (int k = tensor->n_dimensions - 1; k >= 0; k--)
        {
          source += self->strides[k];
          if (++position[k] < tensor->shape[k])
            break;
          source -= self->strides[k] * tensor->shape[k];
          position[k] = 0;
        }
    }
}

static gboolean
read_strided (const PspStoredTensor  *self,
              PspFileReader          *file,
              PspTensor              *tensor,
              GError                **error)
{
  g_autofree float *span = NULL;
  gint64 last = 0;
  gint64 n_span;

  (void) find_last_element (self, &last);
  n_span = last - self->first_element + 1;
  span = g_try_malloc_n ((gsize) n_span, sizeof *span);
  if (span == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "%s: no memory to read tensor “%s”", file->path, self->entry.name);
      return FALSE;
    }
  if (!read_elements (self, file, self->first_element, n_span, span, error))
    return FALSE;
  gather (self, span, tensor);
  return TRUE;
}

gboolean
psp_stored_tensor_read_into (const PspStoredTensor  *self,
                             PspFileReader          *file,
                             PspTensor              *tensor,
                             GError                **error)
{
  gboolean is_read;

  if (!psp_tensor_reshape (tensor, self->entry.n_dimensions, self->entry.shape, error))
    {
      g_prefix_error (error, "%s: tensor “%s”: ", file->path, self->entry.name);
      return FALSE;
    }
  if (tensor->n_elements == 0 || is_contiguous (self))
    is_read = read_elements (self, file, self->first_element, (gint64) tensor->n_elements,
                             tensor->data, error);
  else
    is_read = read_strided (self, file, tensor, error);

  for (gsize i = 0; is_read && self->divisor != 0 && i < tensor->n_elements; i++)
    tensor->data[i] = (double) tensor->data[i] / self->divisor;
  return is_read;
}

PspTensor *
psp_stored_tensor_read (const PspStoredTensor  *self,
                        PspFileReader          *file,
                        GError                **error)
{
  g_autoptr(PspTensor) tensor = psp_tensor_new (0, NULL, error);

  return tensor != NULL && psp_stored_tensor_read_into (self, file, tensor, error)
         ? g_steal_pointer (&tensor) : NULL;
}

GBytes *
psp_stored_tensor_map (const PspStoredTensor *self,
                       PspFileMapping        *mapping)
{
  guint64 offset = self->storage_offset + (guint64) self->first_element * sizeof (float);
  gint64 n_elements;

  if (!is_as_in_memory (self) || !is_contiguous (self) || self->divisor != 0 ||
      self->crc32 != 0 || offset % PSP_FLOATS_ALIGNMENT != 0)
    return NULL;
  (void) psp_stored_tensor_count (self, &n_elements);
  return psp_file_mapping_get_bytes (mapping, offset, (gsize) n_elements * sizeof (float));
}
