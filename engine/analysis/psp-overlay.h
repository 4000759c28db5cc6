/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-image.h"
#include "engine/core/psp-mask.h"
#include "engine/core/psp-taxonomy.h"
#include "engine/core/psp-tensor.h"

/* What is drawn over a photo, as pixels.  Pure functions of values; call them from any thread as
 * long as nobody writes the values meanwhile.
 *
 * A pixel is a guint32: 0xAARRGGBB, colours multiplied by alpha, in the byte order of the machine:
 * CAIRO_FORMAT_ARGB32 and GDK_MEMORY_DEFAULT.  Pictures are packed rows from the top. */

/**
 * PspOverlayKind:
 * @PSP_OVERLAY_NONE: nothing
 * @PSP_OVERLAY_LABELS: the colour of every pixel's class; ignored pixels are hatched
 * @PSP_OVERLAY_ERRORS: one strong colour where @labels differs from @truth; hatched where @truth is
 *   ignored; nothing where they agree.  Meant for a photo without colours
 * @PSP_OVERLAY_HEAT: one value a pixel, through the ramp of psp_overlay_fill_ramp()
 * @PSP_OVERLAY_CELLS: one value a cell of a grid, through the same ramp
 */
typedef enum
{
  PSP_OVERLAY_NONE,
  PSP_OVERLAY_LABELS,
  PSP_OVERLAY_ERRORS,
  PSP_OVERLAY_HEAT,
  PSP_OVERLAY_CELLS,
} PspOverlayKind;

/**
 * PspOverlay:
 * @kind: which of the following are looked at
 * @labels: (labels, errors): class ids
 * @truth: (errors): class ids, of the same size
 * @taxonomy: (labels): colours of the ids; ids that it lacks are black
 * @values: (heat): [height, width]; (cells): [rows, columns]
 * @cells: (cells) (array): where each value of @values lies on the photo; later ones cover earlier
 * @minimum: (heat, cells): the value at the lower end of the ramp
 * @maximum: the value at its upper end; what is not a number is transparent
 *
 * Borrowed values.
 */
typedef struct
{
  PspOverlayKind     kind;
  const PspMask     *labels;
  const PspMask     *truth;
  const PspTaxonomy *taxonomy;
  const PspTensor   *values;
  const PspRect     *cells;
  double             minimum;
  double             maximum;
} PspOverlay;

#define PSP_OVERLAY_RAMP_LENGTH 256

/* 0xRRGGBB of a pixel that the network got wrong. */
#define PSP_OVERLAY_ERROR_COLOR 0xff1a5e

/* @area of the photo, which must lie inside it, into @pixels (area.width × area.height). */
void psp_overlay_render_photo (const PspImage   *photo,
                               PspRect           area,
                               guint32          *pixels);

/* @area of what lies over the photo, at full opacity, into @pixels (area.width × area.height). */
void psp_overlay_render_layer (const PspOverlay *self,
                               PspRect           area,
                               guint32          *pixels);

/* The pixel of the hatch over what is ignored that lies at @x, @y; 0 between its lines. */
guint32 psp_overlay_get_hatch_line (int          x,
                                    int          y);

/**
 * psp_overlay_blend:
 * @pixels: (inout) (array length=n_pixels): opaque pixels of a photo
 * @layer: (array length=n_pixels): what lies over it
 * @n_pixels: how many
 * @opacity: of the layer, 0 to 1
 *
 * Lays @layer over @pixels, rounded to the nearest; with an opacity of 0 @pixels stay exactly.
 */
void psp_overlay_blend        (guint32          *pixels,
                               const guint32    *layer,
                               gsize             n_pixels,
                               double            opacity);

/* Takes the colours out: every channel becomes the luma of Rec. 601. */
void psp_overlay_desaturate   (guint32          *pixels,
                               gsize             n_pixels);

/**
 * psp_overlay_render:
 * @self: what lies over the photo
 * @photo: the photo; it loses its colours under %PSP_OVERLAY_ERRORS
 * @opacity: of what lies over it, 0 to 1
 * @area: the part to draw, inside the photo
 * @pixels: (out) (array): room for area.width × area.height
 *
 * The finished picture, one pixel for each of the photo.
 */
void psp_overlay_render       (const PspOverlay *self,
                               const PspImage   *photo,
                               double            opacity,
                               PspRect           area,
                               guint32          *pixels);

/**
 * psp_overlay_fill_ramp:
 * @ramp: (out): opaque pixels
 *
 * The colours of heat maps: from dark violet over blue and green to light yellow.  Lightness grows
 * evenly in Oklab (B. Ottosson, “A perceptual color space for image processing”, 2020), so that it
 * reads the same in grey and for most colour-blind eyes.
 */
void psp_overlay_fill_ramp    (guint32           ramp[PSP_OVERLAY_RAMP_LENGTH]);
