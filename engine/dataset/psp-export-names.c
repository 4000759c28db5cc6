/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-export-names.h"

static gboolean
breaks_lists (char c)
{
  return c == ' ' || c == '#' || g_ascii_iscntrl (c);
}

static char *
clean_name (const char *stem)
{
  char *name = g_strdup (stem);

  for (char *c = name; *c != '\0'; c++)
    if (breaks_lists (*c))
      *c = '_';
  return name;
}

GHashTable *
psp_export_names (const PspDatasetItem *items,
                  gsize                 n_items)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr(GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < n_items; i++)
    {
      char *name = clean_name (items[i].stem);

      if (g_str_equal (name, items[i].stem))
        g_hash_table_add (taken, name);
      g_hash_table_insert (names, (char *) items[i].stem, name);
    }

  for (gsize i = 0; i < n_items; i++)
    {
      g_autofree char *name = g_strdup (g_hash_table_lookup (names, items[i].stem));

      if (g_str_equal (name, items[i].stem))
        continue;
      while (g_hash_table_contains (taken, name))
        {
          char *longer = g_strconcat (name, "_", NULL);

          g_free (name);
          name = longer;
        }
      g_hash_table_add (taken, name);
      g_hash_table_insert (names, (char *) items[i].stem, g_steal_pointer (&name));
    }
  return names;
}
