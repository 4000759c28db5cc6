/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-pixmap.h"
#include "ui/psp-viewport.h"

#include <gdk/gdk.h>

/**
 * PspPicture:
 * @photo: what lies below
 * @layer: (nullable): what lies above
 * @opacity: of @layer, 0 to 1
 * @gray: whether the photo loses its colours
 * @hatched: (nullable): a mask; its ignored pixels are hatched on the screen where they are so
 *   small that the hatch of @layer is gone
 * @outlines: (nullable): a mask; a line is drawn where its classes meet, if image pixels are at
 *   least twice as wide as the line
 * @outline_width: of that line, in device pixels
 * @transform: where the image lies on the pane
 * @pane: the size of the pane, in device pixels
 *
 * All that decides what the pixels of a pane look like.
 */
typedef struct
{
  PspPixmap      *photo;
  PspPixmap      *layer;
  double         opacity;
  gboolean       gray;
  const PspMask *hatched;
  const PspMask *outlines;
  int            outline_width;
  PspTransform   transform;
  PspSize        pane;
} PspPicture;

/**
 * psp_picture_render:
 * @self: what to draw
 * @place: (out): what the texture covers, in device pixels of the pane; empty if the image is not
 *   in sight
 *
 * Draws what is in sight for the very pixels of the screen, so that no renderer interpolates: from
 * twice the size on, and at whole scales, every image pixel is one rectangle of its colour; below,
 * the picture is smooth.  The time it takes depends on the pane and not on the image.
 *
 * Returns: (transfer full) (nullable): %NULL if nothing is in sight or a layer is not ready
 */
GdkTexture *psp_picture_render (const PspPicture *self,
                                PspRect          *place) G_GNUC_WARN_UNUSED_RESULT;
