/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-json.h"

#define MAX_DEPTH 64

static gboolean
is_too_deep (const char *text,
             gsize       n_bytes)
{
  gboolean in_string = FALSE;
  int depth = 0;

  for (gsize i = 0; i < n_bytes; i++)
    if (in_string && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      in_string = !in_string;
    else if (!in_string && (text[i] == '[' || text[i] == '{') && ++depth > MAX_DEPTH)
      return TRUE;
    else if (!in_string && (text[i] == ']' || text[i] == '}'))
      depth--;
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
  if (is_too_deep (text, n_bytes))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "the JSON text is nested more than %d brackets deep", MAX_DEPTH);
      return NULL;
    }

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, (gssize) n_bytes, &parse_error))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "this is not JSON: %s",
                   parse_error->message);
      return NULL;
    }
  if (json_parser_get_root (parser) == NULL)
    {
      g_set_error_literal (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "the JSON text is empty");
      return NULL;
    }
  return json_parser_steal_root (parser);
}
