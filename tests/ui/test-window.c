/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-image-file.h"
#include "tests/psp-ui-test.h"
#include "ui/psp-window.h"
#include "ui/psp-class-bar.h"
#include "ui/psp-class-list.h"
#include "ui/psp-class-entry.h"
#include "ui/psp-confusion-view.h"
#include "ui/psp-export-dialog.h"
#include "ui/psp-image-list.h"
#include "ui/psp-images-popover.h"
#include "ui/psp-job-bar.h"
#include "ui/psp-message-bar.h"
#include "ui/psp-pane-grid.h"
#include "ui/psp-results-view.h"

#include <string.h>

typedef struct
{
  PspTestFolder  *folder;
  GtkApplication *application;
  PspSettings    *settings;
  PspProject     *project;
  GtkWidget      *window;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->folder = psp_test_folder_new ();
  fixture->application = (GtkApplication *) data;
  fixture->settings = psp_settings_new (NULL);
  fixture->project = psp_project_new ();
  g_object_set (fixture->settings, "device", "cpu", NULL);
  fixture->window = psp_window_new (fixture->application, fixture->project, fixture->settings);
  gtk_window_present (GTK_WINDOW (fixture->window));
}

static gboolean
is_idle (gpointer data)
{
  Fixture *fixture = data;
  PspJobBar *bar = PSP_JOB_BAR (psp_ui_test_find (fixture->window, PSP_TYPE_JOB_BAR));
  gboolean loading;

  g_object_get (fixture->project, "loading", &loading, NULL);
  return !loading && !psp_project_get_running (fixture->project) &&
         g_list_model_get_n_items (psp_job_bar_get_jobs (bar)) == 0;
}

static void
wait_until_idle (Fixture *fixture)
{
  psp_ui_test_wait (is_idle, fixture, "the window has nothing left to do");
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  /* Work under way holds the window. */
  wait_until_idle (fixture);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  psp_ui_test_settle ();
  g_clear_object (&fixture->project);
  g_clear_object (&fixture->settings);
  g_clear_pointer (&fixture->folder, psp_test_folder_remove);
}

static void
activate (Fixture    *fixture,
          const char *action)
{
  g_assert_true (gtk_widget_activate_action (fixture->window, action, NULL));
}

static void
activate_path (Fixture    *fixture,
               const char *action,
               const char *path)
{
  g_assert_true (gtk_widget_activate_action (fixture->window, action, "s", path));
  wait_until_idle (fixture);
}

static void
open_dataset (Fixture *fixture)
{
  g_autofree char *path = psp_ui_test_write_dataset (fixture->folder);

  activate_path (fixture, "win.open-dataset-path", path);
}

static void
open_model (Fixture *fixture)
{
  g_autofree char *path = psp_ui_test_dup_model_path ();

  activate_path (fixture, "win.open-model-path", path);
}

static PspProjectItem *
get_item (Fixture *fixture,
          guint    position)
{
  g_autoptr(PspProjectItem) item =
    g_list_model_get_item (psp_project_get_items (fixture->project), position);

  return item;
}

/* The bar below the header; the errors' comes first, then the hints'. */
static PspMessageBar *
find_bar (Fixture  *fixture,
          gboolean  hint)
{
  GtkWidget *bar = psp_ui_test_find (fixture->window, PSP_TYPE_MESSAGE_BAR);

  return PSP_MESSAGE_BAR (hint ? gtk_widget_get_next_sibling (bar) : bar);
}

/* Paints a dot of class @class_id in the middle of the image that is open. */
static void
paint (Fixture *fixture,
       int      class_id)
{
  PspPaneGrid *grid = PSP_PANE_GRID (psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID));
  PspCanvas *canvas = psp_pane_grid_get_canvas (grid);

  psp_canvas_set_tool (canvas, PSP_TOOL_BRUSH);
  psp_canvas_set_class_id (canvas, class_id);
  psp_canvas_set_radius (canvas, 6);
  psp_canvas_begin (canvas, (PspPoint) { 48, 36 });
  psp_canvas_extend (canvas, (PspPoint) { 60, 40 });
  psp_canvas_end (canvas);
}

