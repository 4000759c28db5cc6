/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

/**
 * PspPixmap:
 *
 * A picture of the photo's size that panes put on the screen at any size: the photo itself, or what
 * lies over it.  Made of values when it is asked for; only its smaller sizes are kept, from the
 * first time that one of them is needed.  For a large picture these are made in a worker thread.
 * Main thread only.
 *
 * Signal “changed”: it looks different now, or has become ready.
 */
#define PSP_TYPE_PIXMAP (psp_pixmap_get_type ())
G_DECLARE_FINAL_TYPE (PspPixmap, psp_pixmap, PSP, PIXMAP, GObject)

PspPixmap   *psp_pixmap_new_photo    (PspImage         *photo) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_pixmap_new_overlay:
 * @size: of the photo that it lies over
 * @overlay: what to draw; the pixmap takes references of what it names, and copies the cells
 *
 * If the labels change under the pixmap, as those of a scene do, the caller says so with
 * psp_pixmap_invalidate().
 *
 * Returns: (transfer full): a pixmap
 */
PspPixmap   *psp_pixmap_new_overlay  (PspSize           size,
                                    const PspOverlay *overlay) G_GNUC_WARN_UNUSED_RESULT;

PspSize     psp_pixmap_get_size     (PspPixmap         *self);

/* (transfer none) (nullable): the labels that it draws. */
const PspMask *psp_pixmap_get_labels (PspPixmap       *self);

/* The values changed inside @area, in image pixels. */
void        psp_pixmap_invalidate   (PspPixmap         *self,
                                    PspRect           area);

/**
 * psp_pixmap_read:
 * @self: a pixmap
 * @level: how often the size is halved; 0: the size of the photo
 * @area: in pixels of that level
 * @pixels: (out) (array): room for area.width × area.height pixels as in psp-overlay.h
 *
 * Returns: whether they are there already; if not, “changed” will tell, unless
 *   psp_pixmap_get_problem() says that they never will be
 */
gboolean    psp_pixmap_read         (PspPixmap         *self,
                                    int               level,
                                    PspRect           area,
                                    guint32          *pixels);

/* The size of a level, in pixels: half of the one below, rounded up. */
PspSize     psp_pixmap_get_level_size (PspPixmap       *self,
                                      int             level);

/* (nullable): why it cannot be drawn small. */
const char *psp_pixmap_get_problem  (PspPixmap         *self);
