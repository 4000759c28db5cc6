/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-private.h"

#include "engine/cpu/psp-cpu-backend.h"
#include "engine/edit/psp-edit.h"
#include "engine/formats/psp-image-file.h"
#include "engine/project/psp-scene-loader.h"
#include "tests/golden-models.h"
#include "tests/project-fixture.h"

#include <glib/gstdio.h>

/* A project whose threads work on what the main thread goes on with. */

#define FIRST_CLASS 8
#define SECOND_CLASS 9

/* Rounds of what goes wrong by chance alone. */
#define N_ROUNDS 30

/* A dot where project_paint() does not come. */
static void
dot (ProjectFixture *self)
{
  PspScene *scene = psp_project_get_scene (self->project);

  psp_scene_begin_stroke (scene, SECOND_CLASS, 1, (PspPoint) { 40, 5 });
  psp_scene_end_stroke (scene);
}

static void
undo (ProjectFixture *self)
{
  psp_scene_undo (psp_project_get_scene (self->project));
}

static void
expect_both (ProjectFixture *self)
{
  g_assert_cmpint (project_id_at (self, 10, 10), ==, FIRST_CLASS);
  g_assert_cmpint (project_id_at (self, 40, 5), ==, SECOND_CLASS);
}

/* Whether a journal in the workspace at @path has edits, while somebody else writes to it. */
static gboolean
has_edits (const char *path)
{
  g_autoptr(PspWorkspace) workspace = psp_workspace_open (path, PSP_WORKSPACE_READ, NULL);
  g_autoptr(GPtrArray) images = workspace != NULL ? psp_workspace_list (workspace, NULL) : NULL;

  for (guint i = 0; images != NULL && i < images->len; i++)
    if (((PspWorkspaceImage *) images->pdata[i])->unsaved)
      return TRUE;
  return FALSE;
}

/* Chooses a workspace, and calls @edit when a thread has put the edits there, before the main
 * thread hears of it. */
static void
set_workspace_and_edit (ProjectFixture *self,
                        void          (*edit) (ProjectFixture *self))
{
  g_autofree char *path = psp_test_folder_path (self->folder, "workspace");
  g_autoptr(GError) error = NULL;

  project_expect_result (self);
  psp_project_set_workspace_async (self->project, path, NULL, project_take_result, self);
  while (!has_edits (path))
    g_usleep (1000);
  edit (self);
  psp_project_set_workspace_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  project_wait_until (self, project_has_scene);
}

