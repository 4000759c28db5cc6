/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-mask.h"

/* In place of a class: every pixel gets back what the original label has there, or becomes ignored
 * where there is no original.  A stroke of it is the eraser. */
#define PSP_EDIT_ORIGINAL (-1)

/* The thinnest and the thickest brush, in image pixels. */
#define PSP_EDIT_MIN_RADIUS 0.5
#define PSP_EDIT_MAX_RADIUS 32767.0

/* How far from the image's corner a point may be, in image pixels: farther ones are moved there. */
#define PSP_EDIT_MAX_COORDINATE 1e6

/* The most points of one edit; a stroke that grows longer ends there. */
#define PSP_EDIT_MAX_POINTS (1 << 20)

/**
 * PspEditKind:
 * @PSP_EDIT_STROKE: a round brush drawn through points
 * @PSP_EDIT_FILL: the connected pixels of one class around a point
 * @PSP_EDIT_POLYGON: the inside of a polygon
 * @PSP_EDIT_ACCEPT: pixels taken from another mask
 * @PSP_EDIT_REVERT: everything back to the original label
 * @PSP_EDIT_UNDO: in a journal: takes the last edit that is in force back
 * @PSP_EDIT_REDO: in a journal: brings back what the last %PSP_EDIT_UNDO took
 */
typedef enum
{
  PSP_EDIT_STROKE,
  PSP_EDIT_FILL,
  PSP_EDIT_POLYGON,
  PSP_EDIT_ACCEPT,
  PSP_EDIT_REVERT,
  PSP_EDIT_UNDO,
  PSP_EDIT_REDO,
} PspEditKind;

/**
 * PspEdit:
 * @kind: the tool
 * @class_id: what is written: 0 to 65535, or %PSP_EDIT_ORIGINAL
 * @radius: of a stroke, in image pixels
 * @points: of a stroke or polygon; a fill has one; image pixels, pixel (0, 0) covers 0 to 1 on
 *   both axes
 * @n_points: the number of @points
 * @locked: (array length=n_locked): ascending ids of the classes whose pixels stay as they are
 * @n_locked: the number of @locked
 * @size: of the mask that an accept was taken from; the mask it is applied to has the same
 * @runs: (nullable): the pixels of an accept, run-length coded (psp-edit.c says how)
 *
 * One correction of a label mask, as a value.  Applied to equal masks it gives equal masks: it
 * depends neither on the zoom nor on a model.  Immutable; reference-counted from any thread.
 *
 * Which pixels it covers, always clipped to the mask:
 *
 * - stroke: those whose centre is at most @radius away from a segment between consecutive points
 *   (or from the only point), and those that hold one of the points, so that the thinnest brush
 *   never misses;
 * - fill: those reachable from the pixel that holds the point over pixels of its class, by
 *   left, right, up and down; none if the point is outside;
 * - polygon: those whose centre is inside by the even-odd rule, with the last point joined to the
 *   first; a centre on an edge belongs to the side right of it (below it, for a horizontal edge),
 *   so that polygons that share an edge neither overlap nor leave a gap;
 * - accept: those that were chosen when it was made;
 * - revert: all.
 *
 * Pixels of @locked classes never change.
 */
typedef struct
{
  PspEditKind  kind;
  int          class_id;
  double       radius;
  PspPoint    *points;
  gsize        n_points;
  guint16     *locked;
  gsize        n_locked;
  PspSize      size;
  GBytes      *runs;

  /*< private >*/
  gatomicrefcount ref_count;
} PspEdit;

/**
 * psp_edit_new_stroke:
 * @class_id: 0 to 65535, or %PSP_EDIT_ORIGINAL for the eraser
 * @radius: in image pixels; moved into %PSP_EDIT_MIN_RADIUS to %PSP_EDIT_MAX_RADIUS
 * @points: (array length=n_points): where the brush went; finite
 * @n_points: 1 to %PSP_EDIT_MAX_POINTS
 *
 * Live painting does not need it: psp_mask_editor_end_stroke() makes the value.
 *
 * Returns: (transfer full): a stroke
 */
