/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-export-manifest.h"

#include "engine/psp-version.h"

#include <json-glib/json-glib.h>
#include <string.h>

static const char mseg_note[] =
  "MSeg itself maps only from its universal taxonomy to CamVid's; the mapping in this direction is "
  "this program's, by the table below.";

void
psp_export_entry_free (PspExportEntry *self)
{
  g_free (self->stem);
  g_free (self->image);
  g_free (self->label);
  g_free (self);
}

GBytes *
psp_export_list_text (const GPtrArray *entries)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < entries->len; i++)
    {
      const PspExportEntry *entry = g_ptr_array_index (entries, i);

      g_string_append_printf (text, "%s %s\n", entry->image, entry->label);
    }
  return g_string_free_to_bytes (text);
}

static void
add_text (JsonBuilder *builder,
          const char  *member,
          const char  *text)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_string_value (builder, text);
}

static void
add_number (JsonBuilder *builder,
            const char  *member,
            gint64       number)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, number);
}

/* A path, which need not be UTF-8. */
static void
add_path (JsonBuilder *builder,
          const char  *member,
          const char  *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  add_text (builder, member, shown);
}

/* The classes of a taxonomy and how many pixels each has. */
static void
add_taxonomy (JsonBuilder          *builder,
              const char           *member,
              const PspTaxonomy    *taxonomy,
              const PspLabelCounts *counts)
{
  int n_classes = taxonomy != NULL ? psp_taxonomy_get_n_classes (taxonomy) : 0;

  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  if (taxonomy != NULL)
    add_text (builder, "name", psp_taxonomy_get_name (taxonomy));
  add_number (builder, "ignored_pixels", (gint64) counts->ignored);
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (int i = 0; i < n_classes; i++)
    {
      json_builder_begin_object (builder);
      add_number (builder, "id", i);
      add_text (builder, "name", psp_taxonomy_get_class_name (taxonomy, i));
      add_number (builder, "pixels", (gint64) counts->pixels[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* Ids that occur in the labels and are no class. */
static void
add_unmapped (JsonBuilder           *builder,
              const PspExportResult *result)
{
  int n_classes = result->source != NULL ? psp_taxonomy_get_n_classes (result->source) : 0;

  json_builder_set_member_name (builder, "unmapped_ids");
  json_builder_begin_array (builder);
  for (int i = n_classes; i < PSP_LABEL_COUNTS_SIZE; i++)
    if (result->before->pixels[i] > 0)
      {
        json_builder_begin_object (builder);
        add_number (builder, "id", i);
        add_number (builder, "pixels", (gint64) result->before->pixels[i]);
        json_builder_end_object (builder);
      }
  json_builder_end_array (builder);
}

static void
add_mapping (JsonBuilder      *builder,
             const PspMapping *mapping)
{
  const PspTaxonomy *source = psp_mapping_get_source (mapping);
  const PspTaxonomy *target = psp_mapping_get_target (mapping);

  add_text (builder, "note", mseg_note);
  json_builder_set_member_name (builder, "mapping");
  json_builder_begin_array (builder);
  for (int i = 0; i < psp_taxonomy_get_n_classes (source); i++)
    {
      int target_id = psp_mapping_get_target_id (mapping, i);
      gboolean ignored = target_id == PSP_MAPPING_IGNORED;

      json_builder_begin_object (builder);
      add_number (builder, "source_id", i);
      add_text (builder, "source", psp_taxonomy_get_class_name (source, i));
      add_number (builder, "target_id", ignored ? 255 : target_id);
      add_text (builder, "target", ignored ? "unlabeled"
                                           : psp_taxonomy_get_class_name (target, target_id));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_entries (JsonBuilder     *builder,
             const GPtrArray *entries)
{
  json_builder_set_member_name (builder, "images");
  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    {
      const PspExportEntry *entry = g_ptr_array_index (entries, i);

      json_builder_begin_object (builder);
      add_path (builder, "stem", entry->stem);
      add_path (builder, "image", entry->image);
      add_path (builder, "label", entry->label);
      json_builder_set_member_name (builder, "corrected");
      json_builder_add_boolean_value (builder, entry->corrected);
      json_builder_set_member_name (builder, "turned_by_exif");
      json_builder_add_boolean_value (builder, entry->turned);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_sentences (JsonBuilder  *builder,
               const char   *member,
               char        **sentences)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (char **sentence = sentences; *sentence != NULL; sentence++)
    json_builder_add_string_value (builder, *sentence);
  json_builder_end_array (builder);
}

GBytes *
psp_export_manifest_text (PspExportProfile       profile,
                          const PspMapping      *mapping,
                          const PspExportResult *result,
                          const GPtrArray       *entries)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL;
  char *with_line_feed;

  json_builder_begin_object (builder);
  add_text (builder, "format", "scenescope-export");
  add_number (builder, "format_version", 1);
  add_text (builder, "tool", "scenescope " PSP_VERSION);
  add_text (builder, "profile", psp_export_profile_get_name (profile));
  add_number (builder, "n_images", (gint64) result->n_done);
  add_number (builder, "n_corrected", (gint64) result->n_corrected);
  add_taxonomy (builder, "source_taxonomy", result->source, result->before);
  add_taxonomy (builder, "target_taxonomy", result->target, result->after);
  if (mapping != NULL)
    add_mapping (builder, mapping);
  add_unmapped (builder, result);
  add_entries (builder, entries);
  add_sentences (builder, "skipped", result->skipped);
  add_sentences (builder, "failed", result->failures);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  with_line_feed = g_strconcat (text, "\n", NULL);
  return g_bytes_new_take (with_line_feed, strlen (with_line_feed));
}
