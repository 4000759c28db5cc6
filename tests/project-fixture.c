/* SPDX-License-Identifier: MIT */
#include "tests/project-fixture.h"

#include "engine/formats/psp-image-file.h"
#include "tests/golden-models.h"

void
project_wait_until (ProjectFixture  *self,
                    ProjectDoneFunc  done)
{
  gint64 end = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  while (!done (self))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

static gboolean
has_result (ProjectFixture *self)
{
  return self->result != NULL;
}

gboolean
project_has_scene (ProjectFixture *self)
{
  return psp_project_get_scene (self->project) != NULL;
}

static gboolean
has_selected_scene (ProjectFixture *self)
{
  return project_has_scene (self) &&
         g_str_equal (psp_scene_get_stem (psp_project_get_scene (self->project)),
                      psp_project_item_get_stem (psp_project_get_current (self->project)));
}

gboolean
project_has_prediction (ProjectFixture *self)
{
  return project_has_scene (self) &&
         psp_scene_get_prediction (psp_project_get_scene (self->project)) != NULL;
}

gboolean
project_is_idle (ProjectFixture *self)
{
  return !psp_project_get_running (self->project);
}

gboolean
project_has_failed (ProjectFixture *self)
{
  return self->n_failed > 0;
}

void
project_take_result (GObject      *source,
                     GAsyncResult *result,
                     gpointer      data)
{
  ProjectFixture *self = data;

  self->result = g_object_ref (result);
}

GAsyncResult *
project_wait_for_result (ProjectFixture *self)
{
  project_wait_until (self, has_result);
  return self->result;
}

void
project_expect_result (ProjectFixture *self)
{
  g_clear_object (&self->result);
}

static void
count_failure (ProjectFixture *self)
{
  self->n_failed++;
}

static void
draw_photo (const ProjectFixture *self,
            const char           *name,
            int                   seed)
{
  g_autofree char *path = psp_test_folder_path (self->folder, name);
  g_autoptr(PspImage) image = psp_image_new (PROJECT_PHOTO_SIZE, NULL);

  for (int i = 0; i < PROJECT_PHOTO_SIZE.width * PROJECT_PHOTO_SIZE.height * 3; i++)
    image->pixels[i] = (i * seed) ^ (i >> 4);
  psp_test_folder_print (self->folder, name, "");
  g_assert_true (psp_image_save_png (image, path, NULL));
}

static void
draw_label (const ProjectFixture *self,
            const char           *name,
            int                   id)
{
  g_autofree char *path = psp_test_folder_path (self->folder, name);
  g_autoptr(PspMask) mask = psp_mask_new (PROJECT_PHOTO_SIZE, 8, NULL);

  for (int i = 0; i < PROJECT_PHOTO_SIZE.width * PROJECT_PHOTO_SIZE.height; i++)
    mask->pixels[i] = id;
  psp_test_folder_print (self->folder, name, "");
  g_assert_true (psp_mask_save (mask, path, NULL));
}

void
project_open (ProjectFixture *self)
{
  g_autofree char *data = psp_test_folder_path (self->folder, "data");
  g_autofree char *recovery = psp_test_folder_path (self->folder, "recovery");
  const char *paths[] = { data, NULL };
  g_autoptr(GError) error = NULL;

  self->project = psp_project_new ();
  psp_project_set_recovery_folder (self->project, recovery);
  g_signal_connect_swapped (self->project, "failed", G_CALLBACK (count_failure), self);
  project_expect_result (self);
  psp_project_open_dataset_async (self->project, paths, NULL, project_take_result, self);
  psp_project_open_dataset_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  project_wait_until (self, project_has_scene);
}

void
project_close (ProjectFixture *self)
{
  psp_project_cancel_run (self->project);
  psp_project_select (self->project, NULL);
  project_expect_result (self);
  for (int i = 0; i < 200; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (500);
    }
  g_assert_finalize_object (self->project);
  self->project = NULL;
}

void
project_set_up (ProjectFixture *self,
                gconstpointer   data)
{
  self->folder = psp_test_folder_new ();
  psp_test_folder_print (self->folder, "data/names.txt",
                         "Sky\nBuilding\nPole\nRoad\nPavement\nTree\nSignSymbol\nFence\nCar\n"
                         "Pedestrian\nBicyclist\n");
  draw_photo (self, "data/images/a.png", 37);
  draw_photo (self, "data/images/b.png", 41);
  draw_photo (self, "data/images/c.png", 43);
  draw_label (self, "data/labels/a.png", 3);
  draw_label (self, "data/labels/b.png", 5);
  draw_label (self, "data/labels/c.png", 0);
  project_open (self);
}

void
project_tear_down (ProjectFixture *self,
                   gconstpointer   data)
{
  project_close (self);
  g_clear_pointer (&self->folder, psp_test_folder_remove);
}

PspProjectItem *
project_get_item (ProjectFixture *self,
                  guint           index)
{
  g_autoptr(PspProjectItem) item = g_list_model_get_item (psp_project_get_items (self->project),
                                                          index);

  return item;
}

void
project_select_item (ProjectFixture *self,
                     guint           index)
{
  psp_project_select (self->project, project_get_item (self, index));
  project_wait_until (self, has_selected_scene);
}

void
project_open_model (ProjectFixture *self)
{
  g_autofree char *path = golden_path ("tiny18.pth");
  g_autoptr(GError) error = NULL;

  project_expect_result (self);
  psp_project_open_model_async (self->project, path, NULL, project_take_result, self);
  psp_project_open_model_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
}

void
project_paint (ProjectFixture *self,
               int             class_id)
{
  PspScene *scene = psp_project_get_scene (self->project);

  psp_scene_begin_stroke (scene, class_id, 3, (PspPoint) { 10, 10 });
  psp_scene_extend_stroke (scene, (PspPoint) { 30, 20 });
  psp_scene_end_stroke (scene);
}

int
project_id_at (ProjectFixture *self,
               int             x,
               int             y)
{
  return psp_scene_get_mask (psp_project_get_scene (self->project))->
         pixels[y * PROJECT_PHOTO_SIZE.width + x];
}

void
project_set_workspace (ProjectFixture *self)
{
  g_autofree char *path = psp_test_folder_path (self->folder, "workspace");
  g_autoptr(GError) error = NULL;

  project_expect_result (self);
  psp_project_set_workspace_async (self->project, path, NULL, project_take_result, self);
  psp_project_set_workspace_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  project_wait_until (self, project_has_scene);
}

void
project_save (ProjectFixture *self)
{
  g_autoptr(GError) error = NULL;

  project_expect_result (self);
  psp_project_save_async (self->project, NULL, project_take_result, self);
  psp_project_save_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
}
