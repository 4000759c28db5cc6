/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"

#include "ui/psp-class-bar.h"
#include "ui/psp-image-row.h"
#include "ui/psp-job-bar.h"
#include "ui/psp-pair-row.h"
#include "ui/psp-pane-grid.h"
#include "ui/psp-results-view.h"

#include <math.h>
#include <string.h>

static gboolean
shows_pairs (gpointer data)
{
  PspWindowTest *fixture = data;

  return psp_ui_test_find (fixture->window, PSP_TYPE_PAIR_ROW) != NULL;
}

/* Runs the model on the dataset of the tests and shows the results. */
static GtkWidget *
open_results (PspWindowTest *fixture)
{
  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.page", "s", "results"));
  psp_ui_test_wait (shows_pairs, fixture, "the pairs are there");
  return psp_ui_test_find (fixture->window, PSP_TYPE_RESULTS_VIEW);
}

/* (transfer none) (nullable): the row behind @row, or the first of @root. */
static GtkWidget *
next_row (GtkWidget *root,
          GtkWidget *row,
          GType      type)
{
  return row == NULL ? psp_ui_test_find (root, type) : gtk_widget_get_next_sibling (row);
}

static void
test_worst_first (PspWindowTest *fixture,
                  gconstpointer  data)
{
  GtkWidget *view = open_results (fixture);
  PspEvaluation *evaluation = psp_project_get_evaluation (fixture->project);
  g_autoptr(PspMetrics) metrics = psp_evaluation_get_metrics (evaluation, NULL);
  GtkWidget *bar = NULL;
  double former = 0;

  while ((bar = next_row (view, bar, PSP_TYPE_CLASS_BAR)) != NULL)
    {
      double iou = metrics->classes[psp_class_bar_get_class_id (PSP_CLASS_BAR (bar))].iou;

      g_assert_cmpfloat (iou, >=, former);
      former = iou;
    }
  g_assert_cmpfloat (former, >, 0);
}

/* Every row shows both numbers; the largest come first, be it of pixels or of shares. */
static void
test_pair_order (PspWindowTest *fixture,
                 gconstpointer  data)
{
  GtkWidget *view = open_results (fixture);
  g_autoptr(PspConfusion) confusion = NULL;
  g_autoptr(GArray) pairs = NULL;
  g_autofree char *stored = NULL;
  GtkWidget *row = NULL;
  double most = 0;
  double former = 1;
  guint64 n_former = G_MAXUINT64;

  while ((row = next_row (view, row, PSP_TYPE_PAIR_ROW)) != NULL)
    {
      const PspConfusedPair *pair = psp_pair_row_get_pair (PSP_PAIR_ROW (row));
      g_autofree char *pixels = g_strdup_printf ("%'" G_GUINT64_FORMAT " pixels", pair->n_pixels);
      g_autofree char *share = g_strdup_printf ("%.1f %%", 100 * pair->share);

      g_assert_nonnull (psp_ui_test_find_label (row, pixels));
      g_assert_nonnull (psp_ui_test_find_label (row, share));
      g_assert_cmpuint (pair->n_pixels, <=, n_former);
      n_former = pair->n_pixels;
    }

  confusion = psp_evaluation_get_confusion (psp_project_get_evaluation (fixture->project), NULL);
  pairs = psp_confusion_list_pairs (confusion, 0);
  for (guint i = 0; i < pairs->len; i++)
    most = MAX (most, g_array_index (pairs, PspConfusedPair, i).share);

  g_assert_true (gtk_widget_activate_action (view, "results.pair-order", "s", "share"));
  row = next_row (view, NULL, PSP_TYPE_PAIR_ROW);
  g_assert_cmpfloat (psp_pair_row_get_pair (PSP_PAIR_ROW (row))->share, ==, most);
  for (; row != NULL; row = gtk_widget_get_next_sibling (row))
    {
      g_assert_cmpfloat (psp_pair_row_get_pair (PSP_PAIR_ROW (row))->share, <=, former);
      former = psp_pair_row_get_pair (PSP_PAIR_ROW (row))->share;
    }

  stored = psp_settings_dup_string (fixture->settings, "pair-order");
  g_assert_cmpstr (stored, ==, "share");
}

