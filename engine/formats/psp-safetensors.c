/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-safetensors.h"

#include "engine/formats/psp-json-reader.h"

#include <string.h>

#define MAX_HEADER_BYTES 100000000u
#define MAX_METADATA 10000u
#define MAX_METADATA_BYTES (16u * 1024 * 1024)

typedef struct
{
  guint64     begin;
  guint64     end;
  const char *name;  /* in the header */
} Range;

typedef struct
{
  PspCheckpointIndex *index;
  PspJsonReader       json;             /* of the header */
  guint64             data_offset;
  guint64             n_data_bytes;
  GArray             *ranges;           /* of Range */
  gboolean            has_metadata;
  gsize               n_metadata_bytes;
} Reader;

/* A tensor, as far as its description was read. */
typedef struct
{
  const char      *name;
  PspStoredTensor  tensor;
  gint64           offsets[2];
  gboolean         has_dtype;
  gboolean         has_shape;
  gboolean         has_offsets;
} Entry;

static gboolean
fail (const PspCheckpointIndex  *index,
      PspError                   code,
      const char                *reason,
      GError                   **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: %s", index->file->path, reason);
  return FALSE;
}

static gboolean
fail_tensor (const Reader  *reader,
             const char    *name,
             PspError       code,
             const char    *reason,
             GError       **error)
{
  g_set_error (error, PSP_ERROR, code, "%s: tensor “%s” %s", reader->index->file->path, name,
               reason);
  return FALSE;
}

static char *
load_header (PspCheckpointIndex  *index,
             gsize               *n_header_bytes,
             GError             **error)
{
  guint64 n_bytes;
  g_autofree char *header = NULL;

  if (!psp_file_reader_read (index->file, 0, &n_bytes, sizeof n_bytes, error))
    return NULL;
  n_bytes = GUINT64_FROM_LE (n_bytes);
  if (n_bytes > MAX_HEADER_BYTES)
    {
      (void) fail (index, PSP_ERROR_BAD_FILE,
                   "the safetensors header claims more than 100000000 bytes", error);
      return NULL;
    }
  if (!psp_file_reader_holds (index->file, sizeof n_bytes, n_bytes))
    {
      (void) fail (index, PSP_ERROR_TRUNCATED,
                   "the file ends inside its safetensors header; copy or download it again", error);
      return NULL;
    }
  header = g_malloc (n_bytes + 1);
  if (!psp_file_reader_read (index->file, sizeof n_bytes, header, n_bytes, error))
    return NULL;
  header[n_bytes] = '\0';
  *n_header_bytes = n_bytes;
  return g_steal_pointer (&header);
}

static gboolean
fail_json (const Reader  *reader,
           GError       **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
               "%s: the safetensors header is not the JSON that it must be, at byte %"
               G_GSIZE_FORMAT, reader->index->file->path,
               sizeof (guint64) + reader->json.position);
  return FALSE;
}

/* What is done with a member of an object; the reader is behind its colon. */
typedef gboolean (*MemberFunc) (Reader      *reader,
                                const char  *name,
                                gpointer     user_data,
                                GError     **error);

/* From behind the opening brace to behind the closing one. */
static gboolean
read_members (Reader      *reader,
              MemberFunc   read_member,
              gpointer     user_data,
              GError     **error)
{
  PspJsonReader *json = &reader->json;

  if (psp_json_reader_take (json, '}'))
    return TRUE;
  do
    {
      const char *name = psp_json_reader_take_string (json);

      if (name == NULL || !psp_json_reader_take (json, ':'))
        return fail_json (reader, error);
      if (!read_member (reader, name, user_data, error))
        return FALSE;
    }
  while (psp_json_reader_take (json, ','));
  return psp_json_reader_take (json, '}') || fail_json (reader, error);
}

/* An array of at most @limit integers. */
static gboolean
read_integers (PspJsonReader *json,
               int            limit,
               gint64        *integers,
               int           *n_integers)
{
  *n_integers = 0;
  if (!psp_json_reader_take (json, '['))
    return FALSE;
  if (psp_json_reader_take (json, ']'))
    return TRUE;
  do
    if (*n_integers == limit || !psp_json_reader_take_integer (json, &integers[(*n_integers)++]))
      return FALSE;
  while (psp_json_reader_take (json, ','));
  return psp_json_reader_take (json, ']');
}

