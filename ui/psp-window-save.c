/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include <glib/gi18n.h>

/* What goes on once unsaved edits are settled. */
struct _PspWindowContinuation
{
  PspWindow             *window;
  PspWindowContinueFunc  func;
  gpointer               data;
  GDestroyNotify         destroy;
};

/* Work that writes; the callback owns it.  The program goes on until it has ended, even without a
 * window, so that nothing is left half written. */
typedef struct
{
  GApplication          *application;
  PspWindow             *window;
  PspJob                *job;
  char                  *path;         /* (nullable) */
  guint                  n_masks;      /* that are saved */
  PspWindowContinuation *continuation; /* (nullable): what comes after it */
} Writing;

void
psp_window_continuation_free (PspWindowContinuation *continuation)
{
  if (continuation->destroy != NULL)
    continuation->destroy (continuation->data);
  g_object_unref (continuation->window);
  g_free (continuation);
}

void
psp_window_drop_continuation (PspWindow *self)
{
  g_clear_pointer (&self->continuation, psp_window_continuation_free);
}

static Writing *
writing_new (PspWindow  *self,
             const char *title,
             const char *path)
{
  Writing *writing = g_new0 (Writing, 1);

  writing->application = g_object_ref (G_APPLICATION (
    gtk_window_get_application (GTK_WINDOW (self))));
  g_application_hold (writing->application);
  writing->window = g_object_ref (self);
  writing->job = psp_window_begin_job (self, title);
  writing->path = g_strdup (path);
  return writing;
}

static void
writing_free (Writing *writing)
{
  psp_window_end_job (writing->window, writing->job);
  g_clear_object (&writing->job);
  g_clear_object (&writing->window);
  g_clear_pointer (&writing->path, g_free);
  g_clear_pointer (&writing->continuation, psp_window_continuation_free);
  g_application_release (writing->application);
  g_object_unref (writing->application);
  g_free (writing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Writing, writing_free)

static guint
count_modified (PspProject *project)
{
  GListModel *items = psp_project_get_items (project);
  guint n_modified = 0;

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      n_modified += psp_project_item_get_modified (item) != FALSE;
    }

  return n_modified;
}

/* What waits for @writing, which failed, goes on if another workspace does better. */
static void
offer_another_workspace (Writing        *writing,
                         PspWindowTopic  topic,
                         const char     *title,
                         const GError   *error)
{
  PspWindow *self = writing->window;

  if (psp_window_show_error_about (self, topic, title, error, _("Choose Another Workspace…"),
                                   "win.choose-another-workspace"))
    self->continuation = g_steal_pointer (&writing->continuation);
}

static void
go_on (Writing *writing)
{
  if (writing->continuation != NULL && writing->window->project != NULL)
    writing->continuation->func (writing->window, writing->continuation->data);
}

static void
tell_saved (PspWindow  *self,
            guint       n_masks,
            const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *title = NULL;

  title = g_strdup_printf (ngettext ("%u mask saved to “%s”", "%u masks saved to “%s”", n_masks),
                           n_masks, name);
  psp_window_show_toast (self, title);
}

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(Writing) writing = data;
  PspWindow *self = writing->window;
  g_autoptr(GError) error = NULL;

  if (!psp_project_save_finish (PSP_PROJECT (source), result, &error))
    {
      offer_another_workspace (writing, PSP_WINDOW_TOPIC_SAVE,
                               _("The corrected masks are not saved."), error);
      return;
    }

  psp_window_settle (self, PSP_WINDOW_TOPIC_SAVE);
  tell_saved (self, writing->n_masks, writing->path);
  go_on (writing);
}

/* Takes @continuation (nullable). */
static void
save_now (PspWindow             *self,
          PspWindowContinuation *continuation)
{
  guint n_modified = count_modified (self->project);
  g_autofree char *title = NULL;
  Writing *writing;

  title = g_strdup_printf (ngettext ("Saving %u mask", "Saving %u masks", n_modified), n_modified);
  writing = writing_new (self, title, psp_project_get_workspace_path (self->project));
  writing->n_masks = n_modified;
  writing->continuation = continuation;
  psp_project_save_async (self->project, psp_job_get_cancellable (writing->job),
                          saved_cb, writing);
}

/* Takes @continuation (nullable); without a workspace one is chosen first. */
static void
save_then (PspWindow             *self,
           PspWindowContinuation *continuation)
{
  psp_window_drop_continuation (self);
  if (psp_project_get_workspace_path (self->project) != NULL)
    save_now (self, continuation);
  else
    psp_window_choose_workspace (self, continuation);
}

void
psp_window_save (PspWindow *self)
{
  save_then (self, NULL);
}

static void
workspace_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr(Writing) writing = data;
  PspWindow *self = writing->window;
  g_autoptr(GError) error = NULL;
  gboolean done = psp_project_set_workspace_finish (PSP_PROJECT (source), result, &error);

  if (self->project == NULL)
    return;

  if (!done)
    {
      offer_another_workspace (writing, PSP_WINDOW_TOPIC_WORKSPACE,
                               _("This folder cannot be the workspace."), error);
      return;
    }

  /* Where the work goes on next time. */
  psp_settings_add_recent (self->settings, "recent-datasets", writing->path);
  psp_window_settle (self, PSP_WINDOW_TOPIC_WORKSPACE);
  if (psp_project_get_modified (self->project))
    {
      save_now (self, g_steal_pointer (&writing->continuation));
      return;
    }

  psp_window_show_toast (self, _("Corrected masks go into this workspace from now on"));
  go_on (writing);
}