/* Waits until the results are empty, with @why in the reason and @action to do about it. */
static void
assert_empty (PspWindowTest *fixture,
              const char    *why,
              const char    *action)
{
  GtkWidget *view = psp_ui_test_find (fixture->window, PSP_TYPE_RESULTS_VIEW);
  GtkWidget *page = psp_ui_test_find (view, ADW_TYPE_STATUS_PAGE);
  const char *reason;

  /* As long as a refresh may wait. */
  for (int i = 0; i < 3; i++)
    psp_ui_test_settle ();

  reason = adw_status_page_get_description (ADW_STATUS_PAGE (page));
  g_assert_true (gtk_widget_get_mapped (page));
  if (strstr (reason, why) == NULL)
    g_error ("“%s” is not in: %s", why, reason);
  g_assert_nonnull (psp_ui_test_find_button (page, action));
}

/* A network with 6 classes on a dataset with 11: running it would not help. */
static void
test_other_classes (PspWindowTest *fixture,
                    gconstpointer  data)
{
  g_autofree char *encoder = g_test_build_filename (G_TEST_DIST, "golden", "encoder_csail18.pth",
                                                    NULL);
  g_autofree char *decoder = g_test_build_filename (G_TEST_DIST, "golden", "decoder_csail18.pth",
                                                    NULL);
  g_autofree char *both = g_strjoin (",", encoder, decoder, NULL);

  g_object_set (fixture->window, "page", "results", NULL);
  psp_window_test_open_dataset (fixture);
  assert_empty (fixture, "checkpoint", "win.open-model");
  psp_window_test_activate_path (fixture, "win.open-model-path", both);
  assert_empty (fixture, "6 classes apart and the dataset has 11", "win.open-model");

  psp_window_test_open_model (fixture);
  psp_ui_test_wait (shows_pairs, fixture, "a model with the right classes has results");
}

/* Photos alone, with a model or without. */
static void
test_no_labels (PspWindowTest *fixture,
                gconstpointer  data)
{
  g_autofree char *dataset = psp_ui_test_write_dataset (fixture->folder);
  g_autofree char *images = g_build_filename (dataset, "images", NULL);

  g_object_set (fixture->window, "page", "results", NULL);
  psp_window_test_activate_path (fixture, "win.open-dataset-path", images);
  assert_empty (fixture, "no labels", "win.open-dataset");
  psp_window_test_open_model (fixture);
  assert_empty (fixture, "no labels", "win.open-dataset");
}

/* Labels that cannot be read: not before all images ran is it known that running does not help. */
static void
test_bad_labels (PspWindowTest *fixture,
                 gconstpointer  data)
{
  g_autofree char *dataset = psp_ui_test_write_dataset (fixture->folder);

  psp_test_folder_print (fixture->folder, "dataset/labels/a.png", "<nothing>");
  psp_test_folder_print (fixture->folder, "dataset/labels/b.png", "<nothing>");
  g_object_set (fixture->window, "page", "results", NULL);
  psp_window_test_activate_path (fixture, "win.open-dataset-path", dataset);
  psp_window_test_open_model (fixture);
  assert_empty (fixture, "Run the model", "win.run-all");
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
  assert_empty (fixture, "No label can be compared with what the model says. a: ",
                "win.open-dataset");
}

static PspViewport *
get_viewport (PspWindowTest *fixture)
{
  GtkWidget *grid = psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID);

  return psp_canvas_get_viewport (psp_pane_grid_get_canvas (PSP_PANE_GRID (grid)));
}

