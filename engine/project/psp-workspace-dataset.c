/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-workspace-dataset.h"

#include "engine/dataset/psp-taxonomy-file.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

/* Of stems and lengths. */
static char *
dup_digest (const PspDataset *dataset)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  for (gsize i = 0; i < psp_dataset_get_n_items (dataset); i++)
    {
      const PspDatasetItem *item = &psp_dataset_get_items (dataset)[i];
      g_autofree char *line = NULL;
      GStatBuf status;

      line = g_strdup_printf ("%s %" G_GINT64_FORMAT "\n", item->stem,
                              g_stat (item->image_path, &status) == 0 ? (gint64) status.st_size
                                                                      : -1);
      g_checksum_update (checksum, (const guchar *) line, -1);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

gboolean
psp_workspace_remember_dataset (PspWorkspace        *self,
                                const char * const  *paths,
                                PspDataset          *dataset,
                                PspTaxonomy         *taxonomy,
                                GError             **error)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *digest = dup_digest (dataset);
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
  json_builder_set_member_name (builder, "photos");
  json_builder_add_string_value (builder, digest);
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

/* (transfer full) (nullable): what the workspace remembers, an object; %NULL without @error if that
 * is nothing. */
static JsonNode *
read_dataset (PspWorkspace  *self,
              GError       **error)
{
  g_autofree char *json = NULL;
  g_autoptr(GError) reason = NULL;
  g_autoptr(JsonNode) root = NULL;

  if (!psp_workspace_dup_dataset (self, &json, error) || json == NULL)
    return NULL;
  root = json_from_string (json, &reason);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return g_steal_pointer (&root);
  damaged (self, reason != NULL ? reason->message : "it is no object", error);
  return NULL;
}

/* Whether @remembered, absolute, are @paths. */
static gboolean
are_same_paths (GStrv               remembered,
                const char * const *paths)
{
  if (g_strv_length (remembered) != g_strv_length ((GStrv) paths))
    return FALSE;
  for (int i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *absolute = g_canonicalize_filename (paths[i], NULL);

      if (!g_str_equal (remembered[i], absolute))
        return FALSE;
    }
  return TRUE;
}

gboolean
psp_workspace_check_dataset (PspWorkspace        *self,
                             const char * const  *paths,
                             PspDataset          *dataset,
                             GError             **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(JsonNode) root = read_dataset (self, &reason);
  g_autofree char *digest = NULL;
  g_auto(GStrv) remembered = NULL;

  if (root == NULL)
    {
      if (reason != NULL)
        g_propagate_error (error, g_steal_pointer (&reason));
      return reason == NULL;
    }
  remembered = read_paths (json_node_get_object (root));
  if (remembered == NULL)
    return damaged (self, "it names no paths", error);
  if (are_same_paths (remembered, paths))
    return TRUE;
  digest = dup_digest (dataset);
  if (g_strcmp0 (digest, json_object_get_string_member_with_default (json_node_get_object (root),
                                                                     "photos", NULL)) == 0)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "%s: this workspace corrects another dataset, “%s”; choose an empty folder",
               psp_workspace_get_path (self), remembered[0]);
  return FALSE;
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
  g_autoptr(GError) reason = NULL;
  g_autoptr(JsonNode) root = read_dataset (self, &reason);
  g_autoptr(PspTaxonomy) remembered = NULL;
  g_autoptr(PspDataset) dataset = NULL;
  g_auto(GStrv) paths = NULL;

  if (root == NULL)
    {
      if (reason == NULL)
        g_set_error (&reason, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                     "%s: the workspace does not say which dataset it corrects; open the dataset, "
                     "then choose this folder as its workspace", psp_workspace_get_path (self));
      g_propagate_error (error, g_steal_pointer (&reason));
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

PspMask *
psp_workspace_find_corrected (PspWorkspace  *self,
                              const char    *stem,
                              GError       **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(PspMask) mask = psp_workspace_find_mask (self, stem, &reason);
  g_autofree char *path = NULL;
  gboolean corrected = FALSE;

  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  if (mask != NULL || !psp_workspace_get_corrected (self, stem, &corrected, error) || !corrected)
    return g_steal_pointer (&mask);

  path = psp_workspace_dup_mask_path (self, stem, NULL);
  g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
               "it was corrected, but its mask is not there any more: %s", path);
  return NULL;
}
