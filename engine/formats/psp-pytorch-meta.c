/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-meta.h"

#include <json-glib/json-glib.h>

#define MAX_CONFIG_BYTES (1 << 20)
#define MAX_CLASSES 65535

/* (transfer full) (nullable): the text of @node. */
static char *
dup_text (const PspPickleNode *node,
          gsize                max_bytes)
{
  if (node == NULL || node->kind != PSP_PICKLE_STRING || node->n_bytes > max_bytes ||
      !g_utf8_validate_len (node->bytes, node->n_bytes, NULL))
    return NULL;
  return g_strndup (node->bytes, node->n_bytes);
}

static const PspPickleNode *
lookup_either (const PspPickleNode *node,
               const char          *key,
               const char          *other)
{
  const PspPickleNode *value = node != NULL ? psp_pickle_node_lookup (node, key) : NULL;

  return value == NULL && node != NULL ? psp_pickle_node_lookup (node, other) : value;
}

/* “#RRGGBB” from a list of three integers; %NULL for anything else. */
static char *
dup_color (const PspPickleNode *node)
{
  int values[3];

  for (guint i = 0; i < 3; i++)
    {
      const PspPickleNode *value = node != NULL ? psp_pickle_node_get_item (node, i) : NULL;

      if (value == NULL || value->kind != PSP_PICKLE_INTEGER || value->integer < 0 ||
          value->integer > 255)
        return NULL;
      values[i] = value->integer;
    }
  return g_strdup_printf ("#%02X%02X%02X", values[0], values[1], values[2]);
}

static gboolean
add_class (JsonBuilder         *builder,
           const PspPickleNode *name,
           const PspPickleNode *color)
{
  g_autofree char *text = dup_text (name, MAX_CLASSES);
  g_autofree char *color_text = dup_color (color);

  if (text == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, g_strstrip (text));
  if (color_text != NULL)
    {
      json_builder_set_member_name (builder, "color");
      json_builder_add_string_value (builder, color_text);
    }
  json_builder_end_object (builder);
  return TRUE;
}

/* (transfer full) (nullable): a taxonomy in JSON. */
static char *
make_classes (const PspPickleNode *names,
              const PspPickleNode *palette)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;

  if (names == NULL || (names->kind != PSP_PICKLE_TUPLE && names->kind != PSP_PICKLE_LIST) ||
      names->n_items == 0 || names->n_items > MAX_CLASSES)
    return NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, "classes of the checkpoint");
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < names->n_items; i++)
    if (!add_class (builder, names->items[i],
                    palette != NULL ? psp_pickle_node_get_item (palette, i) : NULL))
      return NULL;
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
add_metadata (PspCheckpointIndex *index,
              const char         *key,
              char               *text)
{
  if (text != NULL)
    g_hash_table_insert (index->metadata, g_strdup (key), text);
}

void
psp_pytorch_meta_read (const PspPickleNode *root,
                       PspCheckpointIndex  *index)
{
  const PspPickleNode *meta = psp_pickle_node_lookup (root, "meta");
  const PspPickleNode *dataset;

  if (meta == NULL)
    return;

  dataset = psp_pickle_node_lookup (meta, "dataset_meta");
  if (dataset == NULL)
    dataset = meta;
  add_metadata (index, "mmsegmentation.config",
                dup_text (lookup_either (meta, "config", "cfg"), MAX_CONFIG_BYTES));
  add_metadata (index, "classes", make_classes (lookup_either (dataset, "CLASSES", "classes"),
                                                lookup_either (dataset, "PALETTE", "palette")));
}
