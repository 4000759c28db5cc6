/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"

#include "ui/psp-class-bar.h"
#include "ui/psp-pair-row.h"
#include "ui/psp-results-view.h"

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

static gboolean
has_label (GtkWidget  *root,
           const char *text)
{
  if (GTK_IS_LABEL (root) && g_str_equal (gtk_label_get_label (GTK_LABEL (root)), text))
    return TRUE;

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (has_label (child, text))
        return TRUE;
    }

  return FALSE;
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

      g_assert_true (has_label (row, pixels));
      g_assert_true (has_label (row, share));
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

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/results/worst-first", test_worst_first },
    { "/results/pair-order", test_pair_order },
    { "/results/other-classes", test_other_classes },
    { "/results/no-labels", test_no_labels },
    { "/results/bad-labels", test_bad_labels },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
