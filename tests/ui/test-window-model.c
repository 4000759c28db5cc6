/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"
#include "ui/psp-pane-grid.h"

#include <string.h>

/* (transfer full): the path of @to in the test's folder, where a golden checkpoint is copied. */
static char *
copy_golden (PspWindowTest *fixture,
             const char    *name,
             const char    *to)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", name, NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  psp_test_folder_write (fixture->folder, to, bytes, n_bytes);
  return psp_test_folder_path (fixture->folder, to);
}

static void
assert_no_error (PspWindowTest *fixture)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);

  if (psp_message_bar_get_shown (bar))
    g_error ("%s %s", psp_message_bar_get_title (bar), psp_message_bar_get_details (bar));
}

/* A failure that is shown, with these words in its sentence and its details. */
static void
assert_error (PspWindowTest *fixture,
              const char    *title,
              const char    *details)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);

  g_assert_true (psp_message_bar_get_shown (bar));
  if (strstr (psp_message_bar_get_title (bar), title) == NULL ||
      strstr (psp_message_bar_get_details (bar), details) == NULL)
    g_error ("neither “%s” nor “%s” is in: %s %s", title, details,
             psp_message_bar_get_title (bar), psp_message_bar_get_details (bar));
}

static void
open_paths (PspWindowTest *fixture,
            const char    *first,
            const char    *second,
            const char    *third)
{
  const char *paths[] = { first, second, third, NULL };

  psp_window_open_paths (PSP_WINDOW (fixture->window), paths);
  psp_window_test_wait (fixture);
}

static int
get_depth (PspWindowTest *fixture)
{
  PspModel *model = psp_project_get_model (fixture->project);

  return model != NULL ? psp_model_get_facts (model)->depth : 0;
}

/* Two files with any names, in any order, beside a dataset; or one that leads to the other. */
static void
test_pair (PspWindowTest *fixture,
           gconstpointer  data)
{
  g_autofree char *dataset = psp_ui_test_write_dataset (fixture->folder);
  g_autofree char *images = g_build_filename (dataset, "images", NULL);
  g_autofree char *encoder = copy_golden (fixture, "encoder_csail18.pth", "one.pth");
  g_autofree char *decoder = copy_golden (fixture, "decoder_csail18.pth", "other.pth");
  g_autofree char *named = copy_golden (fixture, "encoder_csail50.pth", "x_encoder_1.pth");
  g_autofree char *beside = copy_golden (fixture, "decoder_csail50.pth", "x_decoder_1.pth");
  g_autofree char *both = g_strdup_printf ("%s,%s", named, beside);
  g_auto(GStrv) recent = NULL;

  open_paths (fixture, decoder, images, encoder);
  assert_no_error (fixture);
  g_assert_cmpint (get_depth (fixture), ==, 18);
  g_assert_nonnull (psp_scene_get_prediction (psp_project_get_scene (fixture->project)));

  open_paths (fixture, named, NULL, NULL);
  assert_no_error (fixture);
  g_assert_cmpint (get_depth (fixture), ==, 50);

  /* Both can be come back to, each by its two files. */
  recent = psp_settings_dup_recent (fixture->settings, "recent-models");
  g_assert_cmpuint (g_strv_length (recent), ==, 2);
  g_assert_cmpstr (recent[0], ==, both);
  psp_window_test_activate_path (fixture, "win.open-model-path", recent[1]);
  assert_no_error (fixture);
  g_assert_cmpint (get_depth (fixture), ==, 18);
}

