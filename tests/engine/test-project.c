/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-project.h"

#include "engine/formats/psp-image-file.h"
#include "engine/project/psp-workers.h"
#include "engine/run/psp-device.h"
#include "tests/golden-models.h"
#include "tests/project-fixture.h"

#include <glib/gstdio.h>

static gboolean
shows_what_is_asked (ProjectFixture *self)
{
  return project_has_prediction (self) && psp_project_get_shown_levels_off (self->project) ==
                                          psp_project_get_levels_off (self->project);
}

/* Says @text of @fact, and nothing else, of the open model. */
static gboolean
say (ProjectFixture  *self,
     PspFact          fact,
     const char      *text,
     GError         **error)
{
  g_auto(PspModelOptions) options = { 0 };

  g_assert_true (psp_model_options_set (&options, fact, text, NULL));
  project_expect_result (self);
  psp_project_set_model_options_async (self->project, &options, NULL, project_take_result, self);
  return psp_project_set_model_options_finish (self->project, project_wait_for_result (self),
                                               error);
}

static void
test_open (ProjectFixture *self,
           gconstpointer   data)
{
  PspScene *scene = psp_project_get_scene (self->project);

  g_assert_cmpint (g_list_model_get_n_items (psp_project_get_items (self->project)), ==, 3);
  g_assert_cmpstr (psp_scene_get_stem (scene), ==, "a");
  g_assert_cmpint (psp_taxonomy_get_n_classes (psp_project_get_taxonomy (self->project)), ==, 11);
  g_assert_cmpint (project_id_at (self, 0, 0), ==, 3);
  g_assert_false (psp_project_get_modified (self->project));

  project_select_item (self, 2);
  g_assert_cmpint (project_id_at (self, 0, 0), ==, 0);
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* The open image runs by itself; the others when asked; then everyone knows the numbers. */
static void
test_run (ProjectFixture *self,
          gconstpointer   data)
{
  project_open_model (self);
  project_wait_until (self, project_has_prediction);
  g_assert_true (psp_project_item_get_predicted (project_get_item (self, 0)));
  g_assert_false (psp_project_item_get_predicted (project_get_item (self, 1)));

  project_wait_until (self, project_is_idle);
  psp_project_run_all (self->project);
  project_wait_until (self, project_is_idle);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (psp_project_item_get_predicted (project_get_item (self, i)));
      g_assert_cmpfloat (psp_project_item_get_score (project_get_item (self, i)), >=, 0);
    }
  g_assert_cmpint (psp_evaluation_get_n_judged (psp_project_get_evaluation (self->project)), ==,
                   3);
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* What the runner says of the open image without bins 1 and 6. */
static PspPrediction *
predict_reduced (ProjectFixture *self)
{
  g_autofree char *model_path = golden_path ("tiny18.pth");
  g_autoptr(PspBackend) backend = psp_device_open ("cpu", NULL, NULL);
  g_autoptr(PspModel) model = psp_model_load (model_path, NULL, NULL, NULL);
  g_autoptr(PspRunner) runner = psp_runner_new (model, backend, NULL);
  const PspRunOptions options = { .n_without_bins = 2, .without_bins = { 1, 6 } };
  const char *path = psp_project_item_get_image_path (psp_project_get_current (self->project));
  g_autoptr(PspImage) image = psp_image_load (path, NULL);
  PspPrediction *prediction = psp_runner_predict (runner, image, &options, TRUE,
                                                  (PspProgress) { 0 }, NULL, NULL);

  g_assert_nonnull (prediction);
  return prediction;
}

/* Levels that are off change what is shown, and nothing else that is known. */
static void
test_levels_off (ProjectFixture *self,
                 gconstpointer   data)
{
  g_autoptr(PspPrediction) whole = NULL;
  g_autoptr(PspPrediction) expected = NULL;
  PspPrediction *shown;
  PspEvaluation *evaluation;
  double score;
  guint version, later;

  project_open_model (self);
  project_wait_until (self, project_has_prediction);
  project_wait_until (self, project_is_idle);
  whole = psp_prediction_ref (psp_scene_get_prediction (psp_project_get_scene (self->project)));
  evaluation = psp_project_get_evaluation (self->project);
  score = psp_project_item_get_score (project_get_item (self, 0));
  g_object_get (self->project, "evaluation-version", &version, NULL);

  psp_project_set_levels_off (self->project, 1 << 0 | 1 << 3 | 1 << 9);
  g_assert_cmpuint (psp_project_get_levels_off (self->project), ==, 9);
  g_assert_cmpuint (psp_project_get_shown_levels_off (self->project), ==, 0);
  project_wait_until (self, shows_what_is_asked);
  project_wait_until (self, project_is_idle);
  expected = predict_reduced (self);
  shown = psp_scene_get_prediction (psp_project_get_scene (self->project));
  g_assert_true (shown != whole);
  g_assert_cmpfloat (golden_difference (psp_prediction_get_confidence (shown),
                                        psp_prediction_get_confidence (expected)), <, 1e-6);
  g_assert_cmpfloat (golden_difference (psp_prediction_get_confidence (shown),
                                        psp_prediction_get_confidence (whole)), >, 1e-3);
  g_object_get (self->project, "evaluation-version", &later, NULL);
  g_assert_cmpuint (later, ==, version);
  g_assert_true (psp_project_get_evaluation (self->project) == evaluation);
  g_assert_cmpfloat (psp_project_item_get_score (project_get_item (self, 0)), ==, score);

  /* So is the next image, which this does not count as run; a batch is as ever. */
  project_select_item (self, 1);
  project_wait_until (self, shows_what_is_asked);
  project_wait_until (self, project_is_idle);
  g_assert_cmpuint (psp_project_get_shown_levels_off (self->project), ==, 9);
  g_assert_false (psp_project_item_get_predicted (project_get_item (self, 1)));
  shown = psp_scene_get_prediction (psp_project_get_scene (self->project));
  psp_project_run_all (self->project);
  project_wait_until (self, project_is_idle);
  g_assert_true (psp_scene_get_prediction (psp_project_get_scene (self->project)) == shown);
  g_assert_cmpint (psp_evaluation_get_n_judged (psp_project_get_evaluation (self->project)), ==,
                   3);

  project_select_item (self, 0);
  psp_project_set_levels_off (self->project, 0);
  g_assert_true (psp_scene_get_prediction (psp_project_get_scene (self->project)) == whole);
  g_assert_cmpuint (psp_project_get_shown_levels_off (self->project), ==, 0);
  g_assert_true (project_is_idle (self));

  /* What is cancelled was not asked for. */
  psp_project_set_levels_off (self->project, 2);
  psp_project_cancel_run (self->project);
  g_assert_cmpuint (psp_project_get_levels_off (self->project), ==, 0);
  g_assert_true (psp_scene_get_prediction (psp_project_get_scene (self->project)) == whole);

  /* Another model has its own levels. */
  psp_project_set_levels_off (self->project, 2);
  project_open_model (self);
  g_assert_cmpuint (psp_project_get_levels_off (self->project), ==, 0);
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* What is said of a checkpoint holds at once, and when it is opened again. */
static void
test_model_options (ProjectFixture *self,
                    gconstpointer   data)
{
  g_autofree char *answers = psp_test_folder_path (self->folder, "program/answers.json");
  g_autoptr(GError) error = NULL;

  psp_project_set_answers_path (self->project, answers);
  project_open_model (self);
  g_assert_true (psp_project_get_model_asks (self->project));
  project_wait_until (self, project_has_prediction);
  project_wait_until (self, project_is_idle);
  psp_project_run_all (self->project);
  project_wait_until (self, project_is_idle);

  g_assert_true (say (self, PSP_FACT_ALIGN_CORNERS, "no", &error));
  g_assert_no_error (error);
  g_assert_false (psp_model_get_facts (psp_project_get_model (self->project))->align_corners);
  g_assert_false (psp_project_get_model_asks (self->project));
  g_assert_null (psp_scene_get_prediction (psp_project_get_scene (self->project)));
  project_wait_until (self, project_is_idle);
  for (guint i = 0; i < 3; i++)
    g_assert_true (psp_project_item_get_predicted (project_get_item (self, i)));

  project_open_model (self);
  g_assert_false (psp_project_get_model_asks (self->project));
  g_assert_false (psp_model_get_facts (psp_project_get_model (self->project))->align_corners);

  /* What does not fit is not remembered, and leaves the model as it is. */
  g_assert_false (say (self, PSP_FACT_NAMES, "voc-21", &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_assert_false (psp_model_get_facts (psp_project_get_model (self->project))->align_corners);
  project_open_model (self);
  g_assert_false (psp_model_get_facts (psp_project_get_model (self->project))->align_corners);
  g_assert_cmpint (self->n_failed, ==, 0);
}

/* A list of names that is gone is no reason not to open the checkpoint. */
static void
test_lost_names (ProjectFixture *self,
                 gconstpointer   data)
{
  g_autofree char *answers = psp_test_folder_path (self->folder, "answers.json");
  g_autofree char *names = psp_test_folder_path (self->folder, "data/names.txt");
  g_autoptr(GError) error = NULL;

  psp_project_set_answers_path (self->project, answers);
  project_open_model (self);
  g_assert_true (say (self, PSP_FACT_NAMES, names, &error));
  g_assert_no_error (error);
  g_assert_nonnull (psp_model_get_taxonomy (psp_project_get_model (self->project)));

  g_assert_cmpint (g_remove (names), ==, 0);
  g_assert_cmpint (self->n_failed, ==, 0);
  project_open_model (self);
  g_assert_cmpint (self->n_failed, ==, 1);
  g_assert_null (psp_model_get_taxonomy (psp_project_get_model (self->project)));
  g_assert_false (psp_project_get_model_asks (self->project));
}

/* Another model makes everything that the first one said void. */
static void
test_other_model (ProjectFixture *self,
                  gconstpointer   data)
{
  g_autofree char *path = golden_path ("tiny50.pth");
  g_autoptr(GError) error = NULL;

  project_open_model (self);
  project_wait_until (self, project_has_prediction);
  project_wait_until (self, project_is_idle);
  project_expect_result (self);
  psp_project_open_model_async (self->project, path, NULL, project_take_result, self);
  psp_project_open_model_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (psp_project_item_get_score (project_get_item (self, 0)), ==, -1);

  /* 21 classes against 11: predicted, not judged, and said so. */
  project_wait_until (self, project_has_prediction);
  project_wait_until (self, project_has_failed);
  g_assert_null (psp_project_get_evaluation (self->project));
}

static void
test_bad_model (ProjectFixture *self,
                gconstpointer   data)
{
  g_autofree char *path = psp_test_folder_path (self->folder, "bad.pth");
  g_autoptr(GError) error = NULL;

  psp_test_folder_print (self->folder, "bad.pth", "<html>");
  project_open_model (self);
  project_expect_result (self);
  psp_project_open_model_async (self->project, path, NULL, project_take_result, self);
  g_assert_false (psp_project_open_model_finish (self->project, project_wait_for_result (self),
                                                 &error));
  g_assert_nonnull (strstr (error->message, path));
  g_assert_cmpstr (psp_project_get_model_name (self->project), ==, "tiny18");
}

static void
test_paint_and_save (ProjectFixture *self,
                     gconstpointer   data)
{
  g_autofree char *original = psp_test_folder_read (self->folder, "data/labels/a.png", NULL);
  g_autofree char *path = psp_test_folder_path (self->folder, "workspace/labels/a.png");
  g_autofree char *after = NULL;
  g_autoptr(PspMask) saved = NULL;
  g_autoptr(GError) error = NULL;

  project_paint (self, 8);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 8);
  g_assert_true (psp_project_get_modified (self->project));
  g_assert_true (psp_project_item_get_modified (project_get_item (self, 0)));

  project_expect_result (self);
  psp_project_save_async (self->project, NULL, project_take_result, self);
  g_assert_false (psp_project_save_finish (self->project, project_wait_for_result (self), &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_clear_error (&error);

  project_set_workspace (self);
  project_save (self);
  g_assert_false (psp_project_get_modified (self->project));
  g_assert_true (psp_project_item_get_corrected (project_get_item (self, 0)));
  saved = psp_mask_load (path, &error);
  g_assert_no_error (error);
  g_assert_true (psp_mask_equal (saved,
                                 psp_scene_get_mask (psp_project_get_scene (self->project))));
  after = psp_test_folder_read (self->folder, "data/labels/a.png", NULL);
  g_assert_cmpstr (after, ==, original);

  /* Saving keeps the history; undoing past it is a change again. */
  psp_scene_undo (psp_project_get_scene (self->project));
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
  g_assert_true (psp_project_get_modified (self->project));
}

/* Edits and their history stay while other images are looked at. */
static void
test_edits_survive_selection (ProjectFixture *self,
                              gconstpointer   data)
{
  project_paint (self, 8);
  project_select_item (self, 1);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 5);
  project_select_item (self, 0);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 8);
  psp_scene_undo (psp_project_get_scene (self->project));
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
  g_assert_false (psp_project_get_modified (self->project));
  psp_scene_redo (psp_project_get_scene (self->project));
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 8);
}

/* What was painted without a workspace and never saved is there the next time. */
static void
test_recovery (ProjectFixture *self,
               gconstpointer   data)
{
  project_paint (self, 8);
  project_paint (self, 9);
  psp_scene_undo (psp_project_get_scene (self->project));
  project_close (self);

  project_open (self);
  g_assert_true (psp_project_item_get_modified (project_get_item (self, 0)));
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 8);

  /* A workspace takes them over. */
  project_set_workspace (self);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 8);
  g_assert_true (psp_project_get_modified (self->project));
  project_save (self);
  project_close (self);
  project_open (self);
  g_assert_false (psp_project_get_modified (self->project));
}

