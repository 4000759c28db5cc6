/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-image-file.h"
#include "tests/psp-window-test.h"
#include "ui/psp-class-bar.h"
#include "ui/psp-class-entry.h"
#include "ui/psp-class-list.h"
#include "ui/psp-confusion-view.h"
#include "ui/psp-export-dialog.h"
#include "ui/psp-images-popover.h"
#include "ui/psp-pane-grid.h"
#include "ui/psp-pyramid-levels.h"
#include "ui/psp-results-view.h"

static gboolean
is_measured (gpointer data)
{
  PspWindowTest *fixture = data;
  PspClassList *classes =
    PSP_CLASS_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST));
  g_autoptr(PspClassEntry) entry =
    g_list_model_get_item (psp_class_list_get_entries (classes), 0);

  return psp_class_entry_get_measures (entry)->truth >= 0 &&
         psp_class_entry_get_measures (entry)->prediction >= 0;
}

/* The shares that the list of classes shows are those of the masks. */
static void
check_shares (PspWindowTest *fixture)
{
  PspScene *scene = psp_project_get_scene (fixture->project);
  PspMask *truth = psp_scene_get_truth (scene);
  PspMask *labels = psp_prediction_get_labels (psp_scene_get_prediction (scene));
  GListModel *entries = psp_class_list_get_entries (
    PSP_CLASS_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST)));

  psp_ui_test_wait (is_measured, fixture, "the classes are counted");
  for (int id = 0; id < 11; id++)
    {
      g_autoptr(PspClassEntry) entry = g_list_model_get_item (entries, id);
      const PspClassMeasures *measures = psp_class_entry_get_measures (entry);
      int n_truth = 0;
      int n_labels = 0;
      int n_both = 0;

      for (int i = 0; i < 97 * 73; i++)
        {
          n_truth += truth->pixels[i] == id;
          n_labels += labels->pixels[i] == id;
          n_both += truth->pixels[i] == id && labels->pixels[i] == id;
        }
      g_assert_cmpfloat_with_epsilon (measures->truth, n_truth / (97.0 * 73), 1e-9);
      g_assert_cmpfloat_with_epsilon (measures->prediction, n_labels / (97.0 * 73), 1e-9);
      if (n_truth + n_labels > 0)
        g_assert_cmpfloat_with_epsilon (measures->iou,
                                        n_both / (double) (n_truth + n_labels - n_both), 1e-9);
      else
        g_assert_cmpfloat (measures->iou, ==, -1);
    }
}

static void
test_run (PspWindowTest *fixture,
          gconstpointer  data)
{
  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  g_assert_nonnull (psp_scene_get_prediction (psp_project_get_scene (fixture->project)));
  check_shares (fixture);

  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.run-all"));
  psp_window_test_activate (fixture, "win.run-all");
  g_assert_true (psp_project_get_running (fixture->project));
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.run-all"));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.cancel"));
  psp_window_test_wait (fixture);
  for (guint i = 0; i < 3; i++)
    g_assert_true (psp_project_item_get_predicted (psp_window_test_get_item (fixture, i)));
  g_assert_cmpfloat (psp_project_item_get_score (psp_window_test_get_item (fixture, 0)), >=, 0);
  g_assert_cmpfloat (psp_project_item_get_score (psp_window_test_get_item (fixture, 2)), ==, -1);
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.cancel"));
}

/* What stands where the prediction would be. */
static const char *
get_prediction_message (PspWindowTest *fixture)
{
  PspPaneGrid *grid = PSP_PANE_GRID (psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID));
  GtkWidget *pane = GTK_WIDGET (psp_pane_grid_get_pane (grid, 2));
  GtkWidget *message = psp_ui_test_find (pane, GTK_TYPE_LABEL);

  return gtk_widget_get_visible (message) ? gtk_label_get_label (GTK_LABEL (message)) : NULL;
}

static gboolean
is_loaded (gpointer data)
{
  PspWindowTest *fixture = data;
  gboolean loading;

  g_object_get (fixture->project, "loading", &loading, NULL);
  return !loading;
}

