/* SPDX-License-Identifier: MIT */
#include "ui/psp-class-chooser.h"

#include "ui/psp-class-option.h"
#include "ui/psp-swatch.h"

struct _PspClassChooser
{
  GtkWidget           parent_instance;

  GtkWidget          *button;    /* template children */
  GtkWidget          *list;
  GtkWidget          *name;
  GtkWidget          *popover;
  GtkWidget          *search;
  GtkWidget          *swatch;

  PspCanvas          *canvas;    /* (nullable) owned */
  PspTaxonomy        *taxonomy;  /* (nullable) owned: of the entries */
  GListStore         *entries;   /* owned: of PspClassEntry, by id */
  GtkSingleSelection *selection; /* owned: the entries that match the search */
};

G_DEFINE_FINAL_TYPE (PspClassChooser, psp_class_chooser, GTK_TYPE_WIDGET)

static void
update_button (PspClassChooser *self)
{
  int class_id = self->canvas != NULL ? psp_canvas_get_class_id (self->canvas) : -1;
  const char *name = "";
  guint32 color = PSP_TAXONOMY_IGNORE_COLOR;

  if (self->taxonomy != NULL)
    {
      name = psp_taxonomy_get_class_name (self->taxonomy, class_id);
      color = psp_taxonomy_get_class_color (self->taxonomy, class_id);
    }

  gtk_label_set_label (GTK_LABEL (self->name), name);
  psp_swatch_set_color (PSP_SWATCH (self->swatch), color);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

static void
scene_changed (PspClassChooser *self)
{
  PspScene *scene = self->canvas != NULL ? psp_canvas_get_scene (self->canvas) : NULL;
  PspTaxonomy *taxonomy = scene != NULL ? psp_scene_get_taxonomy (scene) : NULL;

  if (self->taxonomy != taxonomy)
    {
      g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
      g_list_store_remove_all (self->entries);
      if (taxonomy != NULL)
        self->taxonomy = psp_taxonomy_ref (taxonomy);

      for (int id = 0; taxonomy != NULL && id < psp_taxonomy_get_n_classes (taxonomy); id++)
        {
          g_autoptr(PspClassEntry) entry =
            psp_class_entry_new (id, psp_taxonomy_get_class_name (taxonomy, id),
                                 psp_taxonomy_get_class_color (taxonomy, id));

          g_list_store_append (self->entries, entry);
        }
    }

  gtk_widget_set_sensitive (self->button, taxonomy != NULL);
  update_button (self);
}

static void
choose (PspClassChooser *self,
        guint            position)
{
  g_autoptr(PspClassEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (entry == NULL || self->canvas == NULL)
    return;

  gtk_popover_popdown (GTK_POPOVER (self->popover));
  psp_canvas_set_class_id (self->canvas, psp_class_entry_get_id (entry));
}

static void
choose_selected (PspClassChooser *self)
{
  choose (self, gtk_single_selection_get_selected (self->selection));
}

static void
popover_shown (PspClassChooser *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  if (self->canvas != NULL)
    gtk_single_selection_set_selected (self->selection, psp_canvas_get_class_id (self->canvas));
  gtk_widget_grab_focus (self->search);
}

static void
close_popover (PspClassChooser *self)
{
  gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static void
setup_row (GtkSignalListItemFactory *factory,
           GtkListItem              *item)
{
  gtk_list_item_set_child (item, psp_class_option_new ());
}

/* The key of a class, 1 to 9; 0: none. */
static int
find_key (PspClassChooser *self,
          int              class_id)
{
  for (int key = 0; self->canvas != NULL && key < PSP_CANVAS_N_FAVORITES; key++)
    if (psp_canvas_get_favorite (self->canvas, key) == class_id)
      return key + 1;

  return 0;
}

static void
bind_row (PspClassChooser          *self,
          GtkListItem              *item,
          GtkSignalListItemFactory *factory)
{
  PspClassEntry *entry = gtk_list_item_get_item (item);

  psp_class_option_show (PSP_CLASS_OPTION (gtk_list_item_get_child (item)), entry,
                         find_key (self, psp_class_entry_get_id (entry)));
}

static void
psp_class_chooser_dispose (GObject *object)
{
  PspClassChooser *self = PSP_CLASS_CHOOSER (object);
  GtkWidget *child;

  psp_class_chooser_set_canvas (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->entries);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);

  G_OBJECT_CLASS (psp_class_chooser_parent_class)->dispose (object);
}

static void
psp_class_chooser_class_init (PspClassChooserClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = psp_class_chooser_dispose;

  g_type_ensure (PSP_TYPE_SWATCH);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-class-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, PspClassChooser, button);
  gtk_widget_class_bind_template_child (widget_class, PspClassChooser, list);
  gtk_widget_class_bind_template_child (widget_class, PspClassChooser, name);
  gtk_widget_class_bind_template_child (widget_class, PspClassChooser, popover);
  gtk_widget_class_bind_template_child (widget_class, PspClassChooser, search);
  gtk_widget_class_bind_template_child (widget_class, PspClassChooser, swatch);
}

static void
psp_class_chooser_init (PspClassChooser *self)
{
  GtkExpression *name = gtk_property_expression_new (PSP_TYPE_CLASS_ENTRY, NULL, "name");
  GtkStringFilter *filter = gtk_string_filter_new (name);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkFilterListModel *matches;

  gtk_widget_init_template (GTK_WIDGET (self));

  self->entries = g_list_store_new (PSP_TYPE_CLASS_ENTRY);
  g_object_bind_property (self->search, "text", filter, "search", G_BINDING_DEFAULT);
  matches = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->entries)),
                                       GTK_FILTER (filter));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (matches));

  g_signal_connect (factory, "setup", G_CALLBACK (setup_row), NULL);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (bind_row), self);
  gtk_list_view_set_factory (GTK_LIST_VIEW (self->list), factory);
  gtk_list_view_set_model (GTK_LIST_VIEW (self->list), GTK_SELECTION_MODEL (self->selection));
  g_object_unref (factory);

  g_signal_connect_swapped (self->list, "activate", G_CALLBACK (choose), self);
  g_signal_connect_swapped (self->search, "activate", G_CALLBACK (choose_selected), self);
  g_signal_connect_swapped (self->search, "stop-search", G_CALLBACK (close_popover), self);
  g_signal_connect_swapped (self->popover, "show", G_CALLBACK (popover_shown), self);
}

void
psp_class_chooser_set_canvas (PspClassChooser *self,
                              PspCanvas       *canvas)
{
  g_return_if_fail (PSP_IS_CLASS_CHOOSER (self));
  g_return_if_fail (canvas == NULL || PSP_IS_CANVAS (canvas));

  if (self->canvas == canvas)
    return;

  if (self->canvas != NULL)
    g_signal_handlers_disconnect_by_data (self->canvas, self);
  g_set_object (&self->canvas, canvas);
  if (canvas != NULL)
    {
      g_signal_connect_swapped (canvas, "notify::scene", G_CALLBACK (scene_changed), self);
      g_signal_connect_swapped (canvas, "notify::class-id", G_CALLBACK (update_button), self);
      scene_changed (self);
    }
}

void
psp_class_chooser_update_classes (PspClassChooser *self)
{
  g_return_if_fail (PSP_IS_CLASS_CHOOSER (self));

  scene_changed (self);
}
