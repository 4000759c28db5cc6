/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pickle-private.h"

#include <string.h>

#define MAX_BYTES (64 * 1024 * 1024)
#define MAX_STRING_BYTES (16 * 1024 * 1024)
#define MAX_STACK (1000 * 1000)
#define MAX_MEMO (1000 * 1000)
#define MAX_MARKS 1000
#define MAX_CALL_PAIRS (1000 * 1000)

/* Python's pickle machine without its hands: a stack, its marks, and a memo of earlier values. */
typedef struct
{
  PspPickle    *pickle;
  const guint8 *bytes;
  gsize         n_bytes;
  gsize         position;
  gsize         opcode_position;
  GPtrArray    *stack;
  GArray       *marks;
  GPtrArray    *memo;
  guint         n_call_pairs;
  gboolean      stopped;
} Machine;

/* @argument is the operation's: a length or count of bytes or values, a kind, or nothing. */
typedef gboolean (*Operation) (Machine  *machine,
                               guint     argument,
                               GError  **error);

static gboolean
fail (Machine     *machine,
      PspError     code,
      const char  *reason,
      GError     **error)
{
  g_set_error (error, PSP_ERROR, code, "the pickle %s at byte %" G_GSIZE_FORMAT, reason,
               machine->opcode_position);
  return FALSE;
}

static const guint8 *
take (Machine  *machine,
      gsize     n_bytes,
      GError  **error)
{
  const guint8 *taken = machine->bytes + machine->position;

  if (n_bytes > machine->n_bytes - machine->position)
    {
      (void) fail (machine, PSP_ERROR_TRUNCATED, "ends too early, in the value", error);
      return NULL;
    }
  machine->position += n_bytes;
  return taken;
}

/* A little-endian number of 1, 2, 4 or 8 bytes. */
static gboolean
take_number (Machine  *machine,
             gsize     n_bytes,
             guint64  *number,
             GError  **error)
{
  const guint8 *taken = take (machine, n_bytes, error);

  if (taken == NULL)
    return FALSE;
  *number = 0;
  for (gsize i = 0; i < n_bytes; i++)
    *number |= (guint64) taken[i] << (8 * i);
  return TRUE;
}

static gboolean
push (Machine              *machine,
      const PspPickleNode  *node,
      GError              **error)
{
  if (machine->stack->len >= MAX_STACK)
    return fail (machine, PSP_ERROR_BAD_FILE, "piles up too many values", error);

  g_ptr_array_add (machine->stack, (gpointer) node);
  return TRUE;
}

static PspPickleNode *
push_new (Machine        *machine,
          PspPickleKind   kind,
          GError        **error)
{
  PspPickleNode *node = psp_pickle_add_node (machine->pickle, kind);

  if (node == NULL)
    {
      (void) fail (machine, PSP_ERROR_BAD_FILE, "has too many values", error);
      return NULL;
    }
  return push (machine, node, error) ? node : NULL;
}

static gboolean
push_integer (Machine        *machine,
              PspPickleKind   kind,
              gint64          value,
              GError        **error)
{
  PspPickleNode *node = push_new (machine, kind, error);

  if (node == NULL)
    return FALSE;
  node->integer = value;
  return TRUE;
}

static gboolean
push_bytes (Machine        *machine,
            PspPickleKind   kind,
            gsize           n_bytes,
            GError        **error)
{
  const guint8 *bytes;
  PspPickleNode *node;

  if (n_bytes > MAX_STRING_BYTES)
    return fail (machine, PSP_ERROR_BAD_FILE, "has a text of more than 16 MiB", error);
  bytes = take (machine, n_bytes, error);
  node = bytes != NULL ? push_new (machine, kind, error) : NULL;
  if (node == NULL)
    return FALSE;
  node->bytes = (const char *) bytes;
  node->n_bytes = n_bytes;
  return TRUE;
}

/* A string whose length comes first, in @n_length_bytes. */
static gboolean
push_counted (Machine        *machine,
              PspPickleKind   kind,
              gsize           n_length_bytes,
              GError        **error)
{
  guint64 n_bytes;

  return take_number (machine, n_length_bytes, &n_bytes, error) &&
         push_bytes (machine, kind, n_bytes, error);
}

