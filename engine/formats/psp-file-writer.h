/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

/**
 * PspFileWriter:
 *
 * Writes a file piece by piece, and puts it in its place whole: until psp_file_writer_commit() the
 * pieces go to a temporary file in the same folder, and the old file, if any, stays.  One thread.
 */
typedef struct _PspFileWriter PspFileWriter;

/**
 * psp_file_writer_new:
 * @path: the file to write or replace
 * @error: %PSP_ERROR_IO (also for a folder, a pipe or a device) or %PSP_ERROR_NOT_FOUND (no such
 *   folder), naming @path and the reason
 *
 * Returns: (transfer full): a writer, or %NULL with @error set
 */
PspFileWriter *psp_file_writer_new    (const char     *path,
                                       GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Frees it.  Without a successful commit the temporary file is removed and the old file stays. */
void           psp_file_writer_free   (PspFileWriter  *self);

/* Adds @n_bytes bytes; @error: %PSP_ERROR_IO, also for a full disk. */
gboolean       psp_file_writer_append (PspFileWriter  *self,
                                       gconstpointer   bytes,
                                       gsize           n_bytes,
                                       GError        **error);

/**
 * psp_file_writer_commit:
 * @error: %PSP_ERROR_IO, naming the path and the reason
 *
 * Flushes the temporary file to the disk (fsync), renames it over the path and flushes the name
 * (psp_file_flush_name()).  Last call but for psp_file_writer_free().
 */
gboolean       psp_file_writer_commit (PspFileWriter  *self,
                                       GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspFileWriter, psp_file_writer_free)
