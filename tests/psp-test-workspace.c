/* SPDX-License-Identifier: MIT */
#include "tests/psp-test-workspace.h"

#include "engine/core/psp-error.h"

#include <string.h>

PspMask *
psp_test_noise_mask (guint32 seed)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (seed);
  PspMask *mask = psp_mask_new ((PspSize) { PSP_TEST_MASK_SIDE, PSP_TEST_MASK_SIDE }, 8, NULL);

  for (int i = 0; i < PSP_TEST_MASK_SIDE * PSP_TEST_MASK_SIDE; i++)
    mask->pixels[i] = g_rand_int_range (rand, 0, 4);
  return mask;
}

PspWorkspace *
psp_test_open_workspace (const char       *path,
                         PspWorkspaceMode  mode)
{
  g_autoptr(GError) error = NULL;
  PspWorkspace *workspace = psp_workspace_open (path, mode, &error);

  g_assert_no_error (error);
  return workspace;
}

void
psp_test_assert_not_opened (const char       *path,
                            PspWorkspaceMode  mode,
                            int               code,
                            const char       *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspWorkspace) workspace = psp_workspace_open (path, mode, &error);

  g_assert_null (workspace);
  g_assert_error (error, PSP_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

GPtrArray *
psp_test_load_journal (PspWorkspace  *workspace,
                       const char    *stem,
                       const PspMask *base)
{
  g_autofree char *digest = psp_mask_dup_digest (base);
  g_autoptr(GError) error = NULL;
  GPtrArray *journal = psp_workspace_load_journal (workspace, stem, digest, &error);

  g_assert_no_error (error);
  return journal;
}

void
psp_test_append_edit (PspWorkspace *workspace,
                      const char   *stem,
                      PspEdit      *edit)
{
  g_autoptr(PspEdit) owned = edit;
  g_autoptr(GError) error = NULL;

  psp_workspace_append_edit (workspace, stem, owned, &error);
  g_assert_no_error (error);
}

void
psp_test_append_fills (PspWorkspace *workspace,
                       const char   *stem,
                       int           n_fills)
{
  for (int i = 0; i < n_fills; i++)
    psp_test_append_edit (workspace, stem,
                          psp_edit_new_fill (i % 4, (PspPoint) { i % PSP_TEST_MASK_SIDE, 3 }));
}

void
psp_test_save_mask (PspWorkspace  *workspace,
                    const char    *stem,
                    const PspMask *mask,
                    gint64         journal_end)
{
  g_autoptr(GError) error = NULL;

  psp_workspace_save_mask (workspace, stem, mask, journal_end, &error);
  g_assert_no_error (error);
}
