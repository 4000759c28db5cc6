/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-error.h"

#include <gio/gio.h>

/* (transfer full): the text of the program's own file @name, such as “taxonomies/camvid-11.json”;
 * %NULL with %PSP_ERROR_NOT_FOUND if there is none.  Any thread. */
char *psp_builtin_load (const char  *name,
                        GError     **error) G_GNUC_WARN_UNUSED_RESULT;