PspEdit  *psp_edit_new_stroke           (int             class_id,
                                         double          radius,
                                         const PspPoint *points,
                                         gsize           n_points) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_edit_new_fill:
 * @class_id: 0 to 65535, or %PSP_EDIT_ORIGINAL
 * @point: where to start; finite
 *
 * Returns: (transfer full): a flood fill
 */
PspEdit  *psp_edit_new_fill             (int             class_id,
                                         PspPoint        point) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_edit_new_polygon:
 * @class_id: 0 to 65535, or %PSP_EDIT_ORIGINAL
 * @points: (array length=n_points): the corners in order; finite
 * @n_points: 1 to %PSP_EDIT_MAX_POINTS; fewer than 3 cover nothing
 *
 * Returns: (transfer full): a filled polygon
 */
PspEdit  *psp_edit_new_polygon          (int             class_id,
                                         const PspPoint *points,
                                         gsize           n_points) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_edit_new_accept_all:
 * @mask: the mask to take over, usually a prediction
 *
 * The edit holds the pixels themselves: it can be replayed when @mask and the model that made it
 * are gone.  “Ignored” stays ignored whatever the bit depths.
 *
 * Returns: (transfer full): an edit that copies all of @mask
 */
PspEdit  *psp_edit_new_accept_all       (const PspMask  *mask) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): as psp_edit_new_accept_all(), but only the pixels of @mask that a fill at
 * @point would cover. */
PspEdit  *psp_edit_new_accept_component (const PspMask  *mask,
                                         PspPoint        point) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): as psp_edit_new_accept_all(), but only the pixels that have @class_id in @mask.
 * */
PspEdit  *psp_edit_new_accept_class     (const PspMask  *mask,
                                         int             class_id) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): an edit that brings the whole original label back. */
PspEdit  *psp_edit_new_revert           (void) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): a mark for the journal; the mask editor makes them. */
PspEdit  *psp_edit_new_undo             (void) G_GNUC_WARN_UNUSED_RESULT;
PspEdit  *psp_edit_new_redo             (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_edit_new_locked:
 * @self: an edit
 * @locked: (array length=n_locked): ascending class ids
 * @n_locked: 0 to 65536
 *
 * Returns: (transfer full): @self with @locked in place of its own locked classes
 */
PspEdit  *psp_edit_new_locked           (const PspEdit  *self,
                                         const guint16  *locked,
                                         gsize           n_locked) G_GNUC_WARN_UNUSED_RESULT;

PspEdit  *psp_edit_ref                  (PspEdit        *self);
void      psp_edit_unref                (PspEdit        *self);

/* Whether both have the same kind and the same content. */
gboolean  psp_edit_equal                (const PspEdit  *a,
                                         const PspEdit  *b);

/**
 * psp_edit_check_fits:
 * @self: an edit
 * @mask: what it is to be applied to
 * @error: %PSP_ERROR_BAD_SHAPE: an accept of another size; %PSP_ERROR_BAD_VALUE: a class id that
 *   the bit depth of @mask cannot hold
 *
 * For edits that come from a file.
 */
gboolean  psp_edit_check_fits           (const PspEdit  *self,
                                         const PspMask  *mask,
                                         GError        **error);

/* (transfer full): the edit as bytes for the journal, the same on every machine. */
GBytes   *psp_edit_serialize            (const PspEdit  *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_edit_parse:
 * @bytes: what psp_edit_serialize() gave, or anything else
 * @error: %PSP_ERROR_BAD_FILE or %PSP_ERROR_UNSUPPORTED (a later version's), saying what is wrong
 *
 * Returns: (transfer full): the edit, or %NULL with @error set
 */
PspEdit  *psp_edit_parse                (GBytes         *bytes,
                                         GError        **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspEdit, psp_edit_unref)
