/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint.h"

#include <gio/gio.h>

/**
 * PspSafetensorsWriter:
 *
 * Collects named tensors and text metadata, then writes one safetensors file
 * (https://github.com/huggingface/safetensors, section “Format”).  One thread at a time.
 */
typedef struct _PspSafetensorsWriter PspSafetensorsWriter;

PspSafetensorsWriter *psp_safetensors_writer_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void                  psp_safetensors_writer_free         (PspSafetensorsWriter  *self);

/* Sets an entry of __metadata__; a second value under the same @key replaces the first. */
void                  psp_safetensors_writer_set_metadata (PspSafetensorsWriter  *self,
                                                           const char            *key,
                                                           const char            *value);

/**
 * psp_safetensors_writer_add:
 * @self: a writer
 * @name: not added before
 * @tensor: kept by reference until the writer is freed
 * @dtype: %PSP_DTYPE_F32 or %PSP_DTYPE_F16 (rounded to nearest even; the caller sees
 *   to it that psp_half_can_hold() all of it)
 */
void                  psp_safetensors_writer_add          (PspSafetensorsWriter  *self,
                                                           const char            *name,
                                                           PspTensor             *tensor,
                                                           PspDtype               dtype);

/* As psp_safetensors_writer_add(): numbers that are no tensor.  @floats, float32, are kept by
 * reference; @shape has at most %PSP_TENSOR_MAX_DIMENSIONS @n_dimensions. */
void                  psp_safetensors_writer_add_floats   (PspSafetensorsWriter  *self,
                                                           const char            *name,
                                                           int                    n_dimensions,
                                                           const gint64          *shape,
                                                           GBytes                *floats,
                                                           PspDtype               dtype);

/* Tells that numbers that were added may lie in @source, mapped: nothing is written if that file
 * was changed meanwhile. */
void                  psp_safetensors_writer_set_source   (PspSafetensorsWriter  *self,
                                                           PspCheckpoint         *source);

/**
 * psp_safetensors_writer_write:
 * @self: a writer
 * @path: replaced atomically: after a failure the old file, if any, is still there
 * @cancellable: (nullable): looked at every 65536 numbers, but not while the file is flushed to
 *   the disk
 * @error: %PSP_ERROR_IO, also for a full disk; as psp_checkpoint_check_mapping() of the source;
 *   %G_IO_ERROR_CANCELLED
 *
 * Tensors are written in the order in which they were added; the header is padded with blanks so
 * that the data start at a multiple of %PSP_FLOATS_ALIGNMENT, and can be mapped.
 */
gboolean              psp_safetensors_writer_write        (PspSafetensorsWriter  *self,
                                                           const char            *path,
                                                           GCancellable          *cancellable,
                                                           GError               **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspSafetensorsWriter, psp_safetensors_writer_free)
