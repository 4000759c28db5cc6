/* SPDX-License-Identifier: MIT */
#include "tests/psp-window-test.h"

#include <glib/gstdio.h>

static void
answer (const char *response)
{
  GtkWidget *dialog = psp_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG);

  g_assert_nonnull (dialog);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
  gtk_window_destroy (GTK_WINDOW (dialog));
  psp_ui_test_settle ();
  g_assert_null (psp_ui_test_find_window (ADW_TYPE_MESSAGE_DIALOG));
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static void
note_closed (gboolean *closed)
{
  *closed = TRUE;
}

static gboolean
is_closed (gpointer data)
{
  return *(gboolean *) data;
}

/* For tear_down(): there must be a window to destroy. */
static void
renew_window (PspWindowTest *fixture)
{
  fixture->window = psp_window_new (fixture->application, fixture->project, fixture->settings);
}

/* Waits until @window (transfer full), that of @fixture, is closed with nothing left to save. */
static void
finish_close (PspWindowTest *fixture,
              GtkWidget     *window,
              gboolean      *closed)
{
  psp_ui_test_wait (is_closed, closed, "the window is closed");
  g_assert_false (psp_project_get_modified (fixture->project));
  g_object_unref (window);
  renew_window (fixture);
}

static void
test_close_asks (PspWindowTest *fixture,
                 gconstpointer  data)
{
  gboolean closed = FALSE;

  g_signal_connect_swapped (fixture->window, "unrealize", G_CALLBACK (note_closed), &closed);
  psp_window_test_open_dataset (fixture);
  psp_window_test_paint (fixture, 8);

  gtk_window_close (GTK_WINDOW (fixture->window));
  answer ("cancel");
  g_assert_false (closed);
  g_assert_true (psp_project_get_modified (fixture->project));

  g_object_ref (fixture->window);
  gtk_window_close (GTK_WINDOW (fixture->window));
  g_assert_false (closed);
  answer ("discard");
  g_assert_true (closed);
  g_object_unref (fixture->window);
  renew_window (fixture);
}

static void
test_close_saves (PspWindowTest *fixture,
                  gconstpointer  data)
{
  gboolean closed = FALSE;
  g_autofree char *workspace = psp_test_folder_path (fixture->folder, "workspace");

  psp_window_test_open_dataset (fixture);
  psp_window_test_activate_path (fixture, "win.workspace-path", workspace);
  psp_window_test_paint (fixture, 8);

  g_object_ref (fixture->window);
  g_signal_connect_swapped (fixture->window, "unrealize", G_CALLBACK (note_closed), &closed);
  gtk_window_close (GTK_WINDOW (fixture->window));
  answer ("save");
  finish_close (fixture, fixture->window, &closed);
}

static gboolean
has_chooser (gpointer data)
{
  return psp_ui_test_find_window (GTK_TYPE_FILE_CHOOSER_DIALOG) != NULL;
}

static gboolean
is_chosen (gpointer data)
{
  GtkWidget *dialog = psp_ui_test_find_window (GTK_TYPE_FILE_CHOOSER_DIALOG);
  g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

  return file != NULL && g_file_equal (file, data);
}

/* Makes the folder @name, for file choosers of folders for results to open in. */
static void
offer_folder (PspWindowTest *fixture,
              const char    *name)
{
  g_autofree char *path = psp_test_folder_path (fixture->folder, name);

  g_assert_cmpint (g_mkdir_with_parents (path, 0777), ==, 0);
  g_object_set (fixture->settings, "output-folder", path, NULL);
}

/* Answers the file chooser with the folder that it opened in; there must be nothing in that folder
 * which the chooser could select in its place. */
static void
choose (PspWindowTest   *fixture,
        GtkResponseType  response)
{
  g_autofree char *path = psp_settings_dup_string (fixture->settings, "output-folder");
  g_autoptr(GFile) folder = g_file_new_for_path (path);

  psp_ui_test_wait (has_chooser, NULL, "the file chooser is there");
  psp_ui_test_wait (is_chosen, folder, "the folder is chosen");
  gtk_dialog_response (GTK_DIALOG (psp_ui_test_find_window (GTK_TYPE_FILE_CHOOSER_DIALOG)),
                       response);
}

