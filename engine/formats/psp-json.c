/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-json.h"

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
