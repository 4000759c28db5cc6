/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-mask.h"

/* The number of different ids of a mask: 0 to 65535. */
#define PSP_LABEL_COUNTS_SIZE 65536

/**
 * PspLabelCounts:
 * @pixels: how many pixels have each id; the ignored ones are not here
 * @ignored: how many pixels are ignored: 255 in 8-bit masks, 65535 in 16-bit masks
 *
 * How often each class id occurs in masks.  One thread at a time.
 */
typedef struct
{
  guint64 pixels[PSP_LABEL_COUNTS_SIZE];
  guint64 ignored;
} PspLabelCounts;

PspLabelCounts *psp_label_counts_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void            psp_label_counts_free (PspLabelCounts *self);

/* Adds the pixels of @mask. */
void            psp_label_counts_add  (PspLabelCounts *self,
                                       const PspMask  *mask);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspLabelCounts, psp_label_counts_free)
