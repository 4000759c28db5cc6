/* SPDX-License-Identifier: MIT */
#pragma once

#include "tests/psp-ui-test.h"
#include "ui/psp-message-bar.h"
#include "ui/psp-window.h"

/**
 * PspWindowTest:
 * @folder: the test's own
 * @application: of the program
 * @settings: remembered nowhere
 * @project: what the window shows
 * @window: a PspWindow that is open, its device the processor
 *
 * The fixture of tests that drive the main window.
 */
typedef struct
{
  PspTestFolder  *folder;
  GtkApplication *application;
  PspSettings    *settings;
  PspProject     *project;
  GtkWidget      *window;
} PspWindowTest;

typedef struct
{
  const char *path;
  void      (*func) (PspWindowTest *fixture,
                     gconstpointer  data);
} PspWindowTestCase;

/* Runs @n_cases tests in one application; what main() returns. */
int             psp_window_test_run           (int                      argc,
                                               char                   **argv,
                                               const PspWindowTestCase *cases,
                                               gsize                    n_cases);

/* Until no image is on its way and no work under way. */
void            psp_window_test_wait          (PspWindowTest *fixture);

/* Activates an action without a parameter. */
void            psp_window_test_activate      (PspWindowTest *fixture,
                                               const char    *action);

/* Activates an action with a string, and waits. */
void            psp_window_test_activate_path (PspWindowTest *fixture,
                                               const char    *action,
                                               const char    *path);

/* Writes and opens psp_ui_test_write_dataset(), or opens psp_ui_test_dup_model_path(). */
void            psp_window_test_open_dataset  (PspWindowTest *fixture);
void            psp_window_test_open_model    (PspWindowTest *fixture);

/* (transfer none): an image of the project. */
PspProjectItem *psp_window_test_get_item      (PspWindowTest *fixture,
                                               guint          position);

/* Paints a dot of class @class_id in the middle of the image that is open. */
void            psp_window_test_paint         (PspWindowTest *fixture,
                                               int            class_id);

/* (transfer none): the bar below the header that tells failures, and the one that gives hints. */
PspMessageBar  *psp_window_test_find_error    (PspWindowTest *fixture);
PspMessageBar  *psp_window_test_find_hint     (PspWindowTest *fixture);
