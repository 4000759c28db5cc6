/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include <glib/gi18n.h>

/* What is being opened; the callback owns it. */
typedef struct
{
  PspWindow  *window;
  PspJob     *job;  /* (nullable) until it begins */
  char      **paths;
  gboolean    demo; /* the model and the image of the demo follow */
} Opening;

static Opening *
opening_new (PspWindow          *self,
             const char * const *paths)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->window = g_object_ref (self);
  opening->paths = g_strdupv ((char **) paths);
  return opening;
}

static void
opening_free (Opening *opening)
{
  if (opening->job != NULL)
    psp_window_end_job (opening->window, opening->job);
  g_clear_object (&opening->job);
  g_clear_object (&opening->window);
  g_clear_pointer (&opening->paths, g_strfreev);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static void open_model (PspWindow *self, const char *path, gboolean demo);

static void
select_stem (PspWindow  *self,
             const char *stem)
{
  if (stem != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.select-image", "s", stem);
}

char *
psp_window_dup_path_name (const char *path)
{
  g_auto(GStrv) files = psp_model_files_split (path);
  g_autofree char *first = g_filename_display_basename (files[0]);
  g_autofree char *second = files[1] != NULL ? g_filename_display_basename (files[1]) : NULL;

  return g_strjoin (" + ", first, second, NULL);
}

/* What cannot be opened need not be offered again; that somebody thought better of it, or a device
 * failed, says nothing of the file. */
static gboolean
is_no_use (const GError *error)
{
  return !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
         !g_error_matches (error, PSP_ERROR, PSP_ERROR_NO_MEMORY) &&
         !g_error_matches (error, PSP_ERROR, PSP_ERROR_NO_DEVICE) &&
         !g_error_matches (error, PSP_ERROR, PSP_ERROR_DEVICE);
}

/* Says what is worth knowing about a dataset that was opened. */
static void
show_state (PspWindow *self)
{
  const char * const *problems = psp_project_get_dataset_problems (self->project);
  guint n_problems = problems != NULL ? g_strv_length ((char **) problems) : 0;

  if (n_problems > 0)
    {
      g_autofree char *details = g_strjoinv ("\n", (char **) problems);
      g_autofree char *title = NULL;

      title = g_strdup_printf (ngettext ("Something in this dataset does not fit.",
                                         "%u things in this dataset do not fit.", n_problems),
                               n_problems);
      psp_window_show_hint (self, PSP_WINDOW_HINT_PROBLEMS, title, details);
    }
  else if (psp_project_get_model (self->project) == NULL &&
           !psp_message_bar_get_shown (PSP_MESSAGE_BAR (self->error_bar)))
    psp_window_show_hint (self, PSP_WINDOW_HINT_NO_MODEL,
                          _("No checkpoint is open: predictions need one."), NULL);
  else
    psp_window_show_hint (self, PSP_WINDOW_HINT_NONE, NULL, NULL);
}

static void
dataset_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(Opening) opening = data;
  PspWindow *self = opening->window;
  g_autoptr(GError) error = NULL;
  g_autofree char *name = g_filename_display_basename (opening->paths[0]);
  g_autofree char *title = NULL;

  if (!psp_project_open_dataset_finish (PSP_PROJECT (source), result, &error))
    {
      title = g_strdup_printf (_("“%s” could not be opened."), name);
      psp_window_show_error (self, title, error, _("Open Another Folder…"), "win.open-dataset");
      if (self->project != NULL && is_no_use (error))
        psp_settings_drop_recent (self->settings, "recent-datasets", opening->paths[0]);
      return;
    }
  if (self->project == NULL)
    return;

  psp_window_focus_panes (self);
  if (opening->demo)
    {
      select_stem (self, self->demo.stem);
      open_model (self, self->demo.model, TRUE);
      return;
    }

  /* A list of images has no one place to come back to. */
  if (opening->paths[1] == NULL)
    psp_settings_add_recent (self->settings, "recent-datasets", opening->paths[0]);
  show_state (self);
  if (psp_project_get_modified (self->project))
    psp_window_show_hint (self, PSP_WINDOW_HINT_RECOVERED,
                          _("Edits that were never saved are back, up to the last stroke."), NULL);
}

static void
open_dataset (PspWindow          *self,
              const char * const *paths,
              gboolean            demo)
{
  Opening *opening = opening_new (self, paths);
  g_autofree char *name = g_filename_display_basename (paths[0]);
  g_autofree char *title = g_strdup_printf (_("Opening %s"), name);

  /* Not when it is done: a checkpoint that is opened beside may have failed by then. */
  psp_message_bar_close (PSP_MESSAGE_BAR (self->error_bar));
  opening->demo = demo;
  opening->job = psp_window_begin_job (self, title);
  psp_project_open_dataset_async (self->project, paths, psp_job_get_cancellable (opening->job),
                                  dataset_cb, opening);
}

static void
open_paths_settled (PspWindow *self,
                    gpointer   data)
{
  open_dataset (self, data, FALSE);
}

static void
open_demo_settled (PspWindow *self,
                   gpointer   data)
{
  const char *paths[] = { self->demo.dataset, NULL };

  open_dataset (self, paths, TRUE);
}

void
psp_window_open_dataset (PspWindow          *self,
                         const char * const *paths)
{
  psp_window_settle_edits (self, open_paths_settled, g_strdupv ((char **) paths),
                           (GDestroyNotify) g_strfreev);
}

void
psp_window_open_demo (PspWindow *self)
{
  if (self->demo.dataset != NULL)
    psp_window_settle_edits (self, open_demo_settled, NULL, NULL);
}

static void
model_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(Opening) opening = data;
  PspWindow *self = opening->window;
  g_autoptr(GError) error = NULL;
  g_autofree char *name = psp_window_dup_path_name (opening->paths[0]);
  g_autofree char *title = NULL;

  if (!psp_project_open_model_finish (PSP_PROJECT (source), result, &error))
    {
      title = g_strdup_printf (_("“%s” cannot be used as a checkpoint."), name);
      psp_window_show_error (self, title, error, _("Open Another Checkpoint…"), "win.open-model");
      if (self->hint == PSP_WINDOW_HINT_NO_MODEL &&
          psp_message_bar_get_shown (PSP_MESSAGE_BAR (self->error_bar)))
        psp_window_show_hint (self, PSP_WINDOW_HINT_NONE, NULL, NULL);
      if (self->project != NULL && is_no_use (error))
        psp_settings_drop_recent (self->settings, "recent-models", opening->paths[0]);
      return;
    }
  if (self->project == NULL)
    return;

  if (self->hint == PSP_WINDOW_HINT_NO_MODEL)
    psp_window_show_hint (self, PSP_WINDOW_HINT_NONE, NULL, NULL);
  if (!opening->demo)
    {
      PspModel *model = psp_project_get_model (self->project);

      psp_settings_add_recent (self->settings, "recent-models", psp_model_get_path (model));
      if (psp_project_get_model_asks (self->project))
        psp_window_show_facts (self);
      return;
    }

  if (self->demo.hint != NULL)
    psp_window_show_hint (self, PSP_WINDOW_HINT_DEMO, self->demo.hint, NULL);
  psp_project_run_all (self->project);
}