static gboolean
is_zoomed (gpointer data)
{
  PspViewport *viewport = get_viewport (data);

  return !psp_viewport_get_fitting (viewport) && psp_viewport_get_crosshair (viewport, NULL);
}

static int
count_error_panes (PspWindowTest *fixture)
{
  GtkWidget *grid = psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID);
  int n_panes;
  int n_errors = 0;

  g_object_get (grid, "n-panes", &n_panes, NULL);
  for (int i = 0; i < n_panes; i++)
    {
      PspPane *pane = psp_pane_grid_get_pane (PSP_PANE_GRID (grid), i);

      n_errors += psp_pane_get_source (pane).kind == PSP_PANE_ERRORS;
    }

  return n_errors;
}

/* The crosshair is on a pixel of @truth that is taken for @prediction. */
static void
assert_at_pair (PspWindowTest *fixture,
                int            truth,
                int            prediction)
{
  PspScene *scene = psp_project_get_scene (fixture->project);
  const PspMask *label = psp_scene_get_truth (scene);
  const PspMask *predicted = psp_prediction_get_labels (psp_scene_get_prediction (scene));
  PspPoint point;
  int i;

  g_assert_true (psp_viewport_get_crosshair (get_viewport (fixture), &point));
  i = (int) point.y * label->size.width + (int) point.x;
  g_assert_cmpint (label->pixels[i], ==, truth);
  g_assert_cmpint (predicted->pixels[i], ==, prediction);
}

/* A link of the results leads to the pixels, not just to the image; twice, as the image is open
 * and its prediction there by then. */
static void
test_show_pair (PspWindowTest *fixture,
                gconstpointer  data)
{
  GtkWidget *view = open_results (fixture);
  const PspConfusedPair *pair;

  pair = psp_pair_row_get_pair (PSP_PAIR_ROW (next_row (view, NULL, PSP_TYPE_PAIR_ROW)));
  g_assert_cmpint (count_error_panes (fixture), ==, 0);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (gtk_widget_activate_action (fixture->window, "win.show-pair", "(sii)", "b",
                                                 pair->truth, pair->prediction));
      psp_ui_test_wait (is_zoomed, fixture, "the view is at the pixels");
      psp_window_test_wait (fixture);
      g_assert_cmpstr (psp_scene_get_stem (psp_project_get_scene (fixture->project)), ==, "b");
      assert_at_pair (fixture, pair->truth, pair->prediction);
      g_assert_cmpint (count_error_panes (fixture), ==, 1);
      psp_viewport_fit (get_viewport (fixture));
    }

  /* Another image that is opened meanwhile is left alone. */
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.show-pair", "(sii)", "a",
                                             pair->truth, pair->prediction));
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.select-image", "s", "c"));
  psp_window_test_wait (fixture);
  psp_ui_test_settle ();
  g_assert_true (psp_viewport_get_fitting (get_viewport (fixture)));
}

/* The errors take the place of the pane that is missed least. */
static void
test_errors_pane (PspWindowTest *fixture,
                  gconstpointer  data)
{
  const struct
  {
    const char *layout;
    int         n_panes;
    const char *expected;
  } cases[] = {
    { "photo,truth,prediction,auxiliary,pyramid-3,edited", 6,
      "photo,truth,prediction,auxiliary,errors,edited" },
    { "photo,truth,prediction,edited,auxiliary,pyramid-3", 4,
      "errors,truth,prediction,edited,auxiliary,pyramid-3" },
    { "truth,prediction,photo,photo,photo,photo", 2, "truth,errors,photo,photo,photo,photo" },
    { "photo,truth,prediction,errors,photo,photo", 4, "photo,truth,prediction,errors,photo,photo" },
  };
  GtkWidget *grid = psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID);

  psp_window_test_open_dataset (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *layout = NULL;

      g_object_set (grid, "layout", cases[i].layout, "n-panes", cases[i].n_panes, NULL);
      g_assert_true (gtk_widget_activate_action (fixture->window, "win.show-pair", "(sii)", "b",
                                                 0, 1));
      g_object_get (grid, "layout", &layout, NULL);
      g_assert_cmpstr (layout, ==, cases[i].expected);
    }

  /* What is found is no error. */
  g_object_set (grid, "layout", cases[0].layout, NULL);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.show-pair", "(sii)", "b", 1, 1));
  g_assert_cmpint (count_error_panes (fixture), ==, 0);
}

