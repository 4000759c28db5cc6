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

/* Rounds of what goes wrong by chance alone. */
#define N_ROUNDS 30

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

#define ADD(path, function) \
  g_test_add ("/project-threads/" path, ProjectFixture, NULL, project_set_up, function, \
              project_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("load-while-saving", test_load_while_saving);
  ADD ("freed-in-main-thread", test_freed_in_main_thread);
  ADD ("model-after-device", test_model_after_device);
  ADD ("device-after-model", test_device_after_model);
  return g_test_run ();
}
