/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-workspace-private.h"

#include "engine/core/psp-error.h"
#include "engine/formats/psp-image-file.h"
#include "tests/psp-test-folder.h"
#include "tests/psp-test-workspace.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

static void
execute (const char *path,
         const char *sql)
{
  g_autofree char *database = g_build_filename (path, "workspace.db", NULL);
  sqlite3 *handle;

  g_assert_cmpint (sqlite3_open (database, &handle), ==, SQLITE_OK);
  if (sqlite3_exec (handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (handle));
  sqlite3_close (handle);
}

static void
test_create (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *deep = psp_test_folder_path (folder, "not/there/yet");
  g_autofree char *json = NULL;
  g_autoptr(PspWorkspace) workspace = NULL;

  psp_test_assert_not_opened (deep, PSP_WORKSPACE_WRITE, PSP_ERROR_NOT_FOUND, "not/there/yet");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_NOT_FOUND, "no workspace");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_READ, PSP_ERROR_NOT_FOUND, "no workspace");
  g_assert_cmpint (psp_test_folder_count (folder, ""), ==, 0);
  g_assert_false (psp_workspace_is_workspace (folder));

  workspace = psp_test_open_workspace (deep, PSP_WORKSPACE_CREATE);
  g_assert_cmpstr (psp_workspace_get_path (workspace), ==, deep);
  g_assert_true (psp_workspace_is_workspace (deep));
  g_assert_true (psp_workspace_dup_dataset (workspace, &json, NULL));
  g_assert_null (json);
  g_assert_true (psp_workspace_set_dataset (workspace, "{\"paths\": []}", NULL));
  g_assert_true (psp_workspace_set_dataset (workspace, "{\"paths\": [\"ä\"]}", NULL));
  g_clear_pointer (&workspace, psp_workspace_unref);

  workspace = psp_test_open_workspace (deep, PSP_WORKSPACE_CREATE);
  g_assert_true (psp_workspace_dup_dataset (workspace, &json, NULL));
  g_assert_cmpstr (json, ==, "{\"paths\": [\"ä\"]}");
}

static void
test_foreign_folder (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *file = psp_test_folder_path (folder, "notes.txt");

  psp_test_folder_print (folder, "notes.txt", "mine");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_VALUE, "neither empty");
  psp_test_assert_not_opened (file, PSP_WORKSPACE_CREATE, PSP_ERROR_IO, "notes.txt");
  g_assert_cmpint (psp_test_folder_count (folder, ""), ==, 1);
}

/* A creation that was killed early is done again. */
static void
test_half_created (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = NULL;

  psp_test_folder_print (folder, "workspace.lock", "");
  psp_test_folder_print (folder, "workspace.db", "");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_BAD_FILE, "not the database");
  workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_clear_pointer (&workspace, psp_workspace_unref);

  /* But a database that became empty is not replaced where masks lie beside it. */
  psp_test_folder_print (folder, "workspace.db", "");
  psp_test_folder_print (folder, "labels/a.png", "");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_FILE, "not the database");
}

