/* SPDX-License-Identifier: MIT */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>

/* The module that is translated while the program is built, and copies that are damaged.  The
 * numbers below are those of the two extensions' specifications, once more. */

#define HEADER_WORDS 5

typedef struct
{
  char    *folder;
  guint32 *module;
  gsize    n_words;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;
  gsize n_bytes;

  self->folder = g_dir_make_tmp ("test-translate-XXXXXX", &error);
  g_assert_no_error (error);
  g_file_get_contents (g_getenv ("MATRIX_MODULE"), (char **) &self->module, &n_bytes, &error);
  g_assert_no_error (error);
  self->n_words = n_bytes / sizeof (guint32);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->module);
}

/* (transfer full) (nullable): the words that @n_bytes of @content become; %NULL: refused, with a
 * message, which is checked. */
static GArray *
translate (const Fixture *self,
           gconstpointer  content,
           gsize          n_bytes)
{
  g_autofree char *in = g_build_filename (self->folder, "in.spv", NULL);
  g_autofree char *out = g_build_filename (self->folder, "out.inc", NULL);
  g_autofree char *text = NULL;
  g_autofree char *messages = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) words = g_array_new (FALSE, FALSE, sizeof (guint32));
  char *argv[] = { (char *) g_getenv ("TRANSLATE_MATRICES"), in, out, NULL };
  int status;

  g_assert_true (g_file_set_contents (in, content, n_bytes, &error));
  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &messages,
                               &status, &error));
  g_assert_no_error (error);
  g_remove (in);
  g_assert_true (WIFEXITED (status));
  g_assert_nonnull (messages);
  if (WEXITSTATUS (status) != 0)
    {
      g_assert_cmpint (WEXITSTATUS (status), ==, 1);
      g_assert_true (g_str_has_prefix (messages, "psp-translate-matrices: "));
      g_assert_false (g_file_test (out, G_FILE_TEST_EXISTS));
      return NULL;
    }

  g_assert_cmpstr (messages, ==, "");
  g_assert_true (g_file_get_contents (out, &text, NULL, &error));
  g_remove (out);
  for (char *number = strstr (text, "0x"); number != NULL; number = strstr (number + 2, "0x"))
    {
      guint32 word = g_ascii_strtoull (number, NULL, 16);

      g_array_append_val (words, word);
    }
  return g_steal_pointer (&words);
}

/* The three constants, between the module's own instructions. */
static gsize
check_constants (const guint32 *words,
                 guint32        bound)
{
  for (guint32 i = 0; i < 3; i++)
    {
      g_assert_cmphex (words[4 * i], ==, 4 << 16 | 43);
      g_assert_cmphex (words[4 * i + 2], ==, bound + i);
      g_assert_cmphex (words[4 * i + 3], ==, i);
    }
  return 12;
}

/* One instruction that differs; the words that it has become.  @n_types: counts those of matrices;
 * the module's are a, b and c in this order, and all its matrices lie by rows. */
static gsize
check_changed (const guint32 *from,
               const guint32 *to,
               guint32        bound,
               guint         *n_types)
{
  guint32 opcode = from[0] & 0xffff;
  guint32 length = from[0] >> 16;
  gsize n_kept = opcode == 5359 ? 3 : 2;

  if (opcode == 5358)
    {
      g_assert_cmphex (to[0], ==, 7 << 16 | 4456);
      g_assert_cmpmem (to + 1, 20, from + 1, 20);
      g_assert_cmphex (to[6], ==, bound + (*n_types)++);
      return 7;
    }
  if (opcode == 5361)
    {
      g_assert_cmphex (to[0], ==, 6 << 16 | 4459);
      g_assert_cmpmem (to + 1, 20, from + 1, 20);
      return 6;
    }

  g_assert_cmphex (to[0], ==, length << 16 | (opcode - 5359 + 4457));
  g_assert_cmpmem (to + 1, 4 * n_kept, from + 1, 4 * n_kept);
  g_assert_cmphex (to[n_kept + 1], ==, bound);
  g_assert_cmphex (to[n_kept + 2], ==, from[n_kept + 1]);
  g_assert_cmpmem (to + n_kept + 3, 4 * (length - n_kept - 3),
                   from + n_kept + 3, 4 * (length - n_kept - 3));
  return length;
}

