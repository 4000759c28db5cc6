/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-class-set.h"

void
psp_class_set_add (PspClassSet *self,
                   guint16      class_id)
{
  self->words[class_id / 64] |= (guint64) 1 << (class_id % 64);
}

void
psp_class_set_remove (PspClassSet *self,
                      guint16      class_id)
{
  self->words[class_id / 64] &= ~((guint64) 1 << (class_id % 64));
}

void
psp_class_set_add_all (PspClassSet   *self,
                       const guint16 *class_ids,
                       gsize          n_class_ids)
{
  for (gsize i = 0; i < n_class_ids; i++)
    psp_class_set_add (self, class_ids[i]);
}

GArray *
psp_class_set_list (const PspClassSet *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint16));

  for (gsize i = 0; i < G_N_ELEMENTS (self->words); i++)
    for (guint64 word = self->words[i]; word != 0; word &= word - 1)
      {
        guint16 id = i * 64 + __builtin_ctzll (word);

        g_array_append_val (ids, id);
      }
  return ids;
}
