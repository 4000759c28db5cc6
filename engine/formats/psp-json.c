/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-json.h"

#include "engine/formats/psp-file.h"
#include "engine/formats/psp-json-reader.h"

/* JsonParser recurses without a limit, takes more than JSON, and makes bytes that are no text of
 * half a pair of surrogates: what it gets was seen to be JSON, and not deep. */
static gboolean
check (const char  *text,
       gsize        n_bytes,
       GError     **error)
{
  g_autofree char *copy = g_strndup (text, n_bytes);
  PspJsonReader reader = { .text = copy, .n_bytes = n_bytes };
  int line = 1;

  if (psp_json_reader_is_at_end (&reader))
    {
      g_set_error_literal (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "the JSON text is empty");
      return FALSE;
    }
  if (psp_json_reader_skip_value (&reader) && psp_json_reader_is_at_end (&reader))
    return TRUE;
  for (gsize i = 0; i < reader.position; i++)
    line += text[i] == '\n';
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
               "this is not JSON, or more than 64 levels deep: line %d", line);
  return FALSE;
}

JsonNode *
psp_json_parse (const char  *text,
                gsize        n_bytes,
                GError     **error)
{
  g_autoptr(JsonParser) parser = NULL;
  g_autoptr(GError) parse_error = NULL;

  if (!g_utf8_validate_len (text, n_bytes, NULL))
    {
      g_set_error_literal (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "the JSON text is not UTF-8");
      return NULL;
    }
  if (!check (text, n_bytes, error))
    return NULL;

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, (gssize) n_bytes, &parse_error))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "this is not JSON: %s",
                   parse_error->message);
      return NULL;
    }
  return json_parser_steal_root (parser);
}

JsonNode *
psp_json_load_object (const char  *path,
                      gsize        limit_bytes,
                      const char  *what,
                      GError     **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(GBytes) bytes = psp_file_load (path, limit_bytes, &reason);
  g_autoptr(JsonNode) root = NULL;
  const char *text;
  gsize n_bytes;

  if (g_error_matches (reason, PSP_ERROR, PSP_ERROR_NOT_FOUND))
    return NULL;
  if (bytes == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }

  text = g_bytes_get_data (bytes, &n_bytes);
  root = psp_json_parse (text != NULL ? text : "", n_bytes, &reason);
  if (root == NULL)
    g_propagate_prefixed_error (error, g_steal_pointer (&reason), "%s: ", path);
  else if (!JSON_NODE_HOLDS_OBJECT (root))
    g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s: %s an object", path, what);
  else
    return g_steal_pointer (&root);
  return NULL;
}
