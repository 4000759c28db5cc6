/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model-answers.h"

#include "engine/formats/psp-file-reader.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-json.h"

#include <string.h>

#define N_PIECES 16
#define PIECE_BYTES 65536
#define MAX_FILE_BYTES (16 << 20)

char *
psp_model_answers_get_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "scenescope", "model-answers.json", NULL);
}

static gboolean
add_piece (GChecksum      *checksum,
           PspFileReader  *file,
           guint64         offset,
           GError        **error)
{
  gsize n_bytes = MIN (PIECE_BYTES, file->n_bytes - offset);
  g_autofree guchar *bytes = g_malloc (PIECE_BYTES);

  if (!psp_file_reader_read (file, offset, bytes, n_bytes, error))
    return FALSE;
  g_checksum_update (checksum, bytes, n_bytes);
  return TRUE;
}

/* Where piece @i begins: one behind the other in a small file, else spread from start to end. */
static guint64
place_piece (guint64 n_bytes,
             guint   i)
{
  if (n_bytes <= N_PIECES * PIECE_BYTES)
    return MIN ((guint64) i * PIECE_BYTES, n_bytes);
  if (i == N_PIECES - 1)
    return n_bytes - PIECE_BYTES;
  return (n_bytes - PIECE_BYTES) / (N_PIECES - 1) * i;
}

char *
psp_model_answers_fingerprint (const char  *path,
                               GError     **error)
{
  g_autoptr(PspFileReader) file = psp_file_reader_new (path, error);
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *length = NULL;

  if (file == NULL)
    return NULL;

  length = g_strdup_printf ("%" G_GUINT64_FORMAT ":", file->n_bytes);
  g_checksum_update (checksum, (const guchar *) length, -1);
  for (guint i = 0; i < N_PIECES; i++)
    if (!add_piece (checksum, file, place_piece (file->n_bytes, i), error))
      return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}

/* (nullable): the root object; %NULL without @error if there is no file. */
static JsonNode *
read_answers (const char  *path,
              GError     **error)
{
  return psp_json_load_object (path, MAX_FILE_BYTES, "answers about models are", error);
}

/* (nullable): what was said of one checkpoint. */
static JsonObject *
find_answer (JsonNode   *root,
             const char *fingerprint)
{
  JsonNode *node = root != NULL ? json_object_get_member (json_node_get_object (root), fingerprint)
                                : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

gboolean
psp_model_answers_load (const char       *path,
                        const char       *fingerprint,
                        PspModelOptions  *options,
                        GError          **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(JsonNode) root = read_answers (path, &reason);
  JsonObject *answer = find_answer (root, fingerprint);

  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  for (PspFact fact = 0; answer != NULL && fact < PSP_N_FACTS; fact++)
    {
      const char *key = psp_fact_get_key (fact);
      JsonNode *node = json_object_get_member (answer, key);
      const char *text = node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
                         ? json_node_get_string (node) : NULL;

      if (text != NULL && !psp_model_options_set (options, fact, text, error))
        {
          g_prefix_error (error, "%s: “%s” ", path, key);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
psp_model_answers_knows (const char *path,
                         const char *fingerprint)
{
  g_autoptr(JsonNode) root = read_answers (path, NULL);

  return find_answer (root, fingerprint) != NULL;
}

static JsonObject *
make_answer (const PspModelOptions *options)
{
  JsonObject *answer = json_object_new ();

  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    {
      g_autofree char *text = psp_model_options_format (options, fact);

      if (text != NULL)
        json_object_set_string_member (answer, psp_fact_get_key (fact), text);
    }
  return answer;
}

gboolean
psp_model_answers_save (const char             *path,
                        const char             *fingerprint,
                        const PspModelOptions  *options,
                        GError                **error)
{
  g_autoptr(JsonNode) known = read_answers (path, NULL);
  g_autoptr(JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr(JsonObject) object = json_object_new ();
  g_autoptr(GList) members = known != NULL ? json_object_get_members (json_node_get_object (known))
                                           : NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = NULL;

  for (GList *member = members; member != NULL; member = member->next)
    json_object_set_member (object, member->data,
                            json_object_dup_member (json_node_get_object (known), member->data));
  json_object_set_object_member (object, fingerprint, make_answer (options));
  json_node_set_object (root, object);
  text = json_to_string (root, TRUE);
  return psp_file_make_folder (folder, error) &&
         psp_file_replace (path, text, strlen (text), error);
}
