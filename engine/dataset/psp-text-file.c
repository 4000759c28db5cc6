/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-text-file.h"

#include "engine/formats/psp-file.h"

#include <string.h>

#define MAX_FILE_BYTES ((gsize) 64 << 20)

char *
psp_text_file_load (const char  *path,
                    GError     **error)
{
  g_autoptr(GBytes) content = psp_file_load (path, MAX_FILE_BYTES, error);
  gsize n_bytes;
  const char *bytes;

  if (content == NULL)
    return NULL;

  bytes = g_bytes_get_data (content, &n_bytes);
  if (n_bytes == 0)
    return g_strdup ("");
  if (!g_utf8_validate_len (bytes, n_bytes, NULL))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s: this is not text in UTF-8", path);
      return NULL;
    }
  if (n_bytes >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0)
    {
      bytes += 3;
      n_bytes -= 3;
    }
  return g_strndup (bytes, n_bytes);
}

char **
psp_text_split_lines (const char *text)
{
  char **lines = g_strsplit (text, "\n", -1);
  guint n_lines = g_strv_length (lines);

  for (guint i = 0; i < n_lines; i++)
    if (g_str_has_suffix (lines[i], "\r"))
      lines[i][strlen (lines[i]) - 1] = '\0';
  while (n_lines > 0 && *lines[n_lines - 1] == '\0')
    g_clear_pointer (&lines[--n_lines], g_free);
  return lines;
}