/* The workspace has in its journal what was painted before, and while it was opened. */
static void
test_paint_meanwhile (ProjectFixture *self,
                      gconstpointer   data)
{
  project_paint (self, FIRST_CLASS);
  set_workspace_and_edit (self, dot);
  expect_both (self);
  project_close (self);

  project_open (self);
  g_assert_false (psp_project_get_modified (self->project));
  project_set_workspace (self);
  expect_both (self);
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* The workspace holds a mask already, so that the scene is edited on top of that from then on. */
static void
test_paint_on_another (ProjectFixture *self,
                       gconstpointer   data)
{
  project_set_workspace (self);
  project_paint (self, SECOND_CLASS);
  project_save (self);
  project_close (self);

  project_open (self);
  project_paint (self, FIRST_CLASS);
  set_workspace_and_edit (self, dot);
  expect_both (self);
  project_close (self);

  project_open (self);
  project_set_workspace (self);
  expect_both (self);
  g_assert_cmpint (self->n_failed, ==, 0);
}

static void
test_undo_meanwhile (ProjectFixture *self,
                     gconstpointer   data)
{
  project_paint (self, FIRST_CLASS);
  set_workspace_and_edit (self, undo);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
  project_close (self);

  project_open (self);
  project_set_workspace (self);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
}

/* As if a dataset was opened that somebody had asked for before. */
static void
test_dataset_meanwhile (ProjectFixture *self,
                        gconstpointer   data)
{
  g_autofree char *path = psp_test_folder_path (self->folder, "data");
  g_autofree char *workspace = psp_test_folder_path (self->folder, "workspace");
  const char * const paths[] = { path, NULL };
  g_autoptr(PspDataset) dataset = psp_dataset_open (paths, NULL, NULL);
  g_autoptr(GError) error = NULL;

  project_paint (self, FIRST_CLASS);
  project_expect_result (self);
  psp_project_set_workspace_async (self->project, workspace, NULL, project_take_result, self);
  psp_project_take_dataset (self->project, dataset, paths);
  g_assert_false (psp_project_set_workspace_finish (self->project,
                                                    project_wait_for_result (self), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (psp_project_get_workspace_path (self->project));
}

/* Edits that a crash left, and one on top of them, move into the workspace together. */
static void
test_recovered_and_painted (ProjectFixture *self,
                            gconstpointer   data)
{
  project_paint (self, FIRST_CLASS);
  project_close (self);

  project_open (self);
  dot (self);
  project_set_workspace (self);
  expect_both (self);
  project_close (self);

  project_open (self);
  project_set_workspace (self);
  expect_both (self);
}

/* Drops the last reference to a result where no main loop is. */
static gpointer
drop_result (gpointer result)
{
  g_object_unref (result);
  return NULL;
}

static void
note_thread (gpointer  thread,
             GObject  *project)
{
  *(GThread **) thread = g_thread_self ();
}

/* GTask may be let go by its thread last of all; the project is freed in the main thread. */
static void
test_freed_in_main_thread (ProjectFixture *self,
                           gconstpointer   data)
{
  g_autofree char *path = psp_test_folder_path (self->folder, "data");
  const char *paths[] = { path, NULL };
  PspProject *project = psp_project_new ();
  g_autoptr(GError) error = NULL;
  GThread *freed_by = NULL;

  g_object_weak_ref (G_OBJECT (project), note_thread, &freed_by);
  project_expect_result (self);
  psp_project_open_dataset_async (project, paths, NULL, project_take_result, self);
  g_assert_true (psp_project_open_dataset_finish (project, project_wait_for_result (self),
                                                  &error));
  psp_project_select (project, NULL);
  for (int i = 0; i < 200; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (500);
    }
  g_object_unref (project);
  g_assert_null (freed_by);
  g_thread_join (g_thread_new ("last", drop_result, g_steal_pointer (&self->result)));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (freed_by == g_thread_self ());
}

/* A scene on its way, while its journal is saved. */
typedef struct
{
  PspWorkspace *workspace;
  PspMask      *mask;
  gint64        journal_end;
} Saver;

static gpointer
save_mask (gpointer data)
{
  Saver *self = data;
  g_autoptr(GError) error = NULL;

  psp_workspace_save_mask (self->workspace, "a", self->mask, self->journal_end, &error);
  g_assert_no_error (error);
  return NULL;
}

static PspMaskEditor *
load_editor (PspSceneSource *source,
             PspMask        *truth)
{
  g_autoptr(GError) error = NULL;
  PspMaskEditor *editor = psp_scene_source_load_editor (source, truth->size, truth, &error);

  g_assert_no_error (error);
  return editor;
}

/* Journal and mask of a workspace are one: what is loaded has the edit, be it saved or not. */
static void
test_load_while_saving (ProjectFixture *self,
                        gconstpointer   data)
{
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_new_numbered (11);
  g_autoptr(PspMask) truth = psp_mask_new (PROJECT_PHOTO_SIZE, 8, NULL);

  for (int i = 0; i < N_ROUNDS; i++)
    {
      g_autofree char *name = g_strdup_printf ("rounds/%d", i);
      g_autofree char *path = psp_test_folder_path (self->folder, name);
      g_autoptr(PspWorkspace) workspace = NULL;
      g_autoptr(PspSceneSource) source = NULL;
      g_autoptr(PspMaskEditor) before = NULL;
      g_autoptr(PspMaskEditor) after = NULL;
      g_autoptr(PspEdit) edit = NULL;
      g_autoptr(PspEdit) entry = NULL;
      Saver saver;
      GThread *thread;

      g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
      workspace = psp_workspace_open (path, PSP_WORKSPACE_CREATE, NULL);
      source = psp_scene_source_new ("a", "", NULL, workspace, taxonomy);
      before = load_editor (source, truth);
      edit = psp_edit_new_fill (FIRST_CLASS, (PspPoint) { 0, 0 });
      psp_mask_editor_apply (before, edit, &entry);
      g_assert_true (psp_workspace_append_edit (workspace, "a", entry, NULL));
      saver = (Saver) { workspace, psp_mask_editor_copy_mask (before, NULL, NULL),
                        psp_workspace_get_journal_end (workspace) };
      thread = g_thread_new ("saver", save_mask, &saver);
      after = load_editor (source, truth);
      g_thread_join (thread);
      g_assert_true (psp_mask_equal (psp_mask_editor_get_mask (after), saver.mask));
      psp_mask_unref (saver.mask);
    }
}

/* Devices that are the processor under the name that was asked for.  One of them is not opened
 * before it is let. */
static struct
{
  GMutex      mutex;
  GCond       changed;
  const char *closed;  /* (nullable): the device that waits */
} gate;

static PspBackend *
open_device (const char               *choice,
             const PspBackendOptions  *options,
             GError                  **error)
{
  PspBackend *backend = psp_cpu_backend_new (options, error);

  g_mutex_lock (&gate.mutex);
  while (g_strcmp0 (gate.closed, choice) == 0)
    g_cond_wait (&gate.changed, &gate.mutex);
  g_mutex_unlock (&gate.mutex);
  g_assert_nonnull (backend);
  g_free (backend->device_name);
  backend->device_name = g_strdup (choice);
  return backend;
}

static void
set_gate (const char *closed)
{
  g_mutex_lock (&gate.mutex);
  gate.closed = closed;
  g_cond_broadcast (&gate.changed);
  g_mutex_unlock (&gate.mutex);
}

static gboolean
is_on_second (ProjectFixture *self)
{
  return g_strcmp0 (psp_project_get_device_name (self->project), "second · fp32") == 0 &&
         g_strcmp0 (psp_project_get_model_name (self->project), "tiny18") == 0;
}

/* Loads a model while the project moves to the device “second”; whatever is done first, that is
 * where the model is in the end.  @last: the device that is opened last */
static void
move_meanwhile (ProjectFixture *self,
                const char     *last)
{
  g_autofree char *path = golden_path ("tiny18.pth");
  ProjectFixture move = { .project = self->project };
  g_autoptr(GError) error = NULL;

  psp_project_set_device_opener (self->project, open_device);
  set_gate (last);
  project_expect_result (self);
  psp_project_open_model_async (self->project, path, NULL, project_take_result, self);
  psp_project_set_device_async (self->project, "second", NULL, project_take_result, &move);
  if (g_str_equal (last, "second"))
    psp_project_open_model_finish (self->project, project_wait_for_result (self), &error);
  else
    psp_project_set_device_finish (self->project, project_wait_for_result (&move), &error);
  g_assert_no_error (error);
  set_gate (NULL);
  if (g_str_equal (last, "second"))
    psp_project_set_device_finish (self->project, project_wait_for_result (&move), &error);
  else
    psp_project_open_model_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  g_clear_object (&move.result);
  project_wait_until (self, is_on_second);
  project_wait_until (self, project_has_prediction);
}

static void
test_model_after_device (ProjectFixture *self,
                         gconstpointer   data)
{
  move_meanwhile (self, "auto");
}

static void
test_device_after_model (ProjectFixture *self,
                         gconstpointer   data)
{
  move_meanwhile (self, "second");
}

typedef gboolean (*FinishFunc) (PspProject    *project,
                                GAsyncResult  *result,
                                GError       **error);

/* What was chosen as @self gets there, though what was chosen after it counts. */
static void
assert_dropped (ProjectFixture *self,
                FinishFunc      finish)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (finish (self->project, project_wait_for_result (self), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&self->result);
}

/* Of two devices, the one that was chosen last counts, though the other one opens last. */
static void
test_two_devices (ProjectFixture *self,
                  gconstpointer   data)
{
  ProjectFixture first = { .project = self->project };
  ProjectFixture second = { .project = self->project };
  g_autoptr(GError) error = NULL;

  project_open_model (self);
  psp_project_set_device_opener (self->project, open_device);
  psp_project_set_device_async (self->project, "first", NULL, project_take_result, &first);
  psp_project_set_device_async (self->project, "second", NULL, project_take_result, &second);
  psp_project_set_device_finish (self->project, project_wait_for_result (&second), &error);
  g_assert_no_error (error);
  assert_dropped (&first, psp_project_set_device_finish);
  g_assert_true (is_on_second (self));
  g_clear_object (&second.result);
}

/* So does the checkpoint; one that cannot be opened is none. */
static void
test_two_models (ProjectFixture *self,
                 gconstpointer   data)
{
  g_autofree char *path = golden_path ("tiny18.pth");
  g_autofree char *other_path = golden_path ("mmseg18b.pth");
  g_autofree char *bad_path = golden_path ("none.pth");
  ProjectFixture first = { .project = self->project };
  ProjectFixture second = { .project = self->project };
  ProjectFixture third = { .project = self->project };
  g_autoptr(GError) refusal = NULL;
  g_autoptr(GError) error = NULL;

  psp_project_open_model_async (self->project, other_path, NULL, project_take_result, &first);
  psp_project_open_model_async (self->project, path, NULL, project_take_result, &second);
  psp_project_open_model_async (self->project, bad_path, NULL, project_take_result, &third);
  psp_project_open_model_finish (self->project, project_wait_for_result (&third), &refusal);
  g_assert_error (refusal, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  psp_project_open_model_finish (self->project, project_wait_for_result (&second), &error);
  g_assert_no_error (error);
  assert_dropped (&first, psp_project_open_model_finish);
  g_assert_cmpstr (psp_project_get_model_name (self->project), ==, "tiny18");
  g_clear_object (&second.result);
  g_clear_object (&third.result);
}

/* And the images. */
static void
test_two_datasets (ProjectFixture *self,
                   gconstpointer   data)
{
  PspProjectItem *item = project_get_item (self, 0);
  g_autofree char *folder = psp_test_folder_path (self->folder, "data");
  const char *folders[] = { folder, NULL };
  const char *photos[] = { psp_project_item_get_image_path (item), NULL };
  ProjectFixture first = { .project = self->project };
  ProjectFixture second = { .project = self->project };
  g_autoptr(GError) error = NULL;

  psp_project_open_dataset_async (self->project, folders, NULL, project_take_result, &first);
  psp_project_open_dataset_async (self->project, photos, NULL, project_take_result, &second);
  psp_project_open_dataset_finish (self->project, project_wait_for_result (&second), &error);
  g_assert_no_error (error);
  assert_dropped (&first, psp_project_open_dataset_finish);
  g_assert_cmpuint (g_list_model_get_n_items (psp_project_get_items (self->project)), ==, 1);
  g_clear_object (&second.result);
}

#define ADD(path, function) \
  g_test_add ("/project-threads/" path, ProjectFixture, NULL, project_set_up, function, \
              project_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("paint-meanwhile", test_paint_meanwhile);
  ADD ("paint-on-another", test_paint_on_another);
  ADD ("undo-meanwhile", test_undo_meanwhile);
  ADD ("dataset-meanwhile", test_dataset_meanwhile);
  ADD ("recovered-and-painted", test_recovered_and_painted);
  ADD ("load-while-saving", test_load_while_saving);
  ADD ("freed-in-main-thread", test_freed_in_main_thread);
  ADD ("model-after-device", test_model_after_device);
  ADD ("device-after-model", test_device_after_model);
  ADD ("two-devices", test_two_devices);
  ADD ("two-models", test_two_models);
  ADD ("two-datasets", test_two_datasets);
  return g_test_run ();
}
