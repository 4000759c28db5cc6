/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/core/psp-geometry.h"
#include "tests/psp-test-folder.h"

/* The program as its users run it, without a display. */

/**
 * Outcome:
 * @status: exit status
 * @output: what it printed
 * @errors: the same to stderr
 *
 * What a run of the program left behind.
 */
typedef struct
{
  int   status;
  char *output;
  char *errors;
} Outcome;

void           command_clear_outcome (Outcome       *outcome);

/**
 * command_run:
 * @arguments: (array zero-terminated): behind the program's name
 * @variable: (nullable): “NAME=VALUE” for its environment
 * @setup: (nullable): called in the new process
 *
 * Returns: what came of it; a run that a signal ended fails the test
 */
Outcome command_run           (const char * const   *arguments,
                                      const char           *variable,
                                      GSpawnChildSetupFunc  setup) G_GNUC_WARN_UNUSED_RESULT;

#define RUN(...) command_run ((const char * const []) { __VA_ARGS__, NULL }, NULL, NULL)

/* Fails with what the program said unless it ended with @status. */
void           command_assert_status (const Outcome *outcome,
                                      int                   status);

/* Fails unless @part is in @text. */
void           command_assert_says   (const char           *text,
                                      const char           *part);

/* Makes a photo of a few colours. */
void           command_draw_photo    (const PspTestFolder  *folder,
                                      const char           *name,
                                      PspSize               size);

/* Makes a label of @bit_depth that is all @id. */
void           command_draw_label    (const PspTestFolder  *folder,
                                      const char           *name,
                                      PspSize               size,
                                      int                   bit_depth,
                                      int                   id);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, command_clear_outcome)
