/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pickle-private.h"

#include <string.h>

#define NODES_PER_BLOCK 1024
#define MAX_NODES (1000 * 1000)
/* Each value is named once by what holds it, but for a few. */
#define MAX_ITEMS (2 * MAX_NODES)

gboolean
psp_pickle_kind_has_items (PspPickleKind kind)
{
  return kind >= PSP_PICKLE_TUPLE;
}

PspPickleNode *
psp_pickle_add_node (PspPickle     *self,
                     PspPickleKind  kind)
{
  guint place = self->n_nodes % NODES_PER_BLOCK;
  PspPickleNode *node;

  if (self->n_nodes == MAX_NODES)
    return NULL;
  if (place == 0)
    g_ptr_array_add (self->blocks, g_new0 (PspPickleNode, NODES_PER_BLOCK));

  node = (PspPickleNode *) g_ptr_array_index (self->blocks, self->blocks->len - 1) + place;
  node->kind = kind;
  self->n_nodes++;
  return node;
}

gboolean
psp_pickle_append (PspPickle           *self,
                   PspPickleNode       *node,
                   const PspPickleNode *item)
{
  guint32 n_items = node->n_items;

  if (self->n_items == MAX_ITEMS)
    return FALSE;
  self->n_items++;
  /* The room is the next power of two. */
  if ((n_items & (n_items - 1)) == 0)
    node->items = g_renew (const PspPickleNode *, node->items, MAX (2 * (gsize) n_items, 1));
  node->items[node->n_items++] = item;
  return TRUE;
}

void
psp_pickle_free (PspPickle *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->n_nodes; i++)
    {
      const PspPickleNode *node = psp_pickle_get_node (self, i);

      if (psp_pickle_kind_has_items (node->kind))
        g_free (node->items);
    }
  g_ptr_array_unref (self->blocks);
  g_bytes_unref (self->bytes);
  g_free (self);
}

const PspPickleNode *
psp_pickle_get_root (const PspPickle *self)
{
  return self->root;
}

gsize
psp_pickle_get_n_bytes (const PspPickle *self)
{
  return self->n_bytes;
}

guint
psp_pickle_get_n_nodes (const PspPickle *self)
{
  return self->n_nodes;
}

const PspPickleNode *
psp_pickle_get_node (const PspPickle *self,
                     guint            index)
{
  const PspPickleNode *block = g_ptr_array_index (self->blocks, index / NODES_PER_BLOCK);

  return block + index % NODES_PER_BLOCK;
}

gboolean
psp_pickle_node_is_string (const PspPickleNode *node,
                           const char          *text)
{
  return node->kind == PSP_PICKLE_STRING && node->n_bytes == strlen (text) &&
         memcmp (node->bytes, text, node->n_bytes) == 0;
}

gboolean
psp_pickle_node_is_global (const PspPickleNode *node,
                           const char          *module,
                           const char          *name)
{
  return node->kind == PSP_PICKLE_GLOBAL && psp_pickle_node_is_string (node->items[0], module) &&
         psp_pickle_node_is_string (node->items[1], name);
}

gboolean
psp_pickle_node_has_pairs (const PspPickleNode *node)
{
  return node->kind == PSP_PICKLE_DICT || node->kind == PSP_PICKLE_OBJECT;
}

const PspPickleNode *
psp_pickle_node_get_item (const PspPickleNode *node,
                          guint                index)
{
  if (node->kind != PSP_PICKLE_TUPLE && node->kind != PSP_PICKLE_LIST)
    return NULL;
  return index < node->n_items ? node->items[index] : NULL;
}

const PspPickleNode *
psp_pickle_node_get_argument (const PspPickleNode *node,
                              guint                index)
{
  return node->kind == PSP_PICKLE_OBJECT ? psp_pickle_node_get_item (node->arguments, index) : NULL;
}

const PspPickleNode *
psp_pickle_node_lookup (const PspPickleNode *node,
                        const char          *key)
{
  if (!psp_pickle_node_has_pairs (node))
    return NULL;
  for (guint i = node->n_items; i >= 2; i -= 2)
    if (psp_pickle_node_is_string (node->items[i - 2], key))
      return node->items[i - 1];
  return NULL;
}

static char *
dup_printable (const PspPickleNode *node)
{
  g_autofree char *text = g_utf8_make_valid (node->bytes, (gssize) MIN (node->n_bytes, 200));

  return g_strescape (text, NULL);
}

char *
psp_pickle_node_dup_name (const PspPickleNode *node)
{
  g_autofree char *module = NULL;
  g_autofree char *name = NULL;

  if (node->kind != PSP_PICKLE_GLOBAL)
    return g_strdup ("?");

  module = dup_printable (node->items[0]);
  name = dup_printable (node->items[1]);
  return g_strdup_printf ("%s.%s", module, name);
}
