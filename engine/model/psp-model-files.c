/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model-files.h"

#include "engine/core/psp-error.h"
#include "engine/model/psp-architecture.h"

#include <string.h>

/* (nullable): @path with @other for the last @word in the name of the file. */
static char *
replace_word (const char *path,
              const char *word,
              const char *other)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  char *place = g_strrstr (name, word);
  g_autofree char *replaced = NULL;

  if (place == NULL)
    return NULL;
  *place = '\0';
  replaced = g_strconcat (name, other, place + strlen (word), NULL);
  return g_build_filename (folder, replaced, NULL);
}

/* (transfer full) (nullable): what stands before @ending in @name. */
static char *
cut_ending (const char *name,
            const char *ending)
{
  gsize n_bytes = strlen (name), n_ending = strlen (ending);

  if (n_bytes <= n_ending || !g_str_has_suffix (name, ending) ||
      name[n_bytes - n_ending - 1] != '.')
    return NULL;
  return g_strndup (name, n_bytes - n_ending);
}

static gboolean
refuse_several (const PspCheckpoint  *checkpoint,
                const char           *prefix,
                const char           *other,
                GError              **error)
{
  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: there are two networks in it, with tensors called “%s…” and “%s…”; save the "
               "state dict of one of them alone", psp_checkpoint_get_path (checkpoint), prefix,
               other);
  return FALSE;
}

/* Sets @prefix to what stands before the giveaway of @family, unless it has one already. */
static gboolean
find_prefix (const PspCheckpoint  *checkpoint,
             const PspFamily      *family,
             char                **prefix,
             GError              **error)
{
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      g_autofree char *found = cut_ending (psp_checkpoint_get_entry (checkpoint, i)->name,
                                           family->giveaway);

      if (found != NULL && *prefix != NULL && !g_str_equal (found, *prefix))
        return refuse_several (checkpoint, *prefix, found, error);
      if (found != NULL && *prefix == NULL)
        *prefix = g_steal_pointer (&found);
    }
  return TRUE;
}

/* Keeps only the network, if it is one part of what is in the file. */
static gboolean
take_network_out (PspCheckpoint  *checkpoint,
                  GError        **error)
{
  g_autofree char *prefix = NULL;
  const PspFamily *family;

  for (int i = 0; (family = psp_family_get (i)) != NULL; i++)
    if (psp_checkpoint_find (checkpoint, family->giveaway) != NULL)
      return TRUE;
  for (int i = 0; (family = psp_family_get (i)) != NULL; i++)
    if (!find_prefix (checkpoint, family, &prefix, error))
      return FALSE;
  if (prefix != NULL)
    psp_checkpoint_keep_below (checkpoint, prefix);
  return TRUE;
}

/* The half of @family that @checkpoint is, 0 or 1; -1: neither, or both in one file. */
static int
find_half (const PspFamily     *family,
           const PspCheckpoint *checkpoint)
{
  gboolean first, second;

  if (family->halves[0].word == NULL)
    return -1;
  first = psp_checkpoint_find (checkpoint, family->halves[0].tensor) != NULL;
  second = psp_checkpoint_find (checkpoint, family->halves[1].tensor) != NULL;
  return first == second ? -1 : second;
}

static PspCheckpoint *
open_other (const PspFamily  *family,
            PspCheckpoint    *checkpoint,
            int               half,
            GError          **error)
{
  const char *path = psp_checkpoint_get_path (checkpoint);
  const char *word = family->halves[half].word;
  const char *other = family->halves[1 - half].word;
  g_autofree char *other_path = replace_word (path, word, other);

  /* Without the word, the first half is like any other backbone. */
  if (other_path == NULL && half == 0)
    return psp_checkpoint_ref (checkpoint);
  if (other_path == NULL)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                 "%s: this is the %s of a network of %s; to find its %s beside it, the names of "
                 "the files must be the same but for “%s” and “%s”", path, word, family->name,
                 other, word, other);
  else if (!g_file_test (other_path, G_FILE_TEST_EXISTS))
    g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND,
                 "%s: this is the %s of a network of %s; its %s is needed too, as %s", path, word,
                 family->name, other, other_path);
  else
    return psp_checkpoint_open_pair (path, other_path, error);
  return NULL;
}

/* The first comma in @path with files on both sides; else with a file on either side; %NULL: @path
 * is one file. */
static const char *
find_comma (const char *path)
{
  const char *with_one = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  for (const char *comma = path; (comma = strchr (comma, ',')) != NULL; comma++)
    {
      g_autofree char *first = g_strndup (path, comma - path);
      gboolean has_first = g_file_test (first, G_FILE_TEST_EXISTS);
      gboolean has_second = g_file_test (comma + 1, G_FILE_TEST_EXISTS);

      if (has_first && has_second)
        return comma;
      if (with_one == NULL && (has_first || has_second))
        with_one = comma;
    }
  return with_one;
}

GStrv
psp_model_files_split (const char *path)
{
  const char *comma = find_comma (path);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *first = g_strndup (path, comma != NULL ? (gsize) (comma - path)
                                                          : strlen (path));

  g_strv_builder_add (builder, first);
  if (comma != NULL)
    g_strv_builder_add (builder, comma + 1);
  return g_strv_builder_end (builder);
}

PspCheckpoint *
psp_model_files_open (const char  *path,
                      GError     **error)
{
  g_auto(GStrv) files = psp_model_files_split (path);
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  const PspFamily *family;

  if (files[1] != NULL)
    return psp_checkpoint_open_pair (files[0], files[1], error);
  checkpoint = psp_checkpoint_open (path, error);
  if (checkpoint == NULL)
    return NULL;
  if (psp_architecture_is_folded (checkpoint))
    return g_steal_pointer (&checkpoint);
  if (!take_network_out (checkpoint, error))
    return NULL;

  for (int i = 0; (family = psp_family_get (i)) != NULL; i++)
    {
      int half = find_half (family, checkpoint);

      if (half >= 0)
        return open_other (family, checkpoint, half, error);
    }
  return g_steal_pointer (&checkpoint);
}
