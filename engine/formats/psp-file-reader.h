/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

#include <sys/stat.h>

/**
 * PspFileReader:
 * @path: as it was given, for messages
 * @n_bytes: the size when it was opened
 *
 * A regular file, open for reading anywhere in it.  Several threads may read at once.  The file
 * stays readable after it was replaced or removed.
 */
typedef struct
{
  char    *path;
  guint64  n_bytes;

  /*< private >*/
  int         descriptor;
  struct stat status;     /* when it was opened */
} PspFileReader;

/**
 * psp_file_reader_new:
 * @path: a file; a folder, a pipe or a device is an error
 * @error: %PSP_ERROR_NOT_FOUND or %PSP_ERROR_IO
 *
 * Returns: (transfer full): the open file, or %NULL with @error set
 */
PspFileReader *psp_file_reader_new   (const char           *path,
                                      GError              **error) G_GNUC_WARN_UNUSED_RESULT;
void           psp_file_reader_free  (PspFileReader        *self);

/**
 * psp_file_reader_read:
 * @offset: in bytes from the start of the file
 * @buffer: (out caller-allocates): @n_bytes bytes; undefined after a failure
 * @n_bytes: how many; all are read, or it fails
 * @error: %PSP_ERROR_IO, or %PSP_ERROR_TRUNCATED if the file ends first
 */
gboolean       psp_file_reader_read  (PspFileReader        *self,
                                      guint64               offset,
                                      gpointer              buffer,
                                      gsize                 n_bytes,
                                      GError              **error);

/**
 * psp_file_reader_holds:
 * @offset: in bytes from the start of the file
 * @n_bytes: how many
 *
 * Returns: whether @n_bytes bytes from @offset on lie inside the file
 */
gboolean       psp_file_reader_holds (const PspFileReader  *self,
                                      guint64               offset,
                                      guint64               n_bytes);

/* A descriptor of the same open file, for the caller to close; -1 if there is none left. */
int            psp_file_reader_dup_descriptor (PspFileReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspFileReader, psp_file_reader_free)
