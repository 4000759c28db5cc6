/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint-index.h"

/**
 * PspContainer:
 * @name: what people call it: “safetensors”
 * @read: fills an index
 *
 * A kind of file that is read.  A new one is a file pair and a row of the table in psp-container.c.
 */
typedef struct
{
  const char  *name;
  gboolean   (*read)   (PspCheckpointIndex  *index,
                        GError             **error);
} PspContainer;

/**
 * psp_container_detect:
 * @file: any file
 * @error: %PSP_ERROR_IO, %PSP_ERROR_TRUNCATED (8 bytes or less), %PSP_ERROR_BAD_FILE (a web page, a
 *   Git-LFS pointer) or %PSP_ERROR_UNSUPPORTED; the message says what the file is and what to do
 *
 * Tells by the first bytes, never by the file's name.
 *
 * Returns: (transfer none): its kind, or %NULL with @error set
 */
const PspContainer *psp_container_detect (PspFileReader  *file,
                                          GError        **error);
