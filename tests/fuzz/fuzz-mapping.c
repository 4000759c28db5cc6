/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-mapping.h"
#include "engine/dataset/psp-taxonomy-file.h"
#include "tests/fuzz/fuzz.h"

/* A table from CamVid's classes to MSeg's. */
int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         n_bytes)
{
  FuzzFile file = fuzz_file_open (bytes, n_bytes);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) source = psp_taxonomy_load_builtin ("camvid-11", &error);
  g_autoptr(PspTaxonomy) target = psp_taxonomy_load_builtin ("mseg-universal", &error);
  g_autoptr(PspMapping) mapping = psp_mapping_load (file.path, source, target, &error);

  fuzz_assert_outcome (mapping != NULL, error, file.path);
  for (int i = 0; mapping != NULL && i < psp_taxonomy_get_n_classes (source); i++)
    g_assert_cmpint (psp_mapping_get_target_id (mapping, i), <,
                     psp_taxonomy_get_n_classes (target));
  fuzz_file_close (&file);
  return 0;
}
