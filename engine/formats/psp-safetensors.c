/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-safetensors.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_HEADER_BYTES 100000000u
/* The header's object, a tensor's object, its shape. */
#define MAX_DEPTH 3
/* A tensor of 8 dimensions has 12. */
#define MAX_COMMAS (16 * PSP_CHECKPOINT_MAX_ENTRIES)

typedef struct
{
  guint64 begin;
  guint64 end;
  char   *name;
} Range;

typedef struct
{
  PspCheckpointIndex *index;
  guint64             data_offset;
  guint64             n_data_bytes;
  GArray             *ranges;       /* of Range */
} Reader;

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

/* The index of the quote that ends the string whose first quote is at @start. */
static gsize
skip_string (const char *text,
             gsize       n_bytes,
             gsize       start)
{
  gsize i = start + 1;

  while (i < n_bytes && text[i] != '"')
    i += text[i] == '\\' ? 2 : 1;
  return i;
}

/*
 * JsonParser recurses without a limit and takes more than JSON (comments, a second value).  So what
 * it gets is one value with only JSON's characters outside of strings, and no more levels and
 * values than tensors need.
 */
static gboolean
check_tokens (const char *text,
              gsize       n_bytes)
{
  int depth = 0;
  int n_commas = 0;

  for (gsize i = 0; i < n_bytes; i++)
    {
      char c = text[i];

      if (i > 0 && depth == 0 && strchr (" \t\r\n", c) == NULL)
        return FALSE;
      if (c == '"')
        i = skip_string (text, n_bytes, i);
      else if (c == '{' || c == '[')
        depth++;
      else if (c == '}' || c == ']')
        depth--;
      else if (c == ',')
        n_commas++;
      else if (c == '\0' || strchr (": \t\r\n0123456789+-.eEtrufals", c) == NULL)
        return FALSE;
      if (depth < 0 || depth > MAX_DEPTH || n_commas > MAX_COMMAS)
        return FALSE;
    }
  return TRUE;
}

/* JsonObject keeps the last of two members of one name; these callbacks see both. */
static void
note_member (JsonParser *parser,
             JsonObject *object,
             const char *name,
             gpointer    user_data)
{
  guint *n_members = user_data;

  (*n_members)++;
}

static guint
count_members (JsonNode *node)
{
  g_autoptr(GList) members = NULL;
  guint n_members;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return 0;
  members = json_object_get_values (json_node_get_object (node));
  n_members = json_object_get_size (json_node_get_object (node));
  for (GList *l = members; l != NULL; l = l->next)
    if (JSON_NODE_HOLDS_OBJECT (l->data))
      n_members += json_object_get_size (json_node_get_object (l->data));
  return n_members;
}

static JsonNode *
parse_header (PspCheckpointIndex  *index,
              const char          *header,
              gsize                n_bytes,
              GError             **error)
{
  g_autoptr(JsonParser) parser = json_parser_new_immutable ();
  g_autoptr(GError) parse_error = NULL;
  guint n_members = 0;
  JsonNode *root;

  if (header[0] != '{' || !g_utf8_validate_len (header, n_bytes, NULL) ||
      !check_tokens (header, n_bytes))
    {
      (void) fail (index, PSP_ERROR_BAD_FILE,
                   "the safetensors header is not the JSON that it must be", error);
      return NULL;
    }
  g_signal_connect (parser, "object-member", G_CALLBACK (note_member), &n_members);
  if (!json_parser_load_from_data (parser, header, (gssize) n_bytes, &parse_error))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "%s: the safetensors header is not JSON: %s", index->file->path,
                   parse_error->message);
      return NULL;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root) || n_members != count_members (root))
    {
      (void) fail (index, PSP_ERROR_BAD_FILE,
                   "the safetensors header has a name twice, or objects where none may be", error);
      return NULL;
    }
  return json_node_ref (root);
}

/* Integers of @array, at most @limit. */
static gboolean
read_integers (JsonNode *node,
               int       limit,
               gint64   *integers,
               int      *n_integers)
{
  JsonArray *array;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  if (json_array_get_length (array) > (guint) limit)
    return FALSE;

  *n_integers = (int) json_array_get_length (array);
  for (int i = 0; i < *n_integers; i++)
    {
      JsonNode *element = json_array_get_element (array, (guint) i);

      if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_INT64)
        return FALSE;
      integers[i] = json_node_get_int (element);
    }
  return TRUE;
}

