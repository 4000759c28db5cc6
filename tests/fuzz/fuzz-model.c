/* SPDX-License-Identifier: MIT */
#include "engine/model/psp-model.h"
#include "tests/fuzz/fuzz.h"

/* Any file that is named as a model: the container, the family and the weights. */
int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         n_bytes)
{
  FuzzFile file = fuzz_file_open (bytes, n_bytes);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspModel) model = psp_model_load (file.path, NULL, NULL, &error);

  fuzz_assert_outcome (model != NULL, error, file.path);
  fuzz_file_close (&file);
  return 0;
}
