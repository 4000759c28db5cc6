/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

/**
 * psp_name_row:
 * @row: what a factory put into a row of a list
 * @name: what the row is called
 *
 * Names a row of a GtkListView for assistive technology.  It is the widget around @row that has the
 * focus, for which GTK has gtk_list_item_set_accessible_label() only from 4.12 on.
 */
void psp_name_row (GtkWidget  *row,
                   const char *name);
