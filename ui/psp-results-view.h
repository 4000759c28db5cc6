/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"
#include "ui/psp-thumbnails.h"

#include <gtk/gtk.h>

/**
 * PspResultsView:
 *
 * How well the model does on the dataset: the means, IoU of each class, the confusion matrix, the
 * pairs that are confused most, the worst images.  All of it leads back to the images.
 *
 * Property “pair-order” (string, notifies): “pixels” (the pairs with the most pixels) or “share”
 * (with the largest share of the pixels of their first class).
 *
 * Action: results.pair-order (stateful, s).
 */
#define PSP_TYPE_RESULTS_VIEW (psp_results_view_get_type ())
G_DECLARE_FINAL_TYPE (PspResultsView, psp_results_view, PSP, RESULTS_VIEW, GtkWidget)

/* Shows the evaluation of @project; called once. */
void       psp_results_view_set_project (PspResultsView *self,
                                         PspProject     *project,
                                         PspThumbnails  *thumbnails);

/* Whether its parts stand below each other. */
void       psp_results_view_set_narrow  (PspResultsView *self,
                                         gboolean        narrow);

/* Lists the images in which pixels of class @truth are taken for class @prediction; does nothing
 * while there are no results, or while what is shown is void. */
void       psp_results_view_show_cell   (PspResultsView *self,
                                         int             truth,
                                         int             prediction);
