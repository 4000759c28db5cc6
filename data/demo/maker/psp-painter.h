/* SPDX-License-Identifier: MIT */
#pragma once

#include <cairo.h>
#include <glib.h>

#include "data/demo/maker/psp-light.h"
#include "data/demo/maker/psp-paint.h"
#include "data/demo/maker/psp-space.h"

/* The classes, in the order of CamVid's usual eleven. */
typedef enum
{
  PSP_CLASS_SKY,
  PSP_CLASS_BUILDING,
  PSP_CLASS_POLE,
  PSP_CLASS_ROAD,
  PSP_CLASS_PAVEMENT,
  PSP_CLASS_TREE,
  PSP_CLASS_SIGN,
  PSP_CLASS_FENCE,
  PSP_CLASS_CAR,
  PSP_CLASS_PEDESTRIAN,
  PSP_CLASS_BICYCLIST,
  PSP_CLASS_IGNORED = 255,
  PSP_CLASS_KEEP = 256,      /* paint only: what is seen stays what it was */
} PspClassId;

/**
 * PspPainter:
 *
 * Draws shapes on planes in the street.  Each shape goes with one path into the photo and into
 * the label raster, so that what is seen and what is true cannot differ: the photo takes the
 * pixels that the path covers by their covered share, the label raster takes those whose centre
 * is inside.  What is drawn later is in front.
 */
typedef struct _PspPainter PspPainter;

PspPainter      *psp_painter_new           (int              width,
                                            int              height,
                                            const PspCamera *camera,
                                            const PspLight  *light);
void             psp_painter_free          (PspPainter      *self);

/* The camera, or the mirrored one between begin_mirror() and end_mirror(). */
const PspCamera *psp_painter_get_camera    (PspPainter      *self);
const PspLight  *psp_painter_get_light     (PspPainter      *self);
int              psp_painter_get_width     (PspPainter      *self);
int              psp_painter_get_height    (PspPainter      *self);

/* (transfer none): three amounts of linear light per pixel, rows from the top. */
float           *psp_painter_get_photo     (PspPainter      *self);

/* (transfer none): class ids, rows of psp_painter_get_width() from the top. */
const guint8    *psp_painter_get_labels    (PspPainter      *self);

/* The plane of all shapes until the next call. */
void             psp_painter_set_plane     (PspPainter      *self,
                                            PspPlane         plane);

/* The path: pieces in metres on the plane, filled together (non-zero winding) by fill(). */
void             psp_painter_move_to       (PspPainter      *self,
                                            double           u,
                                            double           v);
void             psp_painter_line_to       (PspPainter      *self,
                                            double           u,
                                            double           v);
/* A closed piece through @n_points places given as u, v, u, v … */
void             psp_painter_polygon       (PspPainter      *self,
                                            const double    *places,
                                            int              n_points);
void             psp_painter_rectangle     (PspPainter      *self,
                                            double           u,
                                            double           v,
                                            double           width,
                                            double           height);
void             psp_painter_ellipse       (PspPainter      *self,
                                            double           u,
                                            double           v,
                                            double           radius_u,
                                            double           radius_v);
/* A straight limb with round ends. */
void             psp_painter_limb          (PspPainter      *self,
                                            double           u0,
                                            double           v0,
                                            double           radius0,
                                            double           u1,
                                            double           v1,
                                            double           radius1);
/* A blob with @n_points bumps, the radius uneven by the share @roughness. */
void             psp_painter_blob          (PspPainter      *self,
                                            GRand           *rand,
                                            double           u,
                                            double           v,
                                            double           radius,
                                            double           roughness);

/* Fills the path with @paint as a thing of class @id, and forgets the path. */
void             psp_painter_fill          (PspPainter      *self,
                                            PspClassId       id,
                                            const PspPaint  *paint);

/* Fills the path with a shadow of the share @darkness; no class changes. */
void             psp_painter_shade         (PspPainter      *self,
                                            double           darkness);

/* Adds the path to the shadow that drop_shadows() lays over all that was drawn so far. */
void             psp_painter_add_shadow    (PspPainter      *self);
void             psp_painter_drop_shadows  (PspPainter      *self);

/* Until end_class(): everything is of class @id, whatever it is drawn as. */
void             psp_painter_begin_class   (PspPainter      *self,
                                            PspClassId       id);
void             psp_painter_end_class     (PspPainter      *self);

/**
 * psp_painter_begin_mirror:
 * @normal: of the current plane
 * @id: class of the mirror, and so of everything seen in it
 * @transparency: share of the mirror's own surface in what is seen
 *
 * Makes the path a mirror on the current plane and forgets the path: until end_mirror(), what is
 * drawn is drawn as its mirror image, inside the path only.
 */
void             psp_painter_begin_mirror  (PspPainter      *self,
                                            PspVec           normal,
                                            PspClassId       id,
                                            double           transparency);
void             psp_painter_end_mirror    (PspPainter      *self);

/* Between these, the pixels that fill() touches are measured; end gives their bounds. */
void             psp_painter_begin_bounds  (PspPainter            *self);
void             psp_painter_end_bounds    (PspPainter            *self,
                                            cairo_rectangle_int_t *bounds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspPainter, psp_painter_free)
