/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

/* How keys reach the rows of a GtkListView and leave them again. */

/* Gives the focus to the selected row of @view, if it is in sight, or else to the one that had it
 * before; %FALSE if there are no rows. */
gboolean psp_list_focus_selected (GtkWidget        *view);

/**
 * psp_list_focus_leave:
 * @before: what Shift+Tab in @view leads to, if it can have the focus
 *
 * For the focus() of a widget in which @view comes last: Tab leaves the rows in one step, which
 * GTK's lists do only from 4.12 on.
 *
 * Returns: whether @direction was taken care of, with the focus moved as in @moved
 */
gboolean psp_list_focus_leave    (GtkWidget        *view,
                                  GtkWidget        *before,
                                  GtkDirectionType  direction,
                                  gboolean         *moved);