/* The lowest index of the stack that the topmost mark lets an operation touch. */
static guint
get_floor (const Machine *machine)
{
  if (machine->marks->len == 0)
    return 0;
  return g_array_index (machine->marks, guint, machine->marks->len - 1);
}

static PspPickleNode *
pop (Machine  *machine,
     GError  **error)
{
  if (machine->stack->len <= get_floor (machine))
    {
      (void) fail (machine, PSP_ERROR_BAD_FILE, "takes a value that is not there", error);
      return NULL;
    }
  return g_ptr_array_steal_index (machine->stack, machine->stack->len - 1);
}

static PspPickleNode *
peek (Machine  *machine,
      GError  **error)
{
  PspPickleNode *node = pop (machine, error);

  if (node != NULL)
    g_ptr_array_add (machine->stack, node);
  return node;
}

static gboolean
pop_mark (Machine  *machine,
          guint    *first,
          GError  **error)
{
  if (machine->marks->len == 0)
    return fail (machine, PSP_ERROR_BAD_FILE, "goes back to a mark that is not there", error);

  *first = get_floor (machine);
  g_array_set_size (machine->marks, machine->marks->len - 1);
  return TRUE;
}

static gboolean
append (Machine              *machine,
        PspPickleNode        *node,
        const PspPickleNode  *item,
        GError              **error)
{
  return psp_pickle_append (machine->pickle, node, item) ||
         fail (machine, PSP_ERROR_BAD_FILE, "has too many values", error);
}

/* Moves the stack from @first on into @node. */
static gboolean
collect (Machine        *machine,
         guint           first,
         PspPickleNode  *node,
         GError        **error)
{
  for (guint i = first; i < machine->stack->len; i++)
    if (!append (machine, node, g_ptr_array_index (machine->stack, i), error))
      return FALSE;
  g_ptr_array_set_size (machine->stack, (int) first);
  return TRUE;
}

/* Replaces the topmost @n_items values by a tuple, or by a set or a persistent identifier. */
static gboolean
collect_last (Machine        *machine,
              PspPickleKind   kind,
              guint           n_items,
              GError        **error)
{
  guint first = machine->stack->len - n_items;
  PspPickleNode *node;

  if (machine->stack->len < n_items || first < get_floor (machine))
    return fail (machine, PSP_ERROR_BAD_FILE, "takes values that are not there", error);
  node = psp_pickle_add_node (machine->pickle, kind);
  if (node == NULL)
    return fail (machine, PSP_ERROR_BAD_FILE, "has too many values", error);
  return collect (machine, first, node, error) && push (machine, node, error);
}

static gboolean
run_collect_to_mark (Machine  *machine,
                     guint     kind,
                     GError  **error)
{
  guint first;

  return pop_mark (machine, &first, error) &&
         collect_last (machine, (PspPickleKind) kind, machine->stack->len - first, error);
}

/* Adds the values from @first on to the container below them; an object keeps only pairs. */
static gboolean
fill (Machine  *machine,
      guint     first,
      gboolean  in_pairs,
      GError  **error)
{
  guint n_items = machine->stack->len - first;
  PspPickleNode *node;
  gboolean fits;

  if (first <= get_floor (machine))
    return fail (machine, PSP_ERROR_BAD_FILE, "fills a container that is not there", error);
  node = g_ptr_array_index (machine->stack, first - 1);
  if (in_pairs)
    fits = (node->kind == PSP_PICKLE_DICT || node->kind == PSP_PICKLE_OBJECT) && n_items % 2 == 0;
  else
    fits = node->kind == PSP_PICKLE_LIST || node->kind == PSP_PICKLE_SET ||
           node->kind == PSP_PICKLE_OBJECT;
  if (!fits)
    return fail (machine, PSP_ERROR_BAD_FILE, "fills what is no container", error);

  if (in_pairs || node->kind != PSP_PICKLE_OBJECT)
    return collect (machine, first, node, error);
  g_ptr_array_set_size (machine->stack, (int) first);
  return TRUE;
}

