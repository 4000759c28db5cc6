/* SPDX-License-Identifier: MIT */
#pragma once

#include "tests/psp-test-folder.h"

#include <adwaita.h>

/* What the tests of windows have in common. */

/* Whether something that is waited for has happened. */
typedef gboolean (*PspUiTestCondition) (gpointer data);

/* (transfer full): an application that owns no name and is ready for windows; once a program. */
GtkApplication *psp_ui_test_create_application (void) G_GNUC_WARN_UNUSED_RESULT;

/* Runs the main loop until @condition holds; fails, naming @what, after half a minute. */
void            psp_ui_test_wait               (PspUiTestCondition  condition,
                                                gpointer            data,
                                                const char         *what);

/* Runs the main loop for as long as there is something to do at once. */
void            psp_ui_test_settle             (void);

/* Runs the main loop until the window of @widget is drawn with all that changed so far. */
void            psp_ui_test_wait_for_frame     (GtkWidget          *widget);

typedef gboolean (*PspUiTestMatch) (GtkWidget     *widget,
                                    gconstpointer  data);

/* (transfer none) (nullable): the first widget in @root or below it that @matches. */
GtkWidget      *psp_ui_test_find_where         (GtkWidget          *root,
                                                PspUiTestMatch      matches,
                                                gconstpointer       data);

/* (transfer none) (nullable): the first widget of @type in @root or below it. */
GtkWidget      *psp_ui_test_find               (GtkWidget          *root,
                                                GType               type);

/* (transfer none) (nullable): the label in @root or below it that says @text. */
GtkWidget      *psp_ui_test_find_label         (GtkWidget          *root,
                                                const char         *text);

/* How many widgets of @type there are in @root and below it. */
guint           psp_ui_test_count              (GtkWidget          *root,
                                                GType               type);

/* (transfer none) (nullable): the button in @root or below it whose detailed action is @action. */
GtkWidget      *psp_ui_test_find_button        (GtkWidget          *root,
                                                const char         *action);

/* (transfer none) (nullable): a window of @type that is open. */
GtkWidget      *psp_ui_test_find_window        (GType               type);

/* The least contrast (WCAG 2) of a text in @widget, as it is drawn, with what was filled just
 * before, else with the window; infinite without a text.  A frame must have been drawn. */
double          psp_ui_test_measure_contrast   (GtkWidget          *widget);

/* Whether an action of @widget can be activated. */
gboolean        psp_ui_test_is_enabled         (GtkWidget          *widget,
                                                const char         *action);

/* Writes a dataset into “dataset” in @folder: images a, b, c of 97 x 73 pixels with the classes of
 * CamVid, labels of a and b.  Returns its path. */
char           *psp_ui_test_write_dataset      (const PspTestFolder *folder) G_GNUC_WARN_UNUSED_RESULT;

/* The path of a small random network with 11 classes. */
char           *psp_ui_test_dup_model_path     (void) G_GNUC_WARN_UNUSED_RESULT;