static int
get_pixel (Fixture *fixture)
{
  const PspMask *mask = psp_scene_get_mask (psp_project_get_scene (fixture->project));

  return mask->pixels[36 * mask->size.width + 48];
}

static void
test_empty (Fixture       *fixture,
            gconstpointer  data)
{
  const char * const disabled[] = {
    "win.run", "win.run-all", "win.save", "win.export", "win.save-report", "win.choose-workspace",
    "win.next-image", "win.previous-image", "win.open-demo",
  };
  GtkWidget *page = psp_ui_test_find (fixture->window, ADW_TYPE_STATUS_PAGE);
  GtkWidget *button;

  for (guint i = 0; i < G_N_ELEMENTS (disabled); i++)
    g_assert_false (psp_ui_test_is_enabled (fixture->window, disabled[i]));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.open-dataset"));

  button = psp_ui_test_find_button (fixture->window, "win.open-dataset");
  g_assert_nonnull (button);
  g_assert_true (gtk_widget_get_mapped (button));
  g_assert_nonnull (page);

  /* The results say what they need as well. */
  g_object_set (fixture->window, "page", "results", NULL);
  psp_ui_test_settle ();
  page = psp_ui_test_find (psp_ui_test_find (fixture->window, PSP_TYPE_RESULTS_VIEW),
                           ADW_TYPE_STATUS_PAGE);
  g_assert_true (gtk_widget_get_mapped (page));
  g_assert_nonnull (psp_ui_test_find_button (page, "win.open-dataset"));
}

static void
test_open_dataset (Fixture       *fixture,
                   gconstpointer  data)
{
  g_auto(GStrv) recent = NULL;
  PspClassList *classes;
  g_autoptr(PspClassEntry) entry = NULL;

  open_dataset (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (psp_project_get_items (fixture->project)), ==, 3);
  g_assert_nonnull (psp_project_get_scene (fixture->project));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (fixture->window)), ==, "dataset – Scenescope");
  g_assert_true (gtk_widget_get_mapped (psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID)));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.export"));
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.run"));

  recent = psp_settings_dup_recent (fixture->settings, "recent-datasets");
  g_assert_cmpuint (g_strv_length (recent), ==, 1);

  /* c has no label, which is told before the missing checkpoint. */
  g_assert_true (psp_message_bar_get_shown (find_bar (fixture, TRUE)));
  g_assert_nonnull (strstr (psp_message_bar_get_details (find_bar (fixture, TRUE)), "c"));

  classes = PSP_CLASS_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST));
  g_assert_cmpuint (g_list_model_get_n_items (psp_class_list_get_entries (classes)), ==, 11);
  entry = g_list_model_get_item (psp_class_list_get_entries (classes), 8);
  g_assert_cmpstr (psp_class_entry_get_name (entry), ==, "Car");
}

static void
test_bad_dataset (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autofree char *path = psp_test_folder_path (fixture->folder, "nowhere");

  activate_path (fixture, "win.open-dataset-path", path);
  g_assert_true (psp_message_bar_get_shown (find_bar (fixture, FALSE)));
  g_assert_cmpstr (psp_message_bar_get_title (find_bar (fixture, FALSE)), ==,
                   "“nowhere” could not be opened.");
  g_assert_nonnull (strstr (psp_message_bar_get_details (find_bar (fixture, FALSE)), "nowhere"));
}

static void
test_bad_checkpoint (Fixture       *fixture,
                     gconstpointer  data)
{
  PspMessageBar *bar = find_bar (fixture, FALSE);
  g_autofree char *path = psp_test_folder_path (fixture->folder, "broken.pth");

  open_dataset (fixture);
  psp_test_folder_print (fixture->folder, "broken.pth", "no checkpoint");
  activate_path (fixture, "win.open-model-path", path);
  g_assert_null (psp_project_get_model (fixture->project));
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_cmpstr (psp_message_bar_get_title (bar), ==,
                   "“broken.pth” cannot be used as a checkpoint.");
  g_assert_nonnull (strstr (psp_message_bar_get_details (bar), "broken.pth"));
  g_assert_nonnull (psp_ui_test_find_button (GTK_WIDGET (bar), "win.open-model"));

  open_model (fixture);
  g_assert_false (psp_message_bar_get_shown (bar));
}

