/* SPDX-License-Identifier: MIT */

#include "ui/psp-images-popover.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _PspImagesPopover
{
  GtkPopover  parent_instance;

  GtkWidget  *title;
  GtkWidget  *list;
  guint       n_rows;
};

G_DEFINE_FINAL_TYPE (PspImagesPopover, psp_images_popover, GTK_TYPE_POPOVER)

static void
psp_images_popover_class_init (PspImagesPopoverClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-images-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, PspImagesPopover, title);
  gtk_widget_class_bind_template_child (widget_class, PspImagesPopover, list);
}

static void
psp_images_popover_init (PspImagesPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (gtk_popover_popdown), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
psp_images_popover_new (void)
{
  return g_object_new (PSP_TYPE_IMAGES_POPOVER, NULL);
}

static GtkWidget *
create_row (const PspImageShare *share,
            int                  truth,
            int                  prediction)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *pixels = NULL;

  pixels = g_strdup_printf (g_dngettext (NULL, "%'" G_GUINT64_FORMAT " pixel",
                                         "%'" G_GUINT64_FORMAT " pixels",
                                         (gulong) share->n_pixels), share->n_pixels);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), share->stem);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), pixels);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.show-pair");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "(sii)", share->stem, truth, prediction);
  return row;
}

void
psp_images_popover_set_shares (PspImagesPopover *self,
                               const char       *title,
                               int               truth,
                               int               prediction,
                               GPtrArray        *shares)
{
  GtkListBoxRow *row;

  g_return_if_fail (PSP_IS_IMAGES_POPOVER (self));

  gtk_label_set_label (GTK_LABEL (self->title), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  while ((row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), GTK_WIDGET (row));
  for (guint i = 0; i < shares->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list),
                         create_row (g_ptr_array_index (shares, i), truth, prediction));
  self->n_rows = shares->len;
}

guint
psp_images_popover_get_n_rows (PspImagesPopover *self)
{
  g_return_val_if_fail (PSP_IS_IMAGES_POPOVER (self), 0);

  return self->n_rows;
}