static void
test_stems (void)
{
  static const char * const bad[] = {
    "", "/", "/etc/x", "..", "../x", "a/../b", "a/..", "./a", "a/.", "a//b", "a/",
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) mask = psp_test_noise_mask (1);
  g_autoptr(GPtrArray) images = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      GError *errors[5] = { NULL };

      g_assert_null (psp_workspace_dup_mask_path (workspace, bad[i], &errors[0]));
      g_assert_false (psp_workspace_save_mask (workspace, bad[i], mask, 0, &errors[1]));
      g_assert_null (psp_workspace_load_mask (workspace, bad[i], &errors[2]));
      g_assert_null (psp_workspace_load_journal (workspace, bad[i], "x", &errors[3]));
      g_assert_false (psp_workspace_set_status (workspace, bad[i], PSP_WORKSPACE_STATUS_TODO, "",
                                                &errors[4]));
      for (gsize k = 0; k < G_N_ELEMENTS (errors); k++)
        {
          g_assert_error (errors[k], PSP_ERROR, PSP_ERROR_BAD_VALUE);
          g_clear_error (&errors[k]);
        }
    }
  images = psp_workspace_list (workspace, NULL);
  g_assert_cmpuint (images->len, ==, 0);
  g_assert_cmpint (psp_test_folder_count (folder, "labels"), ==, -1);

  psp_test_save_mask (workspace, "a/b.c/..d", mask, 0);
  psp_test_save_mask (workspace, "ä ö'\"; DROP TABLE image", mask, 0);
  psp_test_save_mask (workspace, "\xff\xfe", mask, 0);
  g_clear_pointer (&images, g_ptr_array_unref);
  images = psp_workspace_list (workspace, NULL);
  g_assert_cmpuint (images->len, ==, 3);
  for (guint i = 0; i < images->len; i++)
    {
      PspWorkspaceImage *image = images->pdata[i];
      g_autoptr(PspMask) loaded = psp_workspace_load_mask (workspace, image->stem, NULL);

      g_assert_true (psp_mask_equal (loaded, mask));
    }
}

static void
test_save_and_load (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) first = psp_test_noise_mask (1);
  g_autoptr(PspMask) second = psp_test_noise_mask (2);
  g_autoptr(PspMask) wide = psp_mask_new ((PspSize) { 5, 3 }, 16, NULL);
  g_autoptr(PspMask) loaded = NULL;
  g_autoptr(PspMask) loaded_wide = NULL;
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(GError) error = NULL;
  PspWorkspaceImage *image;

  g_assert_null (psp_workspace_load_mask (workspace, "a", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  wide->pixels[7] = 40000;
  psp_test_save_mask (workspace, "a", first, 0);
  psp_test_save_mask (workspace, "a", second, 0);
  psp_test_save_mask (workspace, "sub/wide", wide, 0);
  g_assert_true (psp_workspace_set_status (workspace, "a", PSP_WORKSPACE_STATUS_QUESTION, "why?",
                                           NULL));
  g_assert_true (psp_workspace_set_status (workspace, "b", PSP_WORKSPACE_STATUS_REVIEW, "", NULL));
  g_clear_pointer (&workspace, psp_workspace_unref);

  workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_WRITE);
  loaded = psp_workspace_load_mask (workspace, "a", NULL);
  g_assert_true (psp_mask_equal (loaded, second));
  loaded_wide = psp_workspace_load_mask (workspace, "sub/wide", NULL);
  g_assert_true (psp_mask_equal (loaded_wide, wide));
  g_assert_cmpint (psp_test_folder_count (folder, "labels"), ==, 2);

  images = psp_workspace_list (workspace, NULL);
  g_assert_cmpuint (images->len, ==, 3);
  image = images->pdata[0];
  g_assert_cmpstr (image->stem, ==, "a");
  g_assert_cmpint (image->status, ==, PSP_WORKSPACE_STATUS_QUESTION);
  g_assert_cmpstr (image->note, ==, "why?");
  g_assert_true (image->corrected);
  g_assert_false (image->unsaved);
  image = images->pdata[1];
  g_assert_cmpstr (image->stem, ==, "b");
  g_assert_cmpint (image->status, ==, PSP_WORKSPACE_STATUS_REVIEW);
  g_assert_false (image->corrected);
}

