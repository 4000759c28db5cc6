/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-model.h"
#include "engine/run/psp-resized-photo.h"

#define PSP_PROTOCOL_MAX_SCALES 32

/* How a photo is put through the network, named after whose evaluation it is. */
typedef enum
{
  PSP_PROTOCOL_WHOLE,                /* pad right and bottom with the mean to a size that fits */
  PSP_PROTOCOL_SLIDE,                /* of the official release: scales and overlapping windows */
  PSP_PROTOCOL_MSEG,                 /* the same, the base being the shorter side */
  PSP_PROTOCOL_CAFFE,                /* of the original release, in MATLAB */
  PSP_PROTOCOL_MMSEGMENTATION_WHOLE,
  PSP_PROTOCOL_MMSEGMENTATION_SLIDE,
  PSP_PROTOCOL_CSAIL,
  PSP_PROTOCOL_GLUONCV,
  PSP_PROTOCOL_FAMILY,               /* what the model's project does; psp_protocol_resolve() */
} PspProtocol;

#define PSP_N_PROTOCOLS PSP_PROTOCOL_FAMILY

/* What the base, times the scale, is. */
typedef enum
{
  PSP_SCALE_LONGER,          /* the longer side; rounding half to even */
  PSP_SCALE_SHORTER,         /* the shorter side; rounding half to even */
  PSP_SCALE_LONGER_AND_ONE,  /* the longer side less 1; half away from zero, in 32 bits */
  PSP_SCALE_LONGER_UP,       /* the longer side, rounded up; the other by half up */
  PSP_SCALE_WITHIN,          /* the most that the shorter side may have; the longer one may have
                                four times that, twice with 19 classes; one more each where the
                                model aligns corners */
  PSP_SCALE_FITTED,          /* the shorter side, the longer at most 1000; each side then rounded
                                up to what the network takes */
} PspScaleRule;

typedef enum
{
  PSP_TILES_NONE,   /* the whole scaled photo */
  PSP_TILES_END,    /* stride ceil (2/3 crop); the last window ends with the photo */
  PSP_TILES_SMALL,  /* the same; where the photo is smaller than a window, so is the window */
  PSP_TILES_BEYOND, /* stride floor (2/3 crop); the last window may end behind the photo */
} PspTileRule;

/* What is around a photo that is smaller than a window. */
typedef enum
{
  PSP_PADDING_CENTRED, /* the mean on all sides */
  PSP_PADDING_BEHIND,  /* the mean on the right and at the bottom */
  PSP_PADDING_BLACK,   /* black there */
} PspPaddingRule;

/* How windows, mirror images and scales become one. */
typedef enum
{
  PSP_FUSION_PROBABILITIES, /* the mean of softmax over mirror images, windows and scales */
  PSP_FUSION_SUMMED,        /* softmax of the sum of a window's logits and its mirror image's; the
                               mean over windows; resized, to a sum of 1; the mean over scales */
  PSP_FUSION_EXPONENTIALS,  /* exp of that sum; the mean over windows; resized; summed up */
  PSP_FUSION_LOGITS,        /* the mean of logits over windows; resized; the mean of softmax over
                               scales and mirror images of the whole photo */
} PspFusionRule;

/**
 * PspProtocolRules:
 * @name: as --protocol takes it
 * @scale: what the base is
 * @photo: how the photo is resized
 * @tiles: how windows are placed on it
 * @padding: what is around it
 * @fusion: how results become one
 * @result: how results are resized to the photo
 * @result_as_model: whether by aligned corners where the model does so
 * @direct: whether logits are enlarged at once to the photo's size
 * @flip: whether the project uses mirror images
 * @base: usual one; and with 19 classes, which mean Cityscapes
 * @crop: the same of the side of a window
 * @n_scales: how many of @scales there are
 * @scales: usual ones
 *
 * A test protocol, as one row of a table.
 */
typedef struct
{
  const char     *name;
  PspScaleRule    scale;
  PspPhotoFilter  photo;
  PspTileRule     tiles;
  PspPaddingRule  padding;
  PspFusionRule   fusion;
  PspFilterKind   result;
  gboolean        result_as_model;
  gboolean        direct;
  gboolean        flip;
  int             base[2];
  int             crop[2];
  int             n_scales;
  double          scales[8];
} PspProtocolRules;

/* The row of @protocol, which is not %PSP_PROTOCOL_FAMILY.  That of `whole` has a name only: it is
 * one pass (psp-runner.c). */
const PspProtocolRules *psp_protocol_get_rules (PspProtocol           protocol);

/* Finds a protocol by its name; “auto” is %PSP_PROTOCOL_FAMILY.  Returns whether there is one. */
gboolean                psp_protocol_find      (const char           *name,
                                                PspProtocol          *protocol);

/* (transfer full): all names for messages: “auto, whole, slide, …”. */
char                   *psp_protocol_list      (void) G_GNUC_WARN_UNUSED_RESULT;

/* What %PSP_PROTOCOL_FAMILY means for a model: the protocol of its project's evaluation; `whole`
 * for the official PyTorch release and for projects without one.  Others mean themselves. */
PspProtocol             psp_protocol_resolve   (PspProtocol           protocol,
                                                const PspModelFacts  *facts);

/* What @protocol adds to class ids in the PNGs that its project writes: 1 for the original release
 * with the 150 classes of ADE20K, where 0 is “other”; 0 for all others. */
int                     psp_protocol_id_offset (PspProtocol           protocol,
                                                const PspModelFacts  *facts);

/**
 * psp_protocol_scale_size:
 * @self: rules
 * @size: of the photo
 * @scale: above 0
 * @base: in pixels
 * @facts: of the model
 *
 * Returns: the size of the scaled photo, at least 1 x 1
 */
PspSize                 psp_protocol_scale_size (const PspProtocolRules *self,
                                                 PspSize                 size,
                                                 double                  scale,
                                                 int                     base,
                                                 const PspModelFacts    *facts);
