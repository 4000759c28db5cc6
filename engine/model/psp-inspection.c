/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-inspection.h"

#include <string.h>

struct _PspInspection
{
  const PspCheckpoint *checkpoint;
  GHashTable          *expected;    /* names */
  GString             *missing;     /* lists of names */
  GString             *misshapen;
  GString             *unexpected;
};

PspInspection *
psp_inspection_new (const PspCheckpoint *checkpoint)
{
  PspInspection *self = g_new0 (PspInspection, 1);

  self->checkpoint = checkpoint;
  self->expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->missing = g_string_new (NULL);
  self->misshapen = g_string_new (NULL);
  self->unexpected = g_string_new (NULL);
  return self;
}

void
psp_inspection_free (PspInspection *self)
{
  g_hash_table_unref (self->expected);
  g_string_free (self->missing, TRUE);
  g_string_free (self->misshapen, TRUE);
  g_string_free (self->unexpected, TRUE);
  g_free (self);
}

static void
append_name (GString    *list,
             const char *text)
{
  if (list->len > 0)
    g_string_append (list, ", ");
  g_string_append (list, text);
}

static gboolean
has_shape (const PspCheckpointEntry *entry,
           int                       n_dimensions,
           const gint64             *shape,
           gboolean                  framed)
{
  gint64 n_elements = 1, longest = 1;

  for (int i = 0; i < entry->n_dimensions; i++)
    {
      n_elements *= entry->shape[i];
      longest = MAX (longest, entry->shape[i]);
    }
  if (framed && n_dimensions == 1)
    return n_elements == shape[0] && longest == shape[0];
  return entry->n_dimensions == n_dimensions &&
         memcmp (entry->shape, shape, n_dimensions * sizeof *shape) == 0;
}

gboolean
psp_inspection_expect (PspInspection *self,
                       const char    *name,
                       int            n_dimensions,
                       const gint64  *shape,
                       gboolean       framed)
{
  const PspCheckpointEntry *entry = psp_checkpoint_find (self->checkpoint, name);

  g_hash_table_add (self->expected, g_strdup (name));
  if (entry == NULL)
    {
      append_name (self->missing, name);
      return FALSE;
    }

  if (!has_shape (entry, n_dimensions, shape, framed))
    {
      g_autofree char *is = psp_shape_to_string (entry->n_dimensions, entry->shape);
      g_autofree char *should = psp_shape_to_string (n_dimensions, shape);
      g_autofree char *text = g_strdup_printf ("%s is %s, should be %s", name, is, should);

      append_name (self->misshapen, text);
    }
  return TRUE;
}

gboolean
psp_inspection_knows (const PspInspection *self,
                      const char          *name)
{
  return g_hash_table_contains (self->expected, name);
}

void
psp_inspection_refuse (PspInspection *self,
                       const char    *name)
{
  append_name (self->unexpected, name);
}

gboolean
psp_inspection_judge (const PspInspection  *self,
                      GError              **error)
{
  g_autoptr(GString) text = g_string_new (NULL);
  const GString *lists[] = { self->missing, self->misshapen, self->unexpected };
  const char *titles[] = { "missing", "misshapen", "unexpected" };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    if (lists[i]->len > 0)
      g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "; " : "",
                              titles[i], lists[i]->str);
  if (text->len == 0)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
               "%s: its tensors are not those of the PSPNet that it seems to be. %s",
               psp_checkpoint_get_path (self->checkpoint), text->str);
  return FALSE;
}
