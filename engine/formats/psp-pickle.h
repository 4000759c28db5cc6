/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

/**
 * PspPickleKind:
 *
 * What a #PspPickleNode stands for, and which of its fields are set.
 */
typedef enum
{
  PSP_PICKLE_NONE,
  PSP_PICKLE_BOOLEAN,    /* integer: 0 or 1 */
  PSP_PICKLE_INTEGER,    /* integer */
  PSP_PICKLE_LONG,       /* bytes: an integer beyond 64 bits, two's complement, little-endian */
  PSP_PICKLE_FLOAT,      /* number */
  PSP_PICKLE_STRING,     /* bytes: UTF-8 from Python 3, any from Python 2; not checked */
  PSP_PICKLE_BYTES,      /* bytes */
  PSP_PICKLE_TUPLE,      /* items */
  PSP_PICKLE_LIST,       /* items */
  PSP_PICKLE_SET,        /* items */
  PSP_PICKLE_DICT,       /* items: key, value, key, value… */
  PSP_PICKLE_GLOBAL,     /* items: two strings, module and name.  Never looked up */
  PSP_PICKLE_PERSISTENT, /* items: the identifier */
  PSP_PICKLE_OBJECT,     /* callable, arguments, state; items: what was set in it, key, value… */
} PspPickleKind;

/**
 * PspPickleNode:
 * @kind: which fields are set
 * @n_items: length of @items
 * @n_bytes: length of @bytes
 * @integer: of a boolean or an integer
 * @number: of a float
 * @bytes: of a string, bytes or long; not terminated
 * @items: of a container
 * @callable: of an object: what Python would call to make it
 * @arguments: of an object: what it would be called with
 * @state: (nullable): of an object: what Python would set its attributes from
 *
 * A value in a pickle.  Nodes may be shared and may form cycles; follow only as many levels as you
 * know.  Owned by the #PspPickle, read-only.
 */
typedef struct _PspPickleNode PspPickleNode;

struct _PspPickleNode
{
  PspPickleKind kind;
  guint32       n_items;
  gsize         n_bytes;
  union
  {
    gint64                integer;
    double                number;
    const char           *bytes;
    const PspPickleNode **items;
  };
  const PspPickleNode *callable;
  const PspPickleNode *arguments;
  const PspPickleNode *state;
};

/**
 * PspPickle:
 *
 * The tree of values that a Python pickle describes.  Immutable; use it from any thread.
 *
 * Python's own reader calls any function that the file names.  This one calls and looks up nothing:
 * a function or class is a node with two strings, and what would be called becomes an inert object.
 * (Opcodes: CPython, Lib/pickletools.py.)
 */
typedef struct _PspPickle PspPickle;

/**
 * psp_pickle_parse:
 * @bytes: the pickle; what follows its STOP is left alone.  The nodes point into it
 * @error: %PSP_ERROR_TRUNCATED, %PSP_ERROR_BAD_FILE or %PSP_ERROR_UNSUPPORTED; the message tells
 *   the byte, but cannot name the file
 *
 * Reads the binary opcodes of protocols 2 to 5, those of Python 2's strings included, and not the
 * text opcodes of protocol 0.  At most 64 MiB, a million values and as many memo entries, two
 * million items of containers, 1000 nested marks and strings of 16 MiB: never more than 128 MiB
 * beside @bytes.
 *
 * Returns: (transfer full): the values, or %NULL with @error set
 */
PspPickle           *psp_pickle_parse            (GBytes               *bytes,
                                                  GError              **error)
  G_GNUC_WARN_UNUSED_RESULT;
void                 psp_pickle_free             (PspPickle            *self);

/* (transfer none): the value that the pickle stands for. */
const PspPickleNode *psp_pickle_get_root         (const PspPickle      *self);

/* How many bytes it takes, its STOP included: where what follows it starts. */
gsize                psp_pickle_get_n_bytes      (const PspPickle      *self);

/* The number of its values: those that the root leads to, and any that it does not. */
guint                psp_pickle_get_n_nodes      (const PspPickle      *self);

/* (transfer none): value @index below psp_pickle_get_n_nodes(), in the order they were made. */
const PspPickleNode *psp_pickle_get_node         (const PspPickle      *self,
                                                  guint                 index);

/* Whether @node is the string @text. */
gboolean             psp_pickle_node_is_string   (const PspPickleNode  *node,
                                                  const char           *text);

/* Whether @node is the function or class @name of @module. */
gboolean             psp_pickle_node_is_global   (const PspPickleNode  *node,
                                                  const char           *module,
                                                  const char           *name);

/* Whether @node is a dict, or an object that can be filled like one: its items are key, value… */
gboolean             psp_pickle_node_has_pairs   (const PspPickleNode  *node);

/* (transfer none) (nullable): element @index of a tuple or list; %NULL beyond its end and for other
 * kinds. */
const PspPickleNode *psp_pickle_node_get_item    (const PspPickleNode  *node,
                                                  guint                 index);

/**
 * psp_pickle_node_get_argument:
 * @node: any node
 * @index: 0 for the first
 *
 * Returns: (transfer none) (nullable): an argument of an object; %NULL beyond the last and for
 *   other kinds
 */
const PspPickleNode *psp_pickle_node_get_argument (const PspPickleNode *node,
                                                   guint                index);

/**
 * psp_pickle_node_lookup:
 * @node: any node
 * @key: a text
 *
 * Returns: (transfer none) (nullable): the last value under @key in a dict, or in an object that
 *   was filled like one (OrderedDict); %NULL if there is none
 */
const PspPickleNode *psp_pickle_node_lookup      (const PspPickleNode  *node,
                                                  const char           *key);

/* (transfer full): “module.name” of a global, for messages; “?” for other kinds. */
char                *psp_pickle_node_dup_name    (const PspPickleNode  *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspPickle, psp_pickle_free)
