/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "engine/dataset/psp-workspace.h"

#include "engine/core/psp-error.h"
#include "engine/edit/psp-mask-editor.h"
#include "tests/psp-test-folder.h"
#include "tests/psp-test-workspace.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
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
  journal = psp_test_load_journal (workspace, stem, saved);
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

/* One gesture at random; NULL if it changed nothing. */
static PspEdit *
act (PspMaskEditor *editor,
     GRand         *rand)
{
  PspPoint point = {
    g_rand_double_range (rand, 0, PSP_TEST_MASK_SIDE),
    g_rand_double_range (rand, 0, PSP_TEST_MASK_SIDE),
  };
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

  psp_test_save_mask (workspace, "street/a", copy, psp_workspace_get_journal_end (workspace));
  psp_mask_editor_mark_saved (editor, state);
}

static void
work (gpointer data)
{
  Session *session = data;
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (session->path, PSP_WORKSPACE_WRITE);
  g_autoptr(PspMaskEditor) editor = reopen (workspace, "street/a", session->original);
  g_autoptr(GRand) rand = g_rand_new_with_seed (session->seed);

  for (int i = 0; i < MAX_ACTIONS; i++)
    {
      PspEdit *entry = act (editor, rand);

      if (entry != NULL)
        psp_test_append_edit (workspace, "street/a", entry);
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
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (session->path, PSP_WORKSPACE_WRITE);
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

  workspace = psp_test_open_workspace (session->path, PSP_WORKSPACE_WRITE);
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
  g_autoptr(PspMask) original = psp_test_noise_mask (7);
  Session session = { folder, original, 0, NULL };
  int n_killed = 0, n_actions = 0;

  session.n_done = mmap (NULL, sizeof *session.n_done, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (session.n_done != MAP_FAILED);
  psp_workspace_unref (psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE));
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
  psp_workspace_unref (psp_test_open_workspace (folder, PSP_WORKSPACE_WRITE));
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
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (path, PSP_WORKSPACE_WRITE);
  g_autoptr(PspMask) base = psp_test_noise_mask (1);
  g_autoptr(PspMask) large = psp_mask_new ((PspSize) { 600, 600 }, 8, NULL);
  g_autoptr(PspEdit) accept = psp_edit_new_accept_all (base);
  g_autoptr(PspMask) loaded = NULL;
  g_autoptr(GPtrArray) journal = NULL;
  g_autoptr(GError) error = NULL;
  int n_appended;

  (void) signal (SIGXFSZ, SIG_IGN);
  psp_test_save_mask (workspace, "a", base, 0);
  g_ptr_array_unref (psp_test_load_journal (workspace, "a", base));

  set_file_limit (200000);
  n_appended = append_until_full (workspace, accept, &error);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_clear_error (&error);
  g_assert_cmpint (n_appended, >, 0);
  set_file_limit (RLIM_INFINITY);
  g_clear_pointer (&workspace, psp_workspace_unref);

  workspace = psp_test_open_workspace (path, PSP_WORKSPACE_WRITE);
  for (int i = 0; i < 600 * 600; i++)
    large->pixels[i] = g_test_rand_int_range (0, 255);
  set_file_limit (100000);
  g_assert_false (psp_workspace_save_mask (workspace, "a", large, G_MAXINT64, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "a.png"));
  set_file_limit (RLIM_INFINITY);

  loaded = psp_workspace_load_mask (workspace, "a", NULL);
  g_assert_true (psp_mask_equal (loaded, base));
  journal = psp_test_load_journal (workspace, "a", base);
  g_assert_cmpuint (journal->len, ==, n_appended);
  g_assert_cmpint (psp_test_folder_count ((char *) path, "labels"), ==, 1);
  psp_test_save_mask (workspace, "a", large, G_MAXINT64);
  g_ptr_array_unref (g_steal_pointer (&journal));
  journal = psp_test_load_journal (workspace, "a", large);
  g_assert_cmpuint (journal->len, ==, 0);
}

/* The journal has a gap where an edit could not be written: an undo after it would take back
 * another one.  Saving the mask makes it whole. */
static void
leave_gap (gpointer path)
{
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (path, PSP_WORKSPACE_WRITE);
  g_autoptr(PspMask) base = psp_test_noise_mask (1);
  g_autoptr(PspMask) mask = psp_test_noise_mask (2);
  g_autoptr(PspEdit) accept = psp_edit_new_accept_all (base);
  g_autoptr(PspEdit) undo = psp_edit_new_undo ();
  g_autoptr(GPtrArray) journal = NULL;
  g_autoptr(GError) error = NULL;

  (void) signal (SIGXFSZ, SIG_IGN);
  g_ptr_array_unref (psp_test_load_journal (workspace, "a", base));
  g_ptr_array_unref (psp_test_load_journal (workspace, "b", base));
  psp_test_append_fills (workspace, "a", 1);
  set_file_limit (1000);
  g_assert_false (psp_workspace_append_edit (workspace, "a", accept, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_clear_error (&error);
  set_file_limit (RLIM_INFINITY);

  g_assert_false (psp_workspace_append_edit (workspace, "a", undo, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  psp_test_append_fills (workspace, "b", 1);
  psp_test_save_mask (workspace, "a", mask, psp_workspace_get_journal_end (workspace));
  psp_test_append_fills (workspace, "a", 2);
  journal = psp_test_load_journal (workspace, "a", mask);
  g_assert_cmpuint (journal->len, ==, 2);
}

static void
test_gap (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();

  psp_workspace_unref (psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE));
  run_child (leave_gap, folder, "");
}

static void
test_file_limit (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();

  psp_workspace_unref (psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE));
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
  g_autoptr(PspMask) base = psp_test_noise_mask (1);
  g_autoptr(PspMask) mask = psp_test_noise_mask (2);
  g_autoptr(PspEdit) accept = psp_edit_new_accept_all (base);
  g_autofree char *ballast = g_build_filename (path, "ballast", NULL);
  g_autofree char *zeros = g_malloc0 (100000);
  g_autoptr(PspMask) loaded = NULL;
  g_autoptr(GPtrArray) journal = NULL;
  g_autoptr(GError) error = NULL;
  int n_appended;

  mount_small (path);
  workspace = psp_test_open_workspace (path, PSP_WORKSPACE_CREATE);
  psp_test_save_mask (workspace, "a", base, 0);
  g_ptr_array_unref (psp_test_load_journal (workspace, "a", base));
  g_assert_true (g_file_set_contents (ballast, zeros, 100000, NULL));
  n_appended = append_until_full (workspace, accept, &error);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_clear_error (&error);
  g_assert_false (psp_workspace_save_mask (workspace, "a", mask, G_MAXINT64, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
  g_clear_error (&error);
  loaded = psp_workspace_load_mask (workspace, "a", NULL);
  g_assert_true (psp_mask_equal (loaded, base));

  /* With some room again, everything is there and work goes on. */
  g_assert_cmpint (g_unlink (ballast), ==, 0);
  journal = psp_test_load_journal (workspace, "a", base);
  g_assert_cmpuint (journal->len, ==, n_appended);
  psp_test_append_edit (workspace, "a", psp_edit_ref (accept));
  psp_test_save_mask (workspace, "a", mask, G_MAXINT64);
  g_clear_pointer (&workspace, psp_workspace_unref);
  workspace = psp_test_open_workspace (path, PSP_WORKSPACE_WRITE);
  g_ptr_array_unref (psp_test_load_journal (workspace, "a", mask));
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
  g_autoptr(PspMask) base = psp_test_noise_mask (1);
  g_autoptr(GError) error = NULL;

  if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
    _exit (CHILD_SKIPPED);

  psp_test_assert_not_opened (path, PSP_WORKSPACE_WRITE, PSP_ERROR_IO, "workspace.lock");
  psp_test_assert_not_opened (inner, PSP_WORKSPACE_CREATE, PSP_ERROR_IO, "new");

  /* Reading is enough to export. */
  workspace = psp_test_open_workspace (path, PSP_WORKSPACE_READ);
  mask = psp_workspace_load_mask (workspace, "a", NULL);
  g_assert_true (psp_mask_equal (mask, base));
  g_assert_false (psp_workspace_save_mask (workspace, "a", mask, 0, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_IO);
}

static void
test_read_only_folder (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE);
  g_autofree char *lock = psp_test_folder_path (folder, "workspace.lock");
  g_autofree char *labels = psp_test_folder_path (folder, "labels");
  g_autoptr(PspMask) mask = psp_test_noise_mask (1);

  psp_test_save_mask (workspace, "a", mask, 0);
  g_clear_pointer (&workspace, psp_workspace_unref);
  g_assert_cmpint (g_chmod (lock, 0444), ==, 0);
  g_assert_cmpint (g_chmod (labels, 0555), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  run_child (open_without_permission, folder, "this process cannot give its permissions up");
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
  g_autoptr(PspWorkspace) workspace = psp_test_open_workspace (self->path, PSP_WORKSPACE_WRITE);
  g_autoptr(PspMask) mask = psp_test_noise_mask (1);

  psp_test_save_mask (workspace, "a", mask, 0);
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

  psp_workspace_unref (psp_test_open_workspace (folder, PSP_WORKSPACE_CREATE));
  g_assert_cmpint (pipe (neighbour.ready), ==, 0);
  child = start_child (hold_workspace, &neighbour);
  g_assert_cmpint (read (neighbour.ready[0], &answer, 1), ==, 1);

  psp_test_assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_IO, "another window");
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_CREATE, PSP_ERROR_IO, "another window");
  reader = psp_test_open_workspace (folder, PSP_WORKSPACE_READ);
  images = psp_workspace_list (reader, NULL);
  g_assert_cmpuint (images->len, ==, 1);

  kill (child, SIGKILL);
  wait_for (child);
  writer = psp_test_open_workspace (folder, PSP_WORKSPACE_WRITE);
  psp_test_assert_not_opened (folder, PSP_WORKSPACE_WRITE, PSP_ERROR_IO, "another window");
  (void) close (neighbour.ready[0]);
  (void) close (neighbour.ready[1]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workspace-crash/kill", test_kill);
  g_test_add_func ("/workspace-crash/file-limit", test_file_limit);
  g_test_add_func ("/workspace-crash/gap", test_gap);
  g_test_add_func ("/workspace-crash/full-disk", test_full_disk);
  g_test_add_func ("/workspace-crash/read-only-folder", test_read_only_folder);
  g_test_add_func ("/workspace-crash/two-processes", test_two_processes);
  return g_test_run ();
}
