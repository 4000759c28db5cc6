/* SPDX-License-Identifier: MIT */

#include "ui/psp-export-dialog.h"

#include <glib/gi18n.h>

struct _PspExportDialog
{
  AdwWindow  parent_instance;

  PspWindow *window;
  char      *profile;

  GtkWidget *numbers;
  GtkWidget *go_button;
};

enum
{
  PROP_0,
  PROP_PROFILE,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspExportDialog, psp_export_dialog, ADW_TYPE_WINDOW)

static GParamSpec *properties[N_PROPS];

static void
go_action (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PspExportDialog *self = PSP_EXPORT_DIALOG (widget);

  gtk_widget_activate_action (GTK_WIDGET (self->window), "win.export-to", "s", self->profile);
  gtk_window_close (GTK_WINDOW (self));
}

static void
show_numbers (PspExportDialog *self)
{
  GListModel *items = psp_project_get_items (psp_window_get_project (self->window));
  guint n_items = g_list_model_get_n_items (items);
  guint n_corrected = 0;
  guint n_without = 0;
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      if (psp_project_item_get_modified (item) || psp_project_item_get_corrected (item))
        n_corrected++;
      else if (psp_project_item_get_label_path (item) == NULL)
        n_without++;
    }

  g_string_printf (text, ngettext ("%u image will be written", "%u images will be written",
                                   n_items - n_without), n_items - n_without);
  g_string_append_printf (text, _(", %u with a corrected mask."), n_corrected);
  if (n_without > 0)
    g_string_append_printf (text, ngettext (" %u image has no mask and is left out.",
                                            " %u images have no mask and are left out.",
                                            n_without), n_without);

  gtk_label_set_label (GTK_LABEL (self->numbers), text->str);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "export.go", n_items > n_without);
}

static void
psp_export_dialog_get_property (GObject    *object,
                                guint       id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PROFILE:
      g_value_set_string (value, PSP_EXPORT_DIALOG (object)->profile);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_export_dialog_set_property (GObject      *object,
                                guint         id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  PspExportDialog *self = PSP_EXPORT_DIALOG (object);

  switch (id)
    {
    case PROP_PROFILE:
      g_free (self->profile);
      self->profile = g_value_dup_string (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_export_dialog_dispose (GObject *object)
{
  PspExportDialog *self = PSP_EXPORT_DIALOG (object);

  g_clear_object (&self->window);
  g_clear_pointer (&self->profile, g_free);

  G_OBJECT_CLASS (psp_export_dialog_parent_class)->dispose (object);
}

static void
psp_export_dialog_class_init (PspExportDialogClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = psp_export_dialog_get_property;
  object_class->set_property = psp_export_dialog_set_property;
  object_class->dispose = psp_export_dialog_dispose;

  properties[PROP_PROFILE] = g_param_spec_string ("profile", NULL, NULL, "folder",
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-export-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PspExportDialog, numbers);
  gtk_widget_class_bind_template_child (widget_class, PspExportDialog, go_button);
  gtk_widget_class_install_action (widget_class, "export.go", NULL, go_action);
  gtk_widget_class_install_property_action (widget_class, "export.profile", "profile");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
psp_export_dialog_init (PspExportDialog *self)
{
  self->profile = g_strdup ("folder");
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_window_set_default_widget (GTK_WINDOW (self), self->go_button);
}

GtkWidget *
psp_export_dialog_new (PspWindow *window)
{
  PspExportDialog *self = g_object_new (PSP_TYPE_EXPORT_DIALOG, "transient-for", window, NULL);

  self->window = g_object_ref (window);
  show_numbers (self);
  return GTK_WIDGET (self);
}
