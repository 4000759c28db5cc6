/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"
#include "ui/psp-pane-grid.h"
#include "ui/psp-tool-bar.h"

static guint
count_labels (GtkWidget  *root,
              const char *text)
{
  guint n_labels = GTK_IS_LABEL (root) &&
                   g_str_equal (gtk_label_get_label (GTK_LABEL (root)), text);

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n_labels += count_labels (child, text);
  return n_labels;
}

typedef struct
{
  PspWindowTest *fixture;
  const char    *text;
} ToastWait;

/* Whether a toast says that, and no other. */
static gboolean
is_only_toast (gpointer data)
{
  ToastWait *wait = data;
  GtkWidget *window = wait->fixture->window;

  return count_labels (window, wait->text) == 1 &&
         psp_ui_test_count (window, g_type_from_name ("AdwToastWidget")) == 1;
}

static void
wait_for_toast (PspWindowTest *fixture,
                const char    *text)
{
  ToastWait wait = { fixture, text };

  psp_ui_test_wait (is_only_toast, &wait, text);
}

/* A toast takes the place of the one before, and lies over no tool. */
static void
test_toasts (PspWindowTest *fixture,
             gconstpointer  data)
{
  g_autofree char *workspace = psp_test_folder_path (fixture->folder, "workspace");
  g_autofree char *report = psp_test_folder_path (fixture->folder, "report");
  GtkWidget *overlay = psp_ui_test_find (fixture->window, ADW_TYPE_TOAST_OVERLAY);

  g_assert_nonnull (psp_ui_test_find (overlay, PSP_TYPE_PANE_GRID));
  g_assert_null (psp_ui_test_find (overlay, PSP_TYPE_TOOL_BAR));

  psp_window_test_open_dataset (fixture);
  psp_window_test_activate_path (fixture, "win.workspace-path", workspace);
  wait_for_toast (fixture, "Corrected masks go into this workspace from now on");
  psp_window_test_paint (fixture, 8);
  psp_window_test_activate (fixture, "win.save");
  wait_for_toast (fixture, "1 mask saved to “workspace”");

  /* They are seen beside the results too. */
  psp_window_test_open_model (fixture);
  g_object_set (fixture->window, "page", "results", NULL);
  psp_window_test_activate_path (fixture, "win.report-path", report);
  wait_for_toast (fixture, "Report saved to “report”");
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/window-toasts/one-at-a-time", test_toasts },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
