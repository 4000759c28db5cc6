/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Many tensors may share one storage: reading all of them would be slow. */
#define MAX_TENSORS 64

FuzzFile
fuzz_file_open (gconstpointer bytes,
                gsize         n_bytes)
{
  FuzzFile file = { .descriptor = memfd_create ("fuzz", MFD_CLOEXEC) };

  g_assert_cmpint (file.descriptor, >=, 0);
  g_assert_cmpint (write (file.descriptor, bytes, n_bytes), ==, (gssize) n_bytes);
  g_snprintf (file.path, sizeof file.path, "/proc/self/fd/%d", file.descriptor);
  return file;
}

void
fuzz_file_close (FuzzFile *file)
{
  (void) close (file->descriptor);
}

void
fuzz_assert_outcome (gboolean      is_read,
                     const GError *error,
                     const char   *path)
{
  g_assert_true (is_read == (error == NULL));
  if (error == NULL)
    return;
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), >, strlen (path) + 2);
}

static void
read_tensor (PspCheckpointIndex *index,
             guint               i)
{
  const PspStoredTensor *tensor = &g_array_index (index->tensors, PspStoredTensor, i);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTensor) values = psp_stored_tensor_read (tensor, index->file, &error);

  g_autoptr(GError) refusal = NULL;
  gboolean is_good = psp_stored_tensor_verify (tensor, index->file, -HUGE_VAL, &refusal);

  fuzz_assert_outcome (values != NULL, error, index->file->path);
  fuzz_assert_outcome (is_good, refusal, index->file->path);
  g_assert_nonnull (psp_checkpoint_index_find (index, tensor->entry.name));
}

int
fuzz_read_container (gboolean      (*read) (PspCheckpointIndex  *index,
                                            GError             **error),
                     gconstpointer   bytes,
                     gsize           n_bytes)
{
  FuzzFile file = fuzz_file_open (bytes, n_bytes);
  g_autoptr(GError) error = NULL;
  PspFileReader *reader = psp_file_reader_new (file.path, &error);
  g_autoptr(PspCheckpointIndex) index = psp_checkpoint_index_new (reader);
  gboolean is_read;

  g_assert_no_error (error);
  is_read = read (index, &error);
  fuzz_assert_outcome (is_read, error, file.path);
  if (is_read)
    psp_checkpoint_index_strip_prefixes (index);
  for (guint i = 0; is_read && i < MIN (index->tensors->len, MAX_TENSORS); i++)
    read_tensor (index, i);
  fuzz_file_close (&file);
  return 0;
}
