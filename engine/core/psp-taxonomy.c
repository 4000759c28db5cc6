/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-taxonomy.h"

struct _PspTaxonomy
{
  char            *name;
  PspClass        *classes;
  int              n_classes;
  gatomicrefcount  ref_count;
};

PspTaxonomy *
psp_taxonomy_new (const char     *name,
                  const PspClass *classes,
                  int             n_classes)
{
  PspTaxonomy *self;

  g_return_val_if_fail (name != NULL && n_classes >= 1 && n_classes <= 65535, NULL);

  self = g_new0 (PspTaxonomy, 1);
  self->name = g_strdup (name);
  self->n_classes = n_classes;
  self->classes = g_new0 (PspClass, n_classes);
  for (int i = 0; i < n_classes; i++)
    {
      self->classes[i].name = g_strdup (classes[i].name);
      self->classes[i].category = g_strdup (classes[i].category);
      self->classes[i].color = classes[i].color;
    }
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

PspTaxonomy *
psp_taxonomy_new_from_names (const char         *name,
                             const char * const *names)
{
  int n_classes = (int) g_strv_length ((char **) names);
  g_autofree PspClass *classes = g_new0 (PspClass, n_classes);

  for (int i = 0; i < n_classes; i++)
    {
      classes[i].name = (char *) names[i];
      classes[i].color = psp_taxonomy_default_color (i);
    }
  return psp_taxonomy_new (name, classes, n_classes);
}

PspTaxonomy *
psp_taxonomy_new_numbered (int n_classes)
{
  g_auto(GStrv) names = g_new0 (char *, n_classes + 1);
  g_autofree char *name = g_strdup_printf ("%d numbered classes", n_classes);

  for (int i = 0; i < n_classes; i++)
    names[i] = g_strdup_printf ("class %d", i);
  return psp_taxonomy_new_from_names (name, (const char * const *) names);
}

PspTaxonomy *
psp_taxonomy_ref (PspTaxonomy *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_taxonomy_unref (PspTaxonomy *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (int i = 0; i < self->n_classes; i++)
    {
      g_free (self->classes[i].name);
      g_free (self->classes[i].category);
    }
  g_free (self->classes);
  g_free (self->name);
  g_free (self);
}

const char *
psp_taxonomy_get_name (const PspTaxonomy *self)
{
  return self->name;
}

int
psp_taxonomy_get_n_classes (const PspTaxonomy *self)
{
  return self->n_classes;
}

const PspClass *
psp_taxonomy_get_class (const PspTaxonomy *self,
                        int                id)
{
  return id >= 0 && id < self->n_classes ? &self->classes[id] : NULL;
}

const char *
psp_taxonomy_get_class_name (const PspTaxonomy *self,
                             int                id)
{
  const PspClass *class = psp_taxonomy_get_class (self, id);

  return class != NULL ? class->name : "ignored";
}

guint32
psp_taxonomy_get_class_color (const PspTaxonomy *self,
                              int                id)
{
  const PspClass *class = psp_taxonomy_get_class (self, id);

  return class != NULL ? class->color : PSP_TAXONOMY_IGNORE_COLOR;
}

int
psp_taxonomy_find (const PspTaxonomy *self,
                   const char        *name)
{
  for (int i = 0; i < self->n_classes; i++)
    if (g_str_equal (self->classes[i].name, name))
      return i;
  return -1;
}

gboolean
psp_taxonomy_same_names (const PspTaxonomy *a,
                         const PspTaxonomy *b)
{
  if (a->n_classes != b->n_classes)
    return FALSE;
  for (int i = 0; i < a->n_classes; i++)
    if (!g_str_equal (a->classes[i].name, b->classes[i].name))
      return FALSE;
  return TRUE;
}

guint32
psp_taxonomy_default_color (int id)
{
  guint32 red = 0, green = 0, blue = 0;

  for (guint32 rest = id + 1, bit = 7; rest != 0; rest >>= 3, bit--)
    {
      red |= (rest & 1) << bit;
      green |= (rest >> 1 & 1) << bit;
      blue |= (rest >> 2 & 1) << bit;
    }
  return red << 16 | green << 8 | blue;
}
