/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-workspace-dataset.h"

#include "engine/dataset/psp-taxonomy-file.h"

#include <json-glib/json-glib.h>

gboolean
psp_workspace_remember_dataset (PspWorkspace        *self,
                                const char * const  *paths,
                                PspTaxonomy         *taxonomy,
                                GError             **error)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *json = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "paths");
  json_builder_begin_array (builder);
  for (int i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *absolute = g_canonicalize_filename (paths[i], NULL);

      json_builder_add_string_value (builder, absolute);
    }
  json_builder_end_array (builder);
  if (taxonomy != NULL)
    {
      g_autofree char *text = psp_taxonomy_to_json (taxonomy);

      json_builder_set_member_name (builder, "taxonomy");
      json_builder_add_value (builder, json_from_string (text, NULL));
    }
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json = json_to_string (root, FALSE);
  return psp_workspace_set_dataset (self, json, error);
}

static gboolean
damaged (PspWorkspace  *self,
         const char    *reason,
         GError       **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
               "%s: what the workspace says of its dataset is damaged: %s",
               psp_workspace_get_path (self), reason);
  return FALSE;
}

/* The strings of “paths”; %NULL if there are none. */
static GStrv
read_paths (JsonObject *object)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  JsonNode *node = json_object_get_member (object, "paths");
  JsonArray *array;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (element) ||
          json_node_get_value_type (element) != G_TYPE_STRING)
        return NULL;
      g_strv_builder_add (builder, json_node_get_string (element));
    }
  return json_array_get_length (array) > 0 ? g_strv_builder_end (builder) : NULL;
}

static gboolean
read_taxonomy (PspWorkspace  *self,
               JsonObject    *object,
               PspTaxonomy  **taxonomy,
               GError       **error)
{
  JsonNode *node = json_object_get_member (object, "taxonomy");
  g_autofree char *text = NULL;
  g_autoptr(GError) reason = NULL;

  *taxonomy = NULL;
  if (node == NULL)
    return TRUE;
  text = json_to_string (node, FALSE);
  *taxonomy = psp_taxonomy_from_json (text, &reason);
  return *taxonomy != NULL || damaged (self, reason->message, error);
}

PspDataset *
psp_workspace_open_dataset (PspWorkspace  *self,
                            PspTaxonomy  **taxonomy,
                            GCancellable  *cancellable,
                            GError       **error)
{
  g_autofree char *json = NULL;
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GError) reason = NULL;
  g_autoptr(PspTaxonomy) remembered = NULL;
  g_autoptr(PspDataset) dataset = NULL;
  g_auto(GStrv) paths = NULL;

  if (!psp_workspace_dup_dataset (self, &json, error))
    return NULL;
  if (json == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                   "%s: the workspace does not say which dataset it corrects; open the dataset, "
                   "then choose this folder as its workspace", psp_workspace_get_path (self));
      return NULL;
    }
  root = json_from_string (json, &reason);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      damaged (self, reason != NULL ? reason->message : "it is no object", error);
      return NULL;
    }
  paths = read_paths (json_node_get_object (root));
  if (paths == NULL)
    {
      damaged (self, "it names no paths", error);
      return NULL;
    }
  if (!read_taxonomy (self, json_node_get_object (root), &remembered, error))
    return NULL;

  dataset = psp_dataset_open ((const char * const *) paths, cancellable, error);
  if (dataset != NULL && taxonomy != NULL)
    {
      if (remembered == NULL && psp_dataset_get_taxonomy (dataset) != NULL)
        remembered = psp_taxonomy_ref (psp_dataset_get_taxonomy (dataset));
      *taxonomy = g_steal_pointer (&remembered);
    }
  return g_steal_pointer (&dataset);
}

PspMask *
psp_workspace_find_mask (PspWorkspace  *self,
                         const char    *stem,
                         GError       **error)
{
  g_autoptr(GError) reason = NULL;
  PspMask *mask = psp_workspace_load_mask (self, stem, &reason);

  if (mask == NULL && !g_error_matches (reason, PSP_ERROR, PSP_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&reason));
  return mask;
}
