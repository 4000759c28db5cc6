/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-taxonomy-file.h"
#include "tests/fuzz/fuzz.h"

/* What is read can be written, and is then read as the same. */
static void
write_and_read (const PspTaxonomy *taxonomy)
{
  g_autofree char *json = psp_taxonomy_to_json (taxonomy);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) again = psp_taxonomy_from_json (json, &error);
  g_autofree char *json_again = NULL;

  g_assert_no_error (error);
  json_again = psp_taxonomy_to_json (again);
  g_assert_cmpstr (json, ==, json_again);
}

/* A taxonomy as JSON or as a list of names. */
int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         n_bytes)
{
  FuzzFile file = fuzz_file_open (bytes, n_bytes);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_load (file.path, &error);

  fuzz_assert_outcome (taxonomy != NULL, error, file.path);
  if (taxonomy != NULL)
    write_and_read (taxonomy);
  fuzz_file_close (&file);
  return 0;
}