static gboolean
read_dtype (Reader  *reader,
            Entry   *entry,
            GError **error)
{
  const char *text = psp_json_reader_take_string (&reader->json);

  if (text == NULL || entry->has_dtype)
    return fail_tensor (reader, entry->name, PSP_ERROR_BAD_FILE, "has a damaged dtype", error);
  entry->has_dtype = TRUE;
  if (psp_dtype_from_name (text, &entry->tensor.entry.dtype))
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: tensor “%s” has the dtype “%s”; F32, F16, BF16, F64, I64, I32, I16, I8, U8 and "
               "BOOL are read", reader->index->file->path, entry->name, text);
  return FALSE;
}

/* Members that the format does not know are allowed (reference: the format's own reader). */
static gboolean
read_field (Reader      *reader,
            const char  *name,
            gpointer     user_data,
            GError     **error)
{
  Entry *entry = user_data;
  PspCheckpointEntry *layout = &entry->tensor.entry;
  int n_offsets;

  if (g_str_equal (name, "dtype"))
    return read_dtype (reader, entry, error);
  if (g_str_equal (name, "shape"))
    {
      if (entry->has_shape || !read_integers (&reader->json, PSP_TENSOR_MAX_DIMENSIONS,
                                              layout->shape, &layout->n_dimensions))
        return fail_tensor (reader, entry->name, PSP_ERROR_BAD_FILE, "has a damaged shape", error);
      entry->has_shape = TRUE;
      return TRUE;
    }
  if (g_str_equal (name, "data_offsets"))
    {
      if (entry->has_offsets || !read_integers (&reader->json, 2, entry->offsets, &n_offsets) ||
          n_offsets != 2 || entry->offsets[0] < 0 || entry->offsets[1] < entry->offsets[0])
        return fail_tensor (reader, entry->name, PSP_ERROR_BAD_FILE, "has damaged data_offsets",
                            error);
      entry->has_offsets = TRUE;
      return TRUE;
    }
  return psp_json_reader_skip_value (&reader->json) || fail_json (reader, error);
}

/* The bytes that the shape needs. */
static gboolean
count_bytes (const PspCheckpointEntry *entry,
             guint64                  *n_bytes)
{
  *n_bytes = psp_dtype_get_size (entry->dtype);
  for (int i = 0; i < entry->n_dimensions; i++)
    if (entry->shape[i] < 0 ||
        __builtin_mul_overflow (*n_bytes, (guint64) entry->shape[i], n_bytes))
      return FALSE;
  return TRUE;
}

/* Checks that the place of @entry's numbers is inside the file, and notes it. */
static gboolean
add_range (Reader  *reader,
           Entry   *entry,
           GError **error)
{
  Range range = { (guint64) entry->offsets[0], (guint64) entry->offsets[1], NULL };
  PspStoredTensor *tensor = &entry->tensor;
  guint64 n_bytes;

  if (!count_bytes (&tensor->entry, &n_bytes) || n_bytes != range.end - range.begin)
    return fail_tensor (reader, entry->name, PSP_ERROR_BAD_FILE,
                        "has another size than its shape and dtype need", error);
  if (range.end > reader->n_data_bytes)
    return fail_tensor (reader, entry->name, PSP_ERROR_TRUNCATED,
                        "lies beyond the end of the file, which was cut off; copy or download it "
                        "again", error);

  range.name = entry->name;
  g_array_append_val (reader->ranges, range);
  tensor->storage_offset = reader->data_offset + range.begin;
  tensor->storage_elements = (gint64) (n_bytes / psp_dtype_get_size (tensor->entry.dtype));
  return TRUE;
}

