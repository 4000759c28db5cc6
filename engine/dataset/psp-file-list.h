/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

#include <gio/gio.h>

/**
 * psp_file_list:
 * @folder: where to look
 * @skipped: (nullable): a folder that is not looked at where it lies below @folder
 * @problems: (element-type utf8): takes a sentence for each folder or file that cannot be looked at
 * @cancellable: (nullable): looked at between files
 * @error: for @folder itself: %PSP_ERROR_NOT_FOUND or %PSP_ERROR_IO; %G_IO_ERROR_CANCELLED
 *
 * All files in @folder and below it, links followed; each folder once, even if links go round in
 * circles.  Names that start with a full stop are skipped.  Any thread.
 *
 * Returns: (transfer full) (element-type utf8): paths relative to @folder, in byte order, or %NULL
 *   with @error set
 */
GPtrArray *psp_file_list (const char    *folder,
                          const char    *skipped,
                          GPtrArray     *problems,
                          GCancellable  *cancellable,
                          GError       **error) G_GNUC_WARN_UNUSED_RESULT;
