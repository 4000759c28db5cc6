/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-taxonomy-file.h"

#include "engine/dataset/psp-builtin.h"
#include "engine/dataset/psp-text-file.h"
#include "engine/formats/psp-json.h"

#include <string.h>

#define MAX_CLASSES 65535

static const char * const builtin_names[] = {
  "ade20k-150", "camvid-11", "cityscapes-19", "coco-stuff-171", "mseg-universal",
  "pascal-context-59", "pascal-context-60", "voc-21", NULL
};

/* Classes while they are read; the strings are its own. */
static GArray *
class_array_new (void)
{
  return g_array_new (FALSE, TRUE, sizeof (PspClass));
}

static void
class_array_free (GArray *classes)
{
  for (guint i = 0; i < classes->len; i++)
    {
      g_free (g_array_index (classes, PspClass, i).name);
      g_free (g_array_index (classes, PspClass, i).category);
    }
  g_array_unref (classes);
}

typedef GArray ClassArray;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ClassArray, class_array_free)

static gboolean
is_name (const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return FALSE;
  return *stripped != '\0';
}

/* Checks what all sources of classes must fulfil, and makes the taxonomy.  @unit is what a class is
 * in its file: “line” or “class”; both count from 1. */
static PspTaxonomy *
finish_classes (const char    *name,
                const GArray  *classes,
                const char    *unit,
                GError       **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (classes->len < 1 || classes->len > MAX_CLASSES)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "there are %u classes; a taxonomy has 1 to %d", classes->len, MAX_CLASSES);
      return NULL;
    }

  for (guint i = 0; i < classes->len; i++)
    {
      char *class_name = g_array_index (classes, PspClass, i).name;

      if (!is_name (class_name))
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                       "%s %u: a class name is empty or has control characters", unit, i + 1);
          return NULL;
        }
      if (!g_hash_table_add (seen, class_name))
        {
          g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                       "%s %u: a second class is called “%s”", unit, i + 1, class_name);
          return NULL;
        }
    }
  return psp_taxonomy_new (name, (const PspClass *) classes->data, (int) classes->len);
}

static const char *
get_string (JsonObject *object,
            const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
         ? json_node_get_string (node) : NULL;
}

/* “#RRGGBB”. */
static gboolean
parse_color (const char *text,
             guint32    *color)
{
  if (strlen (text) != 7 || text[0] != '#')
    return FALSE;
  for (int i = 1; i < 7; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;

  *color = (guint32) g_ascii_strtoull (text + 1, NULL, 16);
  return TRUE;
}

static gboolean
append_json_class (GArray    *classes,
                   JsonNode  *node,
                   GError   **error)
{
  guint number = classes->len + 1;
  PspClass class = { .color = psp_taxonomy_default_color ((int) classes->len) };
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *name = object != NULL ? get_string (object, "name") : NULL;

  if (name == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "class %u: it is not an object with a text “name”", number);
      return FALSE;
    }
  if (json_object_has_member (object, "color") &&
      (get_string (object, "color") == NULL ||
       !parse_color (get_string (object, "color"), &class.color)))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "class %u, “%s”: its “color” is not of the form \"#RRGGBB\"", number, name);
      return FALSE;
    }

  class.name = g_strdup (name);
  class.category = g_strdup (get_string (object, "category"));
  g_array_append_val (classes, class);
  return TRUE;
}

static PspTaxonomy *
parse_json (const char  *text,
            gsize        n_bytes,
            GError     **error)
{
  g_autoptr(JsonNode) root = psp_json_parse (text, n_bytes, error);
  g_autoptr(ClassArray) classes = class_array_new ();
  JsonObject *object = NULL;
  JsonNode *list = NULL;

  if (root == NULL)
    return NULL;

  if (JSON_NODE_HOLDS_OBJECT (root))
    {
      object = json_node_get_object (root);
      list = json_object_get_member (object, "classes");
    }
  if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list) || get_string (object, "name") == NULL)
    {
      g_set_error_literal (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                           "a taxonomy is an object with a text “name” and a list “classes”");
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (json_node_get_array (list)); i++)
    if (!append_json_class (classes, json_array_get_element (json_node_get_array (list), i), error))
      return NULL;

  return finish_classes (get_string (object, "name"), classes, "class", error);
}

