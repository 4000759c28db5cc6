/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/formats/psp-checkpoint.h"

/* The checkpoints of tests/golden/checkpoints, and what is done to them. */

/* (transfer full): the path of a file in tests/golden/checkpoints. */
char          *sample_path             (const char      *name) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): its content. */
char          *sample_load             (const char      *name,
                                        gsize           *n_bytes) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the checkpoint in it. */
PspCheckpoint *sample_open             (const char      *name) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the tensor @name, which must be there. */
PspTensor     *sample_read             (PspCheckpoint   *checkpoint,
                                        const char      *name) G_GNUC_WARN_UNUSED_RESULT;

/* Bit by bit, so that -0 is not 0; any NaN is as good as another. */
void           sample_assert_same      (const char      *name,
                                        const PspTensor *got,
                                        const PspTensor *wanted);

/* The file at @path is refused with @code, and the message has the path and @says. */
void           sample_assert_refused   (const char      *path,
                                        PspError         code,
                                        const char      *says);

/* A sample that is refused, as sample_assert_refused() takes it. */
typedef struct
{
  const char *name;
  PspError    code;
  const char *says;
} SampleRefusal;

/* Those samples are refused whose names are @prefix, a refusal's and @suffix. */
void           sample_assert_all_refused (const char          *prefix,
                                          const char          *suffix,
                                          const SampleRefusal *refusals,
                                          gsize                n_refusals);

/* The same for a file of these bytes. */
void           sample_assert_bytes_refused (gconstpointer content,
                                            gsize         n_bytes,
                                            PspError      code,
                                            const char   *says);

/* A copy is refused whenever 1, 1 + @step, 1 + 2 @step… of its last bytes are missing. */
void           sample_assert_cut_refused (const char    *name,
                                          gsize          step);

/* Sets the checksums in a zip's directory to “not known”, so that damage gets past them. */
void           sample_forget_checksums (char            *content,
                                        gsize            n_bytes);

/* Opens @path and reads what there is: values or an error that names the file, nothing else. */
void           sample_read_or_refuse   (const char      *path);

/* Reads or refuses @n_rounds copies, each with one to three random bytes in random places. */
void           sample_flip             (const char      *name,
                                        int              n_rounds);

/* Reads or refuses copies in which one byte, one after the other, is 0, 1, 0x7f, 0x80 or 0xff. */
void           sample_lie              (const char      *name);
