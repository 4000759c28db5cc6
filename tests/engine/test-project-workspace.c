/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project-private.h"

#include "engine/formats/psp-image-file.h"
#include "tests/project-fixture.h"

#include <glib/gstdio.h>

/* A project whose workspace, dataset or photo is opened again, changed or exchanged. */

#define FIRST_CLASS 8
#define SECOND_CLASS 9

/* As psp_project_set_workspace_async() to its end, in the folder called @name. */
static gboolean
set_workspace (ProjectFixture  *self,
               const char      *name,
               GError         **error)
{
  g_autofree char *path = psp_test_folder_path (self->folder, name);

  project_expect_result (self);
  psp_project_set_workspace_async (self->project, path, NULL, project_take_result, self);
  return psp_project_set_workspace_finish (self->project, project_wait_for_result (self), error);
}

static gboolean
open_dataset (ProjectFixture  *self,
              const char      *name,
              GError         **error)
{
  g_autofree char *path = psp_test_folder_path (self->folder, name);
  const char *paths[] = { path, NULL };

  project_expect_result (self);
  psp_project_open_dataset_async (self->project, paths, NULL, project_take_result, self);
  if (!psp_project_open_dataset_finish (self->project, project_wait_for_result (self), error))
    return FALSE;
  project_wait_until (self, project_has_scene);
  return TRUE;
}

/* The workspace has unsaved edits of the first image, which is not in memory. */
static void
leave_edits (ProjectFixture *self)
{
  project_set_workspace (self);
  project_paint (self, FIRST_CLASS);
  project_close (self);
  project_open (self);
  project_select_item (self, 1);
  project_set_workspace (self);
  g_assert_true (psp_project_item_get_modified (project_get_item (self, 0)));
}

static void
start_saving (ProjectFixture *self)
{
  project_expect_result (self);
  psp_project_save_async (self->project, NULL, project_take_result, self);
}

static void
finish_saving (ProjectFixture *self)
{
  g_autoptr(GError) error = NULL;

  psp_project_save_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
}

