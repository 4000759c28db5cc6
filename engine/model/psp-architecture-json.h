/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-architecture.h"

/* An architecture as text, in the metadata of a file of ours: an object of whole numbers, “depth”,
 * “classes” and so on (the table in the .c file), which goes with the name of a family. */

/* (transfer full): all but the family and what is not known of a folded network. */
char    *psp_architecture_to_json   (const PspArchitecture  *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_architecture_from_json:
 * @self: (inout): its family is set; the rest is filled in
 * @text: from a stranger
 * @error: %PSP_ERROR_BAD_FILE if it is not JSON, %PSP_ERROR_BAD_VALUE for a number that is missing
 *   or that no network has; without a file name
 */
gboolean psp_architecture_from_json (PspArchitecture        *self,
                                     const char             *text,
                                     GError                **error);
