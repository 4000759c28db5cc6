/* SPDX-License-Identifier: MIT */

#include "ui/psp-image-tile.h"

/* Logical pixels of the picture's longer side. */
#define PICTURE_SIDE 168

struct _PspImageTile
{
  GtkWidget     parent_instance;

  GCancellable *cancellable;
  GtkWidget    *button;
  GtkWidget    *picture;
  GtkWidget    *name;
  GtkWidget    *caption;
};

G_DEFINE_FINAL_TYPE (PspImageTile, psp_image_tile, GTK_TYPE_WIDGET)

static void
picture_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(PspImageTile) self = data;
  g_autoptr(GdkTexture) texture = NULL;

  texture = psp_thumbnails_load_finish (PSP_THUMBNAILS (source), result, NULL);
  if (texture != NULL && self->picture != NULL)
    gtk_picture_set_paintable (GTK_PICTURE (self->picture), GDK_PAINTABLE (texture));
}

static void
psp_image_tile_dispose (GObject *object)
{
  PspImageTile *self = PSP_IMAGE_TILE (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->picture = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_image_tile_parent_class)->dispose (object);
}

static void
psp_image_tile_class_init (PspImageTileClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_image_tile_dispose;

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-image-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, PspImageTile, button);
  gtk_widget_class_bind_template_child (widget_class, PspImageTile, picture);
  gtk_widget_class_bind_template_child (widget_class, PspImageTile, name);
  gtk_widget_class_bind_template_child (widget_class, PspImageTile, caption);
}

static void
psp_image_tile_init (PspImageTile *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_image_tile_new (PspProjectItem *item,
                    PspThumbnails  *thumbnails,
                    const char     *caption)
{
  PspImageTile *self = g_object_new (PSP_TYPE_IMAGE_TILE, NULL);
  int side = PICTURE_SIDE * gtk_widget_get_scale_factor (GTK_WIDGET (self));
  GdkTexture *texture = psp_thumbnails_peek (thumbnails, item, side);
  g_autofree char *label = NULL;

  label = g_strdup_printf ("%s, %s", psp_project_item_get_stem (item), caption);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->button), "s",
                                    psp_project_item_get_stem (item));
  gtk_label_set_label (GTK_LABEL (self->name), psp_project_item_get_stem (item));
  gtk_label_set_label (GTK_LABEL (self->caption), caption);
  gtk_widget_set_tooltip_text (self->button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);

  gtk_picture_set_paintable (GTK_PICTURE (self->picture), GDK_PAINTABLE (texture));
  if (texture == NULL)
    psp_thumbnails_load_async (thumbnails, item, side, self->cancellable,
                               picture_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}
