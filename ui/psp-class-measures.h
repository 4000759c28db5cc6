/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-class-entry.h"

#include <gio/gio.h>

/**
 * psp_class_measures_async:
 * @n_classes: how many classes there are
 * @truth: (nullable): the label of an image
 * @prediction: (nullable): what the network says of it, of the same size
 * @cancellable: (nullable)
 * @callback: called in the main thread, with no source object
 * @data: for @callback
 *
 * Counts the pixels of every class in a worker thread.
 */
void              psp_class_measures_async  (int                   n_classes,
                                             PspMask              *truth,
                                             PspMask              *prediction,
                                             GCancellable         *cancellable,
                                             GAsyncReadyCallback   callback,
                                             gpointer              data);

/* (transfer full) (array length=n_classes): by class id, or %NULL with @error set. */
PspClassMeasures *psp_class_measures_finish (GAsyncResult         *result,
                                             GError              **error) G_GNUC_WARN_UNUSED_RESULT;
