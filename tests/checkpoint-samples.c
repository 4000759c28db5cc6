/* SPDX-License-Identifier: MIT */
#include "tests/checkpoint-samples.h"

#include "tests/psp-test-folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

char *
sample_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "checkpoints", name, NULL);
}

char *
sample_load (const char *name,
             gsize      *n_bytes)
{
  g_autofree char *path = sample_path (name);
  char *content = NULL;

  g_assert_true (g_file_get_contents (path, &content, n_bytes, NULL));
  return content;
}

PspCheckpoint *
sample_open (const char *name)
{
  g_autofree char *path = sample_path (name);
  g_autoptr(GError) error = NULL;
  PspCheckpoint *checkpoint = psp_checkpoint_open (path, &error);

  g_assert_no_error (error);
  return checkpoint;
}

PspTensor *
sample_read (PspCheckpoint *checkpoint,
             const char    *name)
{
  g_autoptr(GError) error = NULL;
  PspTensor *tensor = psp_checkpoint_read (checkpoint, name, &error);

  g_assert_no_error (error);
  return tensor;
}

void
sample_assert_same (const char      *name,
                    const PspTensor *got,
                    const PspTensor *wanted)
{
  g_assert_cmpint (got->n_dimensions, ==, wanted->n_dimensions);
  for (int i = 0; i < got->n_dimensions; i++)
    g_assert_cmpint (got->shape[i], ==, wanted->shape[i]);
  for (gsize i = 0; i < got->n_elements; i++)
    if (memcmp (&got->data[i], &wanted->data[i], sizeof (float)) != 0 &&
        !(isnan (got->data[i]) && isnan (wanted->data[i])))
      g_error ("%s: element %" G_GSIZE_FORMAT " is %g instead of %g", name, i,
               (double) got->data[i], (double) wanted->data[i]);
}

void
sample_assert_refused (const char *path,
                       PspError    code,
                       const char *says)
{
  g_autoptr(GError) error = NULL;

  if (psp_checkpoint_open (path, &error) != NULL)
    g_error ("%s is not refused; it should be, with “%s”", path, says);
  g_assert_error (error, PSP_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, path));
  if (strstr (error->message + strlen (path), says) == NULL)
    g_error ("“%s” is not in: %s", says, error->message);
}

void
sample_assert_all_refused (const char          *prefix,
                           const char          *suffix,
                           const SampleRefusal *refusals,
                           gsize                n_refusals)
{
  for (gsize i = 0; i < n_refusals; i++)
    {
      g_autofree char *name = g_strconcat (prefix, refusals[i].name, suffix, NULL);
      g_autofree char *path = sample_path (name);

      sample_assert_refused (path, refusals[i].code, refusals[i].says);
    }
}

void
sample_assert_bytes_refused (gconstpointer content,
                             gsize         n_bytes,
                             PspError      code,
                             const char   *says)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "refused");

  psp_test_folder_write (folder, "refused", content, n_bytes);
  sample_assert_refused (path, code, says);
}

void
sample_assert_cut_refused (const char *name,
                           gsize       step)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "cut");
  gsize n_bytes;
  g_autofree char *content = sample_load (name, &n_bytes);

  psp_test_folder_write (folder, "cut", content, n_bytes);
  for (gsize length = n_bytes - 1;; length -= step)
    {
      g_autoptr(GError) error = NULL;

      g_assert_cmpint (truncate (path, (off_t) length), ==, 0);
      if (psp_checkpoint_open (path, &error) != NULL)
        g_error ("%s is accepted after byte %" G_GSIZE_FORMAT, name, length);
      g_assert_true (g_str_has_prefix (error->message, path));
      if (length < step)
        return;
    }
}

void
sample_forget_checksums (char  *content,
                         gsize  n_bytes)
{
  for (gsize i = 0; i + 20 <= n_bytes; i++)
    if (memcmp (content + i, "PK\1\2", 4) == 0)
      memset (content + i + 16, 0, 4);
}

void
sample_read_or_refuse (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspCheckpoint) checkpoint = psp_checkpoint_open (path, &error);

  if (checkpoint == NULL)
    {
      g_assert_true (g_str_has_prefix (error->message, path));
      return;
    }
  for (gsize i = 0; i < psp_checkpoint_get_n_entries (checkpoint); i++)
    {
      const char *name = psp_checkpoint_get_entry (checkpoint, i)->name;
      g_autoptr(PspTensor) tensor = psp_checkpoint_read (checkpoint, name, &error);

      g_assert_true ((tensor == NULL) == (error != NULL));
      if (tensor == NULL)
        g_assert_true (g_str_has_prefix (error->message, path));
      g_clear_error (&error);
    }
}

void
sample_flip (const char *name,
             int         n_rounds)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "flipped");
  g_autoptr(GRand) random = g_rand_new_with_seed (97);
  gsize n_bytes;
  g_autofree char *content = sample_load (name, &n_bytes);
  int descriptor = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

  g_assert_cmpint (descriptor, >=, 0);
  sample_forget_checksums (content, n_bytes);
  for (int round = 0; round < n_rounds; round++)
    {
      g_autofree char *flipped = g_memdup2 (content, n_bytes);
      int n_flips = g_rand_int_range (random, 1, 4);

      for (int k = 0; k < n_flips; k++)
        flipped[g_rand_int_range (random, 0, (gint32) n_bytes)] = (char) g_rand_int (random);
      g_assert_cmpint (pwrite (descriptor, flipped, n_bytes, 0), ==, (gssize) n_bytes);
      sample_read_or_refuse (path);
    }
  (void) close (descriptor);
  g_assert_false (g_file_test ("scenescope-was-here", G_FILE_TEST_EXISTS));
}

void
sample_lie (const char *name)
{
  static const guint8 lies[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "lying");
  gsize n_bytes;
  g_autofree char *content = sample_load (name, &n_bytes);
  int descriptor;

  psp_test_folder_write (folder, "lying", content, n_bytes);
  descriptor = g_open (path, O_RDWR | O_CLOEXEC, 0);
  g_assert_cmpint (descriptor, >=, 0);
  for (gsize i = 0; i < n_bytes; i++)
    {
      for (guint lie = 0; lie < G_N_ELEMENTS (lies); lie++)
        {
          g_assert_cmpint (pwrite (descriptor, &lies[lie], 1, (off_t) i), ==, 1);
          sample_read_or_refuse (path);
        }
      g_assert_cmpint (pwrite (descriptor, &content[i], 1, (off_t) i), ==, 1);
    }
  (void) close (descriptor);
}
