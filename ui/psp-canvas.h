/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"
#include "ui/psp-pixmap.h"
#include "ui/psp-tool.h"
#include "ui/psp-viewport.h"

/**
 * PspCanvas:
 *
 * What all panes share: the scene, the view of it, the tool in hand and what it is about to do.
 * Not a widget: panes, tool bar and readouts show it, keys and pointer drive it.  Main thread only.
 *
 * Properties (all notify, all writable unless said otherwise):
 *  “scene” (PspScene, nullable), “viewport” (PspViewport, read only),
 *  “problem” (string, nullable: why there is no scene, for people),
 *  “prediction-problem” (string, nullable: why the scene has no prediction, if it has none),
 *  “overlay-opacity” (double, 0 to 1), “outlines” (boolean: a line between classes),
 *  “bare” (boolean: nothing but the photo in every pane),
 *  “hand” (boolean: a drag moves the view, whatever the tool),
 *  “tool” (PspTool), “class-id” (int), “radius” (double, image pixels, 0.5 to 500),
 *  “favorites” (string: the class ids of the keys 1 to 9, separated by commas).
 *
 * Signal “sketch-changed”: the corners of the polygon under way changed.
 * Signal “put-down”: a tool is about to change the mask or the polygon under way.
 */
#define PSP_TYPE_CANVAS (psp_canvas_get_type ())
G_DECLARE_FINAL_TYPE (PspCanvas, psp_canvas, PSP, CANVAS, GObject)

#define PSP_CANVAS_MIN_RADIUS 0.5
#define PSP_CANVAS_MAX_RADIUS 500.0
#define PSP_CANVAS_N_FAVORITES 9

PspCanvas      *psp_canvas_new                 (void) G_GNUC_WARN_UNUSED_RESULT;

/* A stroke or polygon under way in the former scene is taken back. */
void            psp_canvas_set_scene           (PspCanvas  *self,
                                                PspScene   *scene);
PspScene       *psp_canvas_get_scene           (PspCanvas  *self);

/* (nullable): why there is no scene; panes say it. */
void            psp_canvas_set_problem         (PspCanvas  *self,
                                                const char *problem);
const char     *psp_canvas_get_problem         (PspCanvas  *self);

/* (nullable): why the scene has no prediction; said where one would be. */
void            psp_canvas_set_prediction_problem (PspCanvas  *self,
                                                   const char *problem);
const char     *psp_canvas_get_prediction_problem (PspCanvas  *self);

/* (transfer none): the same object for the life of the canvas. */
PspViewport    *psp_canvas_get_viewport        (PspCanvas  *self);

/* (transfer none) (nullable): the photo of the scene, for all panes. */
PspPixmap       *psp_canvas_get_photo           (PspCanvas  *self);

void            psp_canvas_set_overlay_opacity (PspCanvas  *self,
                                                double      opacity);
double          psp_canvas_get_overlay_opacity (PspCanvas  *self);
void            psp_canvas_set_outlines        (PspCanvas  *self,
                                                gboolean    outlines);
gboolean        psp_canvas_get_outlines        (PspCanvas  *self);
void            psp_canvas_set_bare            (PspCanvas  *self,
                                                gboolean    bare);
gboolean        psp_canvas_get_bare            (PspCanvas  *self);
void            psp_canvas_set_hand            (PspCanvas  *self,
                                                gboolean    hand);
gboolean        psp_canvas_get_hand            (PspCanvas  *self);

/* Whether keys moved the crosshair last, and not the pointer: then it stays where it is when the
 * view moves under the pointer. */
void            psp_canvas_set_by_keys         (PspCanvas  *self,
                                                gboolean    by_keys);
gboolean        psp_canvas_get_by_keys         (PspCanvas  *self);

void            psp_canvas_set_tool            (PspCanvas  *self,
                                                PspTool     tool);
PspTool         psp_canvas_get_tool            (PspCanvas  *self);
/* The class to paint; no change for one that the scene's taxonomy lacks. */
void            psp_canvas_set_class_id        (PspCanvas  *self,
                                                int         class_id);
int             psp_canvas_get_class_id        (PspCanvas  *self);
void            psp_canvas_set_radius          (PspCanvas  *self,
                                                double      radius);
double          psp_canvas_get_radius          (PspCanvas  *self);

/* The next radius of a scale whose steps grow with it: 0.5, 1, 1.5, 2, 3 … */
void            psp_canvas_step_radius         (PspCanvas  *self,
                                                int         n_steps);

/* The class of a key, 0 to 8; -1: none. */
int             psp_canvas_get_favorite        (PspCanvas  *self,
                                                int         key);
void            psp_canvas_set_favorite        (PspCanvas  *self,
                                                int         key,
                                                int         class_id);

/**
 * psp_canvas_begin:
 * @self: a canvas
 * @image: where, in image pixels; pixel (0, 0) covers 0 to 1 on both axes
 *
 * Puts the tool down: starts a stroke, fills, or sets a corner.  Nothing without a scene.
 * psp_canvas_extend() goes on with a stroke and psp_canvas_end() makes an undo step of it.
 */
void            psp_canvas_begin               (PspCanvas  *self,
                                                PspPoint    image);
void            psp_canvas_extend              (PspCanvas  *self,
                                                PspPoint    image);
void            psp_canvas_end                 (PspCanvas  *self);
gboolean        psp_canvas_is_painting         (PspCanvas  *self);

/* Takes back the stroke or polygon under way; %FALSE if there is none. */
gboolean        psp_canvas_cancel              (PspCanvas  *self);

/* (array length=n_corners) (nullable): the corners of the polygon under way, in image pixels. */
const PspPoint *psp_canvas_get_corners         (PspCanvas  *self,
                                                int        *n_corners);

/* Takes back the corner that was set last; %FALSE if there is none. */
gboolean        psp_canvas_remove_corner       (PspCanvas  *self);

/* Fills the polygon under way, if it has three corners. */
void            psp_canvas_finish_polygon      (PspCanvas  *self);

/* Takes the class of the edited mask under @image; no change where it is ignored. */
void            psp_canvas_pick                (PspCanvas  *self,
                                                PspPoint    image);

typedef enum
{
  PSP_CANVAS_ACCEPT_REGION, /* the region of equal predicted class around a pixel */
  PSP_CANVAS_ACCEPT_ALL,    /* the whole image */
} PspCanvasAccept;

/* Takes the prediction over into the edited mask, as one undo step.  Nothing without one. */
void            psp_canvas_accept              (PspCanvas       *self,
                                                PspCanvasAccept  what,
                                                PspPoint         image);
