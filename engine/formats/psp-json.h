/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

#include <json-glib/json-glib.h>

/**
 * psp_json_parse:
 * @text: a JSON text; it need not end in a zero
 * @n_bytes: the length of @text
 * @error: %PSP_ERROR_BAD_FILE, saying what is wrong and in which line, without a file name
 *
 * Text that a stranger wrote: it must be UTF-8 without zeros, JSON and nothing beyond it, and at
 * most 64 levels deep (json-glib before 1.10 recurses without a limit).  Any thread.
 *
 * Returns: (transfer full): the root, immutable, or %NULL with @error set
 */
JsonNode *psp_json_parse (const char  *text,
                          gsize        n_bytes,
                          GError     **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_json_load_object:
 * @path: a file
 * @limit_bytes: the most that is read
 * @what: what it holds, with its verb, for messages: “a configuration is”
 * @error: as psp_file_load() and psp_json_parse(), naming @path; %PSP_ERROR_BAD_FILE if the root is
 *   no object
 *
 * A file that may be there or not.  Any thread.
 *
 * Returns: (transfer full) (nullable): the root, an object, immutable; %NULL without @error if
 *   there is no file
 */
JsonNode *psp_json_load_object (const char  *path,
                                gsize        limit_bytes,
                                const char  *what,
                                GError     **error) G_GNUC_WARN_UNUSED_RESULT;
