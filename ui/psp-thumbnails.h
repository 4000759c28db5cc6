/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspThumbnails:
 *
 * Small pictures of the images, loaded in worker threads; the last few hundred are kept, so that
 * rows that come back are drawn at once.  Main thread only.
 */
#define PSP_TYPE_THUMBNAILS (psp_thumbnails_get_type ())
G_DECLARE_FINAL_TYPE (PspThumbnails, psp_thumbnails, PSP, THUMBNAILS, GObject)

PspThumbnails *psp_thumbnails_new         (void) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none) (nullable): the picture, if it is at hand. */
GdkTexture    *psp_thumbnails_peek        (PspThumbnails        *self,
                                           PspProjectItem       *item,
                                           int                   longest_side);

/**
 * psp_thumbnails_load_async:
 * @self: the thumbnails
 * @item: an image
 * @longest_side: in device pixels
 * @cancellable: (nullable)
 * @callback: called in the main thread
 * @data: for @callback
 *
 * Loads what psp_thumbnails_peek() did not have.
 */
void           psp_thumbnails_load_async  (PspThumbnails        *self,
                                           PspProjectItem       *item,
                                           int                   longest_side,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              data);
GdkTexture    *psp_thumbnails_load_finish (PspThumbnails        *self,
                                           GAsyncResult         *result,
                                           GError              **error) G_GNUC_WARN_UNUSED_RESULT;