/* The journal of the workspace brings unsaved edits back, also of images that are not opened. */
static void
test_recovery_in_workspace (ProjectFixture *self,
                            gconstpointer   data)
{
  project_set_workspace (self);
  project_paint (self, 8);
  project_close (self);

  project_open (self);
  project_select_item (self, 1);
  project_set_workspace (self);
  g_assert_true (psp_project_item_get_modified (project_get_item (self, 0)));
  project_save (self);
  g_assert_false (psp_project_get_modified (self->project));
  project_select_item (self, 0);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 8);
}

static void
test_discard (ProjectFixture *self,
              gconstpointer   data)
{
  g_autoptr(GError) error = NULL;

  project_paint (self, 8);
  project_expect_result (self);
  psp_project_discard_async (self->project, NULL, project_take_result, self);
  psp_project_discard_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  project_wait_until (self, project_has_scene);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
  project_select_item (self, 1);
  project_select_item (self, 0);
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
  project_close (self);

  project_open (self);
  g_assert_false (psp_project_get_modified (self->project));
  g_assert_cmpint (project_id_at (self, 10, 10), ==, 3);
}

static PspExportResult *
export_to (ProjectFixture   *self,
           PspExportProfile  profile,
           const char       *name)
{
  g_autofree char *path = psp_test_folder_path (self->folder, name);
  g_autoptr(GError) error = NULL;
  PspExportResult *result;

  project_expect_result (self);
  psp_project_export_async (self->project, profile, path, (PspProgress) { 0 }, NULL,
                            project_take_result, self);
  result = psp_project_export_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  return result;
}

