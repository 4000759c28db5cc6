/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"

#include "ui/psp-job-bar.h"
#include "ui/psp-pane-grid.h"

static void
set_up (PspWindowTest *fixture,
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
  PspWindowTest *fixture = data;
  PspJobBar *bar = PSP_JOB_BAR (psp_ui_test_find (fixture->window, PSP_TYPE_JOB_BAR));
  gboolean loading;

  g_object_get (fixture->project, "loading", &loading, NULL);
  return !loading && !psp_project_get_running (fixture->project) &&
         g_list_model_get_n_items (psp_job_bar_get_jobs (bar)) == 0;
}

void
psp_window_test_wait (PspWindowTest *fixture)
{
  psp_ui_test_wait (is_idle, fixture, "the window has nothing left to do");
}

static void
tear_down (PspWindowTest *fixture,
           gconstpointer  data)
{
  /* Work under way holds the window. */
  psp_window_test_wait (fixture);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  psp_ui_test_settle ();
  g_clear_object (&fixture->project);
  g_clear_object (&fixture->settings);
  g_clear_pointer (&fixture->folder, psp_test_folder_remove);
}

void
psp_window_test_activate (PspWindowTest *fixture,
                          const char    *action)
{
  g_assert_true (gtk_widget_activate_action (fixture->window, action, NULL));
}

void
psp_window_test_activate_path (PspWindowTest *fixture,
                               const char    *action,
                               const char    *path)
{
  g_assert_true (gtk_widget_activate_action (fixture->window, action, "s", path));
  psp_window_test_wait (fixture);
}

void
psp_window_test_open_dataset (PspWindowTest *fixture)
{
  g_autofree char *path = psp_ui_test_write_dataset (fixture->folder);

  psp_window_test_activate_path (fixture, "win.open-dataset-path", path);
}

void
psp_window_test_open_model (PspWindowTest *fixture)
{
  g_autofree char *path = psp_ui_test_dup_model_path ();

  psp_window_test_activate_path (fixture, "win.open-model-path", path);
}

PspProjectItem *
psp_window_test_get_item (PspWindowTest *fixture,
                          guint          position)
{
  g_autoptr(PspProjectItem) item =
    g_list_model_get_item (psp_project_get_items (fixture->project), position);

  return item;
}

void
psp_window_test_paint (PspWindowTest *fixture,
                       int            class_id)
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

/* The errors' comes first. */
PspMessageBar *
psp_window_test_find_error (PspWindowTest *fixture)
{
  return PSP_MESSAGE_BAR (psp_ui_test_find (fixture->window, PSP_TYPE_MESSAGE_BAR));
}

PspMessageBar *
psp_window_test_find_hint (PspWindowTest *fixture)
{
  GtkWidget *error = psp_ui_test_find (fixture->window, PSP_TYPE_MESSAGE_BAR);

  return PSP_MESSAGE_BAR (gtk_widget_get_next_sibling (error));
}

int
psp_window_test_run (int                       argc,
                     char                    **argv,
                     const PspWindowTestCase  *cases,
                     gsize                     n_cases)
{
  g_autoptr(GtkApplication) application = NULL;

  gtk_test_init (&argc, &argv, NULL);
  application = psp_ui_test_create_application ();
  for (gsize i = 0; i < n_cases; i++)
    g_test_add (cases[i].path, PspWindowTest, application, set_up, cases[i].func, tear_down);
  return g_test_run ();
}
