/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-container.h"

#include <stdint.h>

/**
 * LLVMFuzzerTestOneInput:
 * @bytes: any bytes
 * @n_bytes: how many
 *
 * What libFuzzer calls again and again (LLVM, “libFuzzer – a library for coverage-guided fuzz
 * testing”), and replay-corpus.c once for each file of a corpus.  Each fuzz-NAME.c is one.  A
 * failed assertion is a find, and so is a crash, a leak, or a sanitizer's complaint.
 *
 * Returns: 0; -1 if @bytes are not worth keeping
 */
int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         n_bytes);

/**
 * FuzzFile:
 * @path: where the bytes can be opened
 *
 * Bytes as a file that is on no disk.
 */
typedef struct
{
  char path[32];

  /*< private >*/
  int  descriptor;
} FuzzFile;

/* A file of exactly these bytes; fuzz_file_close() ends it. */
FuzzFile fuzz_file_open      (gconstpointer   bytes,
                              gsize           n_bytes);
void     fuzz_file_close     (FuzzFile       *file);

/* What a reader must give: a value, or else an @error whose message starts with @path. */
void     fuzz_assert_outcome (gboolean        is_read,
                              const GError   *error,
                              const char     *path);

/* Reads the tensors of a checkpoint of this kind that the bytes may be; always 0. */
int      fuzz_read_container (gboolean      (*read) (PspCheckpointIndex  *index,
                                                     GError             **error),
                              gconstpointer   bytes,
                              gsize           n_bytes);
