/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "engine/dataset/psp-workspace.h"

#include "engine/core/psp-error.h"
#include "engine/edit/psp-mask-editor.h"
#include "engine/formats/psp-image-file.h"
#include "tests/psp-test-folder.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child says when the system does not let it do its test. */
#define CHILD_SKIPPED 77

/* The most that a child does before it is killed. */
#define MAX_ACTIONS 60

#define SIDE 48

static PspMask *
noise_mask (guint32 seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  PspMask *mask = psp_mask_new ((PspSize) { SIDE, SIDE }, 8, NULL);

  for (int i = 0; i < SIDE * SIDE; i++)
    mask->pixels[i] = g_rand_int_range (rand, 0, 4);
  return mask;
}

static PspWorkspace *
open_workspace (const char       *path,
                PspWorkspaceMode  mode)
{
  g_autoptr(GError) error = NULL;
  PspWorkspace *workspace = psp_workspace_open (path, mode, &error);

  g_assert_no_error (error);
  return workspace;
}

static void
assert_not_opened (const char       *path,
                   PspWorkspaceMode  mode,
                   int               code,
                   const char       *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspWorkspace) workspace = psp_workspace_open (path, mode, &error);

  g_assert_null (workspace);
  g_assert_error (error, PSP_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

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

static GPtrArray *
load_journal (PspWorkspace  *workspace,
              const char    *stem,
              const PspMask *base)
{
  g_autofree char *digest = psp_mask_dup_digest (base);
  g_autoptr(GError) error = NULL;
  GPtrArray *journal = psp_workspace_load_journal (workspace, stem, digest, &error);

  g_assert_no_error (error);
  return journal;
}

static void
append (PspWorkspace *workspace,
        const char   *stem,
        PspEdit      *edit)
{
  g_autoptr(PspEdit) owned = edit;
  g_autoptr(GError) error = NULL;

  psp_workspace_append_edit (workspace, stem, owned, &error);
  g_assert_no_error (error);
}

static void
append_fills (PspWorkspace *workspace,
              const char   *stem,
              int           n_fills)
{
  for (int i = 0; i < n_fills; i++)
    append (workspace, stem, psp_edit_new_fill (i % 4, (PspPoint) { i % SIDE, 3 }));
}

static void
save (PspWorkspace  *workspace,
      const char    *stem,
      const PspMask *mask,
      gint64         journal_end)
{
  g_autoptr(GError) error = NULL;

  psp_workspace_save_mask (workspace, stem, mask, journal_end, &error);
  g_assert_no_error (error);
}

/* What was left: the saved mask, or else @original, with its journal. */
static PspMaskEditor *
reopen (PspWorkspace *workspace,
        const char   *stem,
        PspMask      *original)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMask) saved = psp_workspace_load_mask (workspace, stem, &error);
  g_autoptr(GPtrArray) journal = NULL;
  PspMaskEditor *editor;

  if (saved == NULL)
    {
      g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
      g_clear_error (&error);
      saved = psp_mask_ref (original);
    }
  journal = load_journal (workspace, stem, saved);
  editor = psp_mask_editor_new (saved, original, &error);
  g_assert_no_error (error);
  psp_mask_editor_replay (editor, journal, &error);
  g_assert_no_error (error);
  return editor;
}

/* Runs @func in a process of its own, which does not outlive the test; it may be killed or run into
 * limits there. */
static pid_t
start_child (void     (*func) (gpointer data),
             gpointer   data)
{
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      (void) prctl (PR_SET_PDEATHSIG, SIGKILL);
      func (data);
      _exit (0);
    }
  return child;
}

static int
wait_for (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return status;
}

static void
run_child (void       (*func) (gpointer data),
           gpointer     data,
           const char  *reason_to_skip)
{
  int status = wait_for (start_child (func, data));

  if (WIFEXITED (status) && WEXITSTATUS (status) == CHILD_SKIPPED)
    g_test_skip (reason_to_skip);
  else
    g_assert_cmpint (status, ==, 0);
}