static void
test_journal (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) base = psp_test_noise_mask (1);
  g_autoptr(PspMask) other = psp_test_noise_mask (2);
  g_autofree char *other_digest = psp_mask_dup_digest (other);
  g_autoptr(GPtrArray) journal = NULL;
  g_autoptr(GPtrArray) rest = NULL;
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(PspEdit) fill = psp_edit_new_fill (3, (PspPoint) { 1, 1 });
  g_autoptr(GError) error = NULL;
  gint64 end;

  g_assert_false (psp_workspace_append_edit (workspace, "a", fill, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_clear_error (&error);

  journal = psp_test_load_journal (workspace, "a", base);
  g_assert_cmpuint (journal->len, ==, 0);
  psp_test_append_fills (workspace, "a", 3);
  end = psp_workspace_get_journal_end (workspace);
  g_ptr_array_unref (psp_test_load_journal (workspace, "b", base));
  psp_test_append_fills (workspace, "b", 2);
  psp_test_append_edit (workspace, "a", psp_edit_new_undo ());
  g_clear_pointer (&workspace, psp_workspace_unref);

  workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_WRITE);
  images = psp_workspace_list (workspace, NULL);
  g_assert_true (((PspWorkspaceImage *) images->pdata[0])->unsaved);
  g_assert_null (psp_workspace_load_journal (workspace, "a", other_digest, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_clear_error (&error);
  g_clear_pointer (&journal, g_ptr_array_unref);
  journal = psp_test_load_journal (workspace, "a", base);
  g_assert_cmpuint (journal->len, ==, 4);
  g_assert_cmpint (((PspEdit *) journal->pdata[2])->class_id, ==, 2);
  g_assert_cmpint (((PspEdit *) journal->pdata[3])->kind, ==, PSP_EDIT_UNDO);

  /* What was appended since the copy stays, and belongs to the saved mask now. */
  psp_test_save_mask (workspace, "a", other, end);
  rest = psp_test_load_journal (workspace, "a", other);
  g_assert_cmpuint (rest->len, ==, 1);
  g_clear_pointer (&rest, g_ptr_array_unref);
  rest = psp_test_load_journal (workspace, "b", base);
  g_assert_cmpuint (rest->len, ==, 2);

  g_assert_true (psp_workspace_clear_journal (workspace, "b", NULL));
  g_assert_false (psp_workspace_append_edit (workspace, "b", fill, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_clear_pointer (&rest, g_ptr_array_unref);
  rest = psp_test_load_journal (workspace, "b", other);
  g_assert_cmpuint (rest->len, ==, 0);
}

static void
test_hostile_journal (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) base = psp_test_noise_mask (1);
  g_autofree char *digest = psp_mask_dup_digest (base);
  g_autoptr(GError) error = NULL;

  g_ptr_array_unref (psp_test_load_journal (workspace, "a", base));
  psp_test_append_fills (workspace, "a", 2);
  g_clear_pointer (&workspace, psp_workspace_unref);
  execute (folder, "UPDATE journal SET edit = x'0102030405' WHERE id = 2");

  workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_WRITE);
  g_assert_null (psp_workspace_load_journal (workspace, "a", digest, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "“a”, entry 2"));
}

static void
test_scores (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(GHashTable) scores = NULL;
  g_autoptr(GHashTable) none = NULL;
  const double bad[] = { -0.1, 1.1, (double) NAN };

  g_assert_true (psp_workspace_put_score (workspace, "a", "model", 0.5, NULL));
  g_assert_true (psp_workspace_put_score (workspace, "a", "model", 0.25, NULL));
  g_assert_true (psp_workspace_put_score (workspace, "b", "model", 1, NULL));
  g_assert_true (psp_workspace_put_score (workspace, "a", "other", 0, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (psp_workspace_put_score (workspace, "c", "model", bad[i], &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
    }

  scores = psp_workspace_load_scores (workspace, "model", NULL);
  g_assert_cmpuint (g_hash_table_size (scores), ==, 2);
  g_assert_cmpfloat (*(double *) g_hash_table_lookup (scores, "a"), ==, 0.25);
  g_assert_cmpfloat (*(double *) g_hash_table_lookup (scores, "b"), ==, 1);
  none = psp_workspace_load_scores (workspace, "third", NULL);
  g_assert_cmpuint (g_hash_table_size (none), ==, 0);
}

/* A kill between the steps of saving, made by hand: announced, then with the file or without it. */
static void
test_interrupted_save (gconstpointer file_is_there)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) base = psp_test_noise_mask (1);
  g_autoptr(PspMask) mask = psp_test_noise_mask (2);
  g_autofree char *digest = psp_mask_dup_digest (mask);
  g_autofree char *sql = NULL;
  g_autofree char *path = psp_test_folder_path (folder, "labels/a.png");
  g_autoptr(GPtrArray) journal = NULL;
  g_autoptr(GPtrArray) images = NULL;

  psp_test_save_mask (workspace, "a", base, 0);
  g_ptr_array_unref (psp_test_load_journal (workspace, "a", base));
  psp_test_append_fills (workspace, "a", 4);
  sql = g_strdup_printf ("UPDATE image SET pending = '%s', pending_end = %d", digest,
                         (int) psp_workspace_get_journal_end (workspace) - 1);
  g_clear_pointer (&workspace, psp_workspace_unref);
  execute (folder, sql);
  psp_test_folder_print (folder, "labels/a.png.new-0aZ9bc", "half");
  psp_test_folder_print (folder, "labels/a.png.backup", "mine");
  if (file_is_there != NULL)
    g_assert_true (psp_mask_save (mask, path, NULL));

  workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_WRITE);
  journal = psp_test_load_journal (workspace, "a", file_is_there != NULL ? mask : base);
  g_assert_cmpuint (journal->len, ==, file_is_there != NULL ? 1 : 4);
  images = psp_workspace_list (workspace, NULL);
  g_assert_true (((PspWorkspaceImage *) images->pdata[0])->corrected);
  g_assert_cmpint (psp_test_folder_count (folder, "labels"), ==, 2);
}

/* What SQLite refuses is no damage, and is not written without the part that it refused. */
static void
test_refused_values (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *note = g_strnfill (2000, 'n');
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(GError) long_error = NULL;
  g_autoptr(GError) table_error = NULL;

  g_assert_true (psp_workspace_set_status (workspace, "a", PSP_WORKSPACE_STATUS_TODO, "short",
                                           NULL));
  sqlite3_limit (workspace->database->handle, SQLITE_LIMIT_LENGTH, 1000);
  g_assert_false (psp_workspace_set_status (workspace, "a", PSP_WORKSPACE_STATUS_REVIEW, note,
                                            &long_error));
  g_assert_error (long_error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (long_error->message, "too big"));
  images = psp_workspace_list (workspace, NULL);
  g_assert_cmpstr (((PspWorkspaceImage *) images->pdata[0])->note, ==, "short");

  execute (folder, "DROP TABLE score");
  g_assert_false (psp_workspace_put_score (workspace, "a", "model", 0.5, &table_error));
  g_assert_error (table_error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (table_error->message, "no such table"));
  g_assert_null (strstr (table_error->message, "damaged"));
}

static void
test_damaged_database (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspMask) mask = psp_test_noise_mask (1);
  g_autofree char *good = NULL;
  g_autofree char *bad = NULL;
  PspWorkspace *workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  gsize n_bytes;

  g_ptr_array_unref (psp_test_load_journal (workspace, "a", mask));
  psp_test_append_fills (workspace, "a", 50);
  psp_workspace_unref (workspace);
  good = psp_test_folder_read (folder, "workspace.db", &n_bytes);
  bad = g_memdup2 (good, n_bytes);

  psp_test_folder_print (folder, "workspace.db", "a letter, and a long one, to be no database");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_FILE, "workspace.db");
  psp_test_folder_write (folder, "workspace.db", good, n_bytes / 2);
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_FILE, "damaged");
  memset (bad + n_bytes / 2, 0xa5, n_bytes / 4);
  psp_test_folder_write (folder, "workspace.db", bad, n_bytes);
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_BAD_FILE, "damaged");

  psp_test_folder_write (folder, "workspace.db", good, n_bytes);
  execute (folder, "PRAGMA user_version = 99");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_UNSUPPORTED,
                              "another version");
  execute (folder, "PRAGMA user_version = 1; PRAGMA application_id = 5");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_FILE, "not the database");

  psp_test_folder_write (folder, "workspace.db", good, n_bytes);
  psp_workspace_unref (psp_test_open_workspace (folder, PSP_WORKSPACE_WRITE));
}