static gboolean
is_measured (gpointer data)
{
  Fixture *fixture = data;
  PspClassList *classes =
    PSP_CLASS_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST));
  g_autoptr(PspClassEntry) entry =
    g_list_model_get_item (psp_class_list_get_entries (classes), 0);

  return psp_class_entry_get_measures (entry)->truth >= 0 &&
         psp_class_entry_get_measures (entry)->prediction >= 0;
}

/* The shares that the list of classes shows are those of the masks. */
static void
check_shares (Fixture *fixture)
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
test_run (Fixture       *fixture,
          gconstpointer  data)
{
  open_dataset (fixture);
  open_model (fixture);
  g_assert_nonnull (psp_scene_get_prediction (psp_project_get_scene (fixture->project)));
  check_shares (fixture);

  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.run-all"));
  activate (fixture, "win.run-all");
  g_assert_true (psp_project_get_running (fixture->project));
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.run-all"));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.cancel"));
  wait_until_idle (fixture);
  for (guint i = 0; i < 3; i++)
    g_assert_true (psp_project_item_get_predicted (get_item (fixture, i)));
  g_assert_cmpfloat (psp_project_item_get_score (get_item (fixture, 0)), >=, 0);
  g_assert_cmpfloat (psp_project_item_get_score (get_item (fixture, 2)), ==, -1);
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.cancel"));
}

static guint
count_widgets (GtkWidget *root,
               GType      type)
{
  guint n_widgets = g_type_is_a (G_OBJECT_TYPE (root), type);

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n_widgets += count_widgets (child, type);

  return n_widgets;
}

static gboolean
shows_bars (gpointer data)
{
  Fixture *fixture = data;

  return count_widgets (fixture->window, PSP_TYPE_CLASS_BAR) > 0;
}

static void
test_results (Fixture       *fixture,
              gconstpointer  data)
{
  GtkWidget *view = psp_ui_test_find (fixture->window, PSP_TYPE_RESULTS_VIEW);
  PspEvaluation *evaluation;
  g_autoptr(PspMetrics) metrics = NULL;
  g_autoptr(PspConfusion) confusion = NULL;
  g_autoptr(GArray) pairs = NULL;
  const PspConfusedPair *pair;
  g_autoptr(GPtrArray) shares = NULL;
  GtkWidget *popover;

  open_dataset (fixture);
  open_model (fixture);
  activate (fixture, "win.run-all");
  wait_until_idle (fixture);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.page", "s", "results"));
  psp_ui_test_wait (shows_bars, fixture, "the bars are there");

  evaluation = psp_project_get_evaluation (fixture->project);
  metrics = psp_evaluation_get_metrics (evaluation, NULL);
  confusion = psp_evaluation_get_confusion (evaluation, NULL);
  g_assert_cmpint (psp_evaluation_get_n_judged (evaluation), ==, 2);
  g_assert_cmpuint (count_widgets (view, PSP_TYPE_CLASS_BAR), ==, (guint) metrics->n_present);

  /* The pair that is confused most leads to its images, and they lead back to the panes. */
  pairs = psp_confusion_list_pairs (confusion, 1);
  pair = &g_array_index (pairs, PspConfusedPair, 0);
  shares = psp_evaluation_list_cell (evaluation, pair->truth, pair->prediction, 0);
  psp_results_view_show_cell (PSP_RESULTS_VIEW (view), pair->truth, pair->prediction);
  popover = psp_ui_test_find (view, PSP_TYPE_IMAGES_POPOVER);
  g_assert_cmpuint (psp_images_popover_get_n_rows (PSP_IMAGES_POPOVER (popover)), ==, shares->len);

  g_assert_nonnull (psp_ui_test_find_button (view, "win.select-image::b"));
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.select-image", "s", "b"));
  wait_until_idle (fixture);
  g_assert_cmpstr (psp_scene_get_stem (psp_project_get_scene (fixture->project)), ==, "b");
  g_assert_true (gtk_widget_get_mapped (psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID)));
}

