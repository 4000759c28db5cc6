/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspProbabilityRow:
 *
 * A class and how probable it is: colour, name, number, and a thin bar below.
 */
#define PSP_TYPE_PROBABILITY_ROW (psp_probability_row_get_type ())
G_DECLARE_FINAL_TYPE (PspProbabilityRow, psp_probability_row, PSP, PROBABILITY_ROW, GtkWidget)

/* @class_id: -1: an empty row of the same size; @probability: 0 to 1. */
void       psp_probability_row_show (PspProbabilityRow *self,
                                     const PspTaxonomy *taxonomy,
                                     int                class_id,
                                     double             probability);
