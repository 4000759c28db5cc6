/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-family.h"

#include <string.h>

/* Tried in this order. */
static const PspFamily * const families[] = {
  &psp_family_official,
  &psp_family_mmsegmentation,
  &psp_family_csail,
  &psp_family_smp,
  &psp_family_smp_0,
  &psp_family_gluoncv,
  &psp_family_caffe,
};

const PspFamily *
psp_family_get (int index)
{
  return index < (int) G_N_ELEMENTS (families) ? families[index] : NULL;
}

const PspFamily *
psp_family_find (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (families[i]->id, id))
      return families[i];
  return NULL;
}

char *
psp_family_expand (const char     *pattern,
                   const PspPlace *place)
{
  static const int bins[PSP_FAMILY_NAMED_BINS] = { 1, 2, 3, 6 };
  const struct { const char *word; int value; } values[] = {
    { "{stage}", place->stage + 1 },
    { "{conv}", place->stage + 2 },
    { "{block}", place->block },
    { "{unit}", place->block + 1 },
    { "{level}", place->level },
    { "{branch}", place->level + 1 },
    { "{bins}", place->level < PSP_FAMILY_NAMED_BINS ? bins[place->level] : 0 },
  };
  GString *text;

  if (pattern == NULL)
    return NULL;

  text = g_string_new (pattern);
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *number = g_strdup_printf ("%d", values[i].value);

      g_string_replace (text, values[i].word, number, 0);
    }
  return g_string_free (text, FALSE);
}

char *
psp_family_make_name (const PspFamily *self,
                      const char      *name,
                      PspPiece         piece)
{
  return g_strconcat (name, self->suffixes[piece], NULL);
}

gboolean
psp_family_ignores (const PspFamily *self,
                    const char      *name)
{
  for (int i = 0; self->ignored != NULL && self->ignored[i] != NULL; i++)
    if (g_pattern_match_simple (self->ignored[i], name))
      return TRUE;
  return FALSE;
}
