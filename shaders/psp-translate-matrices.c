/* SPDX-License-Identifier: MIT */
/*
 * Usage: psp-translate-matrices IN.spv OUT
 *
 * Translates a module of SPIR-V from SPV_NV_cooperative_matrix, which Debian 12's compiler writes,
 * to SPV_KHR_cooperative_matrix, which more devices know, and writes its words as numbers that C
 * includes.  Runs while the program is built.  Exit status: 0; 1 with a message on a module that is
 * damaged or that cannot be said in the other form.
 *
 * What differs, from the specifications of the two extensions (operands in order, without the
 * result's type and number):
 *
 *     capability     5357                                  6022
 *     type           5358  component scope rows columns    4456  the same, use
 *     load           5359  pointer stride column-major     4457  pointer layout stride
 *     store          5360  pointer object stride           4458  pointer object layout stride
 *                          column-major
 *     multiply, add  5361  a b c                           4459  the same
 *     length         5362  type                            4460  the same
 *
 * Memory operands follow load and store in both.  The use of a type, 0 to 2 for a, b and c, is
 * found from what is multiplied; the layout is 0 by rows and 1 by columns.  Both are constants,
 * which are made before the first type of a matrix.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0x07230203u
#define HEADER_WORDS 5
#define BOUND 3 /* where the header says the number above all ids */
#define MAX_WORDS (1u << 24)
#define MAX_BOUND (1u << 20)
#define N_CONSTANTS 3 /* 0, 1 and 2 */

#define NV_EXTENSION "SPV_NV_cooperative_matrix"
#define KHR_EXTENSION "SPV_KHR_cooperative_matrix"

enum
{
  OP_NAME = 5,
  OP_EXTENSION = 10,
  OP_CAPABILITY = 17,
  OP_TYPE_INT = 21,
  OP_CONSTANT_TRUE = 41,
  OP_CONSTANT_FALSE = 42,
  OP_CONSTANT = 43,
  OP_DECORATE = 71,
  OP_TYPE_KHR = 4456,
  OP_LOAD_KHR = 4457,
  OP_STORE_KHR = 4458,
  OP_MULTIPLY_KHR = 4459,
  OP_LENGTH_KHR = 4460,
  OP_TYPE_NV = 5358,
  OP_LOAD_NV = 5359,
  OP_STORE_NV = 5360,
  OP_MULTIPLY_NV = 5361,
  OP_LENGTH_NV = 5362,
  CAPABILITY_NV = 5357,
  CAPABILITY_KHR = 6022,
};

/* What is known of an id. */
typedef struct
{
  uint32_t type;     /* a matrix's; else 0 */
  uint32_t uses;     /* of a matrix's type: a bit for each operand that it is */
  int      is_type;  /* of a matrix */
  int      is_false;
  int      is_true;
} Id;

typedef struct
{
  uint32_t *words;
  size_t    n_words;
  Id       *ids;
  uint32_t  bound;
  uint32_t  integer;   /* type of 32 bits; 0: none met yet */
  int       constants; /* whether they are written */
  uint32_t *out;
  size_t    n_out;
} Module;

static int
fail (const char *text)
{
  fprintf (stderr, "psp-translate-matrices: %s\n", text);
  return 0;
}

static uint32_t
get_opcode (const uint32_t *instruction)
{
  return instruction[0] & 0xffff;
}

static uint32_t
get_length (const uint32_t *instruction)
{
  return instruction[0] >> 16;
}

static int
read_words (Module     *module,
            const char *path)
{
  FILE *file = fopen (path, "rb");
  size_t n_bytes = 0;

  if (file == NULL)
    {
      fprintf (stderr, "psp-translate-matrices: %s: %s\n", path, strerror (errno));
      return 0;
    }
  module->words = malloc (MAX_WORDS * sizeof (uint32_t));
  if (module->words != NULL)
    n_bytes = fread (module->words, 1, MAX_WORDS * sizeof (uint32_t), file);
  fclose (file);

  module->n_words = n_bytes / sizeof (uint32_t);
  if (n_bytes == 0 || n_bytes % sizeof (uint32_t) != 0 || module->n_words == MAX_WORDS)
    return fail ("the file is empty, cut off within a word, or too large");
  if (module->n_words < HEADER_WORDS || module->words[0] != MAGIC)
    return fail ("this is no SPIR-V module of this machine's byte order");
  module->bound = module->words[BOUND];
  if (module->bound == 0 || module->bound > MAX_BOUND)
    return fail ("the bound of ids is out of reason");
  return 1;
}