/* Edits that were not saved yet are exported; MSeg gets its own ids. */
static void
test_export (ProjectFixture *self,
             gconstpointer   data)
{
  g_autofree char *folder_path = psp_test_folder_path (self->folder, "folder/labels/a.png");
  g_autofree char *mseg_path = psp_test_folder_path (self->folder, "mseg/labels/a.png");
  g_autofree char *list = NULL;
  g_autoptr(PspExportResult) folder = NULL;
  g_autoptr(PspExportResult) mseg = NULL;
  g_autoptr(PspMask) plain = NULL;
  g_autoptr(PspMask) universal = NULL;

  project_paint (self, 10);
  folder = export_to (self, PSP_EXPORT_FOLDER, "folder");
  mseg = export_to (self, PSP_EXPORT_MSEG, "mseg");
  g_assert_cmpint (folder->n_done, ==, 3);
  g_assert_cmpint (folder->n_corrected, ==, 1);
  plain = psp_mask_load (folder_path, NULL);
  universal = psp_mask_load (mseg_path, NULL);
  g_assert_cmpint (plain->pixels[10 * PROJECT_PHOTO_SIZE.width + 10], ==, 10);
  g_assert_cmpint (universal->pixels[10 * PROJECT_PHOTO_SIZE.width + 10], ==, 127);
  g_assert_cmpint (universal->pixels[0], ==, 98);
  list = psp_test_folder_read (self->folder, "folder/list.txt", NULL);
  g_assert_cmpstr (list, ==, "images/a.png labels/a.png\nimages/b.png labels/b.png\n"
                             "images/c.png labels/c.png\n");
}