/* All is saved; what is undone since can be brought back from the journal. */
static void
expect_saved (ProjectFixture *self)
{
  g_assert_false (psp_scene_get_modified (psp_project_get_scene (self->project)));
  g_assert_false (psp_project_item_get_modified (project_get_item (self, 0)));
  g_assert_false (psp_project_get_modified (self->project));
  g_assert_true (psp_project_item_get_corrected (project_get_item (self, 0)));
  g_assert_cmpint (project_id_at (self, 10, 10), ==, FIRST_CLASS);

  if (psp_scene_get_can_undo (psp_project_get_scene (self->project)))
    psp_scene_undo (psp_project_get_scene (self->project));
  else
    project_paint (self, 3);
  g_assert_true (psp_project_get_modified (self->project));
  project_close (self);
  project_open (self);
  project_set_workspace (self);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* Holds up the thread that writes, until it is told to go on. */
typedef struct
{
  int go_on; /* (atomic) */
} Hold;

static void
hold (gpointer data)
{
  Hold *self = data;

  while (!g_atomic_int_get (&self->go_on))
    g_usleep (1000);
}

static void
hold_ended (gpointer data)
{
}

/* Begins to save, and opens the first image while the disk is still at something else. */
static void
open_in_between (ProjectFixture *self,
                 Hold           *holder)
{
  leave_edits (self);
  psp_disk_queue_push (self->project->disk, hold, hold_ended, holder);
  start_saving (self);
  project_select_item (self, 0);
}

/* An image is opened, with its journal, while that is on its way into the mask file. */
static void
test_open_while_saving (ProjectFixture *self,
                        gconstpointer   data)
{
  Hold holder = { FALSE };

  open_in_between (self, &holder);
  g_assert_true (psp_scene_get_modified (psp_project_get_scene (self->project)));
  g_atomic_int_set (&holder.go_on, TRUE);
  finish_saving (self);
  expect_saved (self);
}

/* Undone before the disk knew of anything: that is a change of what was saved. */
static void
test_undo_while_saving (ProjectFixture *self,
                        gconstpointer   data)
{
  Hold holder = { FALSE };

  open_in_between (self, &holder);
  psp_scene_undo (psp_project_get_scene (self->project));
  g_atomic_int_set (&holder.go_on, TRUE);
  finish_saving (self);
  g_assert_true (psp_project_get_modified (self->project));
  project_close (self);

  project_open (self);
  project_set_workspace (self);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* Whichever of the two ends first. */
static void
test_open_and_save (ProjectFixture *self,
                    gconstpointer   data)
{
  leave_edits (self);
  psp_project_select (self->project, project_get_item (self, 0));
  start_saving (self);
  finish_saving (self);
  project_select_item (self, 0);
  expect_saved (self);
}

/* An image that is loading when the workspace is chosen has the mask of the workspace; what is
 * being edited stays as it is. */
static void
test_select_meanwhile (ProjectFixture *self,
                       gconstpointer   data)
{
  project_set_workspace (self);
  project_select_item (self, 1);
  project_paint (self, SECOND_CLASS);
  project_save (self);
  project_close (self);

  project_open (self);
  project_paint (self, FIRST_CLASS);
  project_expect_result (self);
  {
    g_autofree char *path = psp_test_folder_path (self->folder, "workspace");
    g_autoptr(GError) error = NULL;
    GAsyncResult *result;

    psp_project_set_workspace_async (self->project, path, NULL, project_take_result, self);
    result = project_wait_for_result (self);
    psp_project_select (self->project, project_get_item (self, 1));
    psp_project_set_workspace_finish (self->project, result, &error);
    g_assert_no_error (error);
  }
  project_select_item (self, 1);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, SECOND_CLASS);
  project_select_item (self, 0);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, FIRST_CLASS);
  g_assert_true (psp_project_get_modified (self->project));
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* What is open can be opened again, and its journal goes on. */
static void
test_open_again (ProjectFixture *self,
                 gconstpointer   data)
{
  g_autoptr(GError) error = NULL;

  open_dataset (self, "data", &error);
  g_assert_no_error (error);
  g_assert_cmpint (self->n_failed, ==, 0);
  project_paint (self, FIRST_CLASS);
  project_close (self);
  project_open (self);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, FIRST_CLASS);

  project_set_workspace (self);
  project_paint (self, SECOND_CLASS);
  set_workspace (self, "workspace", &error);
  g_assert_no_error (error);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, SECOND_CLASS);
  psp_scene_undo (psp_project_get_scene (self->project));
  g_assert_cmpint (project_id_at (self, 10, 10), ==, FIRST_CLASS);
  project_save (self);
  open_dataset (self, "workspace", &error);
  g_assert_no_error (error);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, FIRST_CLASS);
  project_paint (self, SECOND_CLASS);
  project_close (self);

  project_open (self);
  project_set_workspace (self);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, SECOND_CLASS);
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* Somebody opens it twice at once: there is a journal. */
static void
test_open_twice (ProjectFixture *self,
                 gconstpointer   data)
{
  g_autofree char *path = psp_test_folder_path (self->folder, "data/images");
  const char *paths[] = { path, NULL };
  ProjectFixture first = { .project = self->project };
  g_autoptr(GError) error = NULL;

  psp_project_open_dataset_async (self->project, paths, NULL, project_take_result, &first);
  project_expect_result (self);
  psp_project_open_dataset_async (self->project, paths, NULL, project_take_result, self);
  psp_project_open_dataset_finish (self->project, project_wait_for_result (&first), &error);
  g_assert_no_error (error);
  g_clear_object (&first.result);
  psp_project_open_dataset_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  g_assert_nonnull (psp_project_get_journal (self->project));
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* What is not open any more can be opened by another window. */
static void
test_let_go (ProjectFixture *self,
             gconstpointer   data)
{
  g_autofree char *path = psp_test_folder_path (self->folder, "workspace");
  g_autoptr(GError) error = NULL;
  g_autoptr(PspWorkspace) workspace = NULL;

  project_set_workspace (self);
  g_assert_null (psp_workspace_open (path, PSP_WORKSPACE_WRITE, NULL));
  open_dataset (self, "data", &error);
  g_assert_no_error (error);
  for (int i = 0; i < 200; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (500);
    }
  workspace = psp_workspace_open (path, PSP_WORKSPACE_WRITE, &error);
  g_assert_no_error (error);
}

static void
rename_folder (ProjectFixture *self,
               const char     *from,
               const char     *to)
{
  g_autofree char *from_path = psp_test_folder_path (self->folder, from);
  g_autofree char *to_path = psp_test_folder_path (self->folder, to);

  g_assert_cmpint (g_rename (from_path, to_path), ==, 0);
}

static void
copy_file (ProjectFixture *self,
           const char     *from,
           const char     *to)
{
  g_autofree char *from_path = psp_test_folder_path (self->folder, from);
  g_autofree char *to_path = psp_test_folder_path (self->folder, to);
  g_autoptr(GFile) source = g_file_new_for_path (from_path);
  g_autoptr(GFile) destination = g_file_new_for_path (to_path);
  g_autoptr(GError) error = NULL;

  psp_test_folder_print (self->folder, to, "");
  g_file_copy (source, destination, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* A workspace goes with its dataset to another place, but to no other dataset, even of photos with
 * the same names; whether or not the dataset is still where it was. */
static void
test_other_dataset (ProjectFixture *self,
                    gconstpointer   data)
{
  static const char * const names[] = { "a.png", "b.png", "c.png" };
  g_autofree char *old_path = psp_test_folder_path (self->folder, "data");
  g_autoptr(GError) error = NULL;

  project_set_workspace (self);
  project_paint (self, FIRST_CLASS);
  project_save (self);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *to = g_strconcat ("other/images/", names[i], NULL);

      copy_file (self, "data/images/a.png", to);
      if (i > 0)
        copy_file (self, "data/labels/a.png", to);
    }

  open_dataset (self, "other", &error);
  g_assert_no_error (error);
  g_assert_false (set_workspace (self, "workspace", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, old_path));
  g_clear_error (&error);

  rename_folder (self, "data", "moved");
  g_assert_false (set_workspace (self, "workspace", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  g_clear_error (&error);

  open_dataset (self, "moved", &error);
  g_assert_no_error (error);
  set_workspace (self, "workspace", &error);
  g_assert_no_error (error);
  project_wait_until (self, project_has_scene);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, FIRST_CLASS);
  rename_folder (self, "moved", "data");
}

/* Photos may come and go where the dataset is. */
static void
test_more_photos (ProjectFixture *self,
                  gconstpointer   data)
{
  g_autoptr(GError) error = NULL;

  project_set_workspace (self);
  project_close (self);
  copy_file (self, "data/images/a.png", "data/images/d.png");
  project_open (self);
  g_assert_cmpuint (g_list_model_get_n_items (psp_project_get_items (self->project)), ==, 4);
  set_workspace (self, "workspace", &error);
  g_assert_no_error (error);
}

/* What another workspace holds is not corrected in this one. */
static void
test_other_workspace (ProjectFixture *self,
                      gconstpointer   data)
{
  g_autoptr(GError) error = NULL;

  project_set_workspace (self);
  project_paint (self, FIRST_CLASS);
  project_save (self);
  g_assert_true (psp_project_item_get_corrected (project_get_item (self, 0)));
  set_workspace (self, "second", &error);
  g_assert_no_error (error);
  g_assert_false (psp_project_item_get_corrected (project_get_item (self, 0)));
  project_wait_until (self, project_has_scene);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
}

static void
draw (ProjectFixture *self,
      const char     *name,
      PspSize         size)
{
  g_autofree char *path = psp_test_folder_path (self->folder, name);
  g_autoptr(PspImage) image = psp_image_new (size, NULL);
  g_autoptr(GError) error = NULL;

  psp_image_save_png (image, path, &error);
  g_assert_no_error (error);
}

/* A photo that became another size has another prediction. */
static void
test_other_size (ProjectFixture *self,
                 gconstpointer   data)
{
  const PspSize larger = { 96, 72 };
  PspScene *scene;

  project_open_model (self);
  project_wait_until (self, project_has_prediction);
  project_select_item (self, 1);
  draw (self, "data/images/a.png", larger);
  project_select_item (self, 0);
  scene = psp_project_get_scene (self->project);
  g_assert_true (psp_size_equal (psp_scene_get_size (scene), larger));
  if (psp_scene_get_prediction (scene) == NULL)
    project_wait_until (self, project_has_prediction);
  g_assert_true (psp_size_equal (psp_prediction_get_size (psp_scene_get_prediction (scene)),
                                 larger));
}

/* What is wrong with photo, label and run is told as long as it is wrong, each for itself. */
static void
test_problems (ProjectFixture *self,
               gconstpointer   data)
{
  PspProjectItem *item = project_get_item (self, 1);

  psp_test_folder_print (self->folder, "data/images/b.png", "no picture");
  psp_project_select (self->project, item);
  project_wait_until (self, project_has_failed);
  g_assert_nonnull (psp_project_item_get_problem (item));

  draw (self, "data/images/b.png", (PspSize) { 20, 10 });
  project_select_item (self, 0);
  project_select_item (self, 1);
  g_assert_nonnull (strstr (psp_project_item_get_problem (item), "the label is 48 x 36 pixels"));
  project_open_model (self);
  project_wait_until (self, project_has_prediction);
  project_wait_until (self, project_is_idle);
  g_assert_nonnull (strstr (psp_project_item_get_problem (item), "the label is 48 x 36 pixels"));

  draw (self, "data/images/b.png", PROJECT_PHOTO_SIZE);
  project_select_item (self, 0);
  project_select_item (self, 1);
  g_assert_null (psp_project_item_get_problem (item));
}

/* (transfer full): the open scene, with a history; as it is, and as it is saved. */
static PspScene *
edit_scene (ProjectFixture *self,
            guint           index,
            gboolean        saved)
{
  PspScene *scene;

  project_select_item (self, index);
  project_paint (self, FIRST_CLASS);
  scene = g_object_ref (psp_project_get_scene (self->project));
  if (saved)
    psp_mask_editor_mark_saved (psp_scene_get_editor (scene),
                                psp_mask_editor_get_state (psp_scene_get_editor (scene)));
  return scene;
}

/* The oldest scenes go, but none with unsaved edits. */
static void
test_scene_store (ProjectFixture *self,
                  gconstpointer   data)
{
  g_autoptr(PspScene) a = edit_scene (self, 0, FALSE);
  g_autoptr(PspScene) b = edit_scene (self, 1, TRUE);
  g_autoptr(PspScene) c = edit_scene (self, 2, TRUE);
  PspSceneStore *store = psp_scene_store_new (2 * psp_scene_get_n_bytes (a) +
                                              psp_scene_get_n_bytes (a) / 2);

  psp_scene_store_add (store, b);
  psp_scene_store_add (store, a);
  g_assert_true (psp_scene_store_find (store, "b") == b);
  psp_scene_store_add (store, a);
  g_assert_cmpuint (psp_scene_store_get_n (store), ==, 2);
  psp_scene_store_add (store, b);
  psp_scene_store_add (store, c);
  g_assert_null (psp_scene_store_find (store, "b"));
  g_assert_true (psp_scene_store_find (store, "a") == a);
  g_assert_true (psp_scene_store_find (store, "c") == c);
  psp_scene_store_remove_unmodified (store);
  g_assert_cmpuint (psp_scene_store_get_n (store), ==, 1);
  g_assert_true (psp_scene_store_get (store, 0) == a);
  psp_scene_store_free (store);
}

#define ADD(path, function) \
  g_test_add ("/project-workspace/" path, ProjectFixture, NULL, project_set_up, function, \
              project_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("open-while-saving", test_open_while_saving);
  ADD ("undo-while-saving", test_undo_while_saving);
  ADD ("open-and-save", test_open_and_save);
  ADD ("select-meanwhile", test_select_meanwhile);
  ADD ("open-again", test_open_again);
  ADD ("open-twice", test_open_twice);
  ADD ("let-go", test_let_go);
  ADD ("other-dataset", test_other_dataset);
  ADD ("more-photos", test_more_photos);
  ADD ("other-workspace", test_other_workspace);
  ADD ("other-size", test_other_size);
  ADD ("problems", test_problems);
  ADD ("scene-store", test_scene_store);
  return g_test_run ();
}