PspTaxonomy *
psp_taxonomy_from_json (const char  *text,
                        GError     **error)
{
  return parse_json (text, strlen (text), error);
}

char *
psp_taxonomy_to_json (const PspTaxonomy *self)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, psp_taxonomy_get_name (self));
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (int i = 0; i < psp_taxonomy_get_n_classes (self); i++)
    {
      const PspClass *class = psp_taxonomy_get_class (self, i);
      g_autofree char *color = g_strdup_printf ("#%06X", class->color);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "name");
      json_builder_add_string_value (builder, class->name);
      json_builder_set_member_name (builder, "color");
      json_builder_add_string_value (builder, color);
      if (class->category != NULL)
        {
          json_builder_set_member_name (builder, "category");
          json_builder_add_string_value (builder, class->category);
        }
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

char *
psp_taxonomy_to_names_text (const PspTaxonomy *self)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < psp_taxonomy_get_n_classes (self); i++)
    g_string_append_printf (text, "%s\n", psp_taxonomy_get_class_name (self, i));
  return g_string_free (text, FALSE);
}

char *
psp_taxonomy_to_colors_text (const PspTaxonomy *self)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < psp_taxonomy_get_n_classes (self); i++)
    {
      guint32 color = psp_taxonomy_get_class_color (self, i);

      g_string_append_printf (text, "%u %u %u\n", color >> 16 & 255, color >> 8 & 255, color & 255);
    }
  return g_string_free (text, FALSE);
}

/* “R G B”, separated by any run of blanks. */
static gboolean
parse_color_line (const char *line,
                  guint32    *color)
{
  g_auto(GStrv) words = g_strsplit_set (line, " \t", -1);
  int n_numbers = 0;

  *color = 0;
  for (char **word = words; *word != NULL; word++)
    {
      guint64 number;

      if (**word == '\0')
        continue;
      if (!g_ascii_string_to_unsigned (*word, 10, 0, 255, &number, NULL))
        return FALSE;
      *color = (guint32) (*color << 8 | number);
      n_numbers++;
    }
  return n_numbers == 3;
}

static gboolean
load_colors (const char  *path,
             GArray      *classes,
             GError     **error)
{
  g_autofree char *text = psp_text_file_load (path, error);
  g_auto(GStrv) lines = NULL;
  guint n_lines;

  if (text == NULL)
    return FALSE;

  lines = psp_text_split_lines (text);
  n_lines = g_strv_length (lines);
  if (n_lines != classes->len)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s: there are %u colours for %u classes",
                   path, n_lines, classes->len);
      return FALSE;
    }
  for (guint i = 0; i < n_lines; i++)
    if (!parse_color_line (lines[i], &g_array_index (classes, PspClass, i).color))
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                     "%s: line %u is not “R G B” with numbers from 0 to 255", path, i + 1);
        return FALSE;
      }
  return TRUE;
}

/* Colours (if @with_colors) and categories of the classes of the same name. */
static void
adopt_builtin (GArray            *classes,
               const PspTaxonomy *builtin,
               gboolean           with_colors)
{
  for (guint i = 0; i < classes->len; i++)
    {
      PspClass *class = &g_array_index (classes, PspClass, i);
      const PspClass *known = psp_taxonomy_get_class (builtin,
                                                      psp_taxonomy_find (builtin, class->name));

      class->category = g_strdup (known->category);
      if (with_colors)
        class->color = known->color;
    }
}

