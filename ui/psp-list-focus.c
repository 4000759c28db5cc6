/* SPDX-License-Identifier: MIT */
#include "ui/psp-list-focus.h"

gboolean
psp_list_focus_selected (GtkWidget *view)
{
  for (GtkWidget *row = gtk_widget_get_first_child (view);
       row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      if (gtk_widget_get_mapped (row) &&
          gtk_widget_get_state_flags (row) & GTK_STATE_FLAG_SELECTED)
        return gtk_widget_grab_focus (row);
    }

  return gtk_widget_child_focus (view, GTK_DIR_TAB_FORWARD);
}

gboolean
psp_list_focus_leave (GtkWidget        *view,
                      GtkWidget        *before,
                      GtkDirectionType  direction,
                      gboolean         *moved)
{
  GtkRoot *root = gtk_widget_get_root (view);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if ((direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD) ||
      focus == NULL || !gtk_widget_is_ancestor (focus, view))
    return FALSE;

  *moved = direction == GTK_DIR_TAB_BACKWARD && gtk_widget_child_focus (before, direction);
  return TRUE;
}
