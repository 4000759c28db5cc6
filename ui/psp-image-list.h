/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"
#include "ui/psp-thumbnails.h"

#include <gtk/gtk.h>

/**
 * PspImageList:
 *
 * The images of the project, at the left of the window: filter, order, rows, what is open, and how
 * many there are.  The selected row is the image that is open, both ways.
 *
 * Property “sort” (string, notifies): “name” (the order of the dataset), “worst” (lowest mean IoU
 * first), “best”, “modified” (unsaved first, then corrected).  Images without a score come last.
 *
 * Signal “leave” (PspImageList *list): the person is done with the list, having chosen an image
 * with Return or given up looking for one with Escape; the panes may have the focus.
 *
 * In the filter Return opens the first image that is found, Down goes into the list, Escape clears
 * the filter.
 *
 * Actions: images.sort (stateful, s), images.clear-filter.
 */
#define PSP_TYPE_IMAGE_LIST (psp_image_list_get_type ())
G_DECLARE_FINAL_TYPE (PspImageList, psp_image_list, PSP, IMAGE_LIST, GtkWidget)

/* Shows the images of @project; called once. */
void        psp_image_list_set_project  (PspImageList  *self,
                                         PspProject    *project,
                                         PspThumbnails *thumbnails);

/* Opens the image @step places further in the list as it is shown; stops at its ends. */
void        psp_image_list_move         (PspImageList  *self,
                                         int            step);

/* Puts the focus into the filter; gtk_widget_grab_focus() puts it on the row of the open image. */
void        psp_image_list_start_search (PspImageList  *self);

/* What stands in the filter; images whose names contain it are shown. */
void        psp_image_list_set_filter   (PspImageList  *self,
                                         const char    *text);

/* (transfer none): the images as they are shown, a list of PspProjectItem. */
GListModel *psp_image_list_get_shown    (PspImageList  *self);
