/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-stored-tensor.h"

#include "engine/core/psp-bits.h"
#include "engine/core/psp-floats.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#define PIECE_BYTES (256 * 1024)
#define PIECE_ELEMENTS (PIECE_BYTES / sizeof (float))

/* Elements that lie farther apart are read one by one. */
#define MAX_STRIDE 512

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
  return self->entry.dtype == PSP_DTYPE_F32 && G_BYTE_ORDER == G_LITTLE_ENDIAN &&
         psp_stored_tensor_get_pitch (self) == sizeof (float) && !self->is_big_endian;
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

/* The elements of a tensor on their way out of its storage, piece by piece. */
typedef struct
{
  const PspStoredTensor *tensor;
  PspFileReader         *file;
  float                 *values;      /* (nullable): takes them in the tensor's order; %NULL: they
                                       * are looked at */
  double                 minimum;     /* of those that are looked at */
  gboolean               compares_crc;
  gint64                 n_summed;    /* elements of the storage, from its first on, in @crc */
  guint32                crc;
  guint8                 bytes[PIECE_BYTES];
  float                  piece[PIECE_ELEMENTS];
} Passage;

/* How many of @n_elements are read at once. */
static gint64
count_piece (const PspStoredTensor *self,
             gint64                 n_elements)
{
  gsize pitch = MAX (psp_stored_tensor_get_pitch (self), sizeof (float));

  return MIN (n_elements, (gint64) (PIECE_BYTES / pitch));
}

/* values [n_elements]: those of the storage from @first on; count_piece() of them at most. */
static gboolean
read_piece (Passage  *self,
            gint64    first,
            gint64    n_elements,
            float    *values,
            GError  **error)
{
  const PspStoredTensor *tensor = self->tensor;
  gsize size = psp_dtype_get_size (tensor->entry.dtype);
  gsize pitch = psp_stored_tensor_get_pitch (tensor);
  gboolean is_ready = is_as_in_memory (tensor);
  guint8 *bytes = is_ready ? (guint8 *) values : self->bytes;

  if (!psp_file_reader_read (self->file, tensor->storage_offset + (guint64) first * pitch, bytes,
                             ((gsize) n_elements - 1) * pitch + size, error))
    return FALSE;
  if (pitch != size)
    close_gaps (bytes, n_elements, size, pitch);
  if (self->compares_crc && tensor->crc32 != 0 && first == self->n_summed)
    {
      self->crc = (guint32) crc32 (self->crc, bytes, (uInt) (n_elements * size));
      self->n_summed += n_elements;
    }
  if (tensor->is_big_endian)
    reverse_elements (bytes, n_elements, size);
  if (!is_ready)
    psp_dtype_to_float (tensor->entry.dtype, bytes, n_elements, values);
  for (gint64 i = 0; tensor->divisor != 0 && i < n_elements; i++)
    values[i] = (double) values[i] / tensor->divisor;
  return TRUE;
}

/* Whether all numbers are; a loop without an exit, which the compiler turns into vectors. */
static gboolean
is_finite (const float *values,
           gsize        n_values)
{
  const guint32 exponent = 0x7f800000;
  guint32 n_bad = 0;

  for (gsize i = 0; i < n_values; i++)
    n_bad |= (psp_float_to_bits (values[i]) & exponent) == exponent;
  return n_bad == 0;
}

/* @place: of the first in the tensor */
static gboolean
look_at (const Passage  *self,
         const float    *values,
         gsize           n_values,
         gsize           place,
         GError        **error)
{
  if (isinf (self->minimum) && is_finite (values, n_values))
    return TRUE;
  for (gsize i = 0; i < n_values; i++)
    if (!isfinite (values[i]) || (double) values[i] < self->minimum)
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                     "%s: tensor “%s” holds %g at place %" G_GSIZE_FORMAT
                     ", which no working network has", self->file->path, self->tensor->entry.name,
                     (double) values[i], place + i);
        return FALSE;
      }
  return TRUE;
}

/* A tensor whose elements lie next to each other in its own order. */
static gboolean
pass_contiguous (Passage  *self,
                 gint64    n_elements,
                 GError  **error)
{
  const PspStoredTensor *tensor = self->tensor;
  gint64 n_now;

  for (gint64 done = 0; done < n_elements; done += n_now)
    {
      float *values = self->values != NULL ? self->values + done : self->piece;

      n_now = count_piece (tensor, n_elements - done);
      if (!read_piece (self, tensor->first_element + done, n_now, values, error) ||
          (self->values == NULL && !look_at (self, values, n_now, done, error)))
        return FALSE;
    }
  return TRUE;
}

/* A dimension of a tensor. */
typedef struct
{
  gint64 n;
  gint64 stride; /* in the storage */
  gint64 step;   /* in the tensor */
} Dimension;

/* Sorts the dimensions as they lie in the storage, the slowest first.  Returns how many have more
 * than one element. */