/* A correction that is gone is named, not passed over. */
static void
test_export_of_lost (ProjectFixture *self,
                     gconstpointer   data)
{
  g_autofree char *path = psp_test_folder_path (self->folder, "workspace/labels/a.png");
  g_autoptr(PspExportResult) result = NULL;

  project_set_workspace (self);
  project_paint (self, 10);
  project_save (self);
  g_assert_cmpint (g_remove (path), ==, 0);
  result = export_to (self, PSP_EXPORT_FOLDER, "folder");
  g_assert_cmpint (result->n_done, ==, 2);
  g_assert_nonnull (result->failures[0]);
  g_assert_nonnull (strstr (result->failures[0], path));
}

/* The command line exports the same workspace to the same bytes. */
static void
test_command_line_export (ProjectFixture *self,
                          gconstpointer   data)
{
  g_autofree char *workspace = psp_test_folder_path (self->folder, "workspace");
  g_autofree char *out = psp_test_folder_path (self->folder, "command");
  const char *command[] = { g_getenv ("SCENESCOPE"), "export", "-w", workspace, "-f", "mseg", "-o",
                            out, NULL };
  static const char * const names[] = { "labels/a.png", "list.txt", "names.txt",
                                        "manifest.json" };
  g_autoptr(PspExportResult) result = NULL;
  g_autoptr(GError) error = NULL;
  int status;

  project_set_workspace (self);
  project_paint (self, 10);
  project_save (self);
  result = export_to (self, PSP_EXPORT_MSEG, "window");
  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *first_name = g_build_filename ("window", names[i], NULL);
      g_autofree char *second_name = g_build_filename ("command", names[i], NULL);
      gsize n_first, n_second;
      g_autofree char *first = psp_test_folder_read (self->folder, first_name, &n_first);
      g_autofree char *second = psp_test_folder_read (self->folder, second_name, &n_second);

      g_assert_cmpmem (first, n_first, second, n_second);
    }
}

