/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspPairRow:
 *
 * Two classes that are confused: “Car taken for Road”, and how many pixels.
 */
#define PSP_TYPE_PAIR_ROW (psp_pair_row_get_type ())
G_DECLARE_FINAL_TYPE (PspPairRow, psp_pair_row, PSP, PAIR_ROW, GtkListBoxRow)

GtkWidget             *psp_pair_row_new      (const PspTaxonomy     *taxonomy,
                                              const PspConfusedPair *pair);
const PspConfusedPair *psp_pair_row_get_pair (PspPairRow            *self);