static gboolean
is_saved (gpointer data)
{
  PspWindowTest *fixture = data;

  return !psp_project_get_modified (fixture->project);
}

/* Asks to close the window and to save; the folder that is chosen cannot be a workspace. */
static void
fail_to_close (PspWindowTest *fixture,
               gboolean      *closed)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);

  g_signal_connect_swapped (fixture->window, "unrealize", G_CALLBACK (note_closed), closed);
  psp_window_test_open_dataset (fixture);
  psp_test_folder_print (fixture->folder, "taken/.keep", "");
  psp_window_test_paint (fixture, 8);
  offer_folder (fixture, "taken");
  gtk_window_close (GTK_WINDOW (fixture->window));
  answer ("save");
  choose (fixture, GTK_RESPONSE_ACCEPT);
  psp_window_test_wait (fixture);
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_cmpstr (psp_message_bar_get_title (bar), ==, "This folder cannot be the workspace.");
  g_assert_false (*closed);
}

/* Whoever stays after that and saves later has not asked to close the window then. */
static void
test_close_fails (PspWindowTest *fixture,
                  gconstpointer  data)
{
  gboolean closed = FALSE;

  fail_to_close (fixture, &closed);
  offer_folder (fixture, "workspace");
  psp_window_test_activate (fixture, "win.choose-workspace");
  choose (fixture, GTK_RESPONSE_ACCEPT);
  psp_ui_test_wait (is_saved, fixture, "the mask is saved");
  psp_ui_test_settle ();
  g_assert_false (closed);
  g_signal_handlers_disconnect_by_data (fixture->window, &closed);
}

/* Answers the failure with another folder, or with none. */
static void
choose_another (PspWindowTest   *fixture,
                const char      *name,
                GtkResponseType  response)
{
  GtkWidget *bar = GTK_WIDGET (psp_window_test_find_error (fixture));

  offer_folder (fixture, name);
  g_signal_emit_by_name (psp_ui_test_find_button (bar, "win.choose-another-workspace"), "clicked");
  choose (fixture, response);
}

static void
test_close_after_failure (PspWindowTest *fixture,
                          gconstpointer  data)
{
  GtkWidget *window = g_object_ref (fixture->window);
  gboolean closed = FALSE;

  fail_to_close (fixture, &closed);
  choose_another (fixture, "workspace", GTK_RESPONSE_ACCEPT);
  finish_close (fixture, window, &closed);
}

/* A workspace that was good once, and holds no masks any more. */
static void
test_close_after_failed_save (PspWindowTest *fixture,
                              gconstpointer  data)
{
  g_autofree char *path = psp_test_folder_path (fixture->folder, "workspace");
  g_autofree char *labels = g_build_filename (path, "labels", NULL);
  GtkWidget *window = g_object_ref (fixture->window);
  gboolean closed = FALSE;

  g_signal_connect_swapped (window, "unrealize", G_CALLBACK (note_closed), &closed);
  psp_window_test_open_dataset (fixture);
  psp_window_test_activate_path (fixture, "win.workspace-path", path);
  psp_window_test_paint (fixture, 8);
  g_rmdir (labels);
  psp_test_folder_print (fixture->folder, "workspace/labels", "");
  gtk_window_close (GTK_WINDOW (window));
  answer ("save");
  psp_window_test_wait (fixture);
  g_assert_cmpstr (psp_message_bar_get_title (psp_window_test_find_error (fixture)), ==,
                   "The corrected masks are not saved.");
  choose_another (fixture, "another", GTK_RESPONSE_ACCEPT);
  finish_close (fixture, window, &closed);
}

/* With the edits gone there is nothing left to settle. */
static void
test_close_after_undo (PspWindowTest *fixture,
                       gconstpointer  data)
{
  GtkWidget *window = g_object_ref (fixture->window);
  gboolean closed = FALSE;

  fail_to_close (fixture, &closed);
  psp_window_test_activate (fixture, "canvas.undo");
  g_assert_false (psp_project_get_modified (fixture->project));
  choose_another (fixture, "workspace", GTK_RESPONSE_ACCEPT);
  finish_close (fixture, window, &closed);
}

static void
give_up_chooser (PspWindowTest *fixture)
{
  choose_another (fixture, "unused", GTK_RESPONSE_CANCEL);
}