static gboolean
run_fill_to_mark (Machine  *machine,
                  guint     in_pairs,
                  GError  **error)
{
  guint first;

  return pop_mark (machine, &first, error) && fill (machine, first, in_pairs != 0, error);
}

/* One value, or a key and a value. */
static gboolean
run_fill_one (Machine  *machine,
              guint     n_items,
              GError  **error)
{
  if (machine->stack->len < n_items)
    return fail (machine, PSP_ERROR_BAD_FILE, "takes values that are not there", error);
  return fill (machine, machine->stack->len - n_items, n_items == 2, error);
}

static gboolean
remember (Machine  *machine,
          guint64   index,
          GError  **error)
{
  PspPickleNode *node = peek (machine, error);

  if (node == NULL)
    return FALSE;
  if (index >= MAX_MEMO)
    return fail (machine, PSP_ERROR_BAD_FILE, "remembers too many values", error);
  if (index >= machine->memo->len)
    g_ptr_array_set_size (machine->memo, (int) index + 1);
  machine->memo->pdata[index] = node;
  return TRUE;
}

static gboolean
run_remember (Machine  *machine,
              guint     n_index_bytes,
              GError  **error)
{
  guint64 index;

  return take_number (machine, n_index_bytes, &index, error) && remember (machine, index, error);
}

static gboolean
run_recall (Machine  *machine,
            guint     n_index_bytes,
            GError  **error)
{
  guint64 index;

  if (!take_number (machine, n_index_bytes, &index, error))
    return FALSE;
  if (index >= machine->memo->len || machine->memo->pdata[index] == NULL)
    return fail (machine, PSP_ERROR_BAD_FILE, "recalls a value that is not there", error);
  return push (machine, machine->memo->pdata[index], error);
}

/* Python 2's OrderedDict is called with its pairs, Python 3's is filled afterwards.  One list may
 * be named in many calls, so the steps are counted. */
static gboolean
fill_from_pairs (Machine        *machine,
                 PspPickleNode  *object,
                 GError        **error)
{
  const PspPickleNode *pairs = psp_pickle_node_get_argument (object, 0);

  if (pairs == NULL || !psp_pickle_node_is_global (object->callable, "collections", "OrderedDict"))
    return TRUE;
  for (guint i = 0; psp_pickle_node_get_item (pairs, i) != NULL; i++)
    {
      const PspPickleNode *key = psp_pickle_node_get_item (pairs->items[i], 0);
      const PspPickleNode *value = psp_pickle_node_get_item (pairs->items[i], 1);

      if (++machine->n_call_pairs > MAX_CALL_PAIRS)
        return fail (machine, PSP_ERROR_BAD_FILE, "has too many values", error);
      if (key != NULL && value != NULL &&
          (!append (machine, object, key, error) || !append (machine, object, value, error)))
        return FALSE;
    }
  return TRUE;
}

/* Where Python would make an object, an inert one is made. */
static gboolean
push_object (Machine              *machine,
             const PspPickleNode  *callable,
             const PspPickleNode  *arguments,
             GError              **error)
{
  PspPickleNode *object = push_new (machine, PSP_PICKLE_OBJECT, error);

  if (object == NULL)
    return FALSE;
  object->callable = callable;
  object->arguments = arguments;
  return fill_from_pairs (machine, object, error);
}

static gboolean
run_protocol (Machine  *machine,
              guint     argument,
              GError  **error)
{
  guint64 protocol;

  if (!take_number (machine, 1, &protocol, error))
    return FALSE;
  if (protocol > 5)
    return fail (machine, PSP_ERROR_UNSUPPORTED, "is of a protocol newer than 5", error);
  return TRUE;
}

static gboolean
run_frame (Machine  *machine,
           guint     argument,
           GError  **error)
{
  guint64 n_bytes;

  return take_number (machine, 8, &n_bytes, error);
}

static gboolean
run_stop (Machine  *machine,
          guint     argument,
          GError  **error)
{
  machine->pickle->root = pop (machine, error);
  machine->stopped = TRUE;
  return machine->pickle->root != NULL;
}

