/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"

#include <gio/gio.h>

/**
 * PspMipmap:
 *
 * A picture in smaller sizes, so that a large image can be drawn small at once and without flicker:
 * level 1 has half its width and height, level 2 a quarter, and so on down to one pixel. Every
 * pixel is the mean of the four of the level below that it covers, or of those that are there at an
 * odd edge, so pixel (x, y) of level n covers the picture from x 2^n to (x + 1) 2^n.  Level 0, the
 * picture itself, is not kept.  Pixels are those of psp-overlay.h.
 *
 * Reference-counted.  Read it from any thread while nobody updates it.
 */
typedef struct _PspMipmap PspMipmap;

/* Writes @area of the picture to @pixels (area.width × area.height). */
typedef void (*PspMipmapSource) (gpointer  data,
                                 PspRect   area,
                                 guint32  *pixels);

/**
 * psp_mipmap_new:
 * @size: of the picture, at least 1 × 1
 * @source: (scope call): asked for every part of the picture once
 * @data: for @source
 * @cancellable: (nullable): looked at every few rows
 * @error: %PSP_ERROR_NO_MEMORY or %G_IO_ERROR_CANCELLED
 *
 * Takes a third of the picture's own memory.
 *
 * Returns: (transfer full): all levels, or %NULL with @error set
 */
PspMipmap *psp_mipmap_new          (PspSize           size,
                                    PspMipmapSource   source,
                                    gpointer          data,
                                    GCancellable     *cancellable,
                                    GError          **error) G_GNUC_WARN_UNUSED_RESULT;
void       psp_mipmap_unref        (PspMipmap        *self);

/* Level 0 included: 1 for a picture of one pixel. */
int        psp_mipmap_get_n_levels (const PspMipmap  *self);
PspSize    psp_mipmap_get_size     (const PspMipmap  *self,
                                    int               level);

/* Makes the levels follow the picture, which changed inside @area. */
void       psp_mipmap_update       (PspMipmap        *self,
                                    PspRect           area,
                                    PspMipmapSource   source,
                                    gpointer          data);

/**
 * psp_mipmap_read:
 * @self: a mipmap
 * @level: 1 or more
 * @area: in pixels of the level, inside it
 * @pixels: (out) (array): room for area.width × area.height
 */
void       psp_mipmap_read         (const PspMipmap  *self,
                                    int               level,
                                    PspRect           area,
                                    guint32          *pixels);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspMipmap, psp_mipmap_unref)
