/* SPDX-License-Identifier: MIT */

#include "app/psp-application.h"

#include "app/psp-data-folder.h"
#include "ui/psp-action-table.h"
#include "ui/psp-window.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#define APPLICATION_ID "org.scenescope.Scenescope"

/* Of the demo's scenes the one whose failure is seen at once; see data/demo/README.md. */
#define DEMO_STEM "0004"

struct _PspApplication
{
  AdwApplication  parent_instance;

  PspSettings    *settings; /* %NULL before startup */
  GPtrArray      *projects; /* PspProject, not owned: those that are not gone */
};

G_DEFINE_FINAL_TYPE (PspApplication, psp_application, ADW_TYPE_APPLICATION)

static void
quit_action (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  g_autoptr(GList) windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (data)));

  /* Each may ask about unsaved edits; the program ends with the last one. */
  for (GList *link = windows; link != NULL; link = link->next)
    gtk_window_close (GTK_WINDOW (link->data));
}

static void
set_demo (PspWindow *window)
{
  g_autofree char *dataset = psp_data_folder_find ("demo");
  g_autofree char *model = psp_data_folder_find ("models/demo-pspnet18.safetensors");
  const PspDemo demo = {
    .dataset = dataset,
    .model = model,
    .stem = (char *) DEMO_STEM,
    .hint = (char *) _("The demo: a car painted on a wall. Compare the prediction with the ground "
                       "truth, then look at how sure the network is."),
  };

  if (dataset != NULL && model != NULL)
    psp_window_set_demo (window, &demo);
}

static void
forget_project (gpointer  data,
                GObject  *project)
{
  g_ptr_array_remove_fast (data, project);
}

static PspWindow *
create_window (PspApplication *self)
{
  g_autoptr(PspProject) project = psp_project_new ();
  g_autofree char *recovery = g_build_filename (g_get_user_data_dir (), "scenescope", "recovery",
                                                NULL);
  g_autofree char *answers = psp_model_answers_get_path ();
  GtkWidget *window;

  g_object_weak_ref (G_OBJECT (project), forget_project, self->projects);
  g_ptr_array_add (self->projects, project);
  psp_project_set_recovery_folder (project, recovery);
  psp_project_set_answers_path (project, answers);
  window = psp_window_new (GTK_APPLICATION (self), project, self->settings);
  set_demo (PSP_WINDOW (window));
  return PSP_WINDOW (window);
}

static void
psp_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    {
      window = GTK_WINDOW (create_window (PSP_APPLICATION (application)));
      gtk_widget_activate_action (GTK_WIDGET (window), "win.open-demo", NULL);
    }

  gtk_window_present (window);
}

static void
psp_application_open (GApplication  *application,
                      GFile        **files,
                      int            n_files,
                      const char    *hint)
{
  PspWindow *window = create_window (PSP_APPLICATION (application));
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) paths = NULL;

  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *path = g_file_get_path (files[i]);

      if (path != NULL)
        g_strv_builder_add (builder, path);
    }

  paths = g_strv_builder_end (builder);
  psp_window_open_paths (window, (const char * const *) paths);
  gtk_window_present (GTK_WINDOW (window));
}

static void
psp_application_startup (GApplication *application)
{
  PspApplication *self = PSP_APPLICATION (application);
  g_autoptr(GSettings) store = NULL;
  const GActionEntry actions[] = {
    { "quit", quit_action },
  };

  if (!gtk_init_check ())
    {
      g_printerr ("scenescope: there is no display for a window; commands work without one: try "
                  "“scenescope --help”\n");
      exit (EXIT_FAILURE);
    }
  G_APPLICATION_CLASS (psp_application_parent_class)->startup (application);

  store = psp_data_folder_open_settings (APPLICATION_ID);
  self->settings = psp_settings_new (store);
  gtk_window_set_default_icon_name (APPLICATION_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  psp_action_table_set_accels (GTK_APPLICATION (self));
}

static void
psp_application_shutdown (GApplication *application)
{
  PspApplication *self = PSP_APPLICATION (application);

  /* A model may still be at work, though its window is closed; what it sends to this thread holds
   * its project, which waits for the disk when it goes. */
  for (guint i = 0; i < self->projects->len; i++)
    psp_project_shut_down (g_ptr_array_index (self->projects, i));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&self->settings);

  G_APPLICATION_CLASS (psp_application_parent_class)->shutdown (application);
}

static void
psp_application_finalize (GObject *object)
{
  PspApplication *self = PSP_APPLICATION (object);

  for (guint i = 0; i < self->projects->len; i++)
    g_object_weak_unref (g_ptr_array_index (self->projects, i), forget_project, self->projects);
  g_ptr_array_unref (self->projects);

  G_OBJECT_CLASS (psp_application_parent_class)->finalize (object);
}

static void
psp_application_class_init (PspApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = psp_application_finalize;
  application_class->startup = psp_application_startup;
  application_class->activate = psp_application_activate;
  application_class->open = psp_application_open;
  application_class->shutdown = psp_application_shutdown;
}

static void
psp_application_init (PspApplication *self)
{
  self->projects = g_ptr_array_new ();
}

PspApplication *
psp_application_new (void)
{
  return g_object_new (PSP_TYPE_APPLICATION,
                       "application-id", APPLICATION_ID,
                       "flags", G_APPLICATION_HANDLES_OPEN,
                       NULL);
}

/* (transfer full): the files of @argv, with “FIRST,SECOND” as the two that it names: a process that
 * runs already must not have to find them from a folder of its own.  What stands behind “--” may
 * begin with “-”, and must not look like an option to GApplication. */
static GStrv
list_files (char **argv)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  gboolean protected = argv[1] != NULL && g_str_equal (argv[1], "--");

  g_strv_builder_add (builder, argv[0]);
  for (int i = protected ? 2 : 1; argv[i] != NULL; i++)
    {
      g_autofree char *path = g_strconcat (protected && *argv[i] == '-' ? "./" : "", argv[i], NULL);
      g_auto(GStrv) files = psp_model_files_split (path);

      g_strv_builder_addv (builder, (const char **) files);
    }
  return g_strv_builder_end (builder);
}

int
psp_application_run (char **argv)
{
  g_autoptr(PspApplication) application = psp_application_new ();
  g_auto(GStrv) files = list_files (argv);

  return g_application_run (G_APPLICATION (application), (int) g_strv_length (files), files);
}
