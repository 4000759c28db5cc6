/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-protocol.h"
#include "engine/run/psp-runner-private.h"

/**
 * PspTrackParams:
 * @runner: the network; its mutex is held
 * @rules: the protocol
 * @image: the photo
 * @options: of the passes; lives as long as the track
 * @scaled: what it is resized to
 * @crop: side of the windows
 * @mirrored: whether the track is of the mirror image of the photo
 * @paired: whether each window runs with its mirror image
 */
typedef struct
{
  PspRunner              *runner;
  const PspProtocolRules *rules;
  const PspImage         *image;
  const PspRunOptions    *options;
  PspSize                 scaled;
  int                     crop;
  gboolean                mirrored;
  gboolean                paired;
} PspTrackParams;

/**
 * PspTrackRun:
 * @batch: windows of a pass, at most
 * @n_windows: of all tracks
 * @n_done: of these, so far; counted on
 * @progress: told about their share
 * @cancellable: (nullable): ends the run within 0.5 s
 *
 * What the tracks of a photo share while they run.
 */
typedef struct
{
  int           batch;
  int           n_windows;
  int           n_done;
  PspProgress   progress;
  GCancellable *cancellable;
} PspTrackRun;

/**
 * PspTrack:
 *
 * One scale of a photo on its way through the network.  Windows are cut from the photo and run when
 * a row needs them; each row of their logits is kept, at the network's resolution, until no row
 * needs it; and rows are enlarged, merged and resized one by one: what is in memory is little more
 * than one window high, and never classes x height x width.
 */
typedef struct _PspTrack PspTrack;

/* (transfer full): nothing has run yet; or %NULL with @error set (%PSP_ERROR_NO_MEMORY). */
PspTrack *psp_track_new         (const PspTrackParams  *params,
                                 GError               **error) G_GNUC_WARN_UNUSED_RESULT;
void      psp_track_free        (PspTrack              *self);

/* Windows, of which each is two images if paired. */
int       psp_track_get_n_windows (const PspTrack      *self);

/* What the network gets of a window, in pixels, and images of a window: 1 or 2. */
PspSize   psp_track_get_input   (const PspTrack        *self);
int       psp_track_get_images  (const PspTrack        *self);

/* Bytes of the logits of a window, of all its images, as the network writes them; at most. */
gsize     psp_track_count_logits (const PspTrack       *self);

/**
 * psp_track_add_bytes:
 * @self: a track
 * @n_rows: of the photo that are made at a time
 * @bytes: (inout) (array): for each @n_rows rows of the photo
 *
 * Adds what the track keeps at most while these rows are made: pixels, logits, merged rows; without
 * the network and what the windows of a pass take that these rows do not need.
 */
void      psp_track_add_bytes   (const PspTrack        *self,
                                 int                    n_rows,
                                 gsize                 *bytes);

/**
 * psp_track_prepare:
 * @self: a track
 * @first: row of the photo
 * @end: row behind the last that is wanted; both never fall from call to call
 * @run: shared with the other tracks
 * @error: as psp_runner_predict()
 *
 * Runs the windows that these rows need and merges them.
 */
gboolean  psp_track_prepare     (PspTrack              *self,
                                 int                    first,
                                 int                    end,
                                 PspTrackRun           *run,
                                 GError               **error);

/* Floats that psp_track_add_row() needs as scratch memory. */
gsize     psp_track_get_scratch_length (const PspTrack *self);

/**
 * psp_track_add_row:
 * @self: a track after psp_track_prepare()
 * @y: one of the rows prepared
 * @share: of this track in the whole
 * @scratch: psp_track_get_scratch_length() floats
 * @row: (inout): [width of the photo][classes padded]: @share of the track's results is added
 *
 * Any thread.
 */
void      psp_track_add_row     (const PspTrack        *self,
                                 int                    y,
                                 float                  share,
                                 float                 *scratch,
                                 float                 *row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspTrack, psp_track_free)
