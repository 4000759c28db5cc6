/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

/* What is installed beside the program, or lies in the source tree of a build that is not. */

/**
 * psp_data_folder_find:
 * @name: a file or folder below the data folder: “demo”
 *
 * Returns: (transfer full) (nullable): its path; %NULL if there is none
 */
char      *psp_data_folder_find          (const char *name);

/**
 * psp_data_folder_open_settings:
 * @schema_id: of the GSettings schema
 *
 * Looks for the schema among the installed ones, then in the build folder.
 *
 * Returns: (transfer full) (nullable): the settings; %NULL if the schema is nowhere
 */
GSettings *psp_data_folder_open_settings (const char *schema_id);
