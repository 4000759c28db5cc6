/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-mxnet.h"

#include <string.h>

#define MAX_NAME_BYTES 512
#define ARRAY_V1 0xf993fac8u
#define ARRAY_V2 0xf993fac9u
#define ARRAY_V3 0xf993facau
#define NO_DIMENSIONS G_MAXUINT32 /* version 3's -1 */

/* By MXNet's numbers for them. */
static const PspDtype dtypes[] = {
  PSP_DTYPE_F32, PSP_DTYPE_F64, PSP_DTYPE_F16, PSP_DTYPE_U8, PSP_DTYPE_I32, PSP_DTYPE_I8,
  PSP_DTYPE_I64,
};

typedef struct
{
  gboolean        is_empty;
  PspStoredTensor tensor;
} Array;

typedef struct
{
  PspCheckpointIndex *index;
  guint64             offset; /* of what comes next in the file */
  GArray             *arrays; /* of Array */
} Reader;

/* The sentence is about the array that is being read. */
static gboolean
fail (const Reader  *reader,
      PspError       code,
      const char    *reason,
      GError       **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: array number %u of this MXNet parameter file %s",
               reader->index->file->path, reader->arrays->len + 1, reason);
  return FALSE;
}

static gboolean
fail_file (const Reader  *reader,
           PspError       code,
           const char    *reason,
           GError       **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: this MXNet parameter file %s",
               reader->index->file->path, reason);
  return FALSE;
}

static gboolean
take_number (Reader   *reader,
             gsize     n_bytes,
             guint64  *number,
             GError  **error)
{
  guint8 bytes[sizeof *number];

  if (!psp_file_reader_read (reader->index->file, reader->offset, bytes, n_bytes, error))
    return FALSE;
  *number = 0;
  for (gsize i = 0; i < n_bytes; i++)
    *number |= (guint64) bytes[i] << (8 * i);
  reader->offset += n_bytes;
  return TRUE;
}

static gboolean
take_word (Reader   *reader,
           guint32  *word,
           GError  **error)
{
  guint64 number;

  if (!take_number (reader, sizeof *word, &number, error))
    return FALSE;
  *word = (guint32) number;
  return TRUE;
}

static gboolean
take_shape (Reader   *reader,
            guint32   n_dimensions,
            gsize     dimension_bytes,
            Array    *array,
            GError  **error)
{
  PspCheckpointEntry *entry = &array->tensor.entry;

  if (n_dimensions > PSP_TENSOR_MAX_DIMENSIONS)
    return fail (reader, PSP_ERROR_BAD_FILE, "has more than 8 dimensions", error);
  entry->n_dimensions = (int) n_dimensions;
  for (guint32 i = 0; i < n_dimensions; i++)
    {
      guint64 dimension;

      if (!take_number (reader, dimension_bytes, &dimension, error))
        return FALSE;
      entry->shape[i] = (gint64) dimension;
    }
  psp_stored_tensor_set_contiguous (&array->tensor);
  if (!psp_stored_tensor_count (&array->tensor, &array->tensor.storage_elements))
    return fail (reader, PSP_ERROR_BAD_FILE, "has an impossible shape", error);
  return TRUE;
}

/* What comes before the device: all versions have a shape in some way. */
static gboolean
take_head (Reader   *reader,
           Array    *array,
           GError  **error)
{
  guint32 version;
  guint32 storage = 0;
  guint32 n_dimensions;
  gboolean has_version;

  if (!take_word (reader, &version, error))
    return FALSE;
  has_version = version >= ARRAY_V1 && version <= ARRAY_V3;
  if (has_version && version != ARRAY_V1 && !take_word (reader, &storage, error))
    return FALSE;
  if (storage != 0)
    return fail (reader, PSP_ERROR_UNSUPPORTED, "is sparse; only dense ones are read", error);

  n_dimensions = version;
  if (has_version && !take_word (reader, &n_dimensions, error))
    return FALSE;
  array->is_empty = n_dimensions == (version == ARRAY_V3 ? NO_DIMENSIONS : 0);
  if (array->is_empty)
    return TRUE;
  return take_shape (reader, n_dimensions, has_version ? sizeof (guint64) : sizeof (guint32), array,
                     error);
}

