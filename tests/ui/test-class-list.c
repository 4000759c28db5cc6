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

/* (transfer none) (nullable): the label that says @text, in @root or below it. */
static GtkWidget *
find_label (GtkWidget  *root,
            const char *text)
{
  if (GTK_IS_LABEL (root) && g_str_equal (gtk_label_get_label (GTK_LABEL (root)), text))
    return root;

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* The heads of the columns and the tooltip of a row name the unit. */
static void
test_units (PspWindowTest *fixture,
            gconstpointer  data)
{
  GtkWidget *list = psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST);
  const char *tooltip;

  g_assert_nonnull (find_label (list, "truth %"));
  g_assert_nonnull (gtk_widget_get_tooltip_text (find_label (list, "pred. %")));

  psp_window_test_open_dataset (fixture);
  psp_window_test_open_model (fixture);
  psp_ui_test_wait (tells_shares, fixture, "the shares of the classes are known");
  tooltip = gtk_widget_get_tooltip_text (psp_ui_test_find (list, PSP_TYPE_CLASS_ROW));
  g_assert_nonnull (strstr (tooltip, "Sky\n"));
  g_assert_nonnull (strstr (tooltip, " % of the pixels in the label\n"));
  g_assert_nonnull (strstr (tooltip, "IoU 0."));
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/class-list/units", test_units },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