static int
sort_dimensions (const PspStoredTensor *tensor,
                 Dimension              dimensions[PSP_TENSOR_MAX_DIMENSIONS])
{
  const PspCheckpointEntry *entry = &tensor->entry;
  gint64 step = 1;
  int n_dimensions = 0;

  for (int i = entry->n_dimensions - 1; i >= 0; i--)
    {
      Dimension dimension = { entry->shape[i], tensor->strides[i], step };
      int place = n_dimensions;

      step *= dimension.n;
      if (dimension.n == 1)
        continue;
      for (; place > 0 && dimensions[place - 1].stride < dimension.stride; place--)
        dimensions[place] = dimensions[place - 1];
      dimensions[place] = dimension;
      n_dimensions++;
    }
  return n_dimensions;
}

/* From one element to the next in the order of the storage. */
static void
step_on (const Dimension *dimensions,
         int              n_dimensions,
         gint64          *position,
         gint64          *source,
         gint64          *place)
{
  for (int i = n_dimensions - 1; i >= 0; i--)
    {
      *source += dimensions[i].stride;
      *place += dimensions[i].step;
      if (++position[i] < dimensions[i].n)
        return;
      *source -= dimensions[i].stride * dimensions[i].n;
      *place -= dimensions[i].step * dimensions[i].n;
      position[i] = 0;
    }
}

/* Goes through the storage once, unless elements lie on top of each other. */
static gboolean
pass_strided (Passage  *self,
              gint64    n_elements,
              GError  **error)
{
  Dimension dimensions[PSP_TENSOR_MAX_DIMENSIONS];
  gint64 position[PSP_TENSOR_MAX_DIMENSIONS] = { 0 };
  int n_dimensions = sort_dimensions (self->tensor, dimensions);
  gboolean is_sparse = dimensions[n_dimensions - 1].stride > MAX_STRIDE;
  gint64 source = self->tensor->first_element;
  gint64 place = 0;
  gint64 first = 0;
  gint64 n_piece = 0;
  gint64 last = 0;

  (void) psp_stored_tensor_find_last (self->tensor, &last);
  for (gint64 i = 0; i < n_elements; i++)
    {
      if (source < first || source >= first + n_piece)
        {
          first = source;
          n_piece = is_sparse ? 1 : count_piece (self->tensor, last + 1 - first);
          if (!read_piece (self, first, n_piece, self->piece, error))
            return FALSE;
        }
      if (self->values != NULL)
        self->values[place] = self->piece[source - first];
      else if (!look_at (self, &self->piece[source - first], 1, place, error))
        return FALSE;
      step_on (dimensions, n_dimensions, position, &source, &place);
    }
  return TRUE;
}

/* @values: (nullable): takes them; %NULL: they are looked at */
static gboolean
pass (const PspStoredTensor  *tensor,
      PspFileReader          *file,
      float                  *values,
      double                  minimum,
      gboolean                compares_crc,
      GError                **error)
{
  g_autofree Passage *self = g_malloc (sizeof *self);
  gint64 n_elements;

  self->tensor = tensor;
  self->file = file;
  self->values = values;
  self->minimum = minimum;
  self->compares_crc = compares_crc;
  self->n_summed = 0;
  self->crc = 0;
  (void) psp_stored_tensor_count (tensor, &n_elements);
  if (n_elements == 0 || is_contiguous (tensor)
      ? !pass_contiguous (self, n_elements, error) : !pass_strided (self, n_elements, error))
    return FALSE;
  return self->n_summed == 0 || self->n_summed < tensor->storage_elements ||
         check_crc (tensor, file, self->crc, error);
}

gboolean
psp_stored_tensor_verify (const PspStoredTensor  *self,
                          PspFileReader          *file,
                          double                  minimum,
                          GError                **error)
{
  return pass (self, file, NULL, minimum, TRUE, error);
}

static gboolean
read_into (const PspStoredTensor  *self,
           PspFileReader          *file,
           PspTensor              *tensor,
           gboolean                compares_crc,
           GError                **error)
{
  if (psp_tensor_reshape (tensor, self->entry.n_dimensions, self->entry.shape, error))
    return pass (self, file, tensor->data, 0, compares_crc, error);
  g_prefix_error (error, "%s: tensor “%s”: ", file->path, self->entry.name);
  return FALSE;
}

gboolean
psp_stored_tensor_read_into (const PspStoredTensor  *self,
                             PspFileReader          *file,
                             PspTensor              *tensor,
                             GError                **error)
{
  return read_into (self, file, tensor, FALSE, error);
}

PspTensor *
psp_stored_tensor_read (const PspStoredTensor  *self,
                        PspFileReader          *file,
                        GError                **error)
{
  g_autoptr(PspTensor) tensor = psp_tensor_new (0, NULL, error);

  return tensor != NULL && read_into (self, file, tensor, TRUE, error)
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