static gboolean
run_mark (Machine  *machine,
          guint     argument,
          GError  **error)
{
  if (machine->marks->len >= MAX_MARKS)
    return fail (machine, PSP_ERROR_BAD_FILE, "is nested too deep", error);

  g_array_append_val (machine->marks, machine->stack->len);
  return TRUE;
}

static gboolean
run_pop (Machine  *machine,
         guint     argument,
         GError  **error)
{
  guint first;

  if (machine->marks->len > 0 && machine->stack->len == get_floor (machine))
    return pop_mark (machine, &first, error);
  return pop (machine, error) != NULL;
}

static gboolean
run_pop_mark (Machine  *machine,
              guint     argument,
              GError  **error)
{
  guint first;

  if (!pop_mark (machine, &first, error))
    return FALSE;
  g_ptr_array_set_size (machine->stack, (int) first);
  return TRUE;
}

static gboolean
run_duplicate (Machine  *machine,
               guint     argument,
               GError  **error)
{
  PspPickleNode *node = peek (machine, error);

  return node != NULL && push (machine, node, error);
}

static gboolean
run_new (Machine  *machine,
         guint     kind,
         GError  **error)
{
  return push_new (machine, (PspPickleKind) kind, error) != NULL;
}

static gboolean
run_boolean (Machine  *machine,
             guint     value,
             GError  **error)
{
  return push_integer (machine, PSP_PICKLE_BOOLEAN, value, error);
}

static gboolean
run_unsigned (Machine  *machine,
              guint     n_bytes,
              GError  **error)
{
  guint64 number;

  return take_number (machine, n_bytes, &number, error) &&
         push_integer (machine, PSP_PICKLE_INTEGER, (gint64) number, error);
}

static gboolean
run_signed (Machine  *machine,
            guint     argument,
            GError  **error)
{
  guint64 number;

  return take_number (machine, sizeof (gint32), &number, error) &&
         push_integer (machine, PSP_PICKLE_INTEGER, (gint32) number, error);
}

/* Two's complement of any length. */
static gboolean
run_long (Machine  *machine,
          guint     n_length_bytes,
          GError  **error)
{
  guint64 n_bytes;
  const guint8 *bytes;
  guint64 value = 0;

  if (!take_number (machine, n_length_bytes, &n_bytes, error))
    return FALSE;
  if (n_bytes > 8)
    return push_bytes (machine, PSP_PICKLE_LONG, n_bytes, error);
  bytes = take (machine, n_bytes, error);
  if (bytes == NULL)
    return FALSE;
  for (gsize i = 0; i < n_bytes; i++)
    value |= (guint64) bytes[i] << (8 * i);
  if (n_bytes > 0 && n_bytes < 8 && (bytes[n_bytes - 1] & 0x80) != 0)
    value |= G_MAXUINT64 << (8 * n_bytes);
  return push_integer (machine, PSP_PICKLE_INTEGER, (gint64) value, error);
}

static gboolean
run_float (Machine  *machine,
           guint     argument,
           GError  **error)
{
  guint64 bits;
  PspPickleNode *node;

  if (!take_number (machine, 8, &bits, error))
    return FALSE;
  node = push_new (machine, PSP_PICKLE_FLOAT, error);
  if (node == NULL)
    return FALSE;
  bits = GUINT64_SWAP_LE_BE (bits);
  memcpy (&node->number, &bits, sizeof bits);
  return TRUE;
}

static gboolean
run_string (Machine  *machine,
            guint     n_length_bytes,
            GError  **error)
{
  return push_counted (machine, PSP_PICKLE_STRING, n_length_bytes, error);
}

static gboolean
run_bytes (Machine  *machine,
           guint     n_length_bytes,
           GError  **error)
{
  return push_counted (machine, PSP_PICKLE_BYTES, n_length_bytes, error);
}

static gboolean
run_tuple (Machine  *machine,
           guint     n_items,
           GError  **error)
{
  return collect_last (machine, PSP_PICKLE_TUPLE, n_items, error);
}