static void
test_cancel (PspWindowTest *fixture,
             gconstpointer  data)
{
  psp_window_test_open_dataset (fixture);
  g_assert_cmpstr (get_prediction_message (fixture), ==, "No checkpoint");
  psp_window_test_open_model (fixture);
  g_assert_null (get_prediction_message (fixture));
  psp_window_test_activate (fixture, "win.next-image");
  psp_ui_test_wait (is_loaded, fixture, "the image is open");
  g_assert_cmpstr (get_prediction_message (fixture), ==, "Running…");
  psp_window_test_activate (fixture, "win.cancel");
  g_assert_cmpstr (get_prediction_message (fixture), ==, "Not run (R)");

  psp_window_test_wait (fixture);
  psp_window_test_activate (fixture, "win.run-all");
  g_assert_true (psp_project_get_running (fixture->project));
  psp_window_test_activate (fixture, "win.cancel");
  g_assert_false (psp_project_get_running (fixture->project));
  psp_window_test_wait (fixture);
  g_assert_false (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.run-all"));
}

/* A toggle takes a level of the pyramid out of what is shown, and the bar says so. */
static void
test_levels (PspWindowTest *fixture,
             gconstpointer  data)
{
  PspPyramidLevels *levels =
    PSP_PYRAMID_LEVELS (psp_ui_test_find (fixture->window, PSP_TYPE_PYRAMID_LEVELS));
  PspMessageBar *hint = psp_window_test_find_hint (fixture);
  PspPrediction *whole;

  g_assert_null (psp_pyramid_levels_get_toggle (levels, 0));
  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  whole = psp_scene_get_prediction (psp_project_get_scene (fixture->project));
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.all-pyramid-levels"));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (psp_pyramid_levels_get_toggle (levels, 1)),
                                FALSE);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.toggle-pyramid-level", "i", 3));
  g_assert_false (gtk_toggle_button_get_active (
                    GTK_TOGGLE_BUTTON (psp_pyramid_levels_get_toggle (levels, 3))));
  psp_window_test_wait (fixture);
  g_assert_cmpuint (psp_project_get_shown_levels_off (fixture->project), ==, 1 << 1 | 1 << 3);
  g_assert_true (psp_message_bar_get_shown (hint));
  g_assert_nonnull (strstr (psp_message_bar_get_title (hint), "without bins 2, 6"));
  g_assert_nonnull (psp_ui_test_find_button (GTK_WIDGET (hint), "win.all-pyramid-levels"));

  psp_window_test_activate (fixture, "win.all-pyramid-levels");
  g_assert_true (psp_scene_get_prediction (psp_project_get_scene (fixture->project)) == whole);
  g_assert_false (psp_message_bar_get_shown (hint));
  for (int i = 0; i < 4; i++)
    g_assert_true (gtk_toggle_button_get_active (
                     GTK_TOGGLE_BUTTON (psp_pyramid_levels_get_toggle (levels, i))));
}

/* A device that is not there leaves the one that works, and is not remembered. */
static void
test_device (PspWindowTest *fixture,
             gconstpointer  data)
{
  g_autofree char *device = NULL;
  g_autofree char *remembered = NULL;

  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  psp_window_test_activate_path (fixture, "win.device", "vulkan:77");
  g_assert_true (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));
  g_assert_nonnull (psp_ui_test_find_button (GTK_WIDGET (psp_window_test_find_error (fixture)),
                                             "win.device::cpu"));
  g_object_get (fixture->window, "device", &device, NULL);
  remembered = psp_settings_dup_string (fixture->settings, "device");
  g_assert_cmpstr (device, ==, "cpu");
  g_assert_cmpstr (remembered, ==, "cpu");
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.run"));
}

static gboolean
shows_bars (gpointer data)
{
  PspWindowTest *fixture = data;

  return psp_ui_test_count (fixture->window, PSP_TYPE_CLASS_BAR) > 0;
}

static void
test_results (PspWindowTest *fixture,
              gconstpointer  data)
{
  GtkWidget *view = psp_ui_test_find (fixture->window, PSP_TYPE_RESULTS_VIEW);
  PspEvaluation *evaluation;
  g_autoptr(PspMetrics) metrics = NULL;
  g_autoptr(PspConfusion) confusion = NULL;
  g_autoptr(GArray) pairs = NULL;
  const PspConfusedPair *pair;
  g_autoptr(GPtrArray) shares = NULL;
  g_autoptr(GPtrArray) missed = NULL;
  GtkWidget *popover;
  GtkWidget *row;

  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.page", "s", "results"));
  psp_ui_test_wait (shows_bars, fixture, "the bars are there");

  evaluation = psp_project_get_evaluation (fixture->project);
  metrics = psp_evaluation_get_metrics (evaluation, NULL);
  confusion = psp_evaluation_get_confusion (evaluation, NULL);
  g_assert_cmpint (psp_evaluation_get_n_judged (evaluation), ==, 2);
  g_assert_cmpuint (psp_ui_test_count (view, PSP_TYPE_CLASS_BAR), ==, (guint) metrics->n_present);

  /* The pair that is confused most leads to its images, and they lead back to the panes. */
  pairs = psp_confusion_list_pairs (confusion, 1);
  pair = &g_array_index (pairs, PspConfusedPair, 0);
  shares = psp_evaluation_list_cell (evaluation, pair->truth, pair->prediction, 0);
  psp_results_view_show_cell (PSP_RESULTS_VIEW (view), pair->truth, pair->prediction);
  popover = psp_ui_test_find (view, PSP_TYPE_IMAGES_POPOVER);
  g_assert_cmpuint (psp_images_popover_get_n_rows (PSP_IMAGES_POPOVER (popover)), ==, shares->len);

  /* So does a class. */
  row = psp_ui_test_find (view, PSP_TYPE_CLASS_BAR);
  missed = psp_evaluation_list_missed (evaluation, psp_class_bar_get_class_id (PSP_CLASS_BAR (row)),
                                       0);
  g_assert_cmpuint (missed->len, >, 0);
  g_signal_emit_by_name (row, "activate");
  g_assert_true (gtk_widget_get_visible (popover));
  g_assert_cmpuint (psp_images_popover_get_n_rows (PSP_IMAGES_POPOVER (popover)), ==, missed->len);

  g_assert_nonnull (psp_ui_test_find_button (view, "win.select-image::b"));
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.select-image", "s", "b"));
  psp_window_test_wait (fixture);
  g_assert_cmpstr (psp_scene_get_stem (psp_project_get_scene (fixture->project)), ==, "b");
  g_assert_true (gtk_widget_get_mapped (psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID)));
}

