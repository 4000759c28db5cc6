/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspClassBar:
 *
 * A line of PspClassBars: colour, name, bar, IoU.
 */
#define PSP_TYPE_CLASS_BAR (psp_class_bar_get_type ())
G_DECLARE_FINAL_TYPE (PspClassBar, psp_class_bar, PSP, CLASS_BAR, GtkListBoxRow)

GtkWidget *psp_class_bar_new          (int                    class_id,
                                       const char            *name,
                                       guint32                color,
                                       const PspClassMetrics *metrics);
int        psp_class_bar_get_class_id (PspClassBar           *self);