/* Bytes changed at random: an error or an answer, never a crash. */
static void
test_hostile_database (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspMask) mask = psp_test_noise_mask (1);
  g_autofree char *digest = psp_mask_dup_digest (mask);
  g_autofree char *good = NULL;
  PspWorkspace *workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  gsize n_bytes;
  int n_opened = 0, n_refused = 0;

  g_ptr_array_unref (psp_test_load_journal (workspace, "a", mask));
  psp_test_append_fills (workspace, "a", 20);
  psp_workspace_unref (workspace);
  good = psp_test_folder_read (folder, "workspace.db", &n_bytes);

  for (int i = 0; i < 300; i++)
    {
      g_autofree char *bad = g_memdup2 (good, n_bytes);
      g_autoptr(GPtrArray) images = NULL;
      g_autoptr(GPtrArray) journal = NULL;

      for (int k = g_test_rand_int_range (1, 20); k > 0; k--)
        bad[g_test_rand_int_range (i % 2 == 0 ? 100 : 0, n_bytes)] = g_test_rand_int_range (0, 256);
      psp_test_folder_write (folder, "workspace.db", bad, n_bytes);
      workspace = psp_workspace_open (folder, PSP_WORKSPACE_WRITE, NULL);
      if (workspace == NULL)
        {
          n_refused++;
          continue;
        }
      n_opened++;
      images = psp_workspace_list (workspace, NULL);
      journal = psp_workspace_load_journal (workspace, "a", digest, NULL);
      (void) psp_workspace_save_mask (workspace, "a", mask, G_MAXINT64, NULL);
      (void) psp_workspace_put_score (workspace, "b", "model", 0.5, NULL);
      psp_workspace_unref (workspace);
    }
  g_test_message ("%d opened, %d refused", n_opened, n_refused);
  g_assert_cmpint (n_refused, >, 0);
}