static gboolean
has_no_evaluation (gpointer data)
{
  PspWindowTest *fixture = data;

  return psp_project_get_evaluation (fixture->project) == NULL;
}

/* What is shown of results that are void already leads nowhere. */
static void
test_results_forgotten (PspWindowTest *fixture,
                        gconstpointer  data)
{
  GtkWidget *view = psp_ui_test_find (fixture->window, PSP_TYPE_RESULTS_VIEW);
  g_autofree char *other = psp_test_folder_path (fixture->folder, "other");
  g_autofree char *image = psp_test_folder_path (fixture->folder, "dataset/images/a.png");
  g_autoptr(GFile) from = g_file_new_for_path (image);
  g_autoptr(GFile) to = g_file_new_build_filename (other, "images", "a.png", NULL);
  g_autoptr(GError) error = NULL;
  GtkWidget *row;

  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.page", "s", "results"));
  psp_ui_test_wait (shows_bars, fixture, "the bars are there");

  /* With these classes the model cannot be judged. */
  psp_test_folder_print (fixture->folder, "other/names.txt", "Sky\nRoad\n");
  psp_test_folder_print (fixture->folder, "other/images/.keep", "");
  psp_test_folder_print (fixture->folder, "other/labels/.keep", "");
  g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.open-dataset-path", "s", other));
  psp_ui_test_wait (has_no_evaluation, fixture, "the results are forgotten");

  row = psp_ui_test_find (view, PSP_TYPE_CLASS_BAR);
  g_assert_nonnull (row);
  g_signal_emit_by_name (row, "activate");
  g_assert_false (gtk_widget_get_visible (psp_ui_test_find (view, PSP_TYPE_IMAGES_POPOVER)));
}

static void
test_report (PspWindowTest *fixture,
             gconstpointer  data)
{
  const char * const names[] = {
    "report/metrics.json", "report/report.csv", "report/results.txt", "report/report.html",
  };
  g_autofree char *path = psp_test_folder_path (fixture->folder, "report");

  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.save-report"));
  psp_window_test_activate_path (fixture, "win.report-path", path);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *content = psp_test_folder_read (fixture->folder, names[i], NULL);

      g_assert_cmpuint (strlen (content), >, 100);
    }
  g_assert_false (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));
}

static int
get_pixel (PspWindowTest *fixture)
{
  const PspMask *mask = psp_scene_get_mask (psp_project_get_scene (fixture->project));

  return mask->pixels[36 * mask->size.width + 48];
}

