/* SPDX-License-Identifier: MIT */
#pragma once

#include "data/demo/maker/psp-street.h"
#include "data/demo/maker/psp-thing.h"
#include "data/demo/maker/psp-weather.h"

typedef enum
{
  PSP_HARD_NONE,
  PSP_HARD_PAINTED_CAR,       /* on a wall: truth is Building */
  PSP_HARD_REFLECTION,        /* in a puddle or a shop window: Road or Building */
  PSP_HARD_PLANKS,            /* half of a plank front is a fence, half is the building */
  PSP_HARD_THIN,              /* thin poles and small signs, some far away */
  PSP_HARD_N_KINDS,
} PspHardKind;

/**
 * PspHardCase:
 * @bounds: the pixels that it may touch; what stands in front may hide some
 *
 * Something planted that a network is likely to get wrong.
 */
typedef struct
{
  PspHardKind           kind;
  cairo_rectangle_int_t bounds;
} PspHardCase;

/**
 * PspScene:
 * @camera: where the photo is taken from
 * @backdrop: (element-type PspThing): all that stands beside the street
 * @things: (element-type PspThing): all that stands in it, so never behind @backdrop
 * @hard_things: (element-type PspThing): planted on the backdrop, in front of it
 * @hard_cases: (element-type PspHardCase): filled by psp_scene_draw()
 */
typedef struct
{
  PspStreet   street;
  PspWeather  weather;
  PspCamera   camera;
  GArray     *backdrop, *things, *hard_things, *hard_cases;
  PspHardKind hard;
  guint32     seed;
} PspScene;

/**
 * psp_scene_new:
 * @seed: of everything about it
 * @width: of the photo in pixels
 * @height: of the photo in pixels
 * @hard_share: chance, 0 to 1, that something hard is planted; what else the scene holds does
 *   not depend on it
 */
PspScene   *psp_scene_new           (guint32          seed,
                                     int              width,
                                     int              height,
                                     double           hard_share);
void        psp_scene_free          (PspScene        *self);

/* Draws all of it. */
void        psp_scene_draw          (PspScene        *self,
                                     PspPainter      *painter);

const char *psp_hard_kind_get_name  (PspHardKind      kind);

/* Adds a thing; the frame's origin is at (@x, @z) and looks @heading radians to the right of z. */
void        psp_scene_add           (GArray          *things,
                                     double           x,
                                     double           z,
                                     double           heading,
                                     const PspThing  *thing);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspScene, psp_scene_free)