static gboolean
read_tensor (Reader      *reader,
             const char  *name,
             GError     **error)
{
  Entry entry = { .name = name };

  if (!psp_json_reader_take (&reader->json, '{'))
    return fail_tensor (reader, name, PSP_ERROR_BAD_FILE, "is not described by a JSON object",
                        error);
  if (!read_members (reader, read_field, &entry, error))
    return FALSE;
  if (!entry.has_dtype || !entry.has_shape || !entry.has_offsets)
    return fail_tensor (reader, name, PSP_ERROR_BAD_FILE,
                        "is described without dtype, shape or data_offsets", error);

  psp_stored_tensor_set_contiguous (&entry.tensor);
  return add_range (reader, &entry, error) &&
         psp_checkpoint_index_add (reader->index, name, strlen (name), &entry.tensor, error);
}

static gboolean
read_text (Reader      *reader,
           const char  *key,
           gpointer     user_data,
           GError     **error)
{
  GHashTable *metadata = reader->index->metadata;
  const char *text = psp_json_reader_take_string (&reader->json);

  if (text == NULL)
    return fail (reader->index, PSP_ERROR_BAD_FILE,
                 "the safetensors __metadata__ holds something else than texts", error);
  if (g_hash_table_contains (metadata, key))
    return fail (reader->index, PSP_ERROR_BAD_FILE,
                 "the safetensors __metadata__ has a name twice", error);
  reader->n_metadata_bytes += strlen (key) + strlen (text);
  if (g_hash_table_size (metadata) == MAX_METADATA || reader->n_metadata_bytes > MAX_METADATA_BYTES)
    return fail (reader->index, PSP_ERROR_BAD_FILE,
                 "the safetensors __metadata__ has more than 10000 texts or 16 MiB", error);
  return g_hash_table_insert (metadata, g_strdup (key), g_strdup (text));
}

static gboolean
read_metadata (Reader  *reader,
               GError **error)
{
  if (reader->has_metadata || !psp_json_reader_take (&reader->json, '{'))
    return fail (reader->index, PSP_ERROR_BAD_FILE,
                 "the safetensors __metadata__ is there twice, or is not an object", error);
  reader->has_metadata = TRUE;
  return read_members (reader, read_text, NULL, error);
}

static gboolean
read_entry (Reader      *reader,
            const char  *name,
            gpointer     user_data,
            GError     **error)
{
  return g_str_equal (name, "__metadata__") ? read_metadata (reader, error)
                                            : read_tensor (reader, name, error);
}

static int
compare_ranges (gconstpointer a,
                gconstpointer b)
{
  const Range *first = a;
  const Range *second = b;

  if (first->begin != second->begin)
    return first->begin < second->begin ? -1 : 1;
  return first->end < second->end ? -1 : first->end > second->end;
}

static gboolean
check_ranges (const Reader  *reader,
              GError       **error)
{
  guint64 end = 0;

  g_array_sort (reader->ranges, compare_ranges);
  for (guint i = 0; i < reader->ranges->len; i++)
    {
      const Range *range = &g_array_index (reader->ranges, Range, i);

      if (range->begin != end)
        return fail_tensor (reader, range->name, PSP_ERROR_BAD_FILE,
                            range->begin < end ? "overlaps another" : "leaves a gap before it",
                            error);
      end = range->end;
    }
  if (end != reader->n_data_bytes)
    return fail (reader->index, PSP_ERROR_BAD_FILE, "the file goes on after the last tensor",
                 error);
  return TRUE;
}

gboolean
psp_safetensors_read (PspCheckpointIndex  *index,
                      GError             **error)
{
  gsize n_bytes = 0;
  g_autofree char *header = load_header (index, &n_bytes, error);
  g_autoptr(GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  Reader reader = { .index = index, .ranges = ranges, .json = { header, n_bytes, 0 } };

  if (header == NULL)
    return FALSE;
  reader.data_offset = sizeof (guint64) + n_bytes;
  reader.n_data_bytes = index->file->n_bytes - reader.data_offset;
  if (header[0] != '{' || !g_utf8_validate_len (header, n_bytes, NULL))
    return fail_json (&reader, error);

  reader.json.position = 1;
  if (!read_members (&reader, read_entry, NULL, error))
    return FALSE;
  if (!psp_json_reader_is_at_end (&reader.json))
    return fail_json (&reader, error);
  return check_ranges (&reader, error);
}