static void
test_create (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *deep = psp_test_folder_path (folder, "not/there/yet");
  g_autofree char *json = NULL;
  g_autoptr(PspWorkspace) workspace = NULL;

  assert_not_opened (deep, PSP_WORKSPACE_WRITE, PSP_ERROR_NOT_FOUND, "not/there/yet");
  assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_NOT_FOUND, "no workspace");
  assert_not_opened (folder, PSP_WORKSPACE_READ, PSP_ERROR_NOT_FOUND, "no workspace");
  g_assert_cmpint (psp_test_folder_count (folder, ""), ==, 0);
  g_assert_false (psp_workspace_is_workspace (folder));

  workspace = open_workspace (deep, PSP_WORKSPACE_CREATE);
  g_assert_cmpstr (psp_workspace_get_path (workspace), ==, deep);
  g_assert_true (psp_workspace_is_workspace (deep));
  g_assert_true (psp_workspace_dup_dataset (workspace, &json, NULL));
  g_assert_null (json);
  g_assert_true (psp_workspace_set_dataset (workspace, "{\"paths\": []}", NULL));
  g_assert_true (psp_workspace_set_dataset (workspace, "{\"paths\": [\"ä\"]}", NULL));
  g_clear_pointer (&workspace, psp_workspace_unref);

  workspace = open_workspace (deep, PSP_WORKSPACE_CREATE);
  g_assert_true (psp_workspace_dup_dataset (workspace, &json, NULL));
  g_assert_cmpstr (json, ==, "{\"paths\": [\"ä\"]}");
}

static void
test_foreign_folder (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *file = psp_test_folder_path (folder, "notes.txt");

  psp_test_folder_print (folder, "notes.txt", "mine");
  assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_VALUE, "neither empty");
  assert_not_opened (file, PSP_WORKSPACE_CREATE, PSP_ERROR_IO, "notes.txt");
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
  assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_BAD_FILE, "not the database");
  workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_clear_pointer (&workspace, psp_workspace_unref);

  /* But a database that became empty is not replaced where masks lie beside it. */
  psp_test_folder_print (folder, "workspace.db", "");
  psp_test_folder_print (folder, "labels/a.png", "");
  assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_FILE, "not the database");
}

