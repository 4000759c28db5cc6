/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-workspace.h"

/* What the tests of the workspace do again and again; a failure in it fails the test. */

#define PSP_TEST_MASK_SIDE 48

/* (transfer full): a square mask of the classes 0 to 3, pixel by pixel at random. */
PspMask      *psp_test_noise_mask        (guint32           seed) G_GNUC_WARN_UNUSED_RESULT;

PspWorkspace *psp_test_open_workspace    (const char       *path,
                                          PspWorkspaceMode  mode) G_GNUC_WARN_UNUSED_RESULT;

/* Opening must fail with @code and a message that holds @words. */
void          psp_test_assert_not_opened (const char       *path,
                                          PspWorkspaceMode  mode,
                                          int               code,
                                          const char       *words);

/* (transfer full): the journal of @stem on @base. */
GPtrArray    *psp_test_load_journal      (PspWorkspace     *workspace,
                                          const char       *stem,
                                          const PspMask    *base) G_GNUC_WARN_UNUSED_RESULT;

/* Appends @edit (transfer full). */
void          psp_test_append_edit       (PspWorkspace     *workspace,
                                          const char       *stem,
                                          PspEdit          *edit);

/* Appends fills of the classes 0, 1, 2, 3, 0 … */
void          psp_test_append_fills      (PspWorkspace     *workspace,
                                          const char       *stem,
                                          int               n_fills);
void          psp_test_save_mask         (PspWorkspace     *workspace,
                                          const char       *stem,
                                          const PspMask    *mask,
                                          gint64            journal_end);