static gboolean
run_persistent (Machine  *machine,
                guint     argument,
                GError  **error)
{
  return collect_last (machine, PSP_PICKLE_PERSISTENT, 1, error);
}

static gboolean
push_line (Machine  *machine,
           GError  **error)
{
  const guint8 *line = machine->bytes + machine->position;
  const guint8 *end = memchr (line, '\n', machine->n_bytes - machine->position);

  if (end == NULL)
    return fail (machine, PSP_ERROR_TRUNCATED, "ends too early, in the name", error);
  if (!push_bytes (machine, PSP_PICKLE_STRING, (gsize) (end - line), error))
    return FALSE;
  machine->position++;
  return TRUE;
}

static gboolean
run_global (Machine  *machine,
            guint     argument,
            GError  **error)
{
  return push_line (machine, error) && push_line (machine, error) &&
         collect_last (machine, PSP_PICKLE_GLOBAL, 2, error);
}

static gboolean
run_stack_global (Machine  *machine,
                  guint     argument,
                  GError  **error)
{
  guint n_values = machine->stack->len;

  for (guint i = 1; i <= 2 && i <= n_values; i++)
    {
      const PspPickleNode *node = g_ptr_array_index (machine->stack, n_values - i);

      if (node->kind != PSP_PICKLE_STRING)
        return fail (machine, PSP_ERROR_BAD_FILE, "names a function by what is no text", error);
    }
  return collect_last (machine, PSP_PICKLE_GLOBAL, 2, error);
}

/* REDUCE and NEWOBJ: callable, arguments. */
static gboolean
run_call (Machine  *machine,
          guint     argument,
          GError  **error)
{
  const PspPickleNode *arguments = pop (machine, error);
  const PspPickleNode *callable = arguments != NULL ? pop (machine, error) : NULL;

  return callable != NULL && push_object (machine, callable, arguments, error);
}

/* NEWOBJ_EX: callable, arguments, named arguments; the last are not kept. */
static gboolean
run_call_with_names (Machine  *machine,
                     guint     argument,
                     GError  **error)
{
  return pop (machine, error) != NULL && run_call (machine, argument, error);
}

static gboolean
run_build (Machine  *machine,
           guint     argument,
           GError  **error)
{
  const PspPickleNode *state = pop (machine, error);
  PspPickleNode *object = state != NULL ? peek (machine, error) : NULL;

  if (object == NULL)
    return FALSE;
  object->state = state;
  return TRUE;
}

static gboolean
run_remember_next (Machine  *machine,
                   guint     argument,
                   GError  **error)
{
  return remember (machine, machine->memo->len, error);
}