/* The words that an instruction which we look into must have at least. */
static uint32_t
get_least_length (uint32_t opcode)
{
  switch (opcode)
    {
    case OP_CAPABILITY:
    case OP_EXTENSION:
      return 2;
    case OP_CONSTANT_TRUE:
    case OP_CONSTANT_FALSE:
      return 3;
    case OP_TYPE_INT:
    case OP_LENGTH_NV:
      return 4;
    case OP_STORE_NV:
      return 5;
    case OP_TYPE_NV:
    case OP_LOAD_NV:
    case OP_MULTIPLY_NV:
      return 6;
    default:
      return 1;
    }
}

/* Whether every instruction lies within the module. */
static int
check_lengths (const Module *module)
{
  for (size_t i = HEADER_WORDS; i < module->n_words; i += get_length (&module->words[i]))
    {
      uint32_t length = get_length (&module->words[i]);

      if (length == 0 || length < get_least_length (get_opcode (&module->words[i])))
        return fail ("an instruction is shorter than it can be");
      if (length > module->n_words - i)
        return fail ("the last instruction is cut off");
    }
  return 1;
}

static Id *
get_id (const Module *module,
        uint32_t      id)
{
  return id < module->bound ? &module->ids[id] : NULL;
}

/* Notes of what type the operand @id of a multiplication is. */
static int
note_use (Module  *module,
          uint32_t id,
          int      use)
{
  Id *operand = get_id (module, id);
  Id *type = operand != NULL ? get_id (module, operand->type) : NULL;

  if (type == NULL || !type->is_type)
    return fail ("what is multiplied is no matrix");
  type->uses |= 1u << use;
  return 1;
}

static int
note (Module         *module,
      const uint32_t *instruction)
{
  uint32_t opcode = get_opcode (instruction);
  uint32_t length = get_length (instruction);
  Id *first = length > 1 ? get_id (module, instruction[1]) : NULL;
  Id *second = length > 2 ? get_id (module, instruction[2]) : NULL;

  if (opcode == OP_TYPE_NV && first != NULL)
    first->is_type = 1;
  else if ((opcode == OP_CONSTANT_TRUE || opcode == OP_CONSTANT_FALSE) && second != NULL)
    *(opcode == OP_CONSTANT_TRUE ? &second->is_true : &second->is_false) = 1;
  else if (opcode != OP_NAME && opcode != OP_DECORATE && first != NULL && first->is_type &&
           second != NULL)
    second->type = instruction[1];

  return opcode != OP_MULTIPLY_NV ||
         (note_use (module, instruction[3], 0) &&
          note_use (module, instruction[4], 1) &&
          note_use (module, instruction[5], 2));
}

static int
note_all (Module *module)
{
  for (size_t i = HEADER_WORDS; i < module->n_words; i += get_length (&module->words[i]))
    if (!note (module, &module->words[i]))
      return 0;
  return 1;
}

static void
put (Module  *module,
     uint32_t word)
{
  module->out[module->n_out++] = word;
}

static void
put_all (Module         *module,
         const uint32_t *words,
         uint32_t        n_words)
{
  memcpy (module->out + module->n_out, words, n_words * sizeof *words);
  module->n_out += n_words;
}

static void
put_opcode (Module  *module,
            uint32_t opcode,
            uint32_t length)
{
  put (module, length << 16 | opcode);
}

/* Other extensions stay. */
static int
put_extension (Module         *module,
               const uint32_t *instruction)
{
  uint32_t length = get_length (instruction);
  uint32_t name[sizeof KHR_EXTENSION / sizeof (uint32_t) + 1] = { 0 };
  uint32_t n_words = sizeof KHR_EXTENSION / sizeof (uint32_t) +
                     (sizeof KHR_EXTENSION % sizeof (uint32_t) != 0);

  if ((length - 1) * sizeof (uint32_t) < sizeof NV_EXTENSION ||
      memcmp (instruction + 1, NV_EXTENSION, sizeof NV_EXTENSION) != 0)
    {
      put_all (module, instruction, length);
      return 1;
    }

  memcpy (name, KHR_EXTENSION, sizeof KHR_EXTENSION);
  put_opcode (module, OP_EXTENSION, 1 + n_words);
  put_all (module, name, n_words);
  return 1;
}

