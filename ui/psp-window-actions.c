/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include "engine/psp-version.h"
#include "ui/psp-action-table.h"
#include "ui/psp-export-dialog.h"
#include "ui/psp-image-list.h"
#include "ui/psp-job-bar.h"

#include <glib/gi18n.h>

static void
open_dataset_action (GtkWidget  *widget,
                     const char *action,
                     GVariant   *parameter)
{
  psp_window_choose_dataset (PSP_WINDOW (widget));
}

static void
open_images_action (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  psp_window_choose_images (PSP_WINDOW (widget));
}

static void
open_model_action (GtkWidget  *widget,
                   const char *action,
                   GVariant   *parameter)
{
  psp_window_choose_model (PSP_WINDOW (widget));
}

static void
open_paths_action (GtkWidget  *widget,
                   const char *action,
                   GVariant   *parameter)
{
  g_autofree const char **paths = g_variant_get_strv (parameter, NULL);

  if (paths[0] != NULL)
    psp_window_open_dataset (PSP_WINDOW (widget), paths);
}

static void
open_dataset_path_action (GtkWidget  *widget,
                          const char *action,
                          GVariant   *parameter)
{
  const char *paths[] = { g_variant_get_string (parameter, NULL), NULL };

  psp_window_open_dataset (PSP_WINDOW (widget), paths);
}

static void
open_model_path_action (GtkWidget  *widget,
                        const char *action,
                        GVariant   *parameter)
{
  const char *paths[] = { g_variant_get_string (parameter, NULL), NULL };

  psp_window_open_model (PSP_WINDOW (widget), paths);
}

static void
open_model_paths_action (GtkWidget  *widget,
                         const char *action,
                         GVariant   *parameter)
{
  g_autofree const char **paths = g_variant_get_strv (parameter, NULL);

  if (paths[0] != NULL)
    psp_window_open_model (PSP_WINDOW (widget), paths);
}

static void
open_demo_action (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  psp_window_open_demo (PSP_WINDOW (widget));
}

static void
model_facts_action (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  psp_window_show_facts (PSP_WINDOW (widget));
}

static void
set_model_facts_action (GtkWidget  *widget,
                        const char *action,
                        GVariant   *parameter)
{
  PspWindow *self = PSP_WINDOW (widget);
  g_auto(PspModelOptions) options = { 0 };

  for (PspFact fact = 0; fact < PSP_N_FACTS; fact++)
    {
      const char *text;
      g_autoptr(GError) error = NULL;

      if (!g_variant_lookup (parameter, psp_fact_get_key (fact), "&s", &text) ||
          psp_model_options_set (&options, fact, text, &error))
        continue;
      psp_window_show_error (self, _("The checkpoint cannot be so. It stays as it was."), error,
                             NULL, NULL);
      return;
    }
  if (self->project != NULL)
    psp_window_set_facts (self, &options);
}

static void
toggle_level_action (GtkWidget  *widget,
                     const char *action,
                     GVariant   *parameter)
{
  PspProject *project = PSP_WINDOW (widget)->project;
  int level = g_variant_get_int32 (parameter);

  if (level >= 0 && level < PSP_MODEL_MAX_BINS)
    psp_project_set_levels_off (project, psp_project_get_levels_off (project) ^ 1u << level);
}

static void
all_levels_action (GtkWidget  *widget,
                   const char *action,
                   GVariant   *parameter)
{
  psp_project_set_levels_off (PSP_WINDOW (widget)->project, 0);
}

static void
choose_workspace_action (GtkWidget  *widget,
                         const char *action,
                         GVariant   *parameter)
{
  psp_window_choose_workspace (PSP_WINDOW (widget), NULL);
}

static void
choose_another_workspace_action (GtkWidget  *widget,
                                 const char *action,
                                 GVariant   *parameter)
{
  PspWindow *self = PSP_WINDOW (widget);

  psp_window_choose_workspace (self, g_steal_pointer (&self->continuation));
}

static void
workspace_path_action (GtkWidget  *widget,
                       const char *action,
                       GVariant   *parameter)
{
  psp_window_set_workspace (PSP_WINDOW (widget), g_variant_get_string (parameter, NULL), NULL);
}

static void
save_action (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  psp_window_save (PSP_WINDOW (widget));
}

