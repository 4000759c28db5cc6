/* SPDX-License-Identifier: MIT */

#include "ui/psp-image-row.h"

#include "ui/psp-row-name.h"

#include <glib/gi18n.h>

/* Logical pixels of the picture's longer side. */
#define PICTURE_SIDE 64

struct _PspImageRow
{
  GtkWidget       parent_instance;

  PspThumbnails  *thumbnails;
  PspProjectItem *item;        /* (nullable) */
  GCancellable   *cancellable; /* (nullable): of the picture that is on its way */

  GtkWidget      *picture;
  GtkWidget      *stem;
  GtkWidget      *score;
  GtkWidget      *problem;
  GtkWidget      *corrected;
  GtkWidget      *modified;
};

G_DEFINE_FINAL_TYPE (PspImageRow, psp_image_row, GTK_TYPE_WIDGET)

static void
picture_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(PspImageRow) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = NULL;

  texture = psp_thumbnails_load_finish (PSP_THUMBNAILS (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->picture == NULL)
    return;

  /* A photo that cannot be read is told as the item's problem. */
  g_clear_object (&self->cancellable);
  gtk_picture_set_paintable (GTK_PICTURE (self->picture), GDK_PAINTABLE (texture));
}

static void
load_picture (PspImageRow *self)
{
  int side = PICTURE_SIDE * gtk_widget_get_scale_factor (GTK_WIDGET (self));
  GdkTexture *texture = psp_thumbnails_peek (self->thumbnails, self->item, side);

  gtk_picture_set_paintable (GTK_PICTURE (self->picture), GDK_PAINTABLE (texture));
  if (texture != NULL)
    return;

  self->cancellable = g_cancellable_new ();
  psp_thumbnails_load_async (self->thumbnails, self->item, side, self->cancellable,
                             picture_cb, g_object_ref (self));
}

static void
update_texts (PspImageRow *self)
{
  const char *problem = psp_project_item_get_problem (self->item);
  double score = psp_project_item_get_score (self->item);
  g_autofree char *text = NULL;
  g_autofree char *label = NULL;

  if (score >= 0)
    text = g_strdup_printf (_("mIoU %.2f"), score);
  else if (psp_project_item_get_predicted (self->item))
    text = g_strdup (psp_project_item_get_label_path (self->item) != NULL ? _("no score")
                                                                          : _("no label"));
  else
    text = g_strdup ("");

  gtk_label_set_label (GTK_LABEL (self->score), text);
  gtk_widget_set_visible (self->score, *text != '\0');
  gtk_widget_set_visible (self->problem, problem != NULL);
  gtk_widget_set_tooltip_text (self->problem, problem);
  gtk_widget_set_visible (self->modified, psp_project_item_get_modified (self->item));
  gtk_widget_set_visible (self->corrected, psp_project_item_get_corrected (self->item) &&
                                           !psp_project_item_get_modified (self->item));

  label = g_strjoin (", ", psp_project_item_get_stem (self->item),
                     *text != '\0' ? text : problem, *text != '\0' ? problem : NULL, NULL);
  psp_name_row (GTK_WIDGET (self), label);
}

static void
psp_image_row_dispose (GObject *object)
{
  PspImageRow *self = PSP_IMAGE_ROW (object);
  GtkWidget *child;

  psp_image_row_set_item (self, NULL, NULL);
  self->picture = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->thumbnails);

  G_OBJECT_CLASS (psp_image_row_parent_class)->dispose (object);
}

static void
psp_image_row_class_init (PspImageRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_image_row_dispose;

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-image-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PspImageRow, picture);
  gtk_widget_class_bind_template_child (widget_class, PspImageRow, stem);
  gtk_widget_class_bind_template_child (widget_class, PspImageRow, score);
  gtk_widget_class_bind_template_child (widget_class, PspImageRow, problem);
  gtk_widget_class_bind_template_child (widget_class, PspImageRow, corrected);
  gtk_widget_class_bind_template_child (widget_class, PspImageRow, modified);
  gtk_widget_class_set_css_name (widget_class, "imagerow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
psp_image_row_init (PspImageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
psp_image_row_new (PspThumbnails *thumbnails)
{
  PspImageRow *self = g_object_new (PSP_TYPE_IMAGE_ROW, NULL);

  self->thumbnails = g_object_ref (thumbnails);
  return GTK_WIDGET (self);
}

void
psp_image_row_set_item (PspImageRow    *self,
                        PspProjectItem *item,
                        const char     *name)
{
  g_return_if_fail (PSP_IS_IMAGE_ROW (self));

  if (self->item == item)
    return;

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, update_texts, self);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;

  g_signal_connect_object (item, "notify", G_CALLBACK (update_texts), self, G_CONNECT_SWAPPED);
  gtk_label_set_label (GTK_LABEL (self->stem), name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), psp_project_item_get_stem (item));
  update_texts (self);
  load_picture (self);
}
