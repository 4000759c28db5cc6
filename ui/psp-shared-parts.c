/* SPDX-License-Identifier: MIT */
#include "ui/psp-shared-parts.h"

#include "engine/psp.h"

#include <string.h>

/* Characters that find room on two lines. */
#define MAX_WHOLE 24

#define SEPARATORS "/_-. "
#define ELLIPSIS "…"
#define ZERO_WIDTH_SPACE "\u200b"

static gboolean
is_separator (char character)
{
  return character != '\0' && strchr (SEPARATORS, character) != NULL;
}

static gsize
count_same_first (const char *a,
                  const char *b,
                  gsize       max)
{
  gsize n = 0;

  while (n < max && a[n] != '\0' && a[n] == b[n])
    n++;
  return n;
}

static gsize
count_same_last (const char *a,
                 const char *b,
                 gsize       max)
{
  gsize a_length = strlen (a);
  gsize b_length = strlen (b);
  gsize n = 0;

  while (n < MIN (max, MIN (a_length, b_length)) && a[a_length - n - 1] == b[b_length - n - 1])
    n++;
  return n;
}

/* Words and numbers are not cut: the parts end at separators, which belong to them. */
static PspSharedParts
end_at_separators (PspSharedParts  self,
                   const char     *name)
{
  const char *end = name + strlen (name);

  while (self.prefix > 0 && !is_separator (name[self.prefix - 1]))
    self.prefix--;
  while (self.suffix > 0 && !is_separator (*(end - self.suffix)))
    self.suffix--;
  return self;
}

PspSharedParts
psp_shared_parts_find (GListModel *items)
{
  guint n_items = g_list_model_get_n_items (items);
  PspSharedParts self = { G_MAXSIZE, G_MAXSIZE };
  gsize shortest = G_MAXSIZE;
  const char *first = NULL;

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);
      const char *name = psp_project_item_get_stem (item);

      shortest = MIN (shortest, strlen (name));
      if (first == NULL)
        first = name;
      else
        {
          self.prefix = count_same_first (first, name, self.prefix);
          self.suffix = count_same_last (first, name, self.suffix);
        }
    }

  if (n_items < 2)
    return (PspSharedParts) { 0, 0 };

  self = end_at_separators (self, first);
  if (self.prefix + self.suffix >= shortest)
    return (PspSharedParts) { 0, 0 };
  return self;
}

char *
psp_shared_parts_shorten (PspSharedParts  self,
                          const char     *name)
{
  gboolean is_long = g_utf8_strlen (name, -1) > MAX_WHOLE;
  const char *start = name + (is_long ? self.prefix : 0);
  const char *end = name + strlen (name) - (is_long ? self.suffix : 0);
  g_autoptr(GString) text = g_string_new (start > name ? ELLIPSIS : NULL);

  for (const char *c = start; c < end; c++)
    {
      g_string_append_c (text, *c);
      if (is_separator (*c))
        g_string_append (text, ZERO_WIDTH_SPACE);
    }
  if (*end != '\0')
    g_string_append (text, ELLIPSIS);

  return g_string_free (g_steal_pointer (&text), FALSE);
}
