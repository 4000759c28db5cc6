/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"
#include "ui/psp-class-chooser.h"
#include "ui/psp-facts-dialog.h"

/* A random network with the 11 classes of CamVid, which its file does not say. */
static void
open_unknown (PspWindowTest *fixture)
{
  g_autofree char *answers = psp_test_folder_path (fixture->folder, "answers.json");

  psp_project_set_answers_path (fixture->project, answers);
  psp_window_test_open_model (fixture);
}

static PspFactsDialog *
find_dialog (void)
{
  GtkWidget *dialog = psp_ui_test_find_window (PSP_TYPE_FACTS_DIALOG);

  return dialog != NULL ? PSP_FACTS_DIALOG (dialog) : NULL;
}

static const PspModelFacts *
get_facts (PspWindowTest *fixture)
{
  return psp_model_get_facts (psp_project_get_model (fixture->project));
}

static void
activate (PspWindowTest *fixture,
          const char    *action)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (find_dialog ()), action, NULL));
  psp_ui_test_settle ();
  psp_window_test_wait (fixture);
}

static void
set_text (PspFact     fact,
          const char *text)
{
  psp_fact_row_set_text (psp_facts_dialog_get_row (find_dialog (), fact), text);
}

static void
check_text (PspFact     fact,
            const char *expected)
{
  g_autofree char *text = psp_fact_row_dup_text (psp_facts_dialog_get_row (find_dialog (), fact));

  g_assert_cmpstr (text, ==, expected);
}

/* The file is asked about once; what was said counts from then on, and can be taken back. */
static void
test_asked_once (PspWindowTest *fixture,
                 gconstpointer  data)
{
  open_unknown (fixture);
  g_assert_nonnull (find_dialog ());
  check_text (PSP_FACT_NAMES, "camvid-11");
  check_text (PSP_FACT_ALIGN_CORNERS, "true");
  check_text (PSP_FACT_MEAN, "123.675,116.28,103.53");
  g_assert_null (psp_model_get_taxonomy (psp_project_get_model (fixture->project)));

  set_text (PSP_FACT_ALIGN_CORNERS, "false");
  set_text (PSP_FACT_MEAN, "100, 90.5, 80");
  set_text (PSP_FACT_CHANNEL_ORDER, "bgr");
  activate (fixture, "facts.accept");
  g_assert_null (find_dialog ());
  g_assert_false (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));
  g_assert_false (get_facts (fixture)->align_corners);
  g_assert_true (get_facts (fixture)->bgr);
  g_assert_cmpfloat (get_facts (fixture)->mean[1], ==, 90.5f);
  g_assert_cmpint (get_facts (fixture)->sources[PSP_FACT_STANDARD_DEVIATION], ==,
                   PSP_FACT_ASSUMED);
  g_assert_cmpstr (psp_taxonomy_get_name (psp_project_get_taxonomy (fixture->project)), ==,
                   "camvid-11");

  psp_window_test_open_model (fixture);
  g_assert_null (find_dialog ());
  g_assert_false (get_facts (fixture)->align_corners);

  psp_window_test_activate (fixture, "win.model-facts");
  check_text (PSP_FACT_MEAN, "100,90.5,80");
  activate (fixture, "facts.forget");
  g_assert_true (get_facts (fixture)->align_corners);
  g_assert_cmpint (get_facts (fixture)->sources[PSP_FACT_MEAN], ==, PSP_FACT_ASSUMED);
}

/* Escape keeps what is assumed, and that was an answer too. */
static void
test_escape (PspWindowTest *fixture,
             gconstpointer  data)
{
  PspModel *model;

  open_unknown (fixture);
  model = psp_project_get_model (fixture->project);
  set_text (PSP_FACT_ALIGN_CORNERS, "false");
  gtk_window_close (GTK_WINDOW (find_dialog ()));
  psp_ui_test_settle ();
  psp_window_test_wait (fixture);
  g_assert_true (psp_project_get_model (fixture->project) == model);
  g_assert_false (psp_project_get_model_asks (fixture->project));

  psp_window_test_open_model (fixture);
  g_assert_null (find_dialog ());
  g_assert_true (get_facts (fixture)->align_corners);
  g_assert_null (psp_model_get_taxonomy (psp_project_get_model (fixture->project)));
}

