/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint.h"

/**
 * PspInspection:
 *
 * Compares the tensors of a checkpoint with those that a network needs, and says all that is wrong
 * at once.  Reads only names and shapes.  One thread.
 */
typedef struct _PspInspection PspInspection;

/* @checkpoint must outlive it. */
PspInspection *psp_inspection_new    (const PspCheckpoint       *checkpoint)
  G_GNUC_WARN_UNUSED_RESULT;
void           psp_inspection_free   (PspInspection             *self);

/**
 * psp_inspection_expect:
 * @name: of a tensor that must be there
 * @n_dimensions: 1 to %PSP_TENSOR_MAX_DIMENSIONS
 * @shape: (array length=n_dimensions): that it must have
 * @framed: whether dimensions of 1 may stand around a vector
 *
 * Returns: whether it is there, whatever its shape
 */
gboolean       psp_inspection_expect (PspInspection             *self,
                                      const char                *name,
                                      int                        n_dimensions,
                                      const gint64              *shape,
                                      gboolean                   framed);

/* Whether @name was expected. */
gboolean       psp_inspection_knows  (const PspInspection       *self,
                                      const char                *name);

/* Notes a tensor that should not be there. */
void           psp_inspection_refuse (PspInspection             *self,
                                      const char                *name);

/* Whether all is well; @error: %PSP_ERROR_BAD_SHAPE with every missing, misshapen and unexpected
 * tensor. */
gboolean       psp_inspection_judge  (const PspInspection       *self,
                                      GError                   **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspInspection, psp_inspection_free)
