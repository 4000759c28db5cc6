/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pickle.h"

#include <string.h>

#define PICKLE(text) (text), sizeof (text) - 1

static PspPickle *
parse (gconstpointer  bytes,
       gsize          n_bytes,
       GError       **error)
{
  /* A copy of exactly this length: reading past it is seen by the sanitizer. */
  g_autoptr(GBytes) content = g_bytes_new (bytes, n_bytes);

  return psp_pickle_parse (content, error);
}

static PspPickle *
parse_ok (gconstpointer bytes,
          gsize         n_bytes)
{
  g_autoptr(GError) error = NULL;
  PspPickle *pickle = parse (bytes, n_bytes, &error);

  g_assert_no_error (error);
  return pickle;
}

static void
assert_refused (gconstpointer  bytes,
                gsize          n_bytes,
                PspError       code,
                const char    *says)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (parse (bytes, n_bytes, &error));
  g_assert_error (error, PSP_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_integers (void)
{
  static const struct
  {
    const char *bytes;
    gsize       n_bytes;
    gint64      value;
  } cases[] = {
    { PICKLE ("K\xff."), 255 },
    { PICKLE ("M\x00\xff."), 65280 },
    { PICKLE ("J\xfe\xff\xff\xff."), -2 },
    { PICKLE ("\x8a\x00."), 0 },
    { PICKLE ("\x8a\x01\xff."), -1 },
    { PICKLE ("\x8a\x02\xff\x00."), 255 },
    { PICKLE ("\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."), G_MININT64 },
    { PICKLE ("\x8b\x03\x00\x00\x00\x01\x02\x03."), 0x030201 },
    { PICKLE ("\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x07."), 7 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PspPickle) pickle = parse_ok (cases[i].bytes, cases[i].n_bytes);
      const PspPickleNode *root = psp_pickle_get_root (pickle);

      g_assert_cmpint (root->kind, ==, PSP_PICKLE_INTEGER);
      g_assert_cmpint (root->integer, ==, cases[i].value);
    }
}

static void
test_scalars (void)
{
  g_autoptr(PspPickle) pickle = parse_ok (PICKLE (
    "\x80\x02(N\x88\x89G\x3f\xf8\0\0\0\0\0\0\x8a\x09" "123456789C\x02\0\1B\x01\0\0\0z"
    "\x96\x01\0\0\0\0\0\0\0yt. what follows is left alone"));
  const PspPickleNode *root = psp_pickle_get_root (pickle);

  g_assert_cmpint (root->kind, ==, PSP_PICKLE_TUPLE);
  g_assert_cmpuint (root->n_items, ==, 8);
  g_assert_cmpint (root->items[0]->kind, ==, PSP_PICKLE_NONE);
  g_assert_cmpint (root->items[1]->kind, ==, PSP_PICKLE_BOOLEAN);
  g_assert_cmpint (root->items[1]->integer, ==, 1);
  g_assert_cmpint (root->items[2]->integer, ==, 0);
  g_assert_cmpint (root->items[3]->kind, ==, PSP_PICKLE_FLOAT);
  g_assert_cmpfloat (root->items[3]->number, ==, 1.5);
  g_assert_cmpint (root->items[4]->kind, ==, PSP_PICKLE_LONG);
  g_assert_cmpmem (root->items[4]->bytes, root->items[4]->n_bytes, "123456789", 9);
  g_assert_cmpmem (root->items[5]->bytes, root->items[5]->n_bytes, "\0\1", 2);
  g_assert_cmpmem (root->items[6]->bytes, root->items[6]->n_bytes, "z", 1);
  g_assert_cmpmem (root->items[7]->bytes, root->items[7]->n_bytes, "y", 1);
  g_assert_cmpint (root->items[7]->kind, ==, PSP_PICKLE_BYTES);
}

/* Python 3's texts, Python 2's, and those of protocol 4. */
static void
test_strings (void)
{
  static const struct
  {
    const char *bytes;
    gsize       n_bytes;
  } cases[] = {
    { PICKLE ("X\x03\0\0\0abc.") },
    { PICKLE ("U\x03" "abc.") },
    { PICKLE ("T\x03\0\0\0abc.") },
    { PICKLE ("\x8c\x03" "abc.") },
    { PICKLE ("\x8d\x03\0\0\0\0\0\0\0abc.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PspPickle) pickle = parse_ok (cases[i].bytes, cases[i].n_bytes);
      const PspPickleNode *root = psp_pickle_get_root (pickle);

      g_assert_true (psp_pickle_node_is_string (root, "abc"));
      g_assert_false (psp_pickle_node_is_string (root, "ab"));
      g_assert_false (psp_pickle_node_is_string (root, "abcd"));
    }
}

/* {"a": [1, 2], "b": (3,), "a": {4}} with appends one by one and in batches. */
static void
test_containers (void)
{
  g_autoptr(PspPickle) pickle = parse_ok (PICKLE (
    "}(\x8c\x01" "a]K\x01" "a(K\x02" "e\x8c\x01" "bK\x03\x85u\x8c\x01" "a\x8f(K\x04\x90s."));
  const PspPickleNode *root = psp_pickle_get_root (pickle);
  const PspPickleNode *tuple = psp_pickle_node_lookup (root, "b");
  const PspPickleNode *set = psp_pickle_node_lookup (root, "a");

  g_assert_cmpint (root->kind, ==, PSP_PICKLE_DICT);
  g_assert_cmpuint (root->n_items, ==, 6);
  g_assert_cmpuint (root->items[1]->n_items, ==, 2);
  g_assert_cmpint (psp_pickle_node_get_item (root->items[1], 1)->integer, ==, 2);
  g_assert_null (psp_pickle_node_get_item (root->items[1], 2));
  g_assert_cmpint (psp_pickle_node_get_item (tuple, 0)->integer, ==, 3);
  g_assert_cmpint (set->kind, ==, PSP_PICKLE_SET);
  g_assert_cmpint (set->items[0]->integer, ==, 4);
  g_assert_null (psp_pickle_node_lookup (root, "c"));
  g_assert_null (psp_pickle_node_lookup (tuple, "a"));
}

static void
test_memo (void)
{
  static const struct
  {
    const char *bytes;
    gsize       n_bytes;
  } cases[] = {
    { PICKLE ("K\x05q\x00h\x00\x86.") },
    { PICKLE ("K\x05r\x10\x27\0\0j\x10\x27\0\0\x86.") },
    { PICKLE ("K\x05\x94h\x00\x86.") },
    { PICKLE ("K\x05" "2\x86.") },
    { PICKLE ("K\x05q\x01" "0h\x01h\x01\x86.") },
    { PICKLE ("K\x05q\x01(K\x06K\x07" "1h\x01\x86.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(PspPickle) pickle = parse_ok (cases[i].bytes, cases[i].n_bytes);
      const PspPickleNode *root = psp_pickle_get_root (pickle);

      g_assert_cmpuint (root->n_items, ==, 2);
      g_assert_true (root->items[0] == root->items[1]);
      g_assert_cmpint (root->items[0]->integer, ==, 5);
    }
}

/* A list that holds itself can be had and freed. */
static void
test_cycle (void)
{
  g_autoptr(PspPickle) pickle = parse_ok (PICKLE ("]q\x00h\x00" "a."));
  const PspPickleNode *root = psp_pickle_get_root (pickle);

  g_assert_true (psp_pickle_node_get_item (root, 0) == root);
}

static void
test_objects (void)
{
  g_autoptr(PspPickle) pickle = parse_ok (PICKLE (
    "\x80\x02" "cos\nsystem\n\x8c\x07" "echo hi\x85R(\x8c\x01" "kK\x01uK\x02" "a}\x8c\x01xK\x03"
    "sb."));
  g_autoptr(PspPickle) stacked = parse_ok (PICKLE (
    "\x80\x04\x8c\x02os\x8c\x06system\x93K\x01\x85}\x92."));
  g_autoptr(PspPickle) persistent = parse_ok (PICKLE ("(K\x01K\x02tQ."));
  const PspPickleNode *root = psp_pickle_get_root (pickle);
  g_autofree char *name = NULL;

  g_assert_cmpint (root->kind, ==, PSP_PICKLE_OBJECT);
  g_assert_true (psp_pickle_node_is_global (root->callable, "os", "system"));
  g_assert_false (psp_pickle_node_is_global (root->callable, "os", "syste"));
  g_assert_true (psp_pickle_node_is_string (psp_pickle_node_get_argument (root, 0), "echo hi"));
  g_assert_null (psp_pickle_node_get_argument (root, 1));
  g_assert_cmpint (psp_pickle_node_lookup (root, "k")->integer, ==, 1);
  g_assert_cmpuint (root->n_items, ==, 2);
  g_assert_cmpint (psp_pickle_node_lookup (root->state, "x")->integer, ==, 3);
  name = psp_pickle_node_dup_name (root->callable);
  g_assert_cmpstr (name, ==, "os.system");

  root = psp_pickle_get_root (stacked);
  g_assert_true (psp_pickle_node_is_global (root->callable, "os", "system"));
  g_assert_cmpint (psp_pickle_node_get_argument (root, 0)->integer, ==, 1);

  root = psp_pickle_get_root (persistent);
  g_assert_cmpint (root->kind, ==, PSP_PICKLE_PERSISTENT);
  g_assert_cmpuint (root->n_items, ==, 1);
  g_assert_cmpint (psp_pickle_node_get_item (root->items[0], 1)->integer, ==, 2);
}

/* Python 2: OrderedDict ([[key, value], …]). */
static void
test_python_2_dict (void)
{
  g_autoptr(PspPickle) pickle = parse_ok (PICKLE (
    "\x80\x02" "ccollections\nOrderedDict\n](](U\x01" "aK\x01" "e](U\x01" "bK\x02" "ee\x85R."));
  const PspPickleNode *root = psp_pickle_get_root (pickle);

  g_assert_cmpint (psp_pickle_node_lookup (root, "a")->integer, ==, 1);
  g_assert_cmpint (psp_pickle_node_lookup (root, "b")->integer, ==, 2);
}

static void
test_damaged (void)
{
  static const struct
  {
    const char *bytes;
    gsize       n_bytes;
    PspError    code;
    const char *says;
  } cases[] = {
    { PICKLE (""), PSP_ERROR_TRUNCATED, "ends" },
    { PICKLE ("."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("N"), PSP_ERROR_TRUNCATED, "byte 1" },
    { PICKLE ("X\xff\xff\xff\x00" "a"), PSP_ERROR_TRUNCATED, "ends" },
    { PICKLE ("X\xff\xff\xff\xff" "a"), PSP_ERROR_BAD_FILE, "16 MiB" },
    { PICKLE ("\x8d\xff\xff\xff\xff\xff\xff\xff\xff" "a"), PSP_ERROR_BAD_FILE, "16 MiB" },
    { PICKLE ("\x8b\xff\xff\xff\xff"), PSP_ERROR_BAD_FILE, "16 MiB" },
    { PICKLE ("\x80\x06N."), PSP_ERROR_UNSUPPORTED, "protocol" },
    { PICKLE ("\xffN."), PSP_ERROR_BAD_FILE, "0xff" },
    { PICKLE ("N\x86."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("N(\x85."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("N(."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("t."), PSP_ERROR_BAD_FILE, "mark" },
    { PICKLE ("u."), PSP_ERROR_BAD_FILE, "mark" },
    { PICKLE ("(u."), PSP_ERROR_BAD_FILE, "container" },
    { PICKLE ("N(K\x01" "e."), PSP_ERROR_BAD_FILE, "container" },
    { PICKLE ("}(K\x01" "u."), PSP_ERROR_BAD_FILE, "container" },
    { PICKLE ("](K\x01K\x02u."), PSP_ERROR_BAD_FILE, "container" },
    { PICKLE ("}K\x01" "a."), PSP_ERROR_BAD_FILE, "container" },
    { PICKLE ("](K\x01" "a."), PSP_ERROR_BAD_FILE, "container" },
    { PICKLE ("s."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("K\x01K\x02s."), PSP_ERROR_BAD_FILE, "container" },
    { PICKLE ("h\x00."), PSP_ERROR_BAD_FILE, "recalls" },
    { PICKLE ("Nq\x05h\x04."), PSP_ERROR_BAD_FILE, "recalls" },
    { PICKLE ("Nr\xff\xff\xff\xff."), PSP_ERROR_BAD_FILE, "remembers" },
    { PICKLE ("q\x00."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("cos\nsystem"), PSP_ERROR_TRUNCATED, "name" },
    { PICKLE ("K\x01K\x02\x93."), PSP_ERROR_BAD_FILE, "no text" },
    { PICKLE ("\x8c\x01" "a\x93."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("NR."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("Nb."), PSP_ERROR_BAD_FILE, "not there" },
    { PICKLE ("Q."), PSP_ERROR_BAD_FILE, "not there" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("pickle %u", i);
      assert_refused (cases[i].bytes, cases[i].n_bytes, cases[i].code, cases[i].says);
    }
}

static void
repeat (GByteArray *content,
        guint       n_times,
        const char *bytes,
        gsize       n_bytes)
{
  for (guint i = 0; i < n_times; i++)
    g_byte_array_append (content, (const guint8 *) bytes, (guint) n_bytes);
}

/* Nesting 900000 deep neither exhausts the stack nor, freed, recurses; marks have a limit. */
static void
test_deep (void)
{
  g_autoptr(GByteArray) content = g_byte_array_new ();
  g_autoptr(PspPickle) pickle = NULL;

  repeat (content, 1, PICKLE ("N"));
  repeat (content, 900000, PICKLE ("\x85"));
  repeat (content, 1, PICKLE ("."));
  pickle = parse_ok (content->data, content->len);
  g_assert_cmpint (psp_pickle_get_root (pickle)->kind, ==, PSP_PICKLE_TUPLE);

  g_byte_array_set_size (content, 0);
  repeat (content, 1001, PICKLE ("("));
  assert_refused (content->data, content->len, PSP_ERROR_BAD_FILE, "nested");
}

/* Small files that would fill the memory. */
static void
test_bombs (void)
{
  g_autoptr(GByteArray) content = g_byte_array_new ();

  repeat (content, 1000001, PICKLE ("N"));
  assert_refused (content->data, content->len, PSP_ERROR_BAD_FILE, "too many");

  g_byte_array_set_size (content, 0);
  repeat (content, 1, PICKLE ("N"));
  repeat (content, 1000001, PICKLE ("2"));
  assert_refused (content->data, content->len, PSP_ERROR_BAD_FILE, "too many");

  /* One value, two million and one times in one list. */
  g_byte_array_set_size (content, 0);
  repeat (content, 1, PICKLE ("]K\x01q\x00" "a"));
  repeat (content, 2000000, PICKLE ("h\x00" "a"));
  assert_refused (content->data, content->len, PSP_ERROR_BAD_FILE, "too many");

  /* One list of 1000 pairs, named in 2000 calls. */
  g_byte_array_set_size (content, 0);
  repeat (content, 1, PICKLE ("ccollections\nOrderedDict\nq\x00K\x01K\x02\x86q\x01]("));
  repeat (content, 1000, PICKLE ("h\x01"));
  repeat (content, 1, PICKLE ("e\x85q\x02"));
  repeat (content, 2000, PICKLE ("h\x00h\x02R"));
  assert_refused (content->data, content->len, PSP_ERROR_BAD_FILE, "too many");
}

static void
test_truncated (void)
{
  static const char whole[] =
    "\x80\x02}(X\x01\0\0\0ac\x61rgparse\nNamespace\n)\x81}U\x02lrG\x3f\x84z\xe1G\xae\x14{sb\x8c\x01"
    "b(\x8a\x02\x01\x02N\x88tQX\x01\0\0\0c]r\x01\0\0\0(K\x01M\x02\x00J\x03\0\0\0ej\x01\0\0\0\x86u.";

  psp_pickle_free (parse_ok (whole, sizeof whole - 1));
  for (gsize n_bytes = 0; n_bytes < sizeof whole - 1; n_bytes++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (parse (whole, n_bytes, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED);
    }
}

/* Whatever the bytes, there is a tree or an error. */
static void
test_random (void)
{
  static const char opcodes[] = "(.0122BCGJKMNQRTUX]abcehjqrstu)}"
                                "\x80\x81\x85\x86\x87\x88\x89\x8a\x8c\x8f\x90\x91\x92\x93\x94";
  g_autoptr(GRand) random = g_rand_new_with_seed (20260101);

  for (int round = 0; round < 50000; round++)
    {
      guint8 bytes[64];
      gsize n_bytes = (gsize) g_rand_int_range (random, 1, sizeof bytes);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspPickle) pickle = NULL;

      for (gsize i = 0; i < n_bytes; i++)
        bytes[i] = g_rand_boolean (random)
                   ? (guint8) opcodes[g_rand_int_range (random, 0, sizeof opcodes - 1)]
                   : (guint8) g_rand_int_range (random, 0, 4);
      pickle = parse (bytes, n_bytes, &error);
      g_assert_true ((pickle == NULL) == (error != NULL));
      if (pickle != NULL)
        g_assert_nonnull (psp_pickle_get_root (pickle));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pickle/integers", test_integers);
  g_test_add_func ("/pickle/scalars", test_scalars);
  g_test_add_func ("/pickle/strings", test_strings);
  g_test_add_func ("/pickle/containers", test_containers);
  g_test_add_func ("/pickle/memo", test_memo);
  g_test_add_func ("/pickle/cycle", test_cycle);
  g_test_add_func ("/pickle/objects", test_objects);
  g_test_add_func ("/pickle/python-2-dict", test_python_2_dict);
  g_test_add_func ("/pickle/damaged", test_damaged);
  g_test_add_func ("/pickle/deep", test_deep);
  g_test_add_func ("/pickle/bombs", test_bombs);
  g_test_add_func ("/pickle/truncated", test_truncated);
  g_test_add_func ("/pickle/random", test_random);
  return g_test_run ();
}