/* What was said of two files is remembered, whichever of them leads to it. */
static void
test_pair_remembered (PspWindowTest *fixture,
                      gconstpointer  data)
{
  g_autofree char *answers = psp_test_folder_path (fixture->folder, "answers.json");
  g_autofree char *encoder = copy_golden (fixture, "encoder_csail18.pth", "encoder_1.pth");
  g_autofree char *decoder = copy_golden (fixture, "decoder_csail18.pth", "decoder_1.pth");
  g_autofree char *other = copy_golden (fixture, "encoder_csail18.pth", "moved.pth");

  psp_project_set_answers_path (fixture->project, answers);
  open_paths (fixture, encoder, NULL, NULL);
  assert_no_error (fixture);
  g_assert_true (psp_project_get_model_asks (fixture->project));
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.set-model-facts", "@a{ss}",
                                             g_variant_new_parsed ("{'align_corners': 'true'}")));
  psp_window_test_wait (fixture);
  assert_no_error (fixture);
  g_assert_true (psp_model_get_facts (psp_project_get_model (fixture->project))->align_corners);

  open_paths (fixture, decoder, NULL, NULL);
  g_assert_true (psp_model_get_facts (psp_project_get_model (fixture->project))->align_corners);
  g_assert_false (psp_project_get_model_asks (fixture->project));
  open_paths (fixture, decoder, other, NULL);
  g_assert_true (psp_model_get_facts (psp_project_get_model (fixture->project))->align_corners);
}

/* One half by itself, or too many files: the message says what is missing. */
static void
test_half (PspWindowTest *fixture,
           gconstpointer  data)
{
  g_autofree char *decoder = copy_golden (fixture, "decoder_csail18.pth", "a_decoder_1.pth");
  g_autofree char *encoder = copy_golden (fixture, "encoder_csail50.pth", "b_encoder_1.pth");
  g_autofree char *stray = copy_golden (fixture, "decoder_csail18.pth", "stray.pth");
  g_autofree char *tiny = copy_golden (fixture, "tiny18.pth", "tiny18.pth");

  open_paths (fixture, tiny, NULL, NULL);
  open_paths (fixture, decoder, NULL, NULL);
  assert_error (fixture, "a_decoder_1.pth", "a_encoder_1.pth");
  open_paths (fixture, encoder, NULL, NULL);
  assert_error (fixture, "b_encoder_1.pth", "b_decoder_1.pth");
  open_paths (fixture, stray, NULL, NULL);
  assert_error (fixture, "stray.pth", "“encoder”");
  open_paths (fixture, encoder, tiny, NULL);
  assert_error (fixture, "b_encoder_1.pth + tiny18.pth", "tiny18.pth");
  open_paths (fixture, encoder, decoder, tiny);
  assert_error (fixture, "One checkpoint", "b_encoder_1.pth");
  g_assert_cmpstr (psp_project_get_model_name (fixture->project), ==, "tiny18");
}

/* Writes the first half of a checkpoint. */
static void
write_damaged (PspWindowTest *fixture,
               const char    *name)
{
  g_autofree char *path = psp_ui_test_dup_model_path ();
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  psp_test_folder_write (fixture->folder, name, bytes, n_bytes / 2);
}

/* A checkpoint that is no use leaves what was open at work. */
static void
test_bad (PspWindowTest *fixture,
          gconstpointer  data)
{
  static const struct { const char *name; const char *reason; } bad[] = {
    { "damaged.pth", "damaged.pth: " },
    { "other.pth", "bare ResNet backbone" },
    { "missing.pth", "missing.pth: " },
    { "folder.pth", "folder.pth: " },
  };
  PspModel *model;
  PspPrediction *prediction;

  write_damaged (fixture, "damaged.pth");
  g_free (copy_golden (fixture, "encoder_csail18.pth", "other.pth"));
  psp_test_folder_print (fixture->folder, "folder.pth/file", "");
  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  model = psp_project_get_model (fixture->project);
  prediction = psp_scene_get_prediction (psp_project_get_scene (fixture->project));
  g_assert_nonnull (prediction);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = psp_test_folder_path (fixture->folder, bad[i].name);
      g_auto(GStrv) recent = NULL;

      open_paths (fixture, path, NULL, NULL);
      assert_error (fixture, bad[i].name, bad[i].reason);
      g_assert_true (psp_project_get_model (fixture->project) == model);
      g_assert_true (psp_scene_get_prediction (psp_project_get_scene (fixture->project)) ==
                     prediction);
      g_assert_cmpstr (psp_project_get_model_name (fixture->project), ==, "tiny18");
      recent = psp_settings_dup_recent (fixture->settings, "recent-models");
      g_assert_cmpuint (g_strv_length (recent), ==, 1);
    }

  /* And it goes on from there. */
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
  for (guint i = 0; i < 3; i++)
    g_assert_true (psp_project_item_get_predicted (psp_window_test_get_item (fixture, i)));
  psp_window_test_open_model (fixture);
  assert_no_error (fixture);
}

