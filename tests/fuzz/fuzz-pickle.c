/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pickle.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* That everything a node points to can be reached. */
static gsize
touch (const PspPickleNode *node)
{
  g_autofree char *name = psp_pickle_node_dup_name (node);
  gsize n_touched = strlen (name);

  for (guint i = 0; node->kind >= PSP_PICKLE_TUPLE && i < node->n_items; i++)
    n_touched += node->items[i]->kind;
  if (node->kind == PSP_PICKLE_OBJECT)
    n_touched += node->callable->kind + (guint) (psp_pickle_node_get_argument (node, 0) != NULL);
  if (node->kind == PSP_PICKLE_STRING && node->n_bytes > 0)
    n_touched += (guint) node->bytes[node->n_bytes - 1];
  return n_touched + (guint) (psp_pickle_node_lookup (node, "state_dict") != NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         n_bytes)
{
  /* A copy of exactly this length: reading past it is seen by the sanitizer. */
  g_autoptr(GBytes) content = g_bytes_new (bytes, n_bytes);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspPickle) pickle = psp_pickle_parse (content, &error);

  fuzz_assert_outcome (pickle != NULL, error, "the pickle");
  if (pickle == NULL)
    return 0;
  g_assert_cmpuint (psp_pickle_get_n_bytes (pickle), <=, n_bytes);
  g_assert_nonnull (psp_pickle_get_root (pickle));
  for (guint i = 0; i < psp_pickle_get_n_nodes (pickle); i++)
    touch (psp_pickle_get_node (pickle, i));
  return 0;
}
