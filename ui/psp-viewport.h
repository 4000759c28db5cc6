/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

/* Device pixels for one image pixel: 6400 %. */
#define PSP_VIEWPORT_MAX_ZOOM 64.0

/**
 * PspViewport:
 *
 * The one view of the image that all panes share.
 *
 * Lengths on a pane are device pixels here, never the logical ones of GTK: a pane multiplies what
 * it hears from GTK by its scale factor.  So a zoom of 1 shows every image pixel on exactly one
 * pixel of the screen, also at scale 2.
 *
 * “zoom” holds for the pane whose size is “pane-size”.  Another pane shows the same part of the
 * image, smaller or larger in proportion (psp_viewport_get_transform()).
 *
 * Until somebody zooms or moves it, and after psp_viewport_fit(), the view keeps the whole image in
 * the pane whatever their sizes become.
 *
 * Properties, read only: “zoom” (double) and “fitting” (boolean), both notify.
 *
 * Signals, once for each call below that made a difference: “changed”: some transform is another;
 * “crosshair-moved”: the crosshair is elsewhere, or came, or went.
 */
#define PSP_TYPE_VIEWPORT (psp_viewport_get_type ())
G_DECLARE_FINAL_TYPE (PspViewport, psp_viewport, PSP, VIEWPORT, GObject)

/**
 * PspTransform:
 * @scale: device pixels of the pane for one image pixel
 * @x: where the left edge of the image lies on the pane, in device pixels
 * @y: where its upper edge lies
 *
 * pane = image @scale + (@x, @y).  @x and @y are whole numbers, so that the pixels of an image at
 * a whole @scale lie on those of the screen.
 */
typedef struct
{
  double scale;
  double x;
  double y;
} PspTransform;

PspPoint      psp_transform_to_pane          (const PspTransform *self,
                                              PspPoint            image);
PspPoint      psp_transform_to_image         (const PspTransform *self,
                                              PspPoint            pane);

PspViewport  *psp_viewport_new               (void) G_GNUC_WARN_UNUSED_RESULT;

/* The image; 0 x 0: none.  Zoom and place stay unless the view fits the image to the pane. */
void          psp_viewport_set_image_size    (PspViewport        *self,
                                              PspSize             size);
PspSize       psp_viewport_get_image_size    (PspViewport        *self);

/* The pane that “zoom” is about, in device pixels. */
void          psp_viewport_set_pane_size     (PspViewport        *self,
                                              PspSize             size);
PspSize       psp_viewport_get_pane_size     (PspViewport        *self);

double        psp_viewport_get_zoom          (PspViewport        *self);
PspPoint      psp_viewport_get_center        (PspViewport        *self);
gboolean      psp_viewport_get_fitting       (PspViewport        *self);

/* The whole image as large as it fits. */
void          psp_viewport_fit               (PspViewport        *self);

/**
 * psp_viewport_zoom_to:
 * @self: a viewport
 * @zoom: wanted; kept between the smaller of “fit” and 1, and %PSP_VIEWPORT_MAX_ZOOM
 * @image: what stays where it is on every pane, in image pixels
 *
 * Zooming in is exact wherever @image lies in the image; zooming out far moves the image back to
 * the middle.
 */
void          psp_viewport_zoom_to           (PspViewport        *self,
                                              double              zoom,
                                              PspPoint            image);

/* As psp_viewport_zoom_to(), by @n_steps of the row … 1/2, 3/4, 1, 3/2, 2, 3, 4, 6, 8 …: from 2 on
 * every image pixel is equally large on the screen. */
void          psp_viewport_zoom_step         (PspViewport        *self,
                                              int                 n_steps,
                                              PspPoint            image);

/* Moves what is seen by @offset image pixels; the image stays near the middle of the pane the more
 * of it is visible, so that it cannot be lost. */
void          psp_viewport_pan               (PspViewport        *self,
                                              PspPoint            offset);

/* Moves no more than needed to bring @image into the pane that “zoom” is about. */
void          psp_viewport_reveal            (PspViewport        *self,
                                              PspPoint            image);

/* How a pane of @pane_size device pixels shows the image. */
PspTransform  psp_viewport_get_transform     (PspViewport        *self,
                                              PspSize             pane_size);

/* The position under the pointer, in all panes; one outside the image takes the crosshair away. */
void          psp_viewport_set_crosshair     (PspViewport        *self,
                                              PspPoint            image);
void          psp_viewport_clear_crosshair   (PspViewport        *self);

/* Whether there is one; @image (nullable) is where, in image pixels. */
gboolean      psp_viewport_get_crosshair     (PspViewport        *self,
                                              PspPoint           *image);
