/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

/* (transfer full): the text of the file @path without a byte order mark; %NULL with
 * %PSP_ERROR_BAD_FILE if it is not UTF-8 or has zeros in it, or with an error of psp_file_load().
 * At most 64 MiB.  Any thread. */
char  *psp_text_file_load   (const char  *path,
                             GError     **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the lines of @text without LF or CRLF, and without the empty ones at the end. */
char **psp_text_split_lines (const char  *text) G_GNUC_WARN_UNUSED_RESULT;
