/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/run/psp-weights.h"

/* Whether the enlarged levels are ever computed. */
typedef enum
{
  PSP_FOLD_CHEAPER, /* unless that takes fewer multiply-accumulates */
  PSP_FOLD_ALWAYS,  /* no */
  PSP_FOLD_NEVER,   /* yes: the layer as it is written, with which the folded one is compared */
} PspFold;

/**
 * PspPyramid:
 *
 * How a session computes a %PSP_LAYER_PYRAMID.
 *
 * As it is written, every part is a convolution of an enlarged level that adds to the ones before.
 *
 * Folded: enlarging is linear, so the order can be changed.  P = level * weights is a product with
 * the few pixels of a level, whose row (bin, tap) is what that bin adds through that tap of the
 * kernel.  An output pixel is a mix of the rows: for each tap, the bilinear weights of the bins at
 * the place under the tap; none where that lies outside.  All these weights, the interpolation
 * panel, depend on sizes alone.  Panel x P is one convolution of kernel 1 whose weights are P.
 */
typedef struct _PspPyramid PspPyramid;

/**
 * PspPyramidParams:
 * @backend: the device
 * @graph: a network
 * @layer: of it, a %PSP_LAYER_PYRAMID
 * @sizes: of every value
 * @batch: images of a run
 * @fold: whether to fold
 * @n_left_out: how many of @left_out are set
 * @left_out: (array length=n_left_out): values that are left out if they are parts of the layer, as
 *   if they were zero
 */
typedef struct
{
  PspBackend     *backend;
  const PspGraph *graph;
  const PspLayer *layer;
  const PspSize  *sizes;
  int             batch;
  PspFold         fold;
  int             n_left_out;
  const int      *left_out;
} PspPyramidParams;

/**
 * psp_pyramid_new:
 * @params: what to compute; @backend, @graph, @layer and @sizes must outlive the pyramid
 *
 * Only plans; psp_pyramid_allocate() comes before the first run.
 *
 * Returns: (transfer full): the plan
 */
PspPyramid *psp_pyramid_new            (const PspPyramidParams *params) G_GNUC_WARN_UNUSED_RESULT;
void        psp_pyramid_free           (PspPyramid             *self);

/* The values that a run reads beside the residual: levels if folded, else enlarged levels. */
int         psp_pyramid_get_n_inputs   (const PspPyramid       *self);
int         psp_pyramid_get_input      (const PspPyramid       *self,
                                        int                     index);

/* Multiply-accumulates of a run. */
gint64      psp_pyramid_count_macs     (const PspPyramid       *self);

/* Elements of memory that it needs beside its inputs, the residual and the destination. */
gsize       psp_pyramid_count_elements (const PspPyramid       *self);

/**
 * psp_pyramid_allocate:
 * @self: a plan
 * @weights: of the graph, on the backend; must outlive the pyramid
 * @error: %PSP_ERROR_NO_MEMORY or %PSP_ERROR_DEVICE
 *
 * Returns: whether the pyramid can run; if not, it holds no memory
 */
gboolean    psp_pyramid_allocate       (PspPyramid             *self,
                                        const PspWeights       *weights,
                                        GError                **error);

/* Gives the memory back: what is left is a plan. */
void        psp_pyramid_release        (PspPyramid             *self);

/* Bytes that psp_pyramid_run() takes of the backend at most: psp_backend_count_scratch(). */
gsize       psp_pyramid_count_scratch  (const PspPyramid       *self,
                                        const PspMap           *inputs,
                                        const PspMap           *destination);

/**
 * psp_pyramid_run:
 * @self: an allocated pyramid
 * @inputs: (array): where the inputs lie
 * @residual: (nullable): where the residual lies
 * @destination: where the result goes
 * @cancellable: (nullable): looked at while it runs
 * @error: as psp_backend_convolve()
 */
gboolean    psp_pyramid_run            (PspPyramid             *self,
                                        const PspMap           *inputs,
                                        const PspMap           *residual,
                                        const PspMap           *destination,
                                        GCancellable           *cancellable,
                                        GError                **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspPyramid, psp_pyramid_free)