static void
export_action (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  PspWindow *self = PSP_WINDOW (widget);

  gtk_window_present (GTK_WINDOW (psp_export_dialog_new (self)));
}

static void
export_path_action (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  const char *profile;
  const char *path;

  g_variant_get (parameter, "(&s&s)", &profile, &path);
  psp_window_export (PSP_WINDOW (widget), profile, path);
}

static void
export_to_action (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  psp_window_choose_export (PSP_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
save_report_action (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  psp_window_choose_report (PSP_WINDOW (widget));
}

static void
report_path_action (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  psp_window_write_report (PSP_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
run_action (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  psp_project_run_current (PSP_WINDOW (widget)->project);
}

static void
run_all_action (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  psp_project_run_all (PSP_WINDOW (widget)->project);
}

static void
cancel_action (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  psp_job_bar_cancel (PSP_JOB_BAR (PSP_WINDOW (widget)->job_bar));
}

static void
next_image_action (GtkWidget  *widget,
                   const char *action,
                   GVariant   *parameter)
{
  psp_image_list_move (PSP_IMAGE_LIST (PSP_WINDOW (widget)->image_list), 1);
}

static void
previous_image_action (GtkWidget  *widget,
                       const char *action,
                       GVariant   *parameter)
{
  psp_image_list_move (PSP_IMAGE_LIST (PSP_WINDOW (widget)->image_list), -1);
}

gboolean
psp_window_select_image (PspWindow  *self,
                         const char *stem)
{
  GListModel *items = psp_project_get_items (self->project);

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      if (!g_str_equal (psp_project_item_get_stem (item), stem))
        continue;

      psp_project_select (self->project, item);
      g_object_set (self, "page", "inspect", NULL);
      return TRUE;
    }

  return FALSE;
}

static void
select_image_action (GtkWidget  *widget,
                     const char *action,
                     GVariant   *parameter)
{
  (void) psp_window_select_image (PSP_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
show_pair_action (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  const char *stem;
  int truth;
  int prediction;

  g_variant_get (parameter, "(&sii)", &stem, &truth, &prediction);
  psp_window_show_pair (PSP_WINDOW (widget), stem, truth, prediction);
}

static void
find_image_action (GtkWidget  *widget,
                   const char *action,
                   GVariant   *parameter)
{
  PspWindow *self = PSP_WINDOW (widget);

  g_object_set (self, "page", "inspect", "show-images", TRUE, NULL);
  psp_image_list_start_search (PSP_IMAGE_LIST (self->image_list));
}

/* Gives the focus to the area @step places from the one that has it, of those that are shown. */
static void
focus_area (PspWindow *self,
            int        step)
{
  GtkWidget *areas[] = { self->image_list, self->grid, self->class_list };
  const int n_areas = G_N_ELEMENTS (areas);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  int current = 0;

  for (int i = 0; i < n_areas; i++)
    if (focus != NULL && gtk_widget_is_ancestor (focus, areas[i]))
      current = i;

  for (int i = 1; i < n_areas; i++)
    {
      GtkWidget *area = areas[(current + i * step + i * n_areas) % n_areas];

      if (!gtk_widget_get_mapped (area))
        continue;
      if (area == self->grid)
        psp_window_focus_panes (self);
      else
        gtk_widget_grab_focus (area);
      return;
    }
}

static void
next_area_action (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  focus_area (PSP_WINDOW (widget), 1);
}

static void
previous_area_action (GtkWidget  *widget,
                      const char *action,
                      GVariant   *parameter)
{
  focus_area (PSP_WINDOW (widget), -1);
}

static void
side_panes_action (GtkWidget  *widget,
                   const char *action,
                   GVariant   *parameter)
{
  gboolean images;
  gboolean classes;

  g_object_get (widget, "show-images", &images, "show-classes", &classes, NULL);
  g_object_set (widget,
                "show-images", !(images || classes),
                "show-classes", !(images || classes),
                NULL);
}

static void
shortcuts_action (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  GtkWidget *window = psp_action_table_create_window ();

  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (widget));
  gtk_window_present (GTK_WINDOW (window));
}

static void
about_action (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  adw_show_about_window (GTK_WINDOW (widget),
                         "application-name", "Scenescope",
                         "application-icon", "org.scenescope.Scenescope",
                         "version", PSP_VERSION,
                         "developer-name", _("The Scenescope authors"),
                         "license-type", GTK_LICENSE_MIT_X11,
                         "comments", _("See where and why a segmentation network fails, and "
                                       "correct the labels."),
                         NULL);
}

void
psp_window_install_actions (GtkWidgetClass *class)
{
  const struct
  {
    const char                  *name;
    const char                  *parameter;
    GtkWidgetActionActivateFunc  activate;
  } actions[] = {
    { "win.open-dataset", NULL, open_dataset_action },
    { "win.open-images", NULL, open_images_action },
    { "win.open-model", NULL, open_model_action },
    { "win.open-paths", "as", open_paths_action },
    { "win.open-dataset-path", "s", open_dataset_path_action },
    { "win.open-model-path", "s", open_model_path_action },
    { "win.open-model-paths", "as", open_model_paths_action },
    { "win.open-demo", NULL, open_demo_action },
    { "win.toggle-pyramid-level", "i", toggle_level_action },
    { "win.all-pyramid-levels", NULL, all_levels_action },
    { "win.model-facts", NULL, model_facts_action },
    { "win.set-model-facts", "a{ss}", set_model_facts_action },
    { "win.choose-workspace", NULL, choose_workspace_action },
    { "win.choose-another-workspace", NULL, choose_another_workspace_action },
    { "win.workspace-path", "s", workspace_path_action },
    { "win.save", NULL, save_action },
    { "win.export", NULL, export_action },
    { "win.export-to", "s", export_to_action },
    { "win.export-path", "(ss)", export_path_action },
    { "win.save-report", NULL, save_report_action },
    { "win.report-path", "s", report_path_action },
    { "win.run", NULL, run_action },
    { "win.run-all", NULL, run_all_action },
    { "win.cancel", NULL, cancel_action },
    { "win.next-image", NULL, next_image_action },
    { "win.previous-image", NULL, previous_image_action },
    { "win.select-image", "s", select_image_action },
    { "win.show-pair", "(sii)", show_pair_action },
    { "win.find-image", NULL, find_image_action },
    { "win.next-area", NULL, next_area_action },
    { "win.previous-area", NULL, previous_area_action },
    { "win.side-panes", NULL, side_panes_action },
    { "win.shortcuts", NULL, shortcuts_action },
    { "win.about", NULL, about_action },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (class, actions[i].name, actions[i].parameter,
                                     actions[i].activate);

  gtk_widget_class_install_property_action (class, "win.page", "page");
  gtk_widget_class_install_property_action (class, "win.show-images", "show-images");
  gtk_widget_class_install_property_action (class, "win.show-classes", "show-classes");
  gtk_widget_class_install_property_action (class, "win.device", "device");
  gtk_widget_class_install_property_action (class, "win.full-screen", "fullscreened");
}

void
psp_window_update_actions (PspWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  PspProject *project = self->project;
  gboolean any = g_list_model_get_n_items (psp_project_get_items (project)) > 0;
  gboolean idle = any && psp_project_get_model (project) != NULL &&
                  !psp_project_get_running (project);

  gtk_widget_action_set_enabled (widget, "win.model-facts",
                                 psp_project_get_model (project) != NULL);
  gtk_widget_action_set_enabled (widget, "win.all-pyramid-levels",
                                 psp_project_get_levels_off (project) != 0);
  gtk_widget_action_set_enabled (widget, "win.run",
                                 idle && psp_project_get_current (project) != NULL);
  gtk_widget_action_set_enabled (widget, "win.run-all", idle);
  gtk_widget_action_set_enabled (widget, "win.save", psp_project_get_modified (project));
  gtk_widget_action_set_enabled (widget, "win.choose-workspace", any);
  gtk_widget_action_set_enabled (widget, "win.choose-another-workspace", any);
  gtk_widget_action_set_enabled (widget, "win.export", any);
  gtk_widget_action_set_enabled (widget, "win.save-report",
                                 psp_project_get_evaluation (project) != NULL);
  gtk_widget_action_set_enabled (widget, "win.next-image", any);
  gtk_widget_action_set_enabled (widget, "win.previous-image", any);
}
