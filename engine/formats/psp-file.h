/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

#include <gio/gio.h>

/* What the name of a temporary file has behind the one it is to replace, before six characters. */
#define PSP_FILE_TEMPORARY_SUFFIX ".new-"

/**
 * psp_file_replace:
 * @path: the file to write or replace
 * @bytes: its whole new content
 * @n_bytes: the length of @bytes
 * @error: %PSP_ERROR_IO or %PSP_ERROR_NOT_FOUND (no such folder), naming @path and the reason
 *
 * Writes a temporary file in the same folder, flushes it to the disk (fsync) and renames it over
 * @path: whatever happens, @path holds either the old content or the new, whole.  The temporary
 * file is removed after a failure.  Any thread.
 */
gboolean psp_file_replace       (const char   *path,
                                 gconstpointer bytes,
                                 gsize         n_bytes,
                                 GError      **error);

/**
 * psp_file_remove_leftovers:
 * @path: a file that nobody is writing now
 *
 * Removes the temporary files that stay when a process is killed while it replaces @path.
 */
void     psp_file_remove_leftovers (const char *path);

/**
 * psp_file_make_folder:
 * @path: a folder, made with its parents if it is not there
 * @error: %PSP_ERROR_IO, naming @path and the reason
 */
gboolean psp_file_make_folder   (const char   *path,
                                 GError      **error);

/* (transfer full): for g_dir_read_name(); %NULL with an error that names @path once and the reason,
 * %PSP_ERROR_NOT_FOUND or %PSP_ERROR_IO. */
GDir    *psp_file_open_folder   (const char   *path,
                                 GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether both paths lead to one file or folder, links and all; not if either is not there. */
gboolean psp_file_is_same       (const char   *path,
                                 const char   *other);

/**
 * psp_file_flush_name:
 * @path: a file or folder that just got this name
 *
 * Makes the rename itself durable (fsync of the folder that it lies in), as far as the system lets:
 * a folder that cannot be flushed is left to it.
 */
void     psp_file_flush_name    (const char   *path);

/**
 * psp_file_load:
 * @path: a file; a folder, a pipe or a device is an error
 * @limit_bytes: the most that is read; a longer file is %PSP_ERROR_UNSUPPORTED
 * @error: as psp_file_reader_new() and psp_file_reader_read(); %PSP_ERROR_UNSUPPORTED or
 *   %PSP_ERROR_NO_MEMORY
 *
 * Returns: (transfer full): the whole content, or %NULL with @error set
 */
GBytes  *psp_file_load          (const char   *path,
                                 gsize         limit_bytes,
                                 GError      **error) G_GNUC_WARN_UNUSED_RESULT;
