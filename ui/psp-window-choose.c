/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include <glib/gi18n.h>

/* What a chooser asks for, and the action that gets the answer. */
typedef struct
{
  const char           *title;
  const char           *accept;
  GtkFileChooserAction  kind;
  gboolean              multiple;
  const char           *folder_setting; /* where it opens, and what it remembers */
  const char           *action;
  const char           *filter; /* (nullable): what its files are called */
  const char * const   *suffixes;
} Question;

typedef struct
{
  PspWindow             *window;
  const Question        *question;
  char                  *profile;      /* (nullable): of an export */
  PspWindowContinuation *continuation; /* (nullable): what waits for a workspace */
} Answer;

static const char * const image_suffixes[] = { "png", "jpg", "jpeg", NULL };

static const Question dataset_question = {
  .title = N_("Open a Dataset Folder"),
  .accept = N_("_Open"),
  .kind = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
  .folder_setting = "dataset-folder",
  .action = "win.open-dataset-path",
};

static const Question images_question = {
  .title = N_("Open Images"),
  .accept = N_("_Open"),
  .kind = GTK_FILE_CHOOSER_ACTION_OPEN,
  .multiple = TRUE,
  .folder_setting = "dataset-folder",
  .action = "win.open-paths",
  .filter = N_("Images"),
  .suffixes = image_suffixes,
};

static const Question model_question = {
  .title = N_("Open a Checkpoint"),
  .accept = N_("_Open"),
  .kind = GTK_FILE_CHOOSER_ACTION_OPEN,
  .multiple = TRUE,
  .folder_setting = "model-folder",
  .action = "win.open-model-paths",
  .filter = N_("Checkpoints"),
  .suffixes = psp_window_checkpoint_suffixes,
};

static const Question workspace_question = {
  .title = N_("Choose a Folder for the Corrected Masks"),
  .accept = N_("_Choose"),
  .kind = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
  .folder_setting = "output-folder",
  .action = "win.workspace-path",
};

static const Question export_question = {
  .title = N_("Choose an Empty Folder for the Export"),
  .accept = N_("_Export"),
  .kind = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
  .folder_setting = "output-folder",
  .action = "win.export-path",
};

static const Question report_question = {
  .title = N_("Choose a Folder for the Report"),
  .accept = N_("_Save"),
  .kind = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
  .folder_setting = "output-folder",
  .action = "win.report-path",
};

static void
answer_free (gpointer  data,
             GClosure *closure)
{
  Answer *answer = data;

  g_object_unref (answer->window);
  g_free (answer->profile);
  g_clear_pointer (&answer->continuation, psp_window_continuation_free);
  g_free (answer);
}

/* (transfer full) (array zero-terminated): what was chosen, without what is no local file. */
static char **
dup_paths (GListModel *files)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr(GFile) file = g_list_model_get_item (files, i);
      g_autofree char *path = g_file_get_path (file);

      if (path != NULL)
        g_strv_builder_add (builder, path);
    }

  return g_strv_builder_end (builder);
}

static void
remember_folder (PspWindow      *self,
                 const Question *question,
                 const char     *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_utf8_validate (folder, -1, NULL))
    g_object_set (self->settings, question->folder_setting, folder, NULL);
}

static void
response_cb (GtkNativeDialog *dialog,
             int              response,
             Answer          *answer)
{
  PspWindow *self = answer->window;
  const Question *question = answer->question;
  g_autoptr(GListModel) files = NULL;
  g_auto(GStrv) paths = NULL;

  gtk_native_dialog_hide (dialog);
  if (response == GTK_RESPONSE_ACCEPT && self->project != NULL)
    {
      files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
      paths = dup_paths (files);
    }
  if (paths != NULL && paths[0] != NULL)
    {
      remember_folder (self, question, paths[0]);
      if (question->multiple)
        gtk_widget_activate_action (GTK_WIDGET (self), question->action, "^as", paths);
      else if (answer->profile != NULL)
        gtk_widget_activate_action (GTK_WIDGET (self), question->action, "(ss)",
                                    answer->profile, paths[0]);
      else if (answer->continuation != NULL)
        psp_window_set_workspace (self, paths[0], g_steal_pointer (&answer->continuation));
      else
        gtk_widget_activate_action (GTK_WIDGET (self), question->action, "s", paths[0]);
    }

  /* The reference that kept it while it was open. */
  g_object_unref (dialog);
}

static void
set_folder (PspWindow            *self,
            const Question       *question,
            GtkFileChooserNative *dialog)
{
  g_autofree char *path = psp_settings_dup_string (self->settings, question->folder_setting);
  g_autoptr(GFile) folder = NULL;

  if (*path == '\0')
    return;

  /* A folder that is gone leaves the chooser where it likes to be. */
  folder = g_file_new_for_path (path);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder, NULL);
}

static void
add_filters (const Question       *question,
             GtkFileChooserNative *dialog)
{
  g_autoptr(GtkFileFilter) some = gtk_file_filter_new ();
  g_autoptr(GtkFileFilter) all = gtk_file_filter_new ();

  if (question->filter == NULL)
    return;

  gtk_file_filter_set_name (some, _(question->filter));
  for (int i = 0; question->suffixes[i] != NULL; i++)
    gtk_file_filter_add_suffix (some, question->suffixes[i]);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), some);

  gtk_file_filter_set_name (all, _("All Files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), all);
}

/* Takes @continuation (nullable). */
static void
ask (PspWindow             *self,
     const Question        *question,
     const char            *profile,
     PspWindowContinuation *continuation)
{
  GtkFileChooserNative *dialog;
  Answer *answer = g_new0 (Answer, 1);

  dialog = gtk_file_chooser_native_new (_(question->title), GTK_WINDOW (self), question->kind,
                                        _(question->accept), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), question->multiple);
  set_folder (self, question, dialog);
  add_filters (question, dialog);

  answer->window = g_object_ref (self);
  answer->question = question;
  answer->profile = g_strdup (profile);
  answer->continuation = continuation;
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), answer, answer_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
psp_window_choose_dataset (PspWindow *self)
{
  ask (self, &dataset_question, NULL, NULL);
}

void
psp_window_choose_images (PspWindow *self)
{
  ask (self, &images_question, NULL, NULL);
}

void
psp_window_choose_model (PspWindow *self)
{
  ask (self, &model_question, NULL, NULL);
}

void
psp_window_choose_workspace (PspWindow             *self,
                             PspWindowContinuation *continuation)
{
  ask (self, &workspace_question, NULL, continuation);
}

void
psp_window_choose_export (PspWindow  *self,
                          const char *profile)
{
  ask (self, &export_question, profile, NULL);
}

void
psp_window_choose_report (PspWindow *self)
{
  ask (self, &report_question, NULL, NULL);
}
