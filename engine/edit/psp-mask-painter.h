/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/edit/psp-class-set.h"
#include "engine/edit/psp-edit.h"
#include "engine/edit/psp-mask-delta.h"

/**
 * PspMaskPainter:
 * @mask: what is painted on
 * @recorder: of @mask; told before every change
 * @source: (nullable): where the pixels come from; %NULL: they all become @class_id
 * @class_id: what is painted without a source
 * @locked: (nullable): classes whose pixels stay as they are
 * @changed: the rectangle that changed so far
 *
 * How an edit writes pixels.  Borrows everything.
 */
typedef struct
{
  PspMask           *mask;
  PspDeltaRecorder  *recorder;
  const PspMask     *source;
  guint16            class_id;
  const PspClassSet *locked;
  PspRect            changed;
} PspMaskPainter;

/* A #PspSpanFunc whose data is the painter. */
void psp_mask_painter_span    (int               y,
                               int               start,
                               int               end,
                               gpointer          data);

/* One piece of a stroke. */
void psp_mask_painter_segment (PspMaskPainter   *self,
                               PspPoint          from,
                               PspPoint          to,
                               double            radius);

/* All of @edit, which fits the mask and is no mark of a journal.  Takes nothing but the shape from
 * it, and the pixels of an accept. */
void psp_mask_painter_edit    (PspMaskPainter   *self,
                               const PspEdit    *edit);
