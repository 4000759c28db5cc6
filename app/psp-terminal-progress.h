/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-progress.h"

/**
 * PspTerminalProgress:
 *
 * One line on stderr, “name 42 %”, rewritten in place and wiped at the end; nothing where stderr is
 * no terminal.
 */
typedef struct _PspTerminalProgress PspTerminalProgress;

PspTerminalProgress *psp_terminal_progress_new  (const char          *name) G_GNUC_WARN_UNUSED_RESULT;
void                 psp_terminal_progress_free (PspTerminalProgress *self);

/* For a function of the engine; valid as long as @self. */
PspProgress          psp_terminal_progress_get  (PspTerminalProgress *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspTerminalProgress, psp_terminal_progress_free)
