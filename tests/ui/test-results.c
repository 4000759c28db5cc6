/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"

#include "ui/psp-class-bar.h"
#include "ui/psp-pair-row.h"
#include "ui/psp-results-view.h"

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

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/results/worst-first", test_worst_first },
    { "/results/pair-order", test_pair_order },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
