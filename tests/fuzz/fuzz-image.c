/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-image-file.h"
#include "tests/fuzz/fuzz.h"

/* Large ones are slow, and no different. */
#define MAX_PIXELS (1 << 20)

static void
load (const char *path)
{
  g_autoptr(GError) photo_error = NULL;
  g_autoptr(GError) mask_error = NULL;
  g_autoptr(PspImage) photo = psp_image_load (path, &photo_error);
  g_autoptr(PspMask) mask = psp_mask_load (path, &mask_error);

  fuzz_assert_outcome (photo != NULL, photo_error, path);
  fuzz_assert_outcome (mask != NULL, mask_error, path);
}

/* A PNG or a JPEG, as a photo and as a label. */
int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         n_bytes)
{
  FuzzFile file = fuzz_file_open (bytes, n_bytes);
  g_autoptr(GError) error = NULL;
  PspImageInfo info;
  gboolean is_probed = psp_image_probe (file.path, &info, &error);

  fuzz_assert_outcome (is_probed, error, file.path);
  if (!is_probed || (gint64) info.size.width * info.size.height <= MAX_PIXELS)
    load (file.path);
  fuzz_file_close (&file);
  return 0;
}
