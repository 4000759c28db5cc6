/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-pickle.h"

/* The nodes live in blocks, so that freeing them needs no recursion. */
struct _PspPickle
{
  GBytes              *bytes;
  GPtrArray           *blocks;
  guint                n_nodes;
  guint                n_items;   /* of all nodes */
  gsize                n_bytes;   /* up to the end of its STOP */
  const PspPickleNode *root;
};

/* (transfer none) (nullable): a new node of @kind, or %NULL when there are a million. */
PspPickleNode *psp_pickle_add_node       (PspPickle           *self,
                                          PspPickleKind        kind);

/* Adds @item to the items of @node; FALSE when all nodes together have two million. */
gboolean       psp_pickle_append         (PspPickle           *self,
                                          PspPickleNode       *node,
                                          const PspPickleNode *item);

/* Whether nodes of @kind own an array of items. */
gboolean       psp_pickle_kind_has_items (PspPickleKind        kind);