static void
give_up_message (PspWindowTest *fixture)
{
  psp_message_bar_close (psp_window_test_find_error (fixture));
}

/* Another message takes the place of that one. */
static void
give_up_failure (PspWindowTest *fixture)
{
  g_autofree char *dataset = psp_test_folder_path (fixture->folder, "dataset");

  psp_window_test_activate_path (fixture, "win.workspace-path", dataset);
}

/* No way to give it up leaves anything for the button of a message. */
static void
test_close_given_up (PspWindowTest *fixture,
                     gconstpointer  data)
{
  void (*const give_up[]) (PspWindowTest *fixture) = {
    give_up_chooser, give_up_message, give_up_failure,
  };
  gboolean closed = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (give_up); i++)
    {
      g_autofree char *workspace = g_strdup_printf ("workspace %u", i);

      fail_to_close (fixture, &closed);
      give_up[i] (fixture);
      choose_another (fixture, workspace, GTK_RESPONSE_ACCEPT);
      psp_ui_test_wait (is_saved, fixture, "the mask is saved");
      psp_ui_test_settle ();
      g_assert_false (closed);
    }
  g_signal_handlers_disconnect_by_data (fixture->window, &closed);
}

/* Work that is cut short by the end of the window leaves nothing half done. */
static void
test_close_during_export (PspWindowTest *fixture,
                          gconstpointer  data)
{
  g_autofree char *path = psp_test_folder_path (fixture->folder, "export");
  GtkWidget *window = fixture->window;

  psp_window_test_open_dataset (fixture);
  g_assert_true (gtk_widget_activate_action (window, "win.export-path", "(ss)", "folder", path));
  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  gtk_window_close (GTK_WINDOW (window));
  psp_ui_test_wait (is_null, &window, "the window is gone");

  /* The dataset alone, or the whole export beside it. */
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_assert_cmpint (psp_test_folder_count (fixture->folder, "export/labels"), ==, 2);
      g_assert_cmpint (psp_test_folder_count (fixture->folder, "."), ==, 2);
    }
  else
    g_assert_cmpint (psp_test_folder_count (fixture->folder, "."), ==, 1);

  renew_window (fixture);
}

/* Another dataset would take unsaved edits with it. */
static void
test_open_asks (PspWindowTest *fixture,
                gconstpointer  data)
{
  g_autofree char *path = psp_test_folder_path (fixture->folder, "dataset/images");

  psp_window_test_open_dataset (fixture);
  psp_window_test_paint (fixture, 8);
  g_assert_true (gtk_widget_activate_action (fixture->window, "win.open-dataset-path", "s", path));
  answer ("cancel");
  psp_window_test_wait (fixture);
  g_assert_cmpstr (psp_project_get_dataset_name (fixture->project), ==, "dataset");

  g_assert_true (gtk_widget_activate_action (fixture->window, "win.open-dataset-path", "s", path));
  answer ("discard");
  psp_window_test_wait (fixture);
  g_assert_cmpstr (psp_project_get_dataset_name (fixture->project), ==, "images");
}

/* Now and then GTK's file chooser draws buttons of its path before they have a place: a warning
 * that says nothing about what is tested here, and that would end the program. */
static GLogWriterOutput
write_log (GLogLevelFlags   level,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         data)
{
  for (gsize i = 0; level == G_LOG_LEVEL_WARNING && i < n_fields; i++)
    {
      if (g_str_equal (fields[i].key, "MESSAGE") &&
          g_str_has_prefix (fields[i].value, "Trying to snapshot GtkButton") && has_chooser (NULL))
        return G_LOG_WRITER_HANDLED;
    }

  return g_log_writer_default (level, fields, n_fields, data);
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/window/close-asks", test_close_asks },
    { "/window/close-saves", test_close_saves },
    { "/window/close-fails", test_close_fails },
    { "/window/close-after-failure", test_close_after_failure },
    { "/window/close-after-failed-save", test_close_after_failed_save },
    { "/window/close-after-undo", test_close_after_undo },
    { "/window/close-given-up", test_close_given_up },
    { "/window/close-during-export", test_close_during_export },
    { "/window/open-asks", test_open_asks },
  };

  g_log_set_writer_func (write_log, NULL, NULL);
  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