static gboolean
read_dtype (const Reader  *reader,
            const char    *name,
            JsonNode      *node,
            PspDtype      *dtype,
            GError       **error)
{
  const char *text = NULL;

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    text = json_node_get_string (node);
  if (text == NULL)
    return fail_tensor (reader, name, PSP_ERROR_BAD_FILE, "has no dtype", error);
  if (psp_dtype_from_name (text, dtype))
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: tensor “%s” has the dtype “%s”; F32, F16, BF16, F64, I64, I32, I16, I8, U8 and "
               "BOOL are read", reader->index->file->path, name, text);
  return FALSE;
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

static gboolean
read_range (Reader           *reader,
            const char       *name,
            JsonNode         *node,
            PspStoredTensor  *tensor,
            GError          **error)
{
  gint64 offsets[2];
  int n_offsets;
  guint64 n_bytes;
  Range range;

  if (!read_integers (node, 2, offsets, &n_offsets) || n_offsets != 2 || offsets[0] < 0 ||
      offsets[1] < offsets[0])
    return fail_tensor (reader, name, PSP_ERROR_BAD_FILE, "has damaged data_offsets", error);
  range.begin = (guint64) offsets[0];
  range.end = (guint64) offsets[1];
  if (!count_bytes (&tensor->entry, &n_bytes) || n_bytes != range.end - range.begin)
    return fail_tensor (reader, name, PSP_ERROR_BAD_FILE,
                        "has another size than its shape and dtype need", error);
  if (range.end > reader->n_data_bytes)
    return fail_tensor (reader, name, PSP_ERROR_TRUNCATED,
                        "lies beyond the end of the file, which was cut off; copy or download it "
                        "again", error);

  range.name = g_strdup (name);
  g_array_append_val (reader->ranges, range);
  tensor->storage_offset = reader->data_offset + range.begin;
  tensor->storage_elements = (gint64) (n_bytes / psp_dtype_get_size (tensor->entry.dtype));
  return TRUE;
}

static gboolean
read_tensor (Reader      *reader,
             const char  *name,
             JsonNode    *node,
             GError     **error)
{
  PspStoredTensor tensor = { 0 };
  JsonObject *object;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail_tensor (reader, name, PSP_ERROR_BAD_FILE, "is not described by an object", error);
  object = json_node_get_object (node);
  if (!read_dtype (reader, name, json_object_get_member (object, "dtype"), &tensor.entry.dtype,
                   error))
    return FALSE;
  if (!read_integers (json_object_get_member (object, "shape"), PSP_TENSOR_MAX_DIMENSIONS,
                      tensor.entry.shape, &tensor.entry.n_dimensions))
    return fail_tensor (reader, name, PSP_ERROR_BAD_FILE,
                        "has no shape of at most 8 whole numbers", error);
  if (!read_range (reader, name, json_object_get_member (object, "data_offsets"), &tensor, error))
    return FALSE;

  psp_stored_tensor_set_contiguous (&tensor);
  return psp_checkpoint_index_add (reader->index, name, strlen (name), &tensor, error);
}

static gboolean
read_metadata (const Reader  *reader,
               JsonNode      *node,
               GError       **error)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail (reader->index, PSP_ERROR_BAD_FILE,
                 "the safetensors __metadata__ is not an object", error);
  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      const char *text = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_string (value) : NULL;

      if (text == NULL)
        return fail (reader->index, PSP_ERROR_BAD_FILE,
                     "the safetensors __metadata__ holds something else than texts", error);
      g_hash_table_insert (reader->index->metadata, g_strdup (key), g_strdup (text));
    }
  return TRUE;
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

static gboolean
read_members (Reader      *reader,
              JsonObject  *header,
              GError     **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, header);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (g_str_equal (name, "__metadata__") ? !read_metadata (reader, node, error)
                                           : !read_tensor (reader, name, node, error))
      return FALSE;
  return check_ranges (reader, error);
}

static void
clear_range (gpointer data)
{
  Range *range = data;

  g_free (range->name);
}

gboolean
psp_safetensors_read (PspCheckpointIndex  *index,
                      GError             **error)
{
  gsize n_header_bytes = 0;
  g_autofree char *header = load_header (index, &n_header_bytes, error);
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  Reader reader = { .index = index, .ranges = ranges };

  if (header != NULL)
    root = parse_header (index, header, n_header_bytes, error);
  if (root == NULL)
    return FALSE;
  g_array_set_clear_func (ranges, clear_range);
  reader.data_offset = sizeof (guint64) + n_header_bytes;
  reader.n_data_bytes = index->file->n_bytes - reader.data_offset;
  return read_members (&reader, json_node_get_object (root), error);
}