/* Every word of the program's own module is where the other extension wants it. */
static void
test_module (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr(GArray) words = translate (self, self->module, self->n_words * sizeof (guint32));
  const guint32 *to = (const guint32 *) words->data;
  guint32 bound = self->module[3];
  guint n_types = 0, n_changed = 0;
  gsize at = HEADER_WORDS;

  g_assert_cmpmem (to, 12, self->module, 12);
  g_assert_cmphex (to[3], ==, bound + 3);
  for (gsize i = HEADER_WORDS; i < self->n_words; i += self->module[i] >> 16)
    {
      const guint32 *from = self->module + i;
      guint32 opcode = from[0] & 0xffff;
      guint32 length = from[0] >> 16;

      g_assert_cmpuint (at, <, words->len);
      if (opcode == 5358 && n_types == 0)
        at += check_constants (to + at, bound);
      if (opcode >= 5358 && opcode <= 5361)
        {
          at += check_changed (from, to + at, bound, &n_types);
          n_changed++;
        }
      else if (opcode == 17 && from[1] == 5357)
        {
          g_assert_cmphex (to[at], ==, from[0]);
          g_assert_cmphex (to[at + 1], ==, 6022);
          at += length;
        }
      else if (opcode == 10 && strcmp ((const char *) (from + 1), "SPV_NV_cooperative_matrix") == 0)
        {
          g_assert_cmpstr ((const char *) (to + at + 1), ==, "SPV_KHR_cooperative_matrix");
          at += to[at] >> 16;
        }
      else
        {
          g_assert_cmpmem (to + at, 4 * length, from, 4 * length);
          at += length;
        }
    }
  g_assert_cmpuint (at, ==, words->len);
  g_assert_cmpuint (n_types, ==, 3);
  g_assert_cmpuint (n_changed, >=, 7);
}

static void
assert_refused (const Fixture *self,
                gconstpointer  content,
                gsize          n_bytes)
{
  g_autoptr(GArray) words = translate (self, content, n_bytes);

  g_assert_null (words);
}

/* What is no module, or only a part of one. */
static void
test_damage (Fixture       *self,
             gconstpointer  data)
{
  gsize n_bytes = self->n_words * sizeof (guint32);
  guint32 first = self->module[HEADER_WORDS];
  guint32 bound = self->module[3];

  assert_refused (self, "", 0);
  assert_refused (self, "no module at all, but text", 24);
  assert_refused (self, self->module, 16);
  assert_refused (self, self->module, HEADER_WORDS * sizeof (guint32));
  assert_refused (self, self->module, n_bytes - 1);
  assert_refused (self, self->module, (HEADER_WORDS + 1) * sizeof (guint32));

  self->module[0] = GUINT32_SWAP_LE_BE (self->module[0]);
  assert_refused (self, self->module, n_bytes);
  self->module[0] = GUINT32_SWAP_LE_BE (self->module[0]);

  self->module[HEADER_WORDS] = first & 0xffff;
  assert_refused (self, self->module, n_bytes);
  self->module[HEADER_WORDS] = G_MAXUINT16 << 16 | (first & 0xffff);
  assert_refused (self, self->module, n_bytes);
  self->module[HEADER_WORDS] = first;

  self->module[3] = 0;
  assert_refused (self, self->module, n_bytes);
  self->module[3] = G_MAXUINT32;
  assert_refused (self, self->module, n_bytes);
  self->module[3] = 2;
  assert_refused (self, self->module, n_bytes);
  self->module[3] = bound;
}

/* A product whose operands are no longer three types of matrices has no translation. */
static void
test_operands (Fixture       *self,
               gconstpointer  data)
{
  gsize n_bytes = self->n_words * sizeof (guint32);
  guint n_products = 0;

  for (gsize i = HEADER_WORDS; i < self->n_words; i += self->module[i] >> 16)
    if ((self->module[i] & 0xffff) == 5361)
      {
        guint32 b = self->module[i + 4];

        self->module[i + 4] = self->module[i + 3];
        assert_refused (self, self->module, n_bytes);
        self->module[i + 4] = 0;
        assert_refused (self, self->module, n_bytes);
        self->module[i + 4] = G_MAXUINT32;
        assert_refused (self, self->module, n_bytes);
        self->module[i + 4] = b;
        n_products++;
      }
  g_assert_cmpuint (n_products, >, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vulkan/translate-matrices/module", Fixture, NULL, set_up, test_module, tear_down);
  g_test_add ("/vulkan/translate-matrices/damage", Fixture, NULL, set_up, test_damage, tear_down);
  g_test_add ("/vulkan/translate-matrices/operands", Fixture, NULL, set_up, test_operands,
              tear_down);
  return g_test_run ();
}
