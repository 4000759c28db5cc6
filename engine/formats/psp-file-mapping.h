/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-file-reader.h"

/**
 * PspFileMapping:
 *
 * A whole file as memory: its pages are those of the system's cache, read when they are first
 * looked at and dropped when memory is scarce.  Reference-counted; use it from any thread.
 *
 * A file may be cut off or written to while it is mapped.  Then the numbers that were in it are
 * lost, but nothing crashes: pages that are gone read as zeros (a handler of SIGBUS, which the
 * first mapping installs, puts them there), and psp_file_mapping_check() tells.
 */
typedef struct _PspFileMapping PspFileMapping;

/**
 * psp_file_mapping_new:
 * @file: an open file, which need not stay open
 *
 * Returns: (transfer full) (nullable): the mapping; %NULL if it cannot be had: the file is empty,
 *   its system has no mappings or no room, or too many files are mapped.  It can be read then
 */
PspFileMapping *psp_file_mapping_new       (PspFileReader         *file) G_GNUC_WARN_UNUSED_RESULT;
PspFileMapping *psp_file_mapping_ref       (PspFileMapping        *self);
void            psp_file_mapping_unref     (PspFileMapping        *self);

/* (transfer full): @n_bytes bytes from @offset on, which lie in the file; they keep the mapping. */
GBytes         *psp_file_mapping_get_bytes (PspFileMapping        *self,
                                            guint64                offset,
                                            gsize                  n_bytes)
  G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_file_mapping_check:
 * @error: %PSP_ERROR_TRUNCATED if the file was cut off, %PSP_ERROR_BAD_FILE if it was written to
 *
 * Looks at the size and the time of the last change.  A file that was replaced by another one under
 * the same name, or removed, counts as it was.
 *
 * Returns: whether everything read from the mapping so far was what the file held when its reader
 *   was opened
 */
gboolean        psp_file_mapping_check     (const PspFileMapping  *self,
                                            GError               **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspFileMapping, psp_file_mapping_unref)
