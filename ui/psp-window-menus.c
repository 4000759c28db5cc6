/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include "ui/psp-device-list.h"

#include <glib/gi18n.h>

static void
append_command (GMenu      *menu,
                const char *label,
                const char *action)
{
  g_menu_append (menu, label, action);
}

static void
append_recent (PspWindow  *self,
               GMenu      *menu,
               const char *heading,
               const char *setting,
               const char *action)
{
  g_auto(GStrv) paths = psp_settings_dup_recent (self->settings, setting);
  g_autoptr(GMenu) section = g_menu_new ();

  for (int i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *name = psp_window_dup_path_name (paths[i]);
      g_auto(GStrv) parts = g_strsplit (name, "_", -1);
      g_autofree char *label = g_strjoinv ("__", parts);
      g_autoptr(GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, action, "s", paths[i]);
      g_menu_append_item (section, item);
    }

  if (paths[0] != NULL)
    g_menu_append_section (menu, heading, G_MENU_MODEL (section));
}

void
psp_window_update_open_menu (PspWindow *self)
{
  g_autoptr(GMenu) menu = g_menu_new ();
  g_autoptr(GMenu) commands = g_menu_new ();
  g_autoptr(GMenu) demo = g_menu_new ();

  append_command (commands, _("_Dataset Folder…"), "win.open-dataset");
  append_command (commands, _("_Images…"), "win.open-images");
  append_command (commands, _("_Checkpoint…"), "win.open-model");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (commands));

  append_recent (self, menu, _("Recent Datasets"), "recent-datasets", "win.open-dataset-path");
  append_recent (self, menu, _("Recent Checkpoints"), "recent-models", "win.open-model-path");

  append_command (demo, _("The D_emo"), "win.open-demo");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (demo));

  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->open_button), G_MENU_MODEL (menu));
}

static char *
describe_bins (const PspModelFacts *facts)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (int i = 0; i < facts->n_bins; i++)
    g_string_append_printf (text, i == 0 ? "%d" : ", %d", facts->bins[i]);
  if (facts->n_bins == 0)
    g_string_append (text, _("none"));
  else if (facts->sources[PSP_FACT_BINS] == PSP_FACT_ASSUMED)
    g_string_append (text, _(" (not in the file, as its family has them)"));

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
describe_model (PspModel *model)
{
  const PspModelFacts *facts = psp_model_get_facts (model);
  g_autofree char *bins = describe_bins (facts);

  return g_strdup_printf (_("PSPNet-%d, %s\n%d classes, %.1f million parameters\n"
                            "Pyramid levels: %s\nAuxiliary branch: %s\nFile: %s"),
                          facts->depth, facts->family, facts->n_classes,
                          (double) facts->n_parameters / 1e6, bins,
                          facts->has_auxiliary ? _("yes") : _("no"), facts->container);
}

void
psp_window_update_model (PspWindow *self)
{
  const char *name = psp_project_get_model_name (self->project);
  const char *device = psp_project_get_device_name (self->project);
  PspModel *model = psp_project_get_model (self->project);
  g_autofree char *facts = NULL;
  g_autofree char *tooltip = NULL;

  if (device != NULL)
    tooltip = g_strdup_printf (_("The model runs on %s"), device);
  else
    tooltip = g_strdup (_("Where the model will run"));
  if (model != NULL)
    facts = describe_model (model);
  else
    facts = g_strdup (_("No checkpoint is open. Predictions need a PSPNet checkpoint: a .pth, "
                        ".safetensors or .caffemodel file."));

  gtk_label_set_label (GTK_LABEL (self->model_label), name != NULL ? name : _("No Checkpoint"));
  gtk_label_set_label (GTK_LABEL (self->model_facts), facts);
  gtk_label_set_label (GTK_LABEL (self->device_label), device != NULL ? device : _("Automatic"));
  gtk_widget_set_tooltip_text (self->device_button, tooltip);
}

static void
devices_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(PspWindow) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) devices = psp_device_list_finish (result, &error);
  g_autoptr(GMenu) menu = NULL;

  if (self->project == NULL)
    return;

  menu = psp_device_list_create_menu (devices, "win.device");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->device_button), G_MENU_MODEL (menu));
}

void
psp_window_list_devices (PspWindow *self)
{
  g_autoptr(GMenu) menu = psp_device_list_create_menu (NULL, "win.device");

  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->device_button), G_MENU_MODEL (menu));
  psp_device_list_async (NULL, devices_cb, g_object_ref (self));
}