/* A photo that cannot be read is named; the others run. */
static void
test_bad_photo (ProjectFixture *self,
                gconstpointer   data)
{
  psp_test_folder_print (self->folder, "data/images/b.png", "no picture");
  project_open_model (self);
  project_wait_until (self, project_has_prediction);
  project_wait_until (self, project_is_idle);
  psp_project_run_all (self->project);
  project_wait_until (self, project_is_idle);
  g_assert_nonnull (psp_project_item_get_problem (project_get_item (self, 1)));
  g_assert_true (psp_project_item_get_predicted (project_get_item (self, 2)));
  g_assert_cmpint (self->n_failed, ==, 1);

  self->n_failed = 0;
  psp_project_select (self->project, project_get_item (self, 1));
  project_wait_until (self, project_has_failed);
  g_assert_null (psp_project_get_scene (self->project));
}

static void
test_report (ProjectFixture *self,
             gconstpointer   data)
{
  g_autofree char *path = psp_test_folder_path (self->folder, "report");
  g_autoptr(GError) error = NULL;

  project_open_model (self);
  project_wait_until (self, project_has_prediction);
  project_wait_until (self, project_is_idle);
  project_expect_result (self);
  psp_project_report_async (self->project, path, NULL, project_take_result, self);
  psp_project_report_finish (self->project, project_wait_for_result (self), &error);
  g_assert_no_error (error);
  g_assert_cmpint (psp_test_folder_count (self->folder, "report"), ==, 4);
}