/* A text that cannot be is said so beside it, and is not accepted. */
static void
test_bad_text (PspWindowTest *fixture,
               gconstpointer  data)
{
  PspFactRow *row;

  open_unknown (fixture);
  row = psp_facts_dialog_get_row (find_dialog (), PSP_FACT_STANDARD_DEVIATION);
  g_assert_true (psp_ui_test_is_enabled (GTK_WIDGET (find_dialog ()), "facts.accept"));
  psp_fact_row_set_text (row, "1,2,0");
  g_assert_false (psp_fact_row_get_valid (row));
  g_assert_false (psp_ui_test_is_enabled (GTK_WIDGET (find_dialog ()), "facts.accept"));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)),
                            "three numbers above 0"));
  psp_fact_row_set_text (row, "");
  g_assert_false (psp_fact_row_get_valid (row));
  psp_fact_row_set_text (row, "1,2,3");
  g_assert_true (psp_fact_row_get_valid (row));
  g_assert_true (psp_ui_test_is_enabled (GTK_WIDGET (find_dialog ()), "facts.accept"));
  activate (fixture, "facts.accept");
  g_assert_cmpfloat (get_facts (fixture)->standard_deviation[2], ==, 3);
}

/* Five levels do not fit the weights: the model stays, and the bar says why. */
static void
test_misfit (PspWindowTest *fixture,
             gconstpointer  data)
{
  PspModel *model;

  open_unknown (fixture);
  model = psp_project_get_model (fixture->project);
  set_text (PSP_FACT_BINS, "1,2,3,6,8");
  activate (fixture, "facts.accept");
  g_assert_true (psp_project_get_model (fixture->project) == model);
  g_assert_true (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));
  g_assert_nonnull (psp_ui_test_find_button (GTK_WIDGET (psp_window_test_find_error (fixture)),
                                             "win.model-facts"));
  g_assert_true (psp_project_get_model_asks (fixture->project));
}

/* What the button with the class to paint says. */
static const char *
get_paint_name (PspWindowTest *fixture)
{
  GtkWidget *chooser = psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_CHOOSER);

  return gtk_label_get_label (GTK_LABEL (psp_ui_test_find (chooser, GTK_TYPE_LABEL)));
}

/* Names are used where the dataset has none; never over its own.  What was run is run anew. */
static void
test_names (PspWindowTest *fixture,
            gconstpointer  data)
{
  g_autofree char *images = NULL;
  PspTaxonomy *own;

  psp_window_test_open_dataset (fixture);
  own = psp_project_get_taxonomy (fixture->project);
  open_unknown (fixture);
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
  activate (fixture, "facts.accept");
  g_assert_true (psp_taxonomy_same_names (psp_project_get_taxonomy (fixture->project), own));
  g_assert_cmpstr (psp_taxonomy_get_name (psp_project_get_taxonomy (fixture->project)), ==,
                   psp_taxonomy_get_name (own));
  for (guint i = 0; i < 3; i++)
    g_assert_true (psp_project_item_get_predicted (psp_window_test_get_item (fixture, i)));

  images = psp_test_folder_path (fixture->folder, "dataset/images");
  psp_window_test_activate_path (fixture, "win.open-dataset-path", images);
  g_assert_cmpstr (psp_taxonomy_get_class_name (psp_project_get_taxonomy (fixture->project), 8),
                   ==, "Car");
  g_assert_cmpstr (get_paint_name (fixture), ==, "Sky");
  psp_window_test_activate (fixture, "win.model-facts");
  set_text (PSP_FACT_NAMES, "");
  activate (fixture, "facts.accept");
  g_assert_cmpstr (get_paint_name (fixture), ==, "class 0");
  g_assert_cmpstr (psp_taxonomy_get_class_name (psp_project_get_taxonomy (fixture->project), 8),
                   ==, "class 8");
}

/* The demo's model says all that counts. */
static void
test_demo (PspWindowTest *fixture,
           gconstpointer  data)
{
  g_autofree char *answers = psp_test_folder_path (fixture->folder, "answers.json");
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "models",
                                                 "demo-pspnet18.safetensors", NULL);

  psp_project_set_answers_path (fixture->project, answers);
  psp_window_test_activate_path (fixture, "win.open-model-path", path);
  g_assert_nonnull (psp_project_get_model (fixture->project));
  g_assert_null (find_dialog ());
  psp_window_test_activate (fixture, "win.model-facts");
  g_assert_nonnull (find_dialog ());
  gtk_window_close (GTK_WINDOW (find_dialog ()));
  psp_ui_test_settle ();
  g_assert_false (g_file_test (answers, G_FILE_TEST_EXISTS));
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/window/facts/asked-once", test_asked_once },
    { "/window/facts/escape", test_escape },
    { "/window/facts/bad-text", test_bad_text },
    { "/window/facts/misfit", test_misfit },
    { "/window/facts/names", test_names },
    { "/window/facts/demo", test_demo },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
