/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspConfusionView:
 *
 * The confusion matrix of the classes that have pixels: rows = truth, columns = prediction, the
 * darker the larger a share of the row (logarithmic).  One cell is under the pointer or the
 * keyboard's cursor; arrows move it, Return or a click chooses it.  In a viewport, arrows keep the
 * cell in sight, and a click scrolls nothing.
 *
 * Property “summary” (string, read only, notifies): what that cell says, in words; its tooltip
 * says the same.
 *
 * Signal “cell-activated” (PspConfusionView *view, int truth, int prediction): class ids.
 */
#define PSP_TYPE_CONFUSION_VIEW (psp_confusion_view_get_type ())
G_DECLARE_FINAL_TYPE (PspConfusionView, psp_confusion_view, PSP, CONFUSION_VIEW, GtkWidget)

GtkWidget  *psp_confusion_view_new           (void);

/* Copies what it shows of @confusion. */
void        psp_confusion_view_set_confusion (PspConfusionView   *self,
                                              PspTaxonomy        *taxonomy,
                                              const PspConfusion *confusion);

/* Where the cell of two class ids is, in the widget's coordinates; empty if it is not shown. */
GdkRectangle psp_confusion_view_get_cell     (PspConfusionView   *self,
                                              int                 truth,
                                              int                 prediction);
const char *psp_confusion_view_get_summary   (PspConfusionView   *self);