/* The least of the labels in sight. */
static double
measure_labels (GtkWidget *root)
{
  double least = INFINITY;

  if (GTK_IS_LABEL (root))
    return psp_ui_test_measure_contrast (root);

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (gtk_widget_get_mapped (child))
        least = MIN (least, measure_labels (child));
    }

  return least;
}

/* Of quiet text: captions of the results, scores in the list of images. */
static void
test_contrast (PspWindowTest *fixture,
               gconstpointer  data)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  GtkWidget *view = open_results (fixture);

  for (int dark = 0; dark < 2; dark++)
    {
      adw_style_manager_set_color_scheme (style, dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                      : ADW_COLOR_SCHEME_FORCE_LIGHT);
      g_object_set (fixture->window, "page", "results", NULL);
      psp_ui_test_settle ();
      psp_ui_test_wait_for_frame (fixture->window);
      g_assert_cmpfloat (measure_labels (view), >=, 4.5);
      g_assert_cmpfloat (measure_labels (view), <, 12);

      g_object_set (fixture->window, "page", "inspect", NULL);
      psp_ui_test_settle ();
      psp_ui_test_wait_for_frame (fixture->window);
      g_assert_cmpfloat (measure_labels (psp_ui_test_find (fixture->window, PSP_TYPE_IMAGE_ROW)),
                         >=, 4.5);
    }
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
}

/* The status bar and the hint of the demo are about the panes; work under way is not. */
static void
test_bars (PspWindowTest *fixture,
           gconstpointer  data)
{
  g_autofree char *dataset = psp_ui_test_write_dataset (fixture->folder);
  g_autofree char *model = psp_ui_test_dup_model_path ();
  const PspDemo demo = { dataset, model, (char *) "b", (char *) "Look at b." };
  GtkWidget *job_bar = psp_ui_test_find (fixture->window, PSP_TYPE_JOB_BAR);
  GtkWidget *hint = GTK_WIDGET (psp_window_test_find_hint (fixture));

  psp_window_set_demo (PSP_WINDOW (fixture->window), &demo);
  psp_window_test_activate (fixture, "win.open-demo");
  psp_window_test_wait (fixture);
  g_assert_true (gtk_widget_get_mapped (job_bar));
  g_assert_true (gtk_widget_get_mapped (hint));

  g_object_set (fixture->window, "page", "results", NULL);
  g_assert_false (gtk_widget_get_mapped (job_bar));
  g_assert_false (gtk_widget_get_mapped (hint));
  psp_window_test_activate (fixture, "win.run");
  g_assert_true (psp_project_get_running (fixture->project));
  g_assert_true (gtk_widget_get_mapped (job_bar));
  psp_window_test_wait (fixture);
  g_assert_false (gtk_widget_get_mapped (job_bar));

  g_object_set (fixture->window, "page", "inspect", NULL);
  g_assert_true (gtk_widget_get_mapped (job_bar));
  g_assert_true (gtk_widget_get_mapped (hint));
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/results/worst-first", test_worst_first },
    { "/results/pair-order", test_pair_order },
    { "/results/show-pair", test_show_pair },
    { "/results/errors-pane", test_errors_pane },
    { "/results/contrast", test_contrast },
    { "/results/bars", test_bars },
    { "/results/other-classes", test_other_classes },
    { "/results/no-labels", test_no_labels },
    { "/results/bad-labels", test_bad_labels },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