static void
test_report (Fixture       *fixture,
             gconstpointer  data)
{
  const char * const names[] = {
    "report/metrics.json", "report/report.csv", "report/results.txt", "report/report.html",
  };
  g_autofree char *path = psp_test_folder_path (fixture->folder, "report");

  open_dataset (fixture);
  open_model (fixture);
  activate (fixture, "win.run-all");
  wait_until_idle (fixture);
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.save-report"));
  activate_path (fixture, "win.report-path", path);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *content = psp_test_folder_read (fixture->folder, names[i], NULL);

      g_assert_cmpuint (strlen (content), >, 100);
    }
  g_assert_false (psp_message_bar_get_shown (find_bar (fixture, FALSE)));
}

static void
test_edit (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *workspace = psp_test_folder_path (fixture->folder, "workspace");
  g_autofree char *label = psp_test_folder_path (fixture->folder, "workspace/labels/a.png");
  g_autoptr(PspMask) saved = NULL;
  g_autoptr(GError) error = NULL;
  int before;

  open_dataset (fixture);
  before = get_pixel (fixture);
  g_assert_cmpint (before, !=, 8);
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.save"));
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "canvas.undo"));

  paint (fixture, 8);
  g_assert_cmpint (get_pixel (fixture), ==, 8);
  g_assert_true (psp_project_item_get_modified (get_item (fixture, 0)));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.save"));
  g_assert_cmpint (psp_class_list_get_class_id (
                     PSP_CLASS_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST))),
                   ==, 8);

  activate (fixture, "canvas.undo");
  g_assert_cmpint (get_pixel (fixture), ==, before);
  g_assert_false (psp_project_get_modified (fixture->project));
  activate (fixture, "canvas.redo");
  g_assert_cmpint (get_pixel (fixture), ==, 8);

  activate_path (fixture, "win.workspace-path", workspace);
  if (psp_ui_test_is_enabled (fixture->window, "win.save"))
    activate (fixture, "win.save");
  wait_until_idle (fixture);
  g_assert_false (psp_message_bar_get_shown (find_bar (fixture, FALSE)));
  g_assert_false (psp_project_get_modified (fixture->project));
  g_assert_true (psp_project_item_get_corrected (get_item (fixture, 0)));

  saved = psp_mask_load (label, &error);
  g_assert_no_error (error);
  g_assert_true (psp_mask_equal (saved,
                                 psp_scene_get_mask (psp_project_get_scene (fixture->project))));

  /* With a workspace at hand saving asks nothing. */
  paint (fixture, 3);
  activate (fixture, "win.save");
  wait_until_idle (fixture);
  g_assert_false (psp_project_get_modified (fixture->project));
}

static void
check_export (Fixture    *fixture,
              const char *profile,
              int         n_names)
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
  wait_until_idle (fixture);
  g_assert_false (psp_message_bar_get_shown (find_bar (fixture, FALSE)));

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
test_export (Fixture       *fixture,
             gconstpointer  data)
{
  PspMessageBar *bar = find_bar (fixture, FALSE);
  g_autofree char *path = psp_test_folder_path (fixture->folder, "folder");

  open_dataset (fixture);
  paint (fixture, 8);
  check_export (fixture, "folder", 11);
  check_export (fixture, "mseg", 194);

  /* What is there is not overwritten, and the bar says so. */
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.export-path", "(ss)",
                                             "folder", path));
  wait_until_idle (fixture);
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_cmpstr (psp_message_bar_get_title (bar), ==, "Nothing was exported.");
}

static void
test_export_dialog (Fixture       *fixture,
                    gconstpointer  data)
{
  GtkWidget *dialog;
  g_autofree char *profile = NULL;

  open_dataset (fixture);
  activate (fixture, "win.export");
  dialog = psp_ui_test_find_window (PSP_TYPE_EXPORT_DIALOG);
  g_assert_nonnull (dialog);
  g_assert_true (psp_ui_test_is_enabled (dialog, "export.go"));
  g_assert_true (gtk_widget_activate_action (dialog, "export.profile", "s", "mseg"));
  g_object_get (dialog, "profile", &profile, NULL);
  g_assert_cmpstr (profile, ==, "mseg");
  gtk_window_close (GTK_WINDOW (dialog));
  psp_ui_test_settle ();
}