static gpointer
append_in_thread (gpointer data)
{
  psp_test_append_fills (data, "a", 100);
  return NULL;
}

static gpointer
save_in_thread (gpointer data)
{
  g_autoptr(PspMask) mask = psp_test_noise_mask (3);

  for (int i = 0; i < 20; i++)
    psp_test_save_mask (data, "b", mask, 0);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) mask = psp_test_noise_mask (1);
  g_autoptr(GPtrArray) journal = NULL;
  GThread *threads[4];

  g_ptr_array_unref (psp_test_load_journal (workspace, "a", mask));
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("test", i % 2 == 0 ? append_in_thread : save_in_thread, workspace);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  journal = psp_test_load_journal (workspace, "a", mask);
  g_assert_cmpuint (journal->len, ==, 200);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workspace/create", test_create);
  g_test_add_func ("/workspace/foreign-folder", test_foreign_folder);
  g_test_add_func ("/workspace/half-created", test_half_created);
  g_test_add_func ("/workspace/stems", test_stems);
  g_test_add_func ("/workspace/save-and-load", test_save_and_load);
  g_test_add_func ("/workspace/journal", test_journal);
  g_test_add_func ("/workspace/hostile-journal", test_hostile_journal);
  g_test_add_func ("/workspace/scores", test_scores);
  g_test_add_data_func ("/workspace/interrupted-save/before", NULL, test_interrupted_save);
  g_test_add_data_func ("/workspace/interrupted-save/after", "file", test_interrupted_save);
  g_test_add_func ("/workspace/refused-values", test_refused_values);
  g_test_add_func ("/workspace/damaged-database", test_damaged_database);
  g_test_add_func ("/workspace/hostile-database", test_hostile_database);
  g_test_add_func ("/workspace/threads", test_threads);
  return g_test_run ();
}
