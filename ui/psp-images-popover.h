/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspImagesPopover:
 *
 * The images that contribute to a number of the results, most pixels first; one that is chosen is
 * opened at the pixels that contribute.
 */
#define PSP_TYPE_IMAGES_POPOVER (psp_images_popover_get_type ())
G_DECLARE_FINAL_TYPE (PspImagesPopover, psp_images_popover, PSP, IMAGES_POPOVER, GtkPopover)

GtkWidget  *psp_images_popover_new        (void);

/* Lists @shares, of PspImageShare, below @title: pixels of class @truth that are taken for
 * @prediction, a class or %PSP_PAIR_ANY_OTHER. */
void        psp_images_popover_set_shares (PspImagesPopover *self,
                                           const char       *title,
                                           int               truth,
                                           int               prediction,
                                           GPtrArray        *shares);

/* How many images it lists. */
guint       psp_images_popover_get_n_rows (PspImagesPopover *self);