static void
open_model (PspWindow  *self,
            const char *path,
            gboolean    demo)
{
  const char *paths[] = { path, NULL };
  Opening *opening = opening_new (self, paths);
  g_autofree char *name = psp_window_dup_path_name (path);
  g_autofree char *title = g_strdup_printf (_("Loading %s"), name);

  psp_message_bar_close (PSP_MESSAGE_BAR (self->error_bar));
  opening->demo = demo;
  opening->job = psp_window_begin_job (self, title);
  psp_project_open_model_async (self->project, path, psp_job_get_cancellable (opening->job),
                                model_cb, opening);
}

void
psp_window_open_model (PspWindow          *self,
                       const char * const *paths)
{
  g_autofree char *path = g_strjoinv (",", (char **) paths);
  g_autofree char *names = NULL;
  g_autoptr(GError) error = NULL;

  if (g_strv_length ((char **) paths) <= 2)
    {
      open_model (self, path, FALSE);
      return;
    }

  names = g_strjoinv ("\n", (char **) paths);
  g_set_error (&error, PSP_ERROR, PSP_ERROR_BAD_VALUE, "%s", names);
  psp_window_show_error (self, _("One checkpoint can be open at a time: one file, or the two that "
                                 "some networks are saved in."), error,
                         _("Open Another Checkpoint…"), "win.open-model");
}

static void
set_choice (PspWindow  *self,
            const char *choice)
{
  g_free (self->device);
  self->device = g_strdup (choice);
  g_object_notify (G_OBJECT (self), "device");
}

static void
device_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(Opening) opening = data;
  PspWindow *self = opening->window;
  g_autoptr(GError) error = NULL;
  g_autofree char *former = NULL;

  gboolean is_last = self->device_opening == opening;

  if (is_last)
    self->device_opening = NULL;
  if (psp_project_set_device_finish (PSP_PROJECT (source), result, &error))
    {
      if (self->project != NULL)
        {
          g_object_set (self->settings, "device", opening->paths[0], NULL);
          psp_window_settle (self, PSP_WINDOW_TOPIC_DEVICE);
        }
      return;
    }
  if (self->project == NULL || !is_last)
    return;

  /* What worked before still does, unless it is this very device that is gone. */
  former = psp_settings_dup_string (self->settings, "device");
  if (g_str_equal (former, opening->paths[0]))
    g_object_set (self->settings, "device", "auto", NULL);
  set_choice (self, g_str_equal (former, opening->paths[0]) ? "auto" : former);
  psp_window_show_error_about (self, PSP_WINDOW_TOPIC_DEVICE, _("This device cannot be used."),
                               error, _("Use the Processor"), "win.device::cpu");
}

void
psp_window_set_device (PspWindow  *self,
                       const char *choice)
{
  const char *paths[] = { choice, NULL };
  Opening *opening;

  if (g_strcmp0 (self->device, choice) == 0)
    return;

  set_choice (self, choice);
  opening = opening_new (self, paths);
  opening->job = psp_window_begin_job (self, _("Moving to the device"));
  self->device_opening = opening;
  psp_project_set_device_async (self->project, choice, psp_job_get_cancellable (opening->job),
                                device_cb, opening);
}
