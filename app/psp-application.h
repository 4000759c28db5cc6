/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

/**
 * PspApplication:
 *
 * The window's side of the program: makes windows with a project each, remembers the settings,
 * knows where the demo is.
 */
#define PSP_TYPE_APPLICATION (psp_application_get_type ())
G_DECLARE_FINAL_TYPE (PspApplication, psp_application, PSP, APPLICATION, AdwApplication)

PspApplication *psp_application_new (void) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_application_run:
 * @argv: (array zero-terminated): of main(); what follows the program's name are paths: a
 *   workspace, a dataset folder, images, a checkpoint, or its two files, apart or with a comma
 *   between them; without any the demo is opened
 *
 * Opens a window and works until the last one is closed.  A program that is running already opens
 * the window instead.
 *
 * Returns: the exit status
 */
int             psp_application_run (char **argv);
