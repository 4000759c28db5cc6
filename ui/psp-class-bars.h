/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspClassBars:
 *
 * IoU of every class that has pixels, as bars, worst first.
 *
 * Signal “class-activated” (PspClassBars *bars, int class_id, GtkWidget *row): a bar was chosen.
 */
#define PSP_TYPE_CLASS_BARS (psp_class_bars_get_type ())
G_DECLARE_FINAL_TYPE (PspClassBars, psp_class_bars, PSP, CLASS_BARS, GtkWidget)

void       psp_class_bars_set_metrics (PspClassBars      *self,
                                       const PspTaxonomy *taxonomy,
                                       const PspMetrics  *metrics);
