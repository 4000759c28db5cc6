/* SPDX-License-Identifier: MIT */
#include "app/psp-outputs.h"

#include "engine/formats/psp-checkpoint.h"
#include "engine/model/psp-model-files.h"

#include <glib/gstdio.h>
#include <stdlib.h>

struct _PspOutputs
{
  GHashTable *inputs;  /* what identify() says of them */
  GHashTable *claimed;
};

PspOutputs *
psp_outputs_new (void)
{
  PspOutputs *self = g_new0 (PspOutputs, 1);

  self->inputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->claimed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
psp_outputs_free (PspOutputs *self)
{
  g_hash_table_unref (self->inputs);
  g_hash_table_unref (self->claimed);
  g_free (self);
}

/* (transfer full): the same for every path of one file: which it is, or where it would lie. */
static char *
identify (const char *path)
{
  g_autofree char *canonical = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = g_path_get_dirname (canonical);
  g_autofree char *name = g_path_get_basename (canonical);
  char *real_folder;
  char *place;
  GStatBuf status;

  if (g_stat (path, &status) == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64) status.st_dev,
                            (guint64) status.st_ino);
  real_folder = realpath (folder, NULL);
  place = g_build_filename (real_folder != NULL ? real_folder : folder, name, NULL);
  free (real_folder);
  return place;
}

void
psp_outputs_protect (PspOutputs *self,
                     const char *path)
{
  if (path != NULL)
    g_hash_table_add (self->inputs, identify (path));
}

void
psp_outputs_protect_model (PspOutputs *self,
                           const char *path)
{
  g_auto(GStrv) files = psp_model_files_split (path);

  for (int i = 0; files[i] != NULL; i++)
    psp_outputs_protect (self, files[i]);
}

gboolean
psp_outputs_has_format (const char *path,
                        const char *format)
{
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (path, NULL);

  return checkpoint != NULL &&
         g_strcmp0 (psp_checkpoint_get_metadata (checkpoint, PSP_OUTPUTS_FORMAT_KEY), format) == 0;
}

/* Whether @path is free, or holds nothing that would be missed. */
static gboolean
is_replaceable (const char      *path,
                PspOutputsIsOwn  is_own)
{
  GStatBuf status;

  if (g_stat (path, &status) != 0)
    return TRUE;
  return S_ISREG (status.st_mode) && (is_own == NULL || status.st_size == 0 || is_own (path));
}

gboolean
psp_outputs_claim (PspOutputs       *self,
                   const char       *path,
                   PspOutputsIsOwn   is_own,
                   GError          **error)
{
  g_autofree char *identity = identify (path);

  if (g_hash_table_contains (self->inputs, identity))
    g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                 "%s: this is an original, which is never overwritten; name another place to "
                 "write to", path);
  else if (g_hash_table_contains (self->claimed, identity))
    g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                 "%s: another output of this command is written there", path);
  else if (!is_replaceable (path, is_own))
    g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                 "%s: what is there was not written by this command, and is not replaced; name "
                 "another place to write to, or remove it first", path);
  else
    return g_hash_table_add (self->claimed, g_steal_pointer (&identity));
  return FALSE;
}