/* A network with 6 classes on a dataset with 11: its classes are its own, and what it says is
 * neither compared with labels nor taken into a mask. */
static void
test_other_classes (PspWindowTest *fixture,
                    gconstpointer  data)
{
  g_autofree char *encoder = copy_golden (fixture, "encoder_csail18.pth", "encoder_1.pth");
  PspCanvas *canvas = psp_pane_grid_get_canvas (
    PSP_PANE_GRID (psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID)));
  const PspPaneSource prediction = { PSP_PANE_PREDICTION, 0 };
  const PspPaneSource truth = { PSP_PANE_TRUTH, 0 };
  const PspPaneSource errors = { PSP_PANE_ERRORS, 0 };
  g_autofree char *problem = NULL;
  PspScene *scene;

  g_free (copy_golden (fixture, "decoder_csail18.pth", "decoder_1.pth"));
  psp_window_test_open_dataset (fixture);
  open_paths (fixture, encoder, NULL, NULL);
  assert_error (fixture, "cannot be compared", "6 classes and the dataset 11");
  scene = psp_project_get_scene (fixture->project);
  g_assert_nonnull (psp_scene_get_prediction (scene));
  g_assert_cmpint (psp_taxonomy_get_n_classes (psp_pane_source_get_taxonomy (truth, scene)), ==,
                   11);
  g_assert_cmpint (psp_taxonomy_get_n_classes (psp_pane_source_get_taxonomy (prediction, scene)),
                   ==, 6);
  problem = psp_pane_source_get_problem (errors, scene, NULL);
  g_assert_cmpstr (problem, ==, "The network has other classes");
  psp_canvas_accept (canvas, PSP_CANVAS_ACCEPT_ALL, (PspPoint) { 48, 36 });
  g_assert_false (psp_project_get_modified (fixture->project));

  psp_window_test_open_model (fixture);
  g_clear_pointer (&problem, g_free);
  problem = psp_pane_source_get_problem (errors, scene, NULL);
  g_assert_null (problem);
  g_assert_true (psp_pane_source_get_taxonomy (prediction, scene) ==
                 psp_pane_source_get_taxonomy (truth, scene));
  psp_canvas_accept (canvas, PSP_CANVAS_ACCEPT_ALL, (PspPoint) { 48, 36 });
  g_assert_true (psp_project_get_modified (fixture->project));
}

/* A file that was moved away since: it is said so, and not offered again. */
static void
test_moved (PspWindowTest *fixture,
            gconstpointer  data)
{
  g_autofree char *path = psp_test_folder_path (fixture->folder, "moved.pth");
  const char *recent[] = { path, NULL };
  g_auto(GStrv) left = NULL;

  g_object_set (fixture->settings, "recent-models", recent, NULL);
  psp_window_test_activate_path (fixture, "win.open-model-path", path);
  assert_error (fixture, "moved.pth", "moved.pth: ");
  g_assert_nonnull (psp_ui_test_find_button (GTK_WIDGET (psp_window_test_find_error (fixture)),
                                             "win.open-model"));
  left = psp_settings_dup_recent (fixture->settings, "recent-models");
  g_assert_cmpuint (g_strv_length (left), ==, 0);
  g_assert_true (gtk_widget_get_mapped (psp_ui_test_find_button (fixture->window,
                                                                 "win.open-dataset")));
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/window/model/pair", test_pair },
    { "/window/model/pair-remembered", test_pair_remembered },
    { "/window/model/half", test_half },
    { "/window/model/bad", test_bad },
    { "/window/model/moved", test_moved },
    { "/window/model/other-classes", test_other_classes },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
