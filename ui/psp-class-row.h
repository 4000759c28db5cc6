/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-class-entry.h"

#include <gtk/gtk.h>

/**
 * PspClassRow:
 *
 * A class in the list of classes: colour, name, its share of the image in label and prediction in
 * percent, and IoU.  Classes that are not in the image are dimmed.
 */
#define PSP_TYPE_CLASS_ROW (psp_class_row_get_type ())
G_DECLARE_FINAL_TYPE (PspClassRow, psp_class_row, PSP, CLASS_ROW, GtkWidget)

GtkWidget *psp_class_row_new       (void);
void       psp_class_row_set_entry (PspClassRow   *self,
                                    PspClassEntry *entry);
