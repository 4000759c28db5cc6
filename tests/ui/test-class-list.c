/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"
#include "ui/psp-class-list.h"
#include "ui/psp-class-row.h"

#include <string.h>

static gboolean
tells_shares (gpointer data)
{
  PspWindowTest *fixture = data;
  GtkWidget *row = psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_ROW);
  const char *tooltip = row != NULL ? gtk_widget_get_tooltip_text (row) : NULL;

  return tooltip != NULL && strstr (tooltip, " % of the pixels in the prediction") != NULL;
}

/* The heads of the columns and the tooltip of a row name the unit. */
static void
test_units (PspWindowTest *fixture,
            gconstpointer  data)
{
  GtkWidget *list = psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST);
  const char *tooltip;

  g_assert_nonnull (psp_ui_test_find_label (list, "truth %"));
  g_assert_nonnull (gtk_widget_get_tooltip_text (psp_ui_test_find_label (list, "pred. %")));

  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  psp_ui_test_wait (tells_shares, fixture, "the shares of the classes are known");
  tooltip = gtk_widget_get_tooltip_text (psp_ui_test_find (list, PSP_TYPE_CLASS_ROW));
  g_assert_nonnull (strstr (tooltip, "Sky\n"));
  g_assert_nonnull (strstr (tooltip, " % of the pixels in the label\n"));
  g_assert_nonnull (strstr (tooltip, "IoU 0."));
}

static int
measure_width (GtkWidget *widget)
{
  int width;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  return width;
}

/* Of a row's column, and of its head. */
static void
measure_columns (GtkWidget *list,
                 int       *head,
                 int       *column)
{
  GtkWidget *row = psp_ui_test_find (list, PSP_TYPE_CLASS_ROW);

  *head = measure_width (psp_ui_test_find_label (list, "truth %"));
  *column = measure_width (gtk_widget_get_last_child (row));
}

/* Large text takes as much more room as it is larger; the columns stay below their heads. */
static void
test_large_text (PspWindowTest *fixture,
                 gconstpointer  data)
{
  GtkSettings *settings = gtk_settings_get_default ();
  GtkWidget *list = psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST);
  GtkWidget *pane = gtk_widget_get_parent (list);
  int dpi;
  int width;
  int head;
  int column;

  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  psp_ui_test_wait (tells_shares, fixture, "the shares of the classes are known");
  width = measure_width (pane);
  measure_columns (list, &head, &column);
  g_assert_cmpint (head, ==, column);

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", dpi / 2 * 3, NULL);
  psp_ui_test_settle ();
  psp_ui_test_wait_for_frame (fixture->window);
  g_assert_cmpint (measure_width (pane), >=, width * 3 / 2 - 2);
  measure_columns (list, &head, &column);
  g_assert_cmpint (head, ==, column);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/class-list/units", test_units },
    { "/class-list/large-text", test_large_text },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
