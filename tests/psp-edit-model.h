/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/edit/psp-edit.h"

/* What the pixels of a shape are by definition, pixel by pixel, in whole numbers: an oracle for the
 * rasterisers.  Coordinates and radii must be multiples of an eighth of a pixel, below 4096. */

/* Whether pixel (@x, @y) of @mask is covered by the shape of @edit; not for an accept or a fill. */
gboolean psp_edit_model_covers (const PspEdit *edit,
                                int            x,
                                int            y);

/* Applies @edit to @mask; @original (nullable) is what %PSP_EDIT_ORIGINAL brings back, @source
 * what an accept was made from: it takes the pixels whose mark in @chosen is set. */
void     psp_edit_model_apply  (const PspEdit *edit,
                                PspMask       *mask,
                                const PspMask *original,
                                const PspMask *source,
                                const guint8  *chosen);

/* (transfer full): one byte a pixel: whether a flood from the pixel reaches it. */
guint8  *psp_edit_model_flood  (const PspMask *mask,
                                int            x,
                                int            y) G_GNUC_WARN_UNUSED_RESULT;
