/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

#include <gio/gio.h>

/**
 * PspExportFolder:
 *
 * A folder that appears whole or not at all: it is filled under a hidden name beside its place,
 * flushed to the disk and renamed at the end.  One thread.
 */
typedef struct _PspExportFolder PspExportFolder;

/**
 * psp_export_folder_check:
 * @path: where the folder shall be
 * @source_folder: (nullable): a folder in which nothing may be written
 * @error: %PSP_ERROR_BAD_VALUE, naming @path: it is a file, is not empty, or lies in
 *   @source_folder, links followed; %PSP_ERROR_IO
 *
 * Looks and changes nothing.
 */
gboolean         psp_export_folder_check  (const char       *path,
                                           const char       *source_folder,
                                           GError          **error);

/**
 * psp_export_folder_new:
 * @path: what psp_export_folder_check() accepts; the folders that it lies in are made
 * @error: %PSP_ERROR_IO or %PSP_ERROR_NOT_FOUND
 *
 * Returns: (transfer full): an empty folder that is not at @path yet, or %NULL with @error set
 */
PspExportFolder *psp_export_folder_new    (const char       *path,
                                           GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes everything unless psp_export_folder_finish() succeeded. */
void             psp_export_folder_free   (PspExportFolder  *self);

/**
 * psp_export_folder_write:
 * @self: a folder
 * @name: the path of a file below it; the folders that it lies in are made
 * @content: (transfer none): what is in it
 * @error: %PSP_ERROR_IO, also for a full disk
 */
gboolean         psp_export_folder_write  (PspExportFolder  *self,
                                           const char       *name,
                                           GBytes           *content,
                                           GError          **error);

/* Flushes everything to the disk and gives the folder its name, which is flushed, too
 * (psp_file_flush_name()); %PSP_ERROR_IO. */
gboolean         psp_export_folder_finish (PspExportFolder  *self,
                                           GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspExportFolder, psp_export_folder_free)