/* By opcode; the names at the end are those of Lib/pickletools.py. */
static const struct
{
  Operation run;
  guint     argument;
} operations[256] = {
  ['('] = { run_mark },                                 /* MARK */
  ['.'] = { run_stop },                                 /* STOP */
  ['0'] = { run_pop },                                  /* POP */
  ['1'] = { run_pop_mark },                             /* POP_MARK */
  ['2'] = { run_duplicate },                            /* DUP */
  ['B'] = { run_bytes, 4 },                             /* BINBYTES */
  ['C'] = { run_bytes, 1 },                             /* SHORT_BINBYTES */
  ['G'] = { run_float },                                /* BINFLOAT */
  ['J'] = { run_signed },                               /* BININT */
  ['K'] = { run_unsigned, 1 },                          /* BININT1 */
  ['M'] = { run_unsigned, 2 },                          /* BININT2 */
  ['N'] = { run_new, PSP_PICKLE_NONE },                 /* NONE */
  ['Q'] = { run_persistent },                           /* BINPERSID */
  ['R'] = { run_call },                                 /* REDUCE */
  ['T'] = { run_string, 4 },                            /* BINSTRING */
  ['U'] = { run_string, 1 },                            /* SHORT_BINSTRING */
  ['X'] = { run_string, 4 },                            /* BINUNICODE */
  [']'] = { run_new, PSP_PICKLE_LIST },                 /* EMPTY_LIST */
  ['a'] = { run_fill_one, 1 },                          /* APPEND */
  ['b'] = { run_build },                                /* BUILD */
  ['c'] = { run_global },                               /* GLOBAL */
  ['e'] = { run_fill_to_mark, FALSE },                  /* APPENDS */
  ['h'] = { run_recall, 1 },                            /* BINGET */
  ['j'] = { run_recall, 4 },                            /* LONG_BINGET */
  ['q'] = { run_remember, 1 },                          /* BINPUT */
  ['r'] = { run_remember, 4 },                          /* LONG_BINPUT */
  ['s'] = { run_fill_one, 2 },                          /* SETITEM */
  ['t'] = { run_collect_to_mark, PSP_PICKLE_TUPLE },    /* TUPLE */
  ['u'] = { run_fill_to_mark, TRUE },                   /* SETITEMS */
  [')'] = { run_new, PSP_PICKLE_TUPLE },                /* EMPTY_TUPLE */
  ['}'] = { run_new, PSP_PICKLE_DICT },                 /* EMPTY_DICT */
  [0x80] = { run_protocol },                            /* PROTO */
  [0x81] = { run_call },                                /* NEWOBJ */
  [0x85] = { run_tuple, 1 },                            /* TUPLE1 */
  [0x86] = { run_tuple, 2 },                            /* TUPLE2 */
  [0x87] = { run_tuple, 3 },                            /* TUPLE3 */
  [0x88] = { run_boolean, TRUE },                       /* NEWTRUE */
  [0x89] = { run_boolean, FALSE },                      /* NEWFALSE */
  [0x8a] = { run_long, 1 },                             /* LONG1 */
  [0x8b] = { run_long, 4 },                             /* LONG4 */
  [0x8c] = { run_string, 1 },                           /* SHORT_BINUNICODE */
  [0x8d] = { run_string, 8 },                           /* BINUNICODE8 */
  [0x8e] = { run_bytes, 8 },                            /* BINBYTES8 */
  [0x8f] = { run_new, PSP_PICKLE_SET },                 /* EMPTY_SET */
  [0x90] = { run_fill_to_mark, FALSE },                 /* ADDITEMS */
  [0x91] = { run_collect_to_mark, PSP_PICKLE_SET },     /* FROZENSET */
  [0x92] = { run_call_with_names },                     /* NEWOBJ_EX */
  [0x93] = { run_stack_global },                        /* STACK_GLOBAL */
  [0x94] = { run_remember_next },                       /* MEMOIZE */
  [0x95] = { run_frame },                               /* FRAME */
  [0x96] = { run_bytes, 8 },                            /* BYTEARRAY8 */
};

static gboolean
step (Machine  *machine,
      GError  **error)
{
  guint8 opcode;

  machine->opcode_position = machine->position;
  if (machine->position == machine->n_bytes)
    return fail (machine, PSP_ERROR_TRUNCATED, "ends too early,", error);
  opcode = machine->bytes[machine->position++];
  if (operations[opcode].run == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                   "the pickle has the unknown opcode 0x%02x at byte %" G_GSIZE_FORMAT, opcode,
                   machine->opcode_position);
      return FALSE;
    }
  return operations[opcode].run (machine, operations[opcode].argument, error);
}

PspPickle *
psp_pickle_parse (GBytes  *bytes,
                  GError **error)
{
  g_autoptr(PspPickle) self = g_new0 (PspPickle, 1);
  g_autoptr(GPtrArray) stack = g_ptr_array_new ();
  g_autoptr(GArray) marks = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr(GPtrArray) memo = g_ptr_array_new ();
  Machine machine = { .pickle = self, .stack = stack, .marks = marks, .memo = memo };

  self->bytes = g_bytes_ref (bytes);
  self->blocks = g_ptr_array_new_with_free_func (g_free);
  machine.bytes = g_bytes_get_data (bytes, &machine.n_bytes);
  if (machine.n_bytes > MAX_BYTES)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                   "the pickle has more than the 64 MiB that are read");
      return NULL;
    }
  while (!machine.stopped)
    if (!step (&machine, error))
      return NULL;

  self->n_bytes = machine.position;
  return g_steal_pointer (&self);
}