static void
answer (const char *response)
{
  GtkWidget *dialog = psp_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG);

  g_assert_nonnull (dialog);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
  gtk_window_destroy (GTK_WINDOW (dialog));
  psp_ui_test_settle ();
  g_assert_null (psp_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG));
}

static void
note_closed (gboolean *closed)
{
  *closed = TRUE;
}

static void
test_close_asks (Fixture       *fixture,
                 gconstpointer  data)
{
  gboolean closed = FALSE;

  g_signal_connect_swapped (fixture->window, "unrealize", G_CALLBACK (note_closed), &closed);
  open_dataset (fixture);
  paint (fixture, 8);

  gtk_window_close (GTK_WINDOW (fixture->window));
  answer ("cancel");
  g_assert_false (closed);
  g_assert_true (psp_project_get_modified (fixture->project));

  g_object_ref (fixture->window);
  gtk_window_close (GTK_WINDOW (fixture->window));
  g_assert_false (closed);
  answer ("discard");
  g_assert_true (closed);
  g_object_unref (fixture->window);

  /* For tear_down(): there must be a window to destroy. */
  fixture->window = psp_window_new (fixture->application, fixture->project, fixture->settings);
}

static void
test_close_saves (Fixture       *fixture,
                  gconstpointer  data)
{
  gboolean closed = FALSE;
  g_autofree char *workspace = psp_test_folder_path (fixture->folder, "workspace");

  open_dataset (fixture);
  activate_path (fixture, "win.workspace-path", workspace);
  paint (fixture, 8);

  g_object_ref (fixture->window);
  g_signal_connect_swapped (fixture->window, "unrealize", G_CALLBACK (note_closed), &closed);
  gtk_window_close (GTK_WINDOW (fixture->window));
  answer ("save");
  while (!closed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (psp_project_get_modified (fixture->project));
  g_object_unref (fixture->window);

  fixture->window = psp_window_new (fixture->application, fixture->project, fixture->settings);
}

/* Another dataset would take unsaved edits with it. */
static void
test_open_asks (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *path = psp_test_folder_path (fixture->folder, "dataset/images");

  open_dataset (fixture);
  paint (fixture, 8);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.open-dataset-path", "s", path));
  answer ("cancel");
  wait_until_idle (fixture);
  g_assert_cmpstr (psp_project_get_dataset_name (fixture->project), ==, "dataset");

  g_assert_true (gtk_widget_activate_action (fixture->window, "win.open-dataset-path", "s", path));
  answer ("discard");
  wait_until_idle (fixture);
  g_assert_cmpstr (psp_project_get_dataset_name (fixture->project), ==, "images");
}

static void
test_list (Fixture       *fixture,
           gconstpointer  data)
{
  PspImageList *list = PSP_IMAGE_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_IMAGE_LIST));
  GListModel *shown = psp_image_list_get_shown (list);
  g_autoptr(PspProjectItem) last = NULL;

  open_dataset (fixture);
  activate (fixture, "win.next-image");
  wait_until_idle (fixture);
  g_assert_true (psp_project_get_current (fixture->project) == get_item (fixture, 1));
  activate (fixture, "win.next-image");
  activate (fixture, "win.next-image");
  wait_until_idle (fixture);
  g_assert_true (psp_project_get_current (fixture->project) == get_item (fixture, 2));
  activate (fixture, "win.previous-image");
  wait_until_idle (fixture);
  g_assert_true (psp_project_get_current (fixture->project) == get_item (fixture, 1));

  psp_image_list_set_filter (list, "A");
  g_assert_cmpuint (g_list_model_get_n_items (shown), ==, 1);
  psp_image_list_set_filter (list, "nothing of the kind");
  psp_ui_test_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (shown), ==, 0);
  g_assert_true (gtk_widget_get_mapped (psp_ui_test_find_button (GTK_WIDGET (list),
                                                                 "images.clear-filter")));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (list), "images.clear-filter", NULL));
  g_assert_cmpuint (g_list_model_get_n_items (shown), ==, 3);

  /* Without a score an image comes last, whichever way round. */
  open_model (fixture);
  activate (fixture, "win.run-all");
  wait_until_idle (fixture);
  g_object_set (list, "sort", "worst", NULL);
  last = g_list_model_get_item (shown, 2);
  g_assert_cmpstr (psp_project_item_get_stem (last), ==, "c");
  g_clear_object (&last);
  g_object_set (list, "sort", "best", NULL);
  last = g_list_model_get_item (shown, 2);
  g_assert_cmpstr (psp_project_item_get_stem (last), ==, "c");
}

