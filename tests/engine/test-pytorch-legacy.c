/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-pytorch-legacy.h"
#include "tests/checkpoint-samples.h"
#include "tests/psp-test-folder.h"

#include <string.h>

#define N_FLIPS_PER_FILE 4000

/* test-checkpoint.c compares the numbers of these with what PyTorch reads. */
static const char *const samples[] = {
  "legacy.pth", "legacy-types.pth", "legacy-shared.pth", "legacy-python2.pth", "legacy-views.pth",
  "legacy-protocol3.pth", "legacy-protocol4.pth", "legacy-protocol5.pth",
};

static void
test_container (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr(PspCheckpoint) checkpoint = sample_open (samples[i]);

      g_assert_cmpstr (psp_checkpoint_get_container (checkpoint), ==, "PyTorch legacy");
    }
}

/* The same network, written both ways by PyTorch. */
static void
test_same_as_zip (void)
{
  g_autoptr(PspCheckpoint) legacy = sample_open ("legacy-tiny18.pth");
  g_autoptr(PspCheckpoint) zip = sample_open ("../tiny18.pth");
  gsize n_entries = psp_checkpoint_get_n_entries (zip);

  g_assert_cmpuint (psp_checkpoint_get_n_entries (legacy), ==, n_entries);
  for (gsize i = 0; i < n_entries; i++)
    {
      const PspCheckpointEntry *entry = psp_checkpoint_get_entry (zip, i);
      g_autoptr(PspTensor) wanted = sample_read (zip, entry->name);
      g_autoptr(PspTensor) got = sample_read (legacy, entry->name);

      g_assert_cmpstr (psp_checkpoint_get_entry (legacy, i)->name, ==, entry->name);
      g_assert_cmpint (psp_checkpoint_get_entry (legacy, i)->dtype, ==, entry->dtype);
      sample_assert_same (entry->name, got, wanted);
    }
}

static void
test_refused (void)
{
  static const SampleRefusal refused[] = {
    { "refused-legacy-absent.pth", PSP_ERROR_BAD_FILE, "a storage that is not there" },
    { "refused-legacy-complex.pth", PSP_ERROR_UNSUPPORTED, "torch.ComplexFloatStorage" },
    { "refused-legacy-count.pth", PSP_ERROR_BAD_FILE, "another size" },
    { "refused-legacy-object.pth", PSP_ERROR_UNSUPPORTED, "torch.nn.modules.linear.Linear" },
    { "refused-legacy-protocol.pth", PSP_ERROR_UNSUPPORTED, "protocol" },
    { "refused-legacy-twice.pth", PSP_ERROR_BAD_FILE, "one twice" },
    { "refused-legacy-two-types.pth", PSP_ERROR_BAD_FILE, "in two ways" },
    { "refused-legacy-unused.pth", PSP_ERROR_BAD_FILE, "nothing needs" },
    { "refused-legacy-view.pth", PSP_ERROR_BAD_FILE, "damaged way" },
  };

  sample_assert_all_refused ("", "", refused, G_N_ELEMENTS (refused));
}

static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    sample_assert_cut_refused (samples[i], 1);
  sample_assert_cut_refused ("legacy-tiny18.pth", 997);
}

/* A storage whose count is what no file can hold. */
static void
test_huge_count (void)
{
  static const gint64 counts[] = { G_MAXINT64, G_MININT64, -1, 13, G_MAXINT64 / 4 + 1 };
  gsize n_bytes;
  g_autofree char *content = sample_load ("legacy-views.pth", &n_bytes);

  /* The last storage: 12 numbers behind their count. */
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      gint64 count = GINT64_TO_LE (counts[i]);

      memcpy (content + n_bytes - 12 * sizeof (float) - sizeof count, &count, sizeof count);
      sample_assert_bytes_refused (content, n_bytes, PSP_ERROR_BAD_FILE, "another size");
    }
}

/* What PyTorch leaves alone behind the last storage. */
static void
test_more_behind (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "longer.pth");
  g_autoptr(PspCheckpoint) checkpoint = NULL;
  g_autoptr(GError) error = NULL;
  gsize n_bytes;
  g_autofree char *content = sample_load ("legacy.pth", &n_bytes);

  content = g_realloc (content, n_bytes + 1);
  content[n_bytes] = 1;
  psp_test_folder_write (folder, "longer.pth", content, n_bytes + 1);
  checkpoint = psp_checkpoint_open (path, &error);
  g_assert_no_error (error);
  g_assert_nonnull (psp_checkpoint_find (checkpoint, "a.weight"));
}

/* A pickle that goes on behind the first 64 MiB: FRAME, which says nothing, again and again. */
static void
test_far_pickle (void)
{
  static const char head[] = PSP_PYTORCH_LEGACY_MAGIC "\x80\x02M\xe9\x03.";
  const gsize n_bytes = 64 * 1024 * 1024 + 1;
  g_autofree char *content = g_malloc0 (n_bytes);

  memcpy (content, head, sizeof head - 1);
  for (gsize i = sizeof head - 1; i < n_bytes; i += 9)
    content[i] = (char) 0x95;
  sample_assert_bytes_refused (content, n_bytes, PSP_ERROR_UNSUPPORTED, "64 MiB");
}

static void
test_lying_bytes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    sample_lie (samples[i]);
}

static void
test_flips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    sample_flip (samples[i], N_FLIPS_PER_FILE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pytorch-legacy/container", test_container);
  g_test_add_func ("/pytorch-legacy/same-as-zip", test_same_as_zip);
  g_test_add_func ("/pytorch-legacy/refused", test_refused);
  g_test_add_func ("/pytorch-legacy/cut", test_cut);
  g_test_add_func ("/pytorch-legacy/huge-count", test_huge_count);
  g_test_add_func ("/pytorch-legacy/more-behind", test_more_behind);
  g_test_add_func ("/pytorch-legacy/far-pickle", test_far_pickle);
  g_test_add_func ("/pytorch-legacy/lying-bytes", test_lying_bytes);
  g_test_add_func ("/pytorch-legacy/flips", test_flips);
  return g_test_run ();
}
