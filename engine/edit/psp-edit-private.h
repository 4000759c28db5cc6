/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-thread-pool.h"
#include "engine/edit/psp-edit.h"
#include "engine/edit/psp-region.h"

/* The runs of an accept: (skip, length, class) over all pixels of its mask in row order, as
 * psp_varint_append()'s numbers: @skip pixels that it leaves alone, then @length pixels of @class.
 * An ignored pixel has the class 65535 whatever the bit depth of the mask. */
#define PSP_EDIT_IGNORED 65535

/**
 * PspEditRun:
 * @start: the first pixel: y width + x
 * @length: at least 1; may go on in the next row
 * @class_id: what they become; %PSP_EDIT_IGNORED: ignored
 */
typedef struct
{
  guint64 start;
  guint32 length;
  guint16 class_id;
} PspEditRun;

/**
 * psp_edit_next_run:
 * @self: an accept
 * @cursor: (inout): where to read; %NULL: from the start
 * @run: (inout): the former run; the next one
 *
 * Returns: %FALSE behind the last run, or at one that is damaged or outside the mask: then @cursor
 *   is not at the end of the runs
 */
gboolean  psp_edit_next_run     (const PspEdit    *self,
                                 const guint8    **cursor,
                                 PspEditRun       *run);

/* (transfer full): an accept of the pixels of @mask in @region (nullable), of all without one. */
PspEdit  *psp_edit_new_accept   (const PspMask    *mask,
                                 const PspRegion  *region) G_GNUC_WARN_UNUSED_RESULT;

/* What the limits of psp_edit_new_stroke() make of a point and a radius. */
PspPoint  psp_edit_limit_point  (PspPoint          point);
double    psp_edit_limit_radius (double            radius);

/* (transfer full): the threads for work on @n_pixels; few are not worth several. */
PspThreadPool *psp_edit_new_threads (guint64       n_pixels) G_GNUC_WARN_UNUSED_RESULT;
