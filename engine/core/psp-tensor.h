/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

#define PSP_TENSOR_MAX_DIMENSIONS 8

/**
 * PspTensor:
 * @n_dimensions: 0 (a scalar) to %PSP_TENSOR_MAX_DIMENSIONS
 * @shape: the size of each dimension, the slowest first: [N, C, H, W] or [O, I, kh, kw]
 * @n_elements: the product of @shape
 * @data: float32, contiguous, row-major
 *
 * Numbers on their way into or out of a network, in host memory.  Reference-counted from any
 * thread; treat it as read-only once it is shared.
 */
typedef struct
{
  int     n_dimensions;
  gint64  shape[PSP_TENSOR_MAX_DIMENSIONS];
  gsize   n_elements;
  float  *data;

  /*< private >*/
  gsize           n_allocated; /* elements that @data has room for */
  gatomicrefcount ref_count;
} PspTensor;

/**
 * psp_tensor_new:
 * @n_dimensions: 0 to %PSP_TENSOR_MAX_DIMENSIONS
 * @shape: (array length=n_dimensions): each 0 or more
 * @error: %PSP_ERROR_BAD_SHAPE for a negative size, or more elements than an address can tell
 *   apart; %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): a tensor of zeros, or %NULL with @error set
 */
PspTensor *psp_tensor_new       (int             n_dimensions,
                                 const gint64   *shape,
                                 GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_tensor_reshape:
 * @self: a tensor that nobody else refers to
 * @n_dimensions: 0 to %PSP_TENSOR_MAX_DIMENSIONS
 * @shape: (array length=n_dimensions): each 0 or more
 * @error: as psp_tensor_new()
 *
 * Gives it another shape, its values undefined; memory that suffices is kept.
 *
 * Returns: whether it has the shape; else it is of no use any more
 */
gboolean   psp_tensor_reshape   (PspTensor      *self,
                                 int             n_dimensions,
                                 const gint64   *shape,
                                 GError        **error) G_GNUC_WARN_UNUSED_RESULT;
PspTensor *psp_tensor_ref       (PspTensor      *self);
void       psp_tensor_unref     (PspTensor      *self);

/* (transfer full): the shape as text for messages: “[64, 3, 3, 3]”. */
char      *psp_shape_to_string  (int             n_dimensions,
                                 const gint64   *shape);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspTensor, psp_tensor_unref)