static void
test_stems (void)
{
  static const char * const bad[] = {
    "", "/", "/etc/x", "..", "../x", "a/../b", "a/..", "./a", "a/.", "a//b", "a/",
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) mask = noise_mask (1);
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

  save (workspace, "a/b.c/..d", mask, 0);
  save (workspace, "ä ö'\"; DROP TABLE image", mask, 0);
  save (workspace, "\xff\xfe", mask, 0);
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
  g_autoptr(PspWorkspace) workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) first = noise_mask (1);
  g_autoptr(PspMask) second = noise_mask (2);
  g_autoptr(PspMask) wide = psp_mask_new ((PspSize) { 5, 3 }, 16, NULL);
  g_autoptr(PspMask) loaded = NULL;
  g_autoptr(PspMask) loaded_wide = NULL;
  g_autoptr(GPtrArray) images = NULL;
  g_autoptr(GError) error = NULL;
  PspWorkspaceImage *image;

  g_assert_null (psp_workspace_load_mask (workspace, "a", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  wide->pixels[7] = 40000;
  save (workspace, "a", first, 0);
  save (workspace, "a", second, 0);
  save (workspace, "sub/wide", wide, 0);
  g_assert_true (psp_workspace_set_status (workspace, "a", PSP_WORKSPACE_STATUS_QUESTION, "why?",
                                           NULL));
  g_assert_true (psp_workspace_set_status (workspace, "b", PSP_WORKSPACE_STATUS_REVIEW, "", NULL));
  g_clear_pointer (&workspace, psp_workspace_unref);

  workspace = open_workspace (folder, PSP_WORKSPACE_WRITE);
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
  g_autoptr(PspWorkspace) workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) base = noise_mask (1);
  g_autoptr(PspMask) other = noise_mask (2);
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

  journal = load_journal (workspace, "a", base);
  g_assert_cmpuint (journal->len, ==, 0);
  append_fills (workspace, "a", 3);
  end = psp_workspace_get_journal_end (workspace);
  g_ptr_array_unref (load_journal (workspace, "b", base));
  append_fills (workspace, "b", 2);
  append (workspace, "a", psp_edit_new_undo ());
  g_clear_pointer (&workspace, psp_workspace_unref);

  workspace = open_workspace (folder, PSP_WORKSPACE_WRITE);
  images = psp_workspace_list (workspace, NULL);
  g_assert_true (((PspWorkspaceImage *) images->pdata[0])->unsaved);
  g_assert_null (psp_workspace_load_journal (workspace, "a", other_digest, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_clear_error (&error);
  g_clear_pointer (&journal, g_ptr_array_unref);
  journal = load_journal (workspace, "a", base);
  g_assert_cmpuint (journal->len, ==, 4);
  g_assert_cmpint (((PspEdit *) journal->pdata[2])->class_id, ==, 2);
  g_assert_cmpint (((PspEdit *) journal->pdata[3])->kind, ==, PSP_EDIT_UNDO);

  /* What was appended since the copy stays, and belongs to the saved mask now. */
  save (workspace, "a", other, end);
  rest = load_journal (workspace, "a", other);
  g_assert_cmpuint (rest->len, ==, 1);
  g_clear_pointer (&rest, g_ptr_array_unref);
  rest = load_journal (workspace, "b", base);
  g_assert_cmpuint (rest->len, ==, 2);

  g_assert_true (psp_workspace_clear_journal (workspace, "b", NULL));
  g_assert_false (psp_workspace_append_edit (workspace, "b", fill, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_clear_pointer (&rest, g_ptr_array_unref);
  rest = load_journal (workspace, "b", other);
  g_assert_cmpuint (rest->len, ==, 0);
}

static void
test_hostile_journal (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) base = noise_mask (1);
  g_autofree char *digest = psp_mask_dup_digest (base);
  g_autoptr(GError) error = NULL;

  g_ptr_array_unref (load_journal (workspace, "a", base));
  append_fills (workspace, "a", 2);
  g_clear_pointer (&workspace, psp_workspace_unref);
  execute (folder, "UPDATE journal SET edit = x'0102030405' WHERE id = 2");

  workspace = open_workspace (folder, PSP_WORKSPACE_WRITE);
  g_assert_null (psp_workspace_load_journal (workspace, "a", digest, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE);
  g_assert_nonnull (strstr (error->message, "“a”, entry 2"));
}

static void
test_scores (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
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
  g_autoptr(PspWorkspace) workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) base = noise_mask (1);
  g_autoptr(PspMask) mask = noise_mask (2);
  g_autofree char *digest = psp_mask_dup_digest (mask);
  g_autofree char *sql = NULL;
  g_autofree char *path = psp_test_folder_path (folder, "labels/a.png");
  g_autoptr(GPtrArray) journal = NULL;
  g_autoptr(GPtrArray) images = NULL;

  save (workspace, "a", base, 0);
  g_ptr_array_unref (load_journal (workspace, "a", base));
  append_fills (workspace, "a", 4);
  sql = g_strdup_printf ("UPDATE image SET pending = '%s', pending_end = %d", digest,
                         (int) psp_workspace_get_journal_end (workspace) - 1);
  g_clear_pointer (&workspace, psp_workspace_unref);
  execute (folder, sql);
  psp_test_folder_print (folder, "labels/a.png.new-0aZ9bc", "half");
  psp_test_folder_print (folder, "labels/a.png.backup", "mine");
  if (file_is_there != NULL)
    g_assert_true (psp_mask_save (mask, path, NULL));

  workspace = open_workspace (folder, PSP_WORKSPACE_WRITE);
  journal = load_journal (workspace, "a", file_is_there != NULL ? mask : base);
  g_assert_cmpuint (journal->len, ==, file_is_there != NULL ? 1 : 4);
  images = psp_workspace_list (workspace, NULL);
  g_assert_true (((PspWorkspaceImage *) images->pdata[0])->corrected);
  g_assert_cmpint (psp_test_folder_count (folder, "labels"), ==, 2);
}

/* One gesture at random; NULL if it changed nothing. */
static PspEdit *
act (PspMaskEditor *editor,
     GRand         *rand)
{
  PspPoint point = { g_rand_double_range (rand, 0, SIDE), g_rand_double_range (rand, 0, SIDE) };
  int class_id = g_rand_int_range (rand, -1, 4);
  int dice = g_rand_int_range (rand, 0, 10);
  g_autoptr(PspEdit) fill = NULL;
  PspEdit *entry = NULL;

  if (dice < 2)
    psp_mask_editor_undo (editor, &entry);
  else if (dice < 3)
    psp_mask_editor_redo (editor, &entry);
  else if (dice < 5)
    {
      fill = psp_edit_new_fill (class_id, point);
      psp_mask_editor_apply (editor, fill, &entry);
    }
  else
    {
      psp_mask_editor_begin_stroke (editor, class_id, 4, point);
      point.x += g_rand_double_range (rand, -9, 9);
      psp_mask_editor_extend_stroke (editor, point);
      entry = psp_mask_editor_end_stroke (editor);
    }
  return entry;
}

typedef struct
{
  const char *path;
  PspMask    *original;
  guint32     seed;
  atomic_int *n_done;  /* shared between the processes */
} Session;

static void
save_editor (PspWorkspace  *workspace,
             PspMaskEditor *editor)
{
  guint64 state;
  g_autoptr(PspMask) copy = psp_mask_editor_copy_mask (editor, &state, NULL);

  save (workspace, "street/a", copy, psp_workspace_get_journal_end (workspace));
  psp_mask_editor_mark_saved (editor, state);
}

static void
work (gpointer data)
{
  Session *session = data;
  g_autoptr(PspWorkspace) workspace = open_workspace (session->path, PSP_WORKSPACE_WRITE);
  g_autoptr(PspMaskEditor) editor = reopen (workspace, "street/a", session->original);
  g_autoptr(GRand) rand = g_rand_new_with_seed (session->seed);

  for (int i = 0; i < MAX_ACTIONS; i++)
    {
      PspEdit *entry = act (editor, rand);

      if (entry != NULL)
        append (workspace, "street/a", entry);
      atomic_store (session->n_done, i + 1);
      if (i % 3 == 2)
        save_editor (workspace, editor);
    }
}

/* The same without a workspace: the mask after each action. */
static GPtrArray *
imagine (const Session *session,
         PspMaskEditor *editor)
{
  GPtrArray *masks = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_mask_unref);
  g_autoptr(GRand) rand = g_rand_new_with_seed (session->seed);

  g_ptr_array_add (masks, psp_mask_editor_copy_mask (editor, NULL, NULL));
  for (int i = 0; i < MAX_ACTIONS; i++)
    {
      g_autoptr(PspEdit) entry G_GNUC_UNUSED = act (editor, rand);

      g_ptr_array_add (masks, psp_mask_copy (psp_mask_editor_get_mask (editor), NULL));
    }
  return masks;
}

/* Returns how far the child came. */
static int
kill_once (Session *session)
{
  g_autoptr(PspWorkspace) workspace = open_workspace (session->path, PSP_WORKSPACE_WRITE);
  g_autoptr(PspMaskEditor) editor = reopen (workspace, "street/a", session->original);
  g_autoptr(GPtrArray) masks = imagine (session, editor);
  g_autoptr(PspMaskEditor) recovered = NULL;
  const PspMask *mask;
  pid_t child;
  int n_done;

  g_clear_pointer (&workspace, psp_workspace_unref);
  atomic_store (session->n_done, 0);
  child = start_child (work, session);
  g_usleep (g_test_rand_int_range (1000, 60000));
  kill (child, SIGKILL);
  g_assert_true (WIFSIGNALED (wait_for (child)) || atomic_load (session->n_done) == MAX_ACTIONS);
  n_done = atomic_load (session->n_done);

  workspace = open_workspace (session->path, PSP_WORKSPACE_WRITE);
  recovered = reopen (workspace, "street/a", session->original);
  mask = psp_mask_editor_get_mask (recovered);
  if (!psp_mask_equal (mask, masks->pdata[n_done]) &&
      !psp_mask_equal (mask, masks->pdata[MIN (n_done + 1, MAX_ACTIONS)]))
    g_error ("killed after %d actions, the recovered mask is another", n_done);
  return n_done;
}

static void
test_kill (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspMask) original = noise_mask (7);
  Session session = { folder, original, 0, NULL };
  int n_killed = 0, n_actions = 0;

  session.n_done = mmap (NULL, sizeof *session.n_done, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (session.n_done != MAP_FAILED);
  psp_workspace_unref (open_workspace (folder, PSP_WORKSPACE_CREATE));
  for (int i = 0; i < 200; i++)
    {
      int n_done;

      session.seed = g_test_rand_int ();
      n_done = kill_once (&session);
      n_actions += n_done;
      n_killed += n_done > 0 && n_done < MAX_ACTIONS;
    }
  munmap (session.n_done, sizeof *session.n_done);

  g_test_message ("%d of 200 killed at work, after %d actions in all", n_killed, n_actions);
  g_assert_cmpint (n_actions, >, 0);

  /* No half-written file stays but what the very last kill left. */
  psp_workspace_unref (open_workspace (folder, PSP_WORKSPACE_WRITE));
  g_assert_cmpint (psp_test_folder_count (folder, "labels/street"), <=, 1);
}

static void
set_file_limit (rlim_t n_bytes)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = n_bytes;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* Appends until there is no room; returns how many edits went in. */
static int
append_until_full (PspWorkspace  *workspace,
                   PspEdit       *edit,
                   GError       **error)
{
  int n_appended = 0;

  while (psp_workspace_append_edit (workspace, "a", edit, error))
    g_assert_cmpint (++n_appended, <, 100000);
  return n_appended;
}

/* Files cannot grow: the write-ahead log first, then the mask alone. */
static void
run_into_file_limit (gpointer path)
{
  g_autoptr(PspWorkspace) workspace = open_workspace (path, PSP_WORKSPACE_WRITE);
  g_autoptr(PspMask) base = noise_mask (1);
  g_autoptr(PspMask) large = psp_mask_new ((PspSize) { 600, 600 }, 8, NULL);
  g_autoptr(PspEdit) accept = psp_edit_new_accept_all (base);
  g_autoptr(PspMask) loaded = NULL;
  g_autoptr(GPtrArray) journal = NULL;
  g_autoptr(GError) error = NULL;
  int n_appended;

  (void) signal (SIGXFSZ, SIG_IGN);
  save (workspace, "a", base, 0);
  g_ptr_array_unref (load_journal (workspace, "a", base));

  set_file_limit (200000);
  n_appended = append_until_full (workspace, accept, &error);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_clear_error (&error);
  g_assert_cmpint (n_appended, >, 0);
  set_file_limit (RLIM_INFINITY);
  append (workspace, "a", psp_edit_ref (accept));
  g_clear_pointer (&workspace, psp_workspace_unref);

  workspace = open_workspace (path, PSP_WORKSPACE_WRITE);
  for (int i = 0; i < 600 * 600; i++)
    large->pixels[i] = g_test_rand_int_range (0, 255);
  set_file_limit (100000);
  g_assert_false (psp_workspace_save_mask (workspace, "a", large, G_MAXINT64, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "a.png"));
  set_file_limit (RLIM_INFINITY);

  loaded = psp_workspace_load_mask (workspace, "a", NULL);
  g_assert_true (psp_mask_equal (loaded, base));
  journal = load_journal (workspace, "a", base);
  g_assert_cmpuint (journal->len, ==, n_appended + 1);
  g_assert_cmpint (psp_test_folder_count ((char *) path, "labels"), ==, 1);
  save (workspace, "a", large, G_MAXINT64);
  g_ptr_array_unref (g_steal_pointer (&journal));
  journal = load_journal (workspace, "a", large);
  g_assert_cmpuint (journal->len, ==, 0);
}

static void
test_file_limit (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();

  psp_workspace_unref (open_workspace (folder, PSP_WORKSPACE_CREATE));
  run_child (run_into_file_limit, folder, "");
}

/* Mounts a small file system of its own over @path, seen by this process only. */
static void
mount_small (const char *path)
{
  if ((unshare (CLONE_NEWNS) != 0 && unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0) ||
      mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount ("tmpfs", path, "tmpfs", 0, "size=400k") != 0)
    _exit (CHILD_SKIPPED);
}

static void
fill_disk (gpointer path)
{
  g_autoptr(PspWorkspace) workspace = NULL;
  g_autoptr(PspMask) base = noise_mask (1);
  g_autoptr(PspMask) mask = noise_mask (2);
  g_autoptr(PspEdit) accept = psp_edit_new_accept_all (base);
  g_autofree char *ballast = g_build_filename (path, "ballast", NULL);
  g_autofree char *zeros = g_malloc0 (100000);
  g_autoptr(PspMask) loaded = NULL;
  g_autoptr(GPtrArray) journal = NULL;
  g_autoptr(GError) error = NULL;
  int n_appended;

  mount_small (path);
  workspace = open_workspace (path, PSP_WORKSPACE_CREATE);
  save (workspace, "a", base, 0);
  g_ptr_array_unref (load_journal (workspace, "a", base));
  g_assert_true (g_file_set_contents (ballast, zeros, 100000, NULL));
  n_appended = append_until_full (workspace, accept, &error);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_clear_error (&error);
  g_assert_false (psp_workspace_save_mask (workspace, "a", mask, G_MAXINT64, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  loaded = psp_workspace_load_mask (workspace, "a", NULL);
  g_assert_true (psp_mask_equal (loaded, base));

  /* With some room again, everything is there and work goes on. */
  g_assert_cmpint (g_unlink (ballast), ==, 0);
  journal = load_journal (workspace, "a", base);
  g_assert_cmpuint (journal->len, ==, n_appended);
  append (workspace, "a", psp_edit_ref (accept));
  save (workspace, "a", mask, G_MAXINT64);
  g_clear_pointer (&workspace, psp_workspace_unref);
  workspace = open_workspace (path, PSP_WORKSPACE_WRITE);
  g_ptr_array_unref (load_journal (workspace, "a", mask));
}

static void
test_full_disk (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();

  run_child (fill_disk, folder, "a small file system cannot be mounted here");
}

/* Root may write everywhere: become somebody else. */
static void
open_without_permission (gpointer path)
{
  g_autofree char *inner = g_build_filename (path, "new", NULL);
  g_autoptr(PspWorkspace) workspace = NULL;
  g_autoptr(PspMask) mask = NULL;
  g_autoptr(PspMask) base = noise_mask (1);
  g_autoptr(GError) error = NULL;

  if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
    _exit (CHILD_SKIPPED);

  assert_not_opened (path, PSP_WORKSPACE_WRITE, PSP_ERROR_IO, "workspace.lock");
  assert_not_opened (inner, PSP_WORKSPACE_CREATE, PSP_ERROR_IO, "new");

  /* Reading is enough to export. */
  workspace = open_workspace (path, PSP_WORKSPACE_READ);
  mask = psp_workspace_load_mask (workspace, "a", NULL);
  g_assert_true (psp_mask_equal (mask, base));
  g_assert_false (psp_workspace_save_mask (workspace, "a", mask, 0, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
}

static void
test_read_only_folder (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autofree char *lock = psp_test_folder_path (folder, "workspace.lock");
  g_autofree char *labels = psp_test_folder_path (folder, "labels");
  g_autoptr(PspMask) mask = noise_mask (1);

  save (workspace, "a", mask, 0);
  g_clear_pointer (&workspace, psp_workspace_unref);
  g_assert_cmpint (g_chmod (lock, 0444), ==, 0);
  g_assert_cmpint (g_chmod (labels, 0555), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  run_child (open_without_permission, folder, "this process cannot give its permissions up");
}

static void
test_damaged_database (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspMask) mask = noise_mask (1);
  g_autofree char *good = NULL;
  g_autofree char *bad = NULL;
  PspWorkspace *workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  gsize n_bytes;

  g_ptr_array_unref (load_journal (workspace, "a", mask));
  append_fills (workspace, "a", 50);
  psp_workspace_unref (workspace);
  good = psp_test_folder_read (folder, "workspace.db", &n_bytes);
  bad = g_memdup2 (good, n_bytes);

  psp_test_folder_print (folder, "workspace.db", "a letter, and a long one, to be no database");
  assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_FILE, "workspace.db");
  psp_test_folder_write (folder, "workspace.db", good, n_bytes / 2);
  assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_FILE, "damaged");
  memset (bad + n_bytes / 2, 0xa5, n_bytes / 4);
  psp_test_folder_write (folder, "workspace.db", bad, n_bytes);
  assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_BAD_FILE, "damaged");

  psp_test_folder_write (folder, "workspace.db", good, n_bytes);
  execute (folder, "PRAGMA user_version = 99");
  assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_UNSUPPORTED, "another version");
  execute (folder, "PRAGMA user_version = 1; PRAGMA application_id = 5");
  assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_BAD_FILE, "not the database");

  psp_test_folder_write (folder, "workspace.db", good, n_bytes);
  psp_workspace_unref (open_workspace (folder, PSP_WORKSPACE_WRITE));
}

/* Bytes changed at random: an error or an answer, never a crash. */
static void
test_hostile_database (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspMask) mask = noise_mask (1);
  g_autofree char *digest = psp_mask_dup_digest (mask);
  g_autofree char *good = NULL;
  PspWorkspace *workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  gsize n_bytes;
  int n_opened = 0, n_refused = 0;

  g_ptr_array_unref (load_journal (workspace, "a", mask));
  append_fills (workspace, "a", 20);
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

typedef struct
{
  const char *path;
  int         ready[2];  /* a pipe: the child is at work */
} Neighbour;

static void
hold_workspace (gpointer data)
{
  Neighbour *self = data;
  g_autoptr(PspWorkspace) workspace = open_workspace (self->path, PSP_WORKSPACE_WRITE);
  g_autoptr(PspMask) mask = noise_mask (1);

  save (workspace, "a", mask, 0);
  g_assert_cmpint (write (self->ready[1], "x", 1), ==, 1);
  for (;;)
    pause ();
}

static void
test_two_processes (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  Neighbour neighbour = { folder, { -1, -1 } };
  g_autoptr(PspWorkspace) reader = NULL;
  g_autoptr(PspWorkspace) writer = NULL;
  g_autoptr(GPtrArray) images = NULL;
  pid_t child;
  char answer;

  psp_workspace_unref (open_workspace (folder, PSP_WORKSPACE_CREATE));
  g_assert_cmpint (pipe (neighbour.ready), ==, 0);
  child = start_child (hold_workspace, &neighbour);
  g_assert_cmpint (read (neighbour.ready[0], &answer, 1), ==, 1);

  assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_IO, "another window or program");
  assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_IO, "another window or program");
  reader = open_workspace (folder, PSP_WORKSPACE_READ);
  images = psp_workspace_list (reader, NULL);
  g_assert_cmpuint (images->len, ==, 1);

  kill (child, SIGKILL);
  wait_for (child);
  writer = open_workspace (folder, PSP_WORKSPACE_WRITE);
  assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_IO, "another window or program");
  (void) close (neighbour.ready[0]);
  (void) close (neighbour.ready[1]);
}

static gpointer
append_in_thread (gpointer data)
{
  append_fills (data, "a", 100);
  return NULL;
}

static gpointer
save_in_thread (gpointer data)
{
  g_autoptr(PspMask) mask = noise_mask (3);

  for (int i = 0; i < 20; i++)
    save (data, "b", mask, 0);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autoptr(PspMask) mask = noise_mask (1);
  g_autoptr(GPtrArray) journal = NULL;
  GThread *threads[4];

  g_ptr_array_unref (load_journal (workspace, "a", mask));
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("test", i % 2 == 0 ? append_in_thread : save_in_thread, workspace);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  journal = load_journal (workspace, "a", mask);
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
  g_test_add_func ("/workspace/kill", test_kill);
  g_test_add_func ("/workspace/file-limit", test_file_limit);
  g_test_add_func ("/workspace/full-disk", test_full_disk);
  g_test_add_func ("/workspace/read-only-folder", test_read_only_folder);
  g_test_add_func ("/workspace/damaged-database", test_damaged_database);
  g_test_add_func ("/workspace/hostile-database", test_hostile_database);
  g_test_add_func ("/workspace/two-processes", test_two_processes);
  g_test_add_func ("/workspace/threads", test_threads);
  return g_test_run ();
}