static PspTaxonomy *
parse_names (const char  *name,
             const char  *names_path,
             const char  *text,
             const char  *colors_path,
             GError     **error)
{
  g_auto(GStrv) lines = psp_text_split_lines (text);
  g_autoptr(ClassArray) classes = class_array_new ();
  g_autoptr(PspTaxonomy) plain = NULL;
  g_autoptr(PspTaxonomy) builtin = NULL;

  for (int i = 0; lines[i] != NULL; i++)
    {
      PspClass class = { .name = g_strdup (lines[i]), .color = psp_taxonomy_default_color (i) };

      g_array_append_val (classes, class);
    }
  plain = finish_classes (name, classes, "line", error);
  if (plain == NULL)
    {
      g_prefix_error (error, "%s: ", names_path);
      return NULL;
    }
  if (colors_path != NULL && !load_colors (colors_path, classes, error))
    return NULL;

  builtin = psp_taxonomy_find_builtin_for (plain);
  if (builtin == NULL)
    return psp_taxonomy_new (name, (const PspClass *) classes->data, (int) classes->len);

  adopt_builtin (classes, builtin, colors_path == NULL);
  return psp_taxonomy_new (psp_taxonomy_same_names (plain, builtin)
                             ? psp_taxonomy_get_name (builtin) : name,
                           (const PspClass *) classes->data, (int) classes->len);
}

PspTaxonomy *
psp_taxonomy_load_names (const char  *name,
                         const char  *names_path,
                         const char  *colors_path,
                         GError     **error)
{
  g_autofree char *text = psp_text_file_load (names_path, error);

  if (text == NULL)
    return NULL;
  return parse_names (name, names_path, text, colors_path, error);
}

PspTaxonomy *
psp_taxonomy_load (const char  *path,
                   GError     **error)
{
  g_autofree char *text = psp_text_file_load (path, error);
  g_autofree char *name = g_path_get_basename (path);
  PspTaxonomy *taxonomy;

  if (text == NULL)
    return NULL;

  if (text[strspn (text, " \t\r\n")] != '{')
    {
      if (g_str_has_suffix (name, ".txt"))
        name[strlen (name) - strlen (".txt")] = '\0';
      return parse_names (name, path, text, NULL, error);
    }

  taxonomy = parse_json (text, strlen (text), error);
  if (taxonomy == NULL)
    g_prefix_error (error, "%s: ", path);
  return taxonomy;
}

const char * const *
psp_taxonomy_list_builtin (void)
{
  return builtin_names;
}

PspTaxonomy *
psp_taxonomy_load_builtin (const char  *name,
                           GError     **error)
{
  g_autofree char *path = g_strdup_printf ("taxonomies/%s.json", name);
  g_autofree char *text = NULL;
  g_autofree char *known = NULL;

  if (g_strv_contains (builtin_names, name))
    {
      text = psp_builtin_load (path, error);
      return text != NULL ? psp_taxonomy_from_json (text, error) : NULL;
    }

  known = g_strjoinv (", ", (char **) builtin_names);
  g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
               "there is no built-in taxonomy called “%s”; there are: %s", name, known);
  return NULL;
}

static gboolean
has_all_names (const PspTaxonomy *self,
               const PspTaxonomy *names)
{
  for (int i = 0; i < psp_taxonomy_get_n_classes (names); i++)
    if (psp_taxonomy_find (self, psp_taxonomy_get_class_name (names, i)) < 0)
      return FALSE;
  return TRUE;
}

PspTaxonomy *
psp_taxonomy_load_any (const char  *names,
                       GError     **error)
{
  if (g_strv_contains (psp_taxonomy_list_builtin (), names))
    return psp_taxonomy_load_builtin (names, error);
  return psp_taxonomy_load (names, error);
}

PspTaxonomy *
psp_taxonomy_find_builtin_for (const PspTaxonomy *names)
{
  for (int i = 0; builtin_names[i] != NULL; i++)
    {
      g_autoptr(PspTaxonomy) builtin = psp_taxonomy_load_builtin (builtin_names[i], NULL);

      if (builtin != NULL &&
          psp_taxonomy_get_n_classes (builtin) == psp_taxonomy_get_n_classes (names) &&
          has_all_names (builtin, names))
        return g_steal_pointer (&builtin);
    }
  return NULL;
}
