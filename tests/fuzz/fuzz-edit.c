/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-mask-editor.h"
#include "tests/fuzz/fuzz.h"

#define SIDE 8

static void
apply (PspEdit *edit)
{
  g_autoptr(PspMask) mask = psp_mask_new ((PspSize) { SIDE, SIDE }, 8, NULL);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (mask, NULL, NULL);
  g_autoptr(GPtrArray) journal = g_ptr_array_new ();
  g_autoptr(GError) error = NULL;

  g_ptr_array_add (journal, edit);
  if (!psp_mask_editor_replay (editor, journal, &error))
    g_assert_nonnull (error);
  while (psp_mask_editor_get_can_undo (editor))
    psp_mask_editor_undo (editor, NULL);
  g_assert_cmpmem (psp_mask_editor_get_mask (editor)->pixels, SIDE * SIDE * sizeof *mask->pixels,
                   mask->pixels, SIDE * SIDE * sizeof *mask->pixels);
}

/* An entry of a workspace's journal; applied and undone, it leaves the mask as it was. */
int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         n_bytes)
{
  g_autoptr(GBytes) content = g_bytes_new (bytes, n_bytes);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspEdit) edit = psp_edit_parse (content, &error);
  g_autoptr(GBytes) written = NULL;
  g_autoptr(PspEdit) again = NULL;

  fuzz_assert_outcome (edit != NULL, error, "");
  if (edit == NULL)
    return 0;
  written = psp_edit_serialize (edit);
  again = psp_edit_parse (written, &error);
  g_assert_no_error (error);
  g_assert_true (psp_edit_equal (edit, again));
  apply (edit);
  return 0;
}