void
psp_window_set_workspace (PspWindow             *self,
                          const char            *path,
                          PspWindowContinuation *continuation)
{
  Writing *writing = writing_new (self, _("Opening the workspace"), path);

  psp_window_drop_continuation (self);
  writing->continuation = continuation;
  psp_project_set_workspace_async (self->project, path, psp_job_get_cancellable (writing->job),
                                   workspace_cb, writing);
}

static void
discarded_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  PspWindowContinuation *continuation = data;
  PspWindow *self = continuation->window;
  g_autoptr(GError) error = NULL;

  if (!psp_project_discard_finish (PSP_PROJECT (source), result, &error))
    psp_window_show_error (self, _("The edits could not be taken out of the journal."), error,
                           NULL, NULL);
  else if (self->project != NULL)
    continuation->func (self, continuation->data);
  psp_window_continuation_free (continuation);
}

static void
response_cb (PspWindowContinuation *continuation,
             const char            *response)
{
  PspWindow *self = continuation->window;

  if (self->project != NULL && g_str_equal (response, "save"))
    {
      save_then (self, continuation);
      return;
    }

  if (self->project != NULL && g_str_equal (response, "discard"))
    psp_project_discard_async (self->project, NULL, discarded_cb, continuation);
  else
    psp_window_continuation_free (continuation);
}

static GtkWidget *
create_question (PspWindow *self)
{
  guint n_modified = count_modified (self->project);
  GtkWidget *widget = adw_message_dialog_new (GTK_WINDOW (self), _("Save Corrected Masks?"), NULL);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (widget);

  adw_message_dialog_format_body (dialog,
                                  ngettext ("%u image has edits that are not saved.",
                                            "%u images have edits that are not saved.",
                                            n_modified), n_modified);
  adw_message_dialog_add_responses (dialog,
                                    "cancel", _("_Cancel"),
                                    "discard", _("_Discard"),
                                    "save", _("_Save"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (dialog, "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (dialog, "save");
  adw_message_dialog_set_close_response (dialog, "cancel");
  return widget;
}

void
psp_window_settle_edits (PspWindow             *self,
                         PspWindowContinueFunc  func,
                         gpointer               data,
                         GDestroyNotify         destroy)
{
  PspWindowContinuation *continuation = g_new0 (PspWindowContinuation, 1);
  GtkWidget *dialog;

  psp_window_drop_continuation (self);
  continuation->window = g_object_ref (self);
  continuation->func = func;
  continuation->data = data;
  continuation->destroy = destroy;
  if (!psp_project_get_modified (self->project))
    {
      func (self, data);
      psp_window_continuation_free (continuation);
      return;
    }

  dialog = create_question (self);
  g_signal_connect_swapped (dialog, "response", G_CALLBACK (response_cb), continuation);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
exported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(Writing) writing = data;
  PspWindow *self = writing->window;
  g_autoptr(GError) error = NULL;
  g_autoptr(PspExportResult) done = NULL;
  g_autofree char *name = g_filename_display_basename (writing->path);
  g_autofree char *title = NULL;
  guint n_failures;

  done = psp_project_export_finish (PSP_PROJECT (source), result, &error);
  if (done == NULL)
    {
      psp_window_show_error_about (self, PSP_WINDOW_TOPIC_EXPORT, _("Nothing was exported."),
                                   error, _("Export Again…"), "win.export");
      return;
    }

  n_failures = g_strv_length (done->failures);
  if (n_failures > 0)
    {
      g_autofree char *details = g_strjoinv ("\n", done->failures);
      g_autoptr(GError) failure = g_error_new_literal (PSP_ERROR, PSP_ERROR_IO, details);

      title = g_strdup_printf (ngettext ("%u image is missing from the export “%s”.",
                                         "%u images are missing from the export “%s”.",
                                         n_failures), n_failures, name);
      psp_window_show_error_about (self, PSP_WINDOW_TOPIC_EXPORT, title, failure, NULL, NULL);
      return;
    }

  psp_window_settle (self, PSP_WINDOW_TOPIC_EXPORT);
  title = g_strdup_printf (_("%u images exported to “%s”, %u of them corrected"),
                           (guint) done->n_done, name, (guint) done->n_corrected);
  psp_window_show_toast (self, title);
}

void
psp_window_export (PspWindow  *self,
                   const char *profile_name,
                   const char *path)
{
  PspExportProfile profile;
  g_autoptr(GError) error = NULL;
  Writing *writing;

  if (!psp_export_profile_from_name (profile_name, &profile, &error))
    {
      psp_window_show_error_about (self, PSP_WINDOW_TOPIC_EXPORT, _("Nothing was exported."),
                                   error, _("Export Again…"), "win.export");
      return;
    }

  writing = writing_new (self, _("Exporting"), path);
  psp_project_export_async (self->project, profile, path, psp_job_get_progress (writing->job),
                            psp_job_get_cancellable (writing->job), exported_cb, writing);
}

static void
reported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(Writing) writing = data;
  PspWindow *self = writing->window;
  g_autoptr(GError) error = NULL;
  g_autofree char *name = g_filename_display_basename (writing->path);
  g_autofree char *title = NULL;

  if (!psp_project_report_finish (PSP_PROJECT (source), result, &error))
    {
      psp_window_show_error_about (self, PSP_WINDOW_TOPIC_REPORT, _("The report is not saved."),
                                   error, _("Choose Another Folder…"), "win.save-report");
      return;
    }

  psp_window_settle (self, PSP_WINDOW_TOPIC_REPORT);
  title = g_strdup_printf (_("Report saved to “%s”"), name);
  psp_window_show_toast (self, title);
}

void
psp_window_write_report (PspWindow  *self,
                         const char *path)
{
  Writing *writing = writing_new (self, _("Writing the report"), path);

  psp_project_report_async (self->project, path, psp_job_get_cancellable (writing->job),
                            reported_cb, writing);
}