static int
put_type (Module         *module,
          const uint32_t *instruction)
{
  const Id *id = get_id (module, instruction[1]);
  uint32_t use = 0;

  if (module->integer == 0)
    return fail ("no 32-bit integers are known where the first matrix is");
  if (id == NULL || id->uses == 0 || (id->uses & (id->uses - 1)) != 0)
    return fail ("a type of matrices is multiplied as more than one operand, or as none");
  while (id->uses >> use != 1)
    use++;

  for (uint32_t i = 0; i < N_CONSTANTS && !module->constants; i++)
    {
      put_opcode (module, OP_CONSTANT, 4);
      put (module, module->integer);
      put (module, module->bound + i);
      put (module, i);
    }
  module->constants = 1;
  put_opcode (module, OP_TYPE_KHR, 7);
  put_all (module, instruction + 1, 5);
  put (module, module->bound + use);
  return 1;
}

/* The @n_kept words before stride and order stay in front; memory operands behind. */
static int
put_access (Module         *module,
            const uint32_t *instruction,
            uint32_t        opcode,
            uint32_t        n_kept)
{
  const Id *by_columns = get_id (module, instruction[n_kept + 2]);

  if (by_columns == NULL || !(by_columns->is_true || by_columns->is_false))
    return fail ("the order of a matrix in memory is no plain constant");
  if (!module->constants)
    return fail ("a matrix is used before its type");

  put_opcode (module, opcode, get_length (instruction));
  put_all (module, instruction + 1, n_kept);
  put (module, module->bound + (by_columns->is_true ? 1 : 0));
  put (module, instruction[n_kept + 1]);
  put_all (module, instruction + n_kept + 3, get_length (instruction) - n_kept - 3);
  return 1;
}

static int
put_renamed (Module         *module,
             const uint32_t *instruction,
             uint32_t        opcode)
{
  put_opcode (module, opcode, get_length (instruction));
  put_all (module, instruction + 1, get_length (instruction) - 1);
  return 1;
}

static int
translate (Module         *module,
           const uint32_t *instruction)
{
  switch (get_opcode (instruction))
    {
    case OP_CAPABILITY:
      put (module, instruction[0]);
      put (module, instruction[1] == CAPABILITY_NV ? CAPABILITY_KHR : instruction[1]);
      return 1;
    case OP_EXTENSION:
      return put_extension (module, instruction);
    case OP_TYPE_NV:
      return put_type (module, instruction);
    case OP_LOAD_NV:
      return put_access (module, instruction, OP_LOAD_KHR, 3);
    case OP_STORE_NV:
      return put_access (module, instruction, OP_STORE_KHR, 2);
    case OP_MULTIPLY_NV:
      return put_renamed (module, instruction, OP_MULTIPLY_KHR);
    case OP_LENGTH_NV:
      return put_renamed (module, instruction, OP_LENGTH_KHR);
    case OP_TYPE_INT:
      if (instruction[2] == 32 && module->integer == 0)
        module->integer = instruction[1];
      break;
    default:
      break;
    }
  put_all (module, instruction, get_length (instruction));
  return 1;
}

/* Nothing grows to more than twice its length, but for the constants. */
static int
translate_all (Module *module)
{
  module->ids = calloc (module->bound, sizeof *module->ids);
  module->out = calloc (2 * module->n_words + 4 * N_CONSTANTS, sizeof *module->out);
  if (module->ids == NULL || module->out == NULL)
    return fail ("no memory");
  if (!check_lengths (module) || !note_all (module))
    return 0;

  put_all (module, module->words, HEADER_WORDS);
  module->out[BOUND] += N_CONSTANTS;
  for (size_t i = HEADER_WORDS; i < module->n_words; i += get_length (&module->words[i]))
    if (!translate (module, &module->words[i]))
      return 0;
  return module->constants || fail ("there is no matrix in the module");
}

static int
write_numbers (const Module *module,
               const char   *path)
{
  FILE *file = fopen (path, "w");
  int good = file != NULL;

  for (size_t i = 0; good && i < module->n_out; i++)
    good = fprintf (file, "0x%08x,%c", module->out[i], i % 8 == 7 ? '\n' : ' ') > 0;
  good = file != NULL && fclose (file) == 0 && good;
  if (!good)
    fprintf (stderr, "psp-translate-matrices: %s: %s\n", path, strerror (errno));
  return good;
}

int
main (int    argc,
      char **argv)
{
  Module module = { 0 };
  int good;

  if (argc != 3)
    {
      fail ("usage: psp-translate-matrices IN.spv OUT");
      return 1;
    }

  good = read_words (&module, argv[1]) && translate_all (&module) &&
         write_numbers (&module, argv[2]);
  free (module.words);
  free (module.ids);
  free (module.out);
  return good ? 0 : 1;
}
