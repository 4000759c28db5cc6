/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-smp-config.h"

#include "engine/core/psp-error.h"
#include "engine/formats/psp-json.h"
#include "engine/model/psp-model-options.h"

#define MAX_FILE_BYTES (1 << 20)

static gboolean
refuse (const char  *path,
        const char  *key,
        const char  *is,
        const char  *should,
        GError     **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: “%s” is %s, but with the tensors beside it only %s can be run", path, key, is,
               should);
  return FALSE;
}

/* Whether the member @key of @object is @should, if it is there; both as JSON. */
static gboolean
check_member (const char  *path,
              JsonObject  *object,
              const char  *key,
              const char  *should,
              GError     **error)
{
  JsonNode *member = json_object_get_member (object, key);
  g_autofree char *is = member != NULL ? json_to_string (member, FALSE) : NULL;

  return is == NULL || g_str_equal (is, should) || refuse (path, key, is, should, error);
}

static gboolean
check_numbers (const char             *path,
               JsonObject             *object,
               const PspArchitecture  *architecture,
               GError                **error)
{
  const struct { const char *key; int value; } numbers[] = {
    { "encoder_depth", architecture->n_stages + 1 },
    { "psp_out_channels", architecture->head_channels },
    { "classes", architecture->n_classes },
    { "in_channels", 3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *should = g_strdup_printf ("%d", numbers[i].value);

      if (!check_member (path, object, numbers[i].key, should, error))
        return FALSE;
    }
  return TRUE;
}

/* Newer versions may name a kind of normalisation, or describe it; the tensors tell then. */
static gboolean
check_normalisation (const char             *path,
                     JsonObject             *object,
                     const PspArchitecture  *architecture,
                     GError                **error)
{
  JsonNode *member = json_object_get_member (object, "decoder_use_norm");

  if (member == NULL || json_node_get_value_type (member) != G_TYPE_BOOLEAN)
    return TRUE;
  return check_member (path, object, "decoder_use_norm",
                       architecture->head_normalised ? "true" : "false", error);
}

static gboolean
read_enlargement (const char  *path,
                  JsonObject  *object,
                  int          usual,
                  int         *enlargement,
                  GError     **error)
{
  JsonNode *member = json_object_get_member (object, "upsampling");
  g_autofree char *is = member != NULL ? json_to_string (member, FALSE) : NULL;
  guint64 value = usual;

  if (is != NULL && !g_ascii_string_to_unsigned (is, 10, 1, PSP_MODEL_MAX_ENLARGEMENT, &value,
                                                 NULL))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "%s: “upsampling” cannot be %s; it takes a whole number from 1 to %d", path, is,
                   PSP_MODEL_MAX_ENLARGEMENT);
      return FALSE;
    }
  *enlargement = value;
  return TRUE;
}

gboolean
psp_smp_config_read (const PspCheckpoint    *checkpoint,
                     const PspArchitecture  *architecture,
                     int                    *enlargement,
                     GError                **error)
{
  g_autofree char *folder = g_path_get_dirname (psp_checkpoint_get_path (checkpoint));
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  g_autofree char *encoder = g_strdup_printf ("\"resnet%d\"", architecture->depth);
  g_autoptr(GError) reason = NULL;
  g_autoptr(JsonNode) root = psp_json_load_object (path, MAX_FILE_BYTES, "a configuration is",
                                                     &reason);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;

  *enlargement = 0;
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (object == NULL || !json_object_has_member (object, "encoder_name"))
    return TRUE;
  return check_member (path, object, "encoder_name", encoder, error) &&
         check_numbers (path, object, architecture, error) &&
         check_normalisation (path, object, architecture, error) &&
         read_enlargement (path, object, architecture->family->enlargement, enlargement, error);
}
