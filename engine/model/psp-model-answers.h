/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/model/psp-model-options.h"

/* What a person said about checkpoints, remembered in a small JSON file: fingerprint → facts as
 * text.  Each function reads or writes the whole file; any thread, but one process at a time
 * writes. */

/* (transfer full): where answers are kept: model-answers.json in the person's data folder. */
char    *psp_model_answers_get_path    (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_model_answers_fingerprint:
 * @path: a checkpoint
 * @error: %PSP_ERROR_NOT_FOUND, %PSP_ERROR_IO or %PSP_ERROR_TRUNCATED
 *
 * Tells contents apart, whatever the file is called: SHA-256 of the length and of 16 pieces of 64
 * KiB spread over the file, its beginning and its end among them; a smaller file counts whole.
 *
 * Returns: (transfer full): 64 hexadecimal digits, or %NULL with @error set
 */
char    *psp_model_answers_fingerprint (const char             *path,
                                        GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_model_answers_load:
 * @path: the file with the answers; without it, there are none yet
 * @fingerprint: of a checkpoint
 * @options: (inout): what was said of this checkpoint is set, the rest stays
 * @error: %PSP_ERROR_IO, or %PSP_ERROR_BAD_FILE or %PSP_ERROR_BAD_VALUE for a file that this module
 *   did not write
 *
 * Returns: %FALSE with @error set; nothing known about the checkpoint is no error
 */
gboolean psp_model_answers_load        (const char             *path,
                                        const char             *fingerprint,
                                        PspModelOptions        *options,
                                        GError                **error);

/**
 * psp_model_answers_knows:
 * @path: the file with the answers
 * @fingerprint: of a checkpoint
 *
 * Returns: whether something was saved for this checkpoint, be it that nothing differs
 */
gboolean psp_model_answers_knows       (const char             *path,
                                        const char             *fingerprint);

/**
 * psp_model_answers_save:
 * @path: the file with the answers; it is made, with its folder, or replaced atomically
 * @fingerprint: of a checkpoint
 * @options: what counts from now on; replaces all that was said of this checkpoint
 * @error: %PSP_ERROR_IO; a damaged file is not an error but starts anew
 */
gboolean psp_model_answers_save        (const char             *path,
                                        const char             *fingerprint,
                                        const PspModelOptions  *options,
                                        GError                **error);