static gboolean
is_folded (gpointer data)
{
  Fixture *fixture = data;
  gboolean shown;

  g_object_get (fixture->window, "show-images", &shown, NULL);
  return !shown;
}

static void
test_narrow (Fixture       *fixture,
             gconstpointer  data)
{
  gboolean images;
  gboolean classes;
  GtkWidget *window;

  open_dataset (fixture);
  g_object_get (fixture->window, "show-images", &images, "show-classes", &classes, NULL);
  g_assert_true (images);
  g_assert_true (classes);
  activate (fixture, "win.side-panes");
  g_object_get (fixture->window, "show-images", &images, "show-classes", &classes, NULL);
  g_assert_false (images);
  g_assert_false (classes);
  activate (fixture, "win.side-panes");

  /* What a small window folds away is not what people chose. */
  g_object_set (fixture->settings, "window-width", 820, "window-height", 600, NULL);
  window = psp_window_new (fixture->application, fixture->project, fixture->settings);
  gtk_window_present (GTK_WINDOW (window));
  psp_ui_test_settle ();
  g_assert_cmpint (gtk_widget_get_width (window), <=, 900);
  g_object_get (window, "show-images", &images, "show-classes", &classes, NULL);
  g_assert_false (images);
  g_assert_false (classes);
  g_object_get (fixture->settings, "show-images", &images, NULL);
  g_assert_true (images);

  gtk_widget_activate_action (window, "win.show-images", NULL);
  g_object_get (window, "show-images", &images, NULL);
  g_assert_true (images);
  gtk_window_destroy (GTK_WINDOW (window));
  psp_ui_test_settle ();

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 700);
  psp_ui_test_wait (is_folded, fixture, "the side panes fold");
}

/* A button without a text needs a name that it can be called by and a tooltip. */
static void
check_names (GtkWidget *widget)
{
  gboolean is_button = GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget);

  if (is_button && gtk_widget_get_tooltip_text (widget) == NULL &&
      psp_ui_test_find (widget, GTK_TYPE_LABEL) == NULL &&
      !GTK_IS_MENU_BUTTON (gtk_widget_get_parent (widget)) &&
      !ADW_IS_SPLIT_BUTTON (gtk_widget_get_parent (widget)) &&
      gtk_widget_get_visible (widget) &&
      gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) == NULL)
    g_error ("a %s in %s, %s has neither text nor tooltip", G_OBJECT_TYPE_NAME (widget),
             G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)),
             G_OBJECT_TYPE_NAME (gtk_widget_get_parent (gtk_widget_get_parent (widget))));

  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_names (child);
}

static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  open_dataset (fixture);
  check_names (fixture->window);
}

int
main (int    argc,
      char **argv)
{
  const struct
  {
    const char *path;
    void      (*func) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/window/empty", test_empty },
    { "/window/open-dataset", test_open_dataset },
    { "/window/bad-dataset", test_bad_dataset },
    { "/window/bad-checkpoint", test_bad_checkpoint },
    { "/window/run", test_run },
    { "/window/results", test_results },
    { "/window/report", test_report },
    { "/window/edit", test_edit },
    { "/window/export", test_export },
    { "/window/export-dialog", test_export_dialog },
    { "/window/close-asks", test_close_asks },
    { "/window/close-saves", test_close_saves },
    { "/window/open-asks", test_open_asks },
    { "/window/list", test_list },
    { "/window/narrow", test_narrow },
    { "/window/names", test_names },
  };

  g_autoptr(GtkApplication) application = NULL;

  gtk_test_init (&argc, &argv, NULL);
  application = psp_ui_test_create_application ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, application, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