static gboolean
take_numbers (Reader   *reader,
              Array    *array,
              GError  **error)
{
  PspStoredTensor *tensor = &array->tensor;
  guint64 device;
  guint32 type;
  guint64 n_bytes;

  if (!take_number (reader, sizeof device, &device, error) || !take_word (reader, &type, error))
    return FALSE;
  if (type >= G_N_ELEMENTS (dtypes))
    return fail (reader, PSP_ERROR_UNSUPPORTED,
                 "has numbers of a type that is not read; float32, float64, float16, uint8, "
                 "int32, int8 and int64 are", error);
  tensor->entry.dtype = dtypes[type];
  tensor->storage_offset = reader->offset;
  if (__builtin_mul_overflow ((guint64) tensor->storage_elements,
                              psp_dtype_get_size (tensor->entry.dtype), &n_bytes) ||
      !psp_file_reader_holds (reader->index->file, reader->offset, n_bytes))
    return fail (reader, PSP_ERROR_TRUNCATED,
                 "goes on beyond the end of the file, which was cut off; copy or download it again",
                 error);
  reader->offset += n_bytes;
  return TRUE;
}

static gboolean
take_arrays (Reader  *reader,
             GError **error)
{
  guint64 n_arrays;

  if (!take_number (reader, sizeof n_arrays, &n_arrays, error))
    return FALSE;
  if (n_arrays > PSP_CHECKPOINT_MAX_ENTRIES)
    return fail_file (reader, PSP_ERROR_BAD_FILE, "claims more than 50000 arrays", error);
  for (guint64 i = 0; i < n_arrays; i++)
    {
      Array array = { 0 };

      if (!take_head (reader, &array, error) ||
          (!array.is_empty && !take_numbers (reader, &array, error)))
        return FALSE;
      g_array_append_val (reader->arrays, array);
    }
  return TRUE;
}

static gboolean
take_name (Reader       *reader,
           const Array  *array,
           GError      **error)
{
  guint64 n_bytes;
  char bytes[MAX_NAME_BYTES];
  const char *name = bytes;

  if (!take_number (reader, sizeof n_bytes, &n_bytes, error))
    return FALSE;
  if (n_bytes > sizeof bytes)
    return fail_file (reader, PSP_ERROR_BAD_FILE, "has a name of more than 512 bytes", error);
  if (!psp_file_reader_read (reader->index->file, reader->offset, bytes, n_bytes, error))
    return FALSE;
  reader->offset += n_bytes;
  if (array->is_empty)
    return TRUE;

  if (n_bytes >= 4 && (memcmp (bytes, "arg:", 4) == 0 || memcmp (bytes, "aux:", 4) == 0))
    {
      name += 4;
      n_bytes -= 4;
    }
  return psp_checkpoint_index_add (reader->index, name, n_bytes, &array->tensor, error);
}

static gboolean
take_names (Reader  *reader,
            GError **error)
{
  guint64 n_names;

  if (!take_number (reader, sizeof n_names, &n_names, error))
    return FALSE;
  if (n_names == 0)
    return fail_file (reader, PSP_ERROR_UNSUPPORTED,
                      "has no names, so nobody can tell which array is which; save it with them",
                      error);
  if (n_names != reader->arrays->len)
    return fail_file (reader, PSP_ERROR_BAD_FILE, "has another count of names than of arrays",
                      error);
  for (guint i = 0; i < reader->arrays->len; i++)
    if (!take_name (reader, &g_array_index (reader->arrays, Array, i), error))
      return FALSE;
  return TRUE;
}

gboolean
psp_mxnet_read (PspCheckpointIndex  *index,
                GError             **error)
{
  g_autoptr(GArray) arrays = g_array_new (FALSE, FALSE, sizeof (Array));
  Reader reader = { .index = index, .offset = sizeof PSP_MXNET_MAGIC - 1, .arrays = arrays };
  guint64 reserved;

  if (!take_number (&reader, sizeof reserved, &reserved, error))
    return FALSE;
  if (reserved != 0)
    return fail_file (&reader, PSP_ERROR_BAD_FILE, "is damaged: its second number is not zero",
                      error);
  return take_arrays (&reader, error) && take_names (&reader, error);
}
