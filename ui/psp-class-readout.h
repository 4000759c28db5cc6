/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspClassReadout:
 *
 * What one source says about a pixel: “prediction 3 Road 0.39”, with the colour of the class.  It
 * keeps its width whatever it says.
 *
 * Properties, writable: “caption” (string: what comes first), “caption-chars” (int: room for it, in
 * characters; -1: what it needs), “has-probability” (boolean: whether there is a place for one).
 */
#define PSP_TYPE_CLASS_READOUT (psp_class_readout_get_type ())
G_DECLARE_FINAL_TYPE (PspClassReadout, psp_class_readout, PSP, CLASS_READOUT, GtkWidget)

/**
 * psp_class_readout_show:
 * @taxonomy: (nullable): names and colours; %NULL: says nothing
 * @class_id: a class; -1: says nothing
 * @probability: of the class, 0 to 1; -1: not known
 */
void       psp_class_readout_show         (PspClassReadout   *self,
                                           const PspTaxonomy *taxonomy,
                                           int                class_id,
                                           double             probability);

/* How many characters of a name there is room for; -1: as many as the widget has space for. */
void       psp_class_readout_set_n_chars  (PspClassReadout   *self,
                                           int                n_chars);