static void
test_edit (PspWindowTest *fixture,
           gconstpointer  data)
{
  g_autofree char *workspace = psp_test_folder_path (fixture->folder, "workspace");
  g_autofree char *label = psp_test_folder_path (fixture->folder, "workspace/labels/a.png");
  g_autoptr(PspMask) saved = NULL;
  g_autoptr(GError) error = NULL;
  int before;

  psp_window_test_open_dataset (fixture);
  before = get_pixel (fixture);
  g_assert_cmpint (before, !=, 8);
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.save"));
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "canvas.undo"));

  psp_window_test_paint (fixture, 8);
  g_assert_cmpint (get_pixel (fixture), ==, 8);
  g_assert_true (psp_project_item_get_modified (psp_window_test_get_item (fixture, 0)));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.save"));
  g_assert_cmpint (psp_class_list_get_class_id (
                     PSP_CLASS_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST))),
                   ==, 8);

  psp_window_test_activate (fixture, "canvas.undo");
  g_assert_cmpint (get_pixel (fixture), ==, before);
  g_assert_false (psp_project_get_modified (fixture->project));
  psp_window_test_activate (fixture, "canvas.redo");
  g_assert_cmpint (get_pixel (fixture), ==, 8);

  psp_window_test_activate_path (fixture, "win.workspace-path", workspace);
  if (psp_ui_test_is_enabled (fixture->window, "win.save"))
    psp_window_test_activate (fixture, "win.save");
  psp_window_test_wait (fixture);
  g_assert_false (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));
  g_assert_false (psp_project_get_modified (fixture->project));
  g_assert_true (psp_project_item_get_corrected (psp_window_test_get_item (fixture, 0)));

  saved = psp_mask_load (label, &error);
  g_assert_no_error (error);
  g_assert_true (psp_mask_equal (saved,
                                 psp_scene_get_mask (psp_project_get_scene (fixture->project))));

  /* With a workspace at hand saving asks nothing. */
  psp_window_test_paint (fixture, 3);
  psp_window_test_activate (fixture, "win.save");
  psp_window_test_wait (fixture);
  g_assert_false (psp_project_get_modified (fixture->project));
}

static void
check_export (PspWindowTest *fixture,
              const char    *profile,
              int            n_names)
{
  g_autofree char *path = psp_test_folder_path (fixture->folder, profile);
  g_autofree char *names_name = g_build_filename (profile, "names.txt", NULL);
  g_autofree char *images = g_build_filename (profile, "images", NULL);
  g_autofree char *labels = g_build_filename (profile, "labels", NULL);
  g_autofree char *label = g_build_filename (path, "labels", "a.png", NULL);
  g_autofree char *names = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(PspMask) mask = NULL;
  gsize n_bytes;

  g_assert_true (gtk_widget_activate_action (fixture->window, "win.export-path", "(ss)",
                                             profile, path));
  psp_window_test_wait (fixture);
  g_assert_false (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));

  /* c has no mask. */
  g_assert_cmpint (psp_test_folder_count (fixture->folder, images), ==, 2);
  g_assert_cmpint (psp_test_folder_count (fixture->folder, labels), ==, 2);
  names = psp_test_folder_read (fixture->folder, names_name, &n_bytes);
  lines = g_strsplit (g_strstrip (names), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, n_names);

  mask = psp_mask_load (label, NULL);
  g_assert_nonnull (mask);
  g_assert_cmpstr (lines[mask->pixels[36 * 97 + 48]], ==,
                   g_str_equal (profile, "folder") ? "Car" : "car");
}

static void
test_export (PspWindowTest *fixture,
             gconstpointer  data)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);
  g_autofree char *path = psp_test_folder_path (fixture->folder, "folder");
  g_autofree char *another = psp_test_folder_path (fixture->folder, "another");
  g_autofree char *workspace = psp_test_folder_path (fixture->folder, "workspace");

  psp_window_test_open_dataset (fixture);
  psp_window_test_paint (fixture, 8);
  check_export (fixture, "folder", 11);
  check_export (fixture, "mseg", 194);

  /* What is there is not overwritten, and the bar says so. */
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.export-path", "(ss)",
                                             "folder", path));
  psp_window_test_wait (fixture);
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_cmpstr (psp_message_bar_get_title (bar), ==, "Nothing was exported.");

  /* Until it works; what else works meanwhile has nothing to do with it. */
  psp_window_test_activate_path (fixture, "win.workspace-path", workspace);
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.export-path", "(ss)",
                                             "folder", another));
  psp_window_test_wait (fixture);
  g_assert_false (psp_message_bar_get_shown (bar));
}

static void
test_export_dialog (PspWindowTest *fixture,
                    gconstpointer  data)
{
  GtkWidget *dialog;
  g_autofree char *profile = NULL;

  psp_window_test_open_dataset (fixture);
  psp_window_test_activate (fixture, "win.export");
  dialog = psp_ui_test_find_window (PSP_TYPE_EXPORT_DIALOG);
  g_assert_nonnull (dialog);
  g_assert_true (psp_ui_test_is_enabled (dialog, "export.go"));
  g_assert_true (gtk_widget_activate_action (dialog, "export.profile", "s", "mseg"));
  g_object_get (dialog, "profile", &profile, NULL);
  g_assert_cmpstr (profile, ==, "mseg");
  gtk_window_close (GTK_WINDOW (dialog));
  psp_ui_test_settle ();
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/window/run", test_run },
    { "/window/cancel", test_cancel },
    { "/window/levels", test_levels },
    { "/window/device", test_device },
    { "/window/results", test_results },
    { "/window/results-forgotten", test_results_forgotten },
    { "/window/report", test_report },
    { "/window/edit", test_edit },
    { "/window/export", test_export },
    { "/window/export-dialog", test_export_dialog },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
