/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"
#include "engine/core/psp-mask.h"

#include <gio/gio.h>

/* Stands for all classes but that of the truth. */
#define PSP_PAIR_ANY_OTHER (-1)

/**
 * PspPairRegion:
 * @n_pixels: how many there are; 0: none, and the rest says nothing
 * @bounds: a rectangle around them
 * @pixel: one of them, near the middle of @bounds
 *
 * Pixels of one class taken for another, connected left, right, up and down: the largest such
 * region of an image.
 */
typedef struct
{
  guint64  n_pixels;
  PspRect  bounds;
  PspPoint pixel;
} PspPairRegion;

/**
 * psp_pair_region_async:
 * @truth: the label of an image
 * @prediction: what the network says of it, of the same size
 * @truth_id: class id
 * @prediction_id: class id, or %PSP_PAIR_ANY_OTHER
 * @cancellable: (nullable)
 * @callback: called in the main thread, with no source object
 * @data: for @callback
 *
 * Looks for the region in a worker thread.
 */
void     psp_pair_region_async  (PspMask              *truth,
                                 PspMask              *prediction,
                                 int                   truth_id,
                                 int                   prediction_id,
                                 GCancellable         *cancellable,
                                 GAsyncReadyCallback   callback,
                                 gpointer              data);

/* %FALSE with @error set, and @region untouched, if it was cancelled. */
gboolean psp_pair_region_finish (GAsyncResult         *result,
                                 PspPairRegion        *region,
                                 GError              **error);
