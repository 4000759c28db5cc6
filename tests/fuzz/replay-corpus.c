/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

/* Usage: replay-NAME NAME FOLDER: gives each file of FOLDER to the fuzzer, as a test of its own. */

static void
replay (gconstpointer path)
{
  g_autofree char *content = NULL;
  g_autofree guint8 *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &content, &n_bytes, NULL));
  /* Without the zero that GLib puts behind it. */
  bytes = g_memdup2 (content, n_bytes);
  g_assert_cmpint (LLVMFuzzerTestOneInput (bytes, n_bytes), ==, 0);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GDir) folder = NULL;
  const char *found;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  folder = g_dir_open (argv[2], 0, NULL);
  g_assert_nonnull (folder);
  while ((found = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_strdup (found));
  g_assert_cmpuint (names->len, >, 0);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *test_path = g_strconcat ("/fuzz/", argv[1], "/", name, NULL);

      g_test_add_data_func_full (test_path, g_build_filename (argv[2], name, NULL), replay, g_free);
    }
  return g_test_run ();
}
