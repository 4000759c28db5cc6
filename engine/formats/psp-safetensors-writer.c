/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-safetensors-writer.h"

#include "engine/core/psp-floats.h"
#include "engine/formats/psp-file-writer.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define PIECE_ELEMENTS (64 * 1024)

typedef struct
{
  char     *name;
  int       n_dimensions;
  gint64    shape[PSP_TENSOR_MAX_DIMENSIONS];
  GBytes   *floats;
  PspDtype  dtype;
} Item;

struct _PspSafetensorsWriter
{
  GArray        *items;
  JsonObject    *metadata;
  PspCheckpoint *source;   /* (nullable): numbers may lie in it */
};

static void
clear_item (gpointer data)
{
  Item *item = data;

  g_free (item->name);
  g_bytes_unref (item->floats);
}

PspSafetensorsWriter *
psp_safetensors_writer_new (void)
{
  PspSafetensorsWriter *self = g_new0 (PspSafetensorsWriter, 1);

  self->items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_array_set_clear_func (self->items, clear_item);
  self->metadata = json_object_new ();
  return self;
}

void
psp_safetensors_writer_free (PspSafetensorsWriter *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->items);
  json_object_unref (self->metadata);
  g_clear_pointer (&self->source, psp_checkpoint_unref);
  g_free (self);
}

void
psp_safetensors_writer_set_metadata (PspSafetensorsWriter *self,
                                     const char           *key,
                                     const char           *value)
{
  json_object_set_string_member (self->metadata, key, value);
}

void
psp_safetensors_writer_set_source (PspSafetensorsWriter *self,
                                   PspCheckpoint        *source)
{
  psp_checkpoint_ref (source);
  g_clear_pointer (&self->source, psp_checkpoint_unref);
  self->source = source;
}

static gboolean
has_item (const PspSafetensorsWriter *self,
          const char                 *name)
{
  for (guint i = 0; i < self->items->len; i++)
    if (g_str_equal (g_array_index (self->items, Item, i).name, name))
      return TRUE;
  return FALSE;
}

void
psp_safetensors_writer_add (PspSafetensorsWriter *self,
                            const char           *name,
                            PspTensor            *tensor,
                            PspDtype              dtype)
{
  g_autoptr(GBytes) floats = NULL;

  floats = g_bytes_new_with_free_func (tensor->data, tensor->n_elements * sizeof *tensor->data,
                                       (GDestroyNotify) psp_tensor_unref, psp_tensor_ref (tensor));
  psp_safetensors_writer_add_floats (self, name, tensor->n_dimensions, tensor->shape, floats,
                                     dtype);
}

void
psp_safetensors_writer_add_floats (PspSafetensorsWriter *self,
                                   const char           *name,
                                   int                   n_dimensions,
                                   const gint64         *shape,
                                   GBytes               *floats,
                                   PspDtype              dtype)
{
  Item item = { .n_dimensions = n_dimensions, .dtype = dtype };

  g_return_if_fail (dtype == PSP_DTYPE_F32 || dtype == PSP_DTYPE_F16);
  g_return_if_fail (!g_str_equal (name, "") && !g_str_equal (name, "__metadata__"));
  g_return_if_fail (!has_item (self, name));

  item.name = g_strdup (name);
  item.floats = g_bytes_ref (floats);
  memcpy (item.shape, shape, n_dimensions * sizeof *shape);
  g_array_append_val (self->items, item);
}

static gsize
count_elements (const Item *item)
{
  return g_bytes_get_size (item->floats) / sizeof (float);
}

static JsonArray *
describe_shape (const Item *item)
{
  JsonArray *shape = json_array_new ();

  for (int i = 0; i < item->n_dimensions; i++)
    json_array_add_int_element (shape, item->shape[i]);
  return shape;
}

/* {"dtype", "shape", "data_offsets"}; moves @offset past the tensor. */
static JsonObject *
describe_item (const Item *item,
               gint64     *offset)
{
  JsonObject *object = json_object_new ();
  JsonArray *range = json_array_new ();

  json_array_add_int_element (range, *offset);
  *offset += (gint64) (count_elements (item) * psp_dtype_get_size (item->dtype));
  json_array_add_int_element (range, *offset);
  json_object_set_string_member (object, "dtype", psp_dtype_get_name (item->dtype));
  json_object_set_array_member (object, "shape", describe_shape (item));
  json_object_set_array_member (object, "data_offsets", range);
  return object;
}

static GString *
make_header (PspSafetensorsWriter *self)
{
  g_autoptr(JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *header = json_object_new ();
  g_autofree char *json = NULL;
  GString *text;
  gint64 offset = 0;

  json_node_take_object (root, header);
  if (json_object_get_size (self->metadata) > 0)
    json_object_set_object_member (header, "__metadata__", json_object_ref (self->metadata));
  for (guint i = 0; i < self->items->len; i++)
    {
      const Item *item = &g_array_index (self->items, Item, i);

      json_object_set_object_member (header, item->name, describe_item (item, &offset));
    }
  json = json_to_string (root, FALSE);
  text = g_string_new (json);
  while ((sizeof (guint64) + text->len) % PSP_FLOATS_ALIGNMENT != 0)
    g_string_append_c (text, ' ');
  return text;
}

static gboolean
append_item (PspFileWriter  *writer,
             const Item     *item,
             guint8         *piece,
             GCancellable   *cancellable,
             GError        **error)
{
  gsize size = psp_dtype_get_size (item->dtype);
  gsize n_elements = count_elements (item);
  const float *floats = g_bytes_get_data (item->floats, NULL);

  for (gsize done = 0; done < n_elements;)
    {
      gsize n_now = MIN (n_elements - done, PIECE_ELEMENTS);

      psp_dtype_from_float (item->dtype, floats + done, n_now, piece);
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !psp_file_writer_append (writer, piece, n_now * size, error))
        return FALSE;
      done += n_now;
    }
  return TRUE;
}

gboolean
psp_safetensors_writer_write (PspSafetensorsWriter  *self,
                              const char            *path,
                              GCancellable          *cancellable,
                              GError               **error)
{
  g_autoptr(PspFileWriter) writer = psp_file_writer_new (path, error);
  g_autofree guint8 *piece = g_malloc (PIECE_ELEMENTS * sizeof (float));
  g_autoptr(GString) header = NULL;
  guint64 n_header_bytes;

  if (writer == NULL)
    return FALSE;
  header = make_header (self);
  n_header_bytes = GUINT64_TO_LE (header->len);
  if (!psp_file_writer_append (writer, &n_header_bytes, sizeof n_header_bytes, error) ||
      !psp_file_writer_append (writer, header->str, header->len, error))
    return FALSE;
  for (guint i = 0; i < self->items->len; i++)
    if (!append_item (writer, &g_array_index (self->items, Item, i), piece, cancellable,
                      error))
      return FALSE;
  return (self->source == NULL || psp_checkpoint_check_mapping (self->source, error)) &&
         psp_file_writer_commit (writer, error);
}