/* Whether this program has a thread called @name. */
static gboolean
has_thread (const char *name)
{
  g_autoptr(GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *thread;

  g_assert_nonnull (threads);
  while ((thread = g_dir_read_name (threads)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", thread, "comm", NULL);
      g_autofree char *comm = NULL;

      if (g_file_get_contents (path, &comm, NULL, NULL) &&
          g_str_equal (g_strchomp (comm), name))
        return TRUE;
    }
  return FALSE;
}

/* The thread that computes has left the model when the program may end: OpenBLAS gives its memory
 * back at exit, whoever still uses it. */
static void
test_shut_down (ProjectFixture *self,
                gconstpointer   data)
{
  PspSize large = { 4000, 3000 };
  g_autofree char *path = psp_test_folder_path (self->folder, "data/images/b.png");
  g_autoptr(PspImage) photo = psp_image_new (large, NULL);

  g_assert_true (psp_image_save_png (photo, path, NULL));
  project_open_model (self);
  project_wait_until (self, project_has_prediction);
  project_wait_until (self, project_is_idle);
  psp_project_run_all (self->project);
  g_assert_true (psp_project_get_running (self->project));
  psp_project_shut_down (self->project);
  g_assert_false (psp_project_get_running (self->project));
  for (int i = 0; i < 20 && has_thread ("scenescope-run"); i++)
    g_usleep (10000); /* it has left the model, and ends */
  g_assert_false (has_thread ("scenescope-run"));
}

typedef struct
{
  PspWorkers *workers;
  int         done; /* (atomic) */
} Worker;

static gpointer
work (gpointer data)
{
  Worker *self = data;

  g_usleep (50000);
  g_atomic_int_set (&self->done, TRUE);
  psp_workers_leave (self->workers);
  return NULL;
}

static void
test_workers (ProjectFixture *self,
              gconstpointer   data)
{
  Worker worker = { psp_workers_new (), FALSE };
  g_autoptr(PspWorkers) workers = worker.workers;
  GThread *thread;

  psp_workers_wait (workers);
  psp_workers_enter (workers);
  thread = g_thread_new ("worker", work, &worker);
  psp_workers_wait (workers);
  g_assert_true (g_atomic_int_get (&worker.done));
  g_thread_join (thread);
}

#define ADD(path, function) \
  g_test_add ("/project/" path, ProjectFixture, NULL, project_set_up, function, project_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("open", test_open);
  ADD ("run", test_run);
  ADD ("levels-off", test_levels_off);
  ADD ("model-options", test_model_options);
  ADD ("lost-names", test_lost_names);
  ADD ("other-model", test_other_model);
  ADD ("bad-model", test_bad_model);
  ADD ("paint-and-save", test_paint_and_save);
  ADD ("edits-survive-selection", test_edits_survive_selection);
  ADD ("recovery", test_recovery);
  ADD ("recovery-in-workspace", test_recovery_in_workspace);
  ADD ("discard", test_discard);
  ADD ("export", test_export);
  ADD ("export-of-lost", test_export_of_lost);
  ADD ("command-line-export", test_command_line_export);
  ADD ("bad-photo", test_bad_photo);
  ADD ("report", test_report);
  ADD ("shut-down", test_shut_down);
  ADD ("workers", test_workers);
  return g_test_run ();
}
