/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-checkpoint-index.h"

#include <string.h>

static void
clear_tensor (gpointer data)
{
  PspStoredTensor *tensor = data;

  g_free ((char *) tensor->entry.name);
}

PspCheckpointIndex *
psp_checkpoint_index_new (PspFileReader *file)
{
  PspCheckpointIndex *self = g_new0 (PspCheckpointIndex, 1);

  self->file = file;
  self->tensors = g_array_new (FALSE, TRUE, sizeof (PspStoredTensor));
  g_array_set_clear_func (self->tensors, clear_tensor);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
psp_checkpoint_index_free (PspCheckpointIndex *self)
{
  if (self == NULL)
    return;

  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->metadata);
  g_array_unref (self->tensors);
  psp_file_reader_free (self->file);
  g_free (self);
}

static gboolean
check_name (PspCheckpointIndex  *self,
            const char          *name,
            gsize                n_name_bytes,
            GError             **error)
{
  const char *path = self->file->path;

  if (self->tensors->len >= PSP_CHECKPOINT_MAX_ENTRIES)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "%s: the file claims more than %d tensors", path, PSP_CHECKPOINT_MAX_ENTRIES);
      return FALSE;
    }
  if (n_name_bytes == 0 || n_name_bytes > PSP_CHECKPOINT_MAX_NAME_BYTES ||
      !g_utf8_validate_len (name, n_name_bytes, NULL))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "%s: the name of tensor number %u is not text of 1 to %d bytes",
                   path, self->tensors->len + 1, PSP_CHECKPOINT_MAX_NAME_BYTES);
      return FALSE;
    }
  return TRUE;
}

gboolean
psp_checkpoint_index_add (PspCheckpointIndex     *self,
                          const char             *name,
                          gsize                   n_name_bytes,
                          const PspStoredTensor  *tensor,
                          GError                **error)
{
  g_autofree char *own_name = NULL;
  PspStoredTensor own = *tensor;

  if (!check_name (self, name, n_name_bytes, error))
    return FALSE;
  own_name = g_strndup (name, n_name_bytes);
  own.entry.name = own_name;
  if (g_hash_table_contains (self->by_name, own_name))
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE, "%s: there are two tensors called “%s”",
                   self->file->path, own_name);
      return FALSE;
    }
  if (!psp_stored_tensor_check (&own, self->file, error))
    return FALSE;

  g_hash_table_insert (self->by_name, own_name, GUINT_TO_POINTER (self->tensors->len));
  g_array_append_val (self->tensors, own);
  g_steal_pointer (&own_name);
  return TRUE;
}

static PspStoredTensor *
get_tensor (const PspCheckpointIndex *self,
            guint                     index)
{
  return &g_array_index (self->tensors, PspStoredTensor, index);
}

static gboolean
is_bystander (const char *name)
{
  return g_str_equal (name, "mean") || g_str_equal (name, "std");
}

/* Whether the name without the prefix would be there twice. */
static gboolean
collides (const PspCheckpointIndex *self,
          const char               *prefix,
          const char               *bystander)
{
  g_autofree char *name = g_strconcat (prefix, bystander, NULL);

  return g_hash_table_contains (self->by_name, name);
}

static gboolean
is_shared (const PspCheckpointIndex *self,
           const char               *prefix)
{
  gsize n_bytes = strlen (prefix);
  guint n_shared = 0;

  for (guint i = 0; i < self->tensors->len; i++)
    {
      const char *name = get_tensor (self, i)->entry.name;

      if (g_str_has_prefix (name, prefix) && name[n_bytes] != '\0')
        n_shared++;
      else if (!is_bystander (name) || collides (self, prefix, name))
        return FALSE;
    }
  return n_shared > 0;
}

static void
strip (PspCheckpointIndex *self,
       const char         *prefix)
{
  gsize n_bytes = strlen (prefix);

  g_hash_table_remove_all (self->by_name);
  for (guint i = 0; i < self->tensors->len; i++)
    {
      char *name = (char *) get_tensor (self, i)->entry.name;

      if (!is_bystander (name))
        memmove (name, name + n_bytes, strlen (name + n_bytes) + 1);
      g_hash_table_insert (self->by_name, name, GUINT_TO_POINTER (i));
    }
}

void
psp_checkpoint_index_strip_prefixes (PspCheckpointIndex *self)
{
  static const char *const prefixes[] = { "module.", "model.", "net.", "_orig_mod." };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes);)
    if (is_shared (self, prefixes[i]))
      {
        strip (self, prefixes[i]);
        i = 0;
      }
    else
      {
        i++;
      }
}

void
psp_checkpoint_index_keep_below (PspCheckpointIndex *self,
                                 const char         *prefix)
{
  for (guint i = self->tensors->len; i > 0; i--)
    if (!g_str_has_prefix (get_tensor (self, i - 1)->entry.name, prefix))
      g_array_remove_index (self->tensors, i - 1);
  strip (self, prefix);
}

const PspStoredTensor *
psp_checkpoint_index_find (const PspCheckpointIndex *self,
                           const char               *name)
{
  gpointer index;

  if (!g_hash_table_lookup_extended (self->by_name, name, NULL, &index))
    return NULL;
  return get_tensor (self, GPOINTER_TO_UINT (index));
}
