/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-progress.h"
#include "engine/core/psp-tensor.h"
#include "engine/run/psp-pyramid.h"

/**
 * PspSession:
 *
 * Network x device x input shape x wanted values: which layers run, and where each value lies in
 * one arena, which has several pieces where a device allocates none so large.  Planned once, run
 * many times, by one thread at a time.  The first run takes the memory; where the backend can, it
 * is recorded, and the others replay it (psp-backend.h).
 */
typedef struct _PspSession PspSession;

/**
 * PspSessionParams:
 * @input: height and width of the input
 * @batch: images of a run, 1 or more
 * @n_wanted: at least 1
 * @wanted: (array length=n_wanted): indices of the values that are read afterwards
 * @fold: whether enlarged levels of the pyramid are computed (psp-pyramid.h)
 * @n_left_out: how many of @left_out are set
 * @left_out: (array length=n_left_out): parts of a %PSP_LAYER_PYRAMID that count as zero
 */
typedef struct
{
  PspSize    input;
  int        batch;
  int        n_wanted;
  const int *wanted;
  PspFold    fold;
  int        n_left_out;
  const int *left_out;
} PspSessionParams;

/**
 * psp_session_new:
 * @weights: of the network, on the device; must outlive the session
 * @params: what to plan
 *
 * Layers that no wanted value needs are left out and cost nothing; values share memory once they
 * are not needed any more.
 *
 * Returns: (transfer full): the plan, which has no memory on the device yet
 */
PspSession *psp_session_new            (PspWeights             *weights,
                                        const PspSessionParams *params) G_GNUC_WARN_UNUSED_RESULT;
void        psp_session_free           (PspSession        *self);

/* Bytes that a run needs: of the arena, scratch memory of the layers included, and of what the
 * pyramid needs. */
gsize       psp_session_get_bytes      (const PspSession  *self);

/* Bytes that the backend takes of its own beside these, for a pyramid and for copies:
 * psp_backend_count_scratch() and psp_backend_get_transfer_bytes().  Sessions of a backend share
 * them. */
gsize       psp_session_get_scratch_bytes (const PspSession *self);

/* Layers that a run goes through. */
int         psp_session_get_n_steps    (const PspSession  *self);

/* Multiply-accumulates of a run, as it is folded. */
gint64      psp_session_get_macs       (const PspSession  *self);

/**
 * PspSessionStep:
 * @layer: of the graph
 * @macs: multiply-accumulates of a run
 * @bytes: activations that it reads and writes, and weights, in the device's memory, each once
 *
 * One layer that a run goes through.
 */
typedef struct
{
  const PspLayer *layer;
  gint64          macs;
  gint64          bytes;
} PspSessionStep;

/* What the step at @index, below psp_session_get_n_steps(), does. */
PspSessionStep psp_session_get_step    (const PspSession  *self,
                                        int                index);

/**
 * psp_session_run:
 * @self: a session
 * @input: [batch, channels, H, W] as the session was planned for
 * @progress: told about the share of the multiply-accumulates that is done
 * @cancellable: (nullable): ends the run within 0.5 s
 * @error: %PSP_ERROR_BAD_SHAPE, %PSP_ERROR_DEVICE, %PSP_ERROR_NO_MEMORY, %G_IO_ERROR_CANCELLED
 *
 * Returns: whether the wanted values can be read
 */
gboolean    psp_session_run            (PspSession        *self,
                                        const PspTensor   *input,
                                        PspProgress        progress,
                                        GCancellable      *cancellable,
                                        GError           **error);

/* Where one of the wanted values lies after a successful run, until the next one; before the first
 * one there is no buffer yet. */
PspMap      psp_session_get_map        (const PspSession  *self,
                                        int                value);

/**
 * psp_session_profile:
 * @self: a session
 * @input: as for psp_session_run()
 * @seconds: (out caller-allocates) (array) (nullable): of each step; %NULL: psp_session_run()
 * @progress: as for psp_session_run()
 * @cancellable: (nullable): ends the run within 0.5 s
 * @error: as psp_session_run()
 *
 * Runs, but waits for the device after each step and takes the time: from handing the step over
 * until it is done.  On a device with a queue of its own that is more than its share of an ordinary
 * run, in which steps wait for nobody.
 */
gboolean    psp_session_profile        (PspSession        *self,
                                        const PspTensor   *input,
                                        double            *seconds,
                                        PspProgress        progress,
                                        GCancellable      *cancellable,
                                        GError           **error);

/**
 * psp_session_read:
 * @self: a session after a successful run
 * @value: one of the wanted values
 * @error: %PSP_ERROR_DEVICE or %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): [batch, channels, h, w], or %NULL with @error set
 */
PspTensor  *psp_session_read           (PspSession        *self,
                                        int                value,
                                        GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_session_read_rows:
 * @self: a session after a successful run
 * @value: one of the wanted values
 * @image: of the batch, from 0
 * @rows: (array): for each row of the value room for [w][channels], which is filled
 * @error: %PSP_ERROR_NO_MEMORY; %PSP_ERROR_DEVICE, also if a number is not finite: such a result is
 *   no result
 *
 * Returns: whether the rows were read
 */
gboolean    psp_session_read_rows      (PspSession        *self,
                                        int                value,
                                        int                image,
                                        float * const     *rows,
                                        GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspSession, psp_session_free)
