/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"
#include "ui/psp-class-list.h"
#include "ui/psp-image-list.h"
#include "ui/psp-pane-grid.h"

/* Whether the focus is in @widget. */
static gboolean
has_focus (PspWindowTest *fixture,
           GtkWidget     *widget)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (fixture->window));

  return focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget));
}

static gboolean
press (GtkWidget *widget,
       guint      key)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean handled = FALSE;

  for (guint i = 0; !handled && i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, 0, &handled);
    }
  return handled;
}

/* Types @text into the filter of the images. */
static void
search (PspWindowTest *fixture,
        GtkWidget     *entry,
        const char    *text)
{
  psp_window_test_activate (fixture, "win.find-image");
  psp_ui_test_settle ();
  g_assert_true (has_focus (fixture, entry));
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
}

static const char *
get_open (PspWindowTest *fixture)
{
  psp_window_test_wait (fixture);
  return psp_project_item_get_stem (psp_project_get_current (fixture->project));
}

/* What is looked for is opened with Return, at once, and the keys of the panes hold again. */
static void
test_search (PspWindowTest *fixture,
             gconstpointer  data)
{
  GtkWidget *list = psp_ui_test_find (fixture->window, PSP_TYPE_IMAGE_LIST);
  GtkWidget *entry = psp_ui_test_find (list, GTK_TYPE_SEARCH_ENTRY);
  GtkWidget *view = psp_ui_test_find (list, GTK_TYPE_LIST_VIEW);
  GtkWidget *grid = psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID);
  GListModel *shown = psp_image_list_get_shown (PSP_IMAGE_LIST (list));

  psp_window_test_open_dataset (fixture);
  search (fixture, entry, "c");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpstr (get_open (fixture), ==, "c");
  g_assert_true (has_focus (fixture, grid));

  /* Without a match it stays to be corrected. */
  search (fixture, entry, "nothing of the kind");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpstr (get_open (fixture), ==, "c");
  g_assert_true (has_focus (fixture, entry));

  gtk_editable_set_text (GTK_EDITABLE (entry), "b");
  g_assert_true (press (entry, GDK_KEY_Down));
  g_assert_cmpuint (g_list_model_get_n_items (shown), ==, 1);
  g_assert_true (has_focus (fixture, view));

  search (fixture, entry, "a");
  g_signal_emit_by_name (entry, "stop-search");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
  g_assert_cmpuint (g_list_model_get_n_items (shown), ==, 3);
  g_assert_true (has_focus (fixture, grid));

  /* With nothing to look for, Return changes nothing. */
  psp_window_test_activate (fixture, "win.next-image");
  psp_window_test_activate (fixture, "win.find-image");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpstr (get_open (fixture), ==, "c");
  g_assert_true (has_focus (fixture, grid));
}

/* As the Tab key does. */
static void
press_tab (PspWindowTest *fixture,
           gboolean       forward)
{
  g_signal_emit_by_name (fixture->window, "move-focus",
                         forward ? GTK_DIR_TAB_FORWARD : GTK_DIR_TAB_BACKWARD);
}

static gboolean
is_away (gpointer data)
{
  return !gtk_widget_get_mapped (data);
}

static void
test_areas (PspWindowTest *fixture,
            gconstpointer  data)
{
  GtkWidget *list = psp_ui_test_find (fixture->window, PSP_TYPE_IMAGE_LIST);
  GtkWidget *view = psp_ui_test_find (list, GTK_TYPE_LIST_VIEW);
  GtkWidget *grid = psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID);
  GtkWidget *classes = psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST);

  psp_window_test_open_dataset (fixture);
  psp_window_test_activate (fixture, "win.next-image");
  g_assert_cmpstr (get_open (fixture), ==, "b");
  psp_ui_test_settle ();
  g_assert_true (has_focus (fixture, grid));
  psp_window_test_activate (fixture, "win.next-area");
  g_assert_true (has_focus (fixture, classes));
  psp_window_test_activate (fixture, "win.next-area");
  g_assert_true (has_focus (fixture, view));

  /* It is the row of the open image, and one step leads out of the rows. */
  g_assert_true (gtk_widget_get_state_flags (gtk_window_get_focus (GTK_WINDOW (fixture->window))) &
                 GTK_STATE_FLAG_SELECTED);
  press_tab (fixture, TRUE);
  g_assert_false (has_focus (fixture, list));
  psp_window_test_activate (fixture, "win.next-area");
  psp_window_test_activate (fixture, "win.previous-area");
  psp_window_test_activate (fixture, "win.previous-area");
  g_assert_true (has_focus (fixture, view));
  press_tab (fixture, FALSE);
  g_assert_true (has_focus (fixture, list));
  g_assert_false (has_focus (fixture, view));
  press_tab (fixture, TRUE);
  g_assert_true (has_focus (fixture, view));
  g_assert_cmpstr (get_open (fixture), ==, "b");

  /* What is hidden is left out. */
  g_object_set (fixture->window, "show-classes", FALSE, NULL);
  psp_ui_test_wait (is_away, classes, "the classes are away");
  psp_window_test_activate (fixture, "win.previous-area");
  g_assert_true (has_focus (fixture, grid));
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/window-keys/search", test_search },
    { "/window-keys/areas", test_areas },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
