/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-architecture-json.h"

#include "engine/formats/psp-json.h"

#include <string.h>

/* More channels than any network has. */
#define MOST_CHANNELS G_MAXUINT16

/* A member of the object. */
typedef struct
{
  const char *key;
  gsize       offset;  /* of an int of PspArchitecture */
  int         least;
  int         most;
} Field;

#define FIELD(key, member, least, most) \
  { key, G_STRUCT_OFFSET (PspArchitecture, member), least, most }

static const Field fields[] = {
  FIELD ("depth", depth, 1, G_MAXINT),
  FIELD ("stages", n_stages, 1, PSP_ARCHITECTURE_STAGES),
  FIELD ("deep_stem", deep_stem, 0, 1),
  FIELD ("stem", stem[0], 1, MOST_CHANNELS),
  FIELD ("stem_2", stem[1], 0, MOST_CHANNELS),
  FIELD ("stem_3", stem[2], 0, MOST_CHANNELS),
  FIELD ("planes", planes, 1, MOST_CHANNELS),
  FIELD ("stride_first", stride_first, 0, 1),
  FIELD ("levels", n_levels, 0, PSP_ARCHITECTURE_MAX_LEVELS),
  FIELD ("level_reduced", level_reduced, 0, 1),
  FIELD ("level_channels", level_channels, 0, G_MAXINT / 2),
  FIELD ("head_channels", head_channels, 1, MOST_CHANNELS),
  FIELD ("auxiliary_channels", auxiliary_channels, 0, MOST_CHANNELS),
  FIELD ("classes", n_classes, 2, MOST_CHANNELS),
};

char *
psp_architecture_to_json (const PspArchitecture *self)
{
  g_autoptr(JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (root, object);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    json_object_set_int_member (object, fields[i].key,
                                G_STRUCT_MEMBER (int, self, fields[i].offset));
  return json_to_string (root, FALSE);
}

static gboolean
read_field (PspArchitecture  *self,
            JsonObject       *object,
            const Field      *field,
            GError          **error)
{
  JsonNode *member = json_object_get_member (object, field->key);
  gboolean is_number = member != NULL && JSON_NODE_HOLDS_VALUE (member) &&
                       json_node_get_value_type (member) == G_TYPE_INT64;
  gint64 value = is_number ? json_node_get_int (member) : G_MININT64;

  if (value < field->least || value > field->most)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "the architecture's “%s” is no whole number from %d to %d", field->key,
                   field->least, field->most);
      return FALSE;
    }
  G_STRUCT_MEMBER (int, self, field->offset) = value;
  return TRUE;
}

static gboolean
has_stem (const PspArchitecture *self)
{
  const PspFamily *family = self->family;

  return self->deep_stem
         ? family->parts[PSP_PART_STEM].convolution != NULL &&
           self->stem[1] > 0 && self->stem[2] > 0
         : family->plain_stem.convolution != NULL;
}

static gboolean
has_pyramid (const PspArchitecture *self)
{
  if (self->family->names_tell_bins && self->n_levels > PSP_FAMILY_NAMED_BINS)
    return FALSE;
  if (self->level_reduced)
    return self->level_channels >= 1 && self->level_channels <= MOST_CHANNELS;
  return self->n_levels == 0 ||
         self->level_channels == psp_architecture_stage_channels (self, self->n_stages - 1);
}

/* Whether the numbers go together, and make a network that the family has names for. */
static gboolean
is_possible (const PspArchitecture *self)
{
  const PspFamily *family = self->family;

  return has_stem (self) && has_pyramid (self) &&
         (self->n_stages == PSP_ARCHITECTURE_STAGES || family->partial_encoder) &&
         (self->auxiliary_channels == 0 || family->parts[PSP_PART_AUXILIARY].convolution != NULL);
}

gboolean
psp_architecture_from_json (PspArchitecture  *self,
                            const char       *text,
                            GError          **error)
{
  g_autoptr(JsonNode) root = psp_json_parse (text, strlen (text), error);

  if (root == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "the architecture is no JSON object");
      return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (!read_field (self, json_node_get_object (root), &fields[i], error))
      return FALSE;
  if (psp_architecture_set_depth (self, self->depth) && is_possible (self))
    return TRUE;
  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
               "no network of %s has the architecture %s", self->family->name, text);
  return FALSE;
}
