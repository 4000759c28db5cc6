/* SPDX-License-Identifier: MIT */

#include "ui/psp-class-list.h"

#include "ui/psp-class-entry.h"
#include "ui/psp-class-measures.h"
#include "ui/psp-class-row.h"
#include "ui/psp-list-focus.h"

/* More classes than this are looked for by name. */
#define MAX_WITHOUT_FILTER 24

struct _PspClassList
{
  GtkWidget           parent_instance;

  PspTaxonomy        *taxonomy;    /* (nullable) */
  PspScene           *scene;       /* (nullable) */
  GCancellable       *cancellable; /* (nullable): of the count under way */
  GListStore         *entries;     /* PspClassEntry by id */
  GtkStringFilter    *filter;
  GtkSortListModel   *sorted;
  GtkSingleSelection *selection;
  int                 class_id;

  GtkWidget          *search;
  GtkWidget          *view;
};

enum
{
  PROP_0,
  PROP_SCENE,
  PROP_CLASS_ID,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspClassList, psp_class_list, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

/* Classes of the image first, each part in the order of the taxonomy. */
static int
compare_presence (gconstpointer a,
                  gconstpointer b,
                  gpointer      data)
{
  return psp_class_entry_get_present ((PspClassEntry *) b) -
         psp_class_entry_get_present ((PspClassEntry *) a);
}

static void
select_class (PspClassList *self)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(PspClassEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if (psp_class_entry_get_id (entry) != self->class_id)
        continue;

      gtk_single_selection_set_selected (self->selection, i);
      return;
    }

  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
}

static void
selected_cb (PspClassList *self)
{
  PspClassEntry *entry = gtk_single_selection_get_selected_item (self->selection);

  if (entry != NULL)
    psp_class_list_set_class_id (self, psp_class_entry_get_id (entry));
}

static void
set_measures (PspClassList           *self,
              const PspClassMeasures *measures)
{
  const PspClassMeasures unknown = PSP_CLASS_MEASURES_UNKNOWN;
  guint n_entries = g_list_model_get_n_items (G_LIST_MODEL (self->entries));
  GtkSorter *sorter = gtk_sort_list_model_get_sorter (self->sorted);

  for (guint id = 0; id < n_entries; id++)
    {
      g_autoptr(PspClassEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->entries), id);

      psp_class_entry_set_measures (entry, measures != NULL ? measures[id] : unknown);
    }

  if (sorter == NULL)
    return;
  gtk_sorter_changed (sorter, GTK_SORTER_CHANGE_DIFFERENT);

  /* A list view stays with the rows that were in sight: those of the image may now be above. */
  if (n_entries > 0 && gtk_widget_get_mapped (self->view))
    gtk_widget_activate_action (self->view, "list.scroll-to-item", "u", 0);
}

static void
measured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(PspClassList) self = data;
  g_autoptr(GError) error = NULL;
  g_autofree PspClassMeasures *measures = psp_class_measures_finish (result, &error);

  /* The only error is that something newer is being counted. */
  if (measures == NULL || self->view == NULL)
    return;

  g_clear_object (&self->cancellable);
  set_measures (self, measures);
}

static void
measure (PspClassList *self)
{
  PspPrediction *prediction;
  PspMask *labels = NULL;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->scene == NULL || self->taxonomy == NULL)
    {
      set_measures (self, NULL);
      return;
    }

  /* What a network with other classes says is no share of these. */
  prediction = psp_scene_get_prediction (self->scene);
  if (prediction != NULL &&
      psp_scene_get_network_taxonomy (self->scene) == psp_scene_get_taxonomy (self->scene))
    labels = psp_prediction_get_labels (prediction);

  self->cancellable = g_cancellable_new ();
  psp_class_measures_async (psp_taxonomy_get_n_classes (self->taxonomy),
                            psp_scene_get_truth (self->scene), labels,
                            self->cancellable, measured_cb, g_object_ref (self));
}

static void
search_cb (PspClassList *self)
{
  gtk_string_filter_set_search (self->filter,
                                gtk_editable_get_text (GTK_EDITABLE (self->search)));
  select_class (self);
}

static void
setup_cb (GtkSignalListItemFactory *factory,
          GtkListItem              *list_item)
{
  gtk_list_item_set_child (list_item, psp_class_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory,
         GtkListItem              *list_item)
{
  psp_class_row_set_entry (PSP_CLASS_ROW (gtk_list_item_get_child (list_item)),
                           gtk_list_item_get_item (list_item));
}

static void
unbind_cb (GtkSignalListItemFactory *factory,
           GtkListItem              *list_item)
{
  psp_class_row_set_entry (PSP_CLASS_ROW (gtk_list_item_get_child (list_item)), NULL);
}

static void
psp_class_list_get_property (GObject    *object,
                             guint       id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  PspClassList *self = PSP_CLASS_LIST (object);

  switch (id)
    {
    case PROP_SCENE:
      g_value_set_object (value, self->scene);
      break;

    case PROP_CLASS_ID:
      g_value_set_int (value, self->class_id);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_class_list_set_property (GObject      *object,
                             guint         id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  PspClassList *self = PSP_CLASS_LIST (object);

  switch (id)
    {
    case PROP_SCENE:
      psp_class_list_set_scene (self, g_value_get_object (value));
      break;

    case PROP_CLASS_ID:
      psp_class_list_set_class_id (self, g_value_get_int (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_class_list_dispose (GObject *object)
{
  PspClassList *self = PSP_CLASS_LIST (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->view = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->sorted);
  g_clear_object (&self->filter);
  g_clear_object (&self->entries);
  g_clear_object (&self->scene);
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);

  G_OBJECT_CLASS (psp_class_list_parent_class)->dispose (object);
}

static gboolean
psp_class_list_grab_focus (GtkWidget *widget)
{
  PspClassList *self = PSP_CLASS_LIST (widget);

  return psp_list_focus_selected (self->view) || gtk_widget_grab_focus (self->search);
}

static gboolean
psp_class_list_focus (GtkWidget        *widget,
                      GtkDirectionType  direction)
{
  PspClassList *self = PSP_CLASS_LIST (widget);
  gboolean moved;

  if (psp_list_focus_leave (self->view, self->search, direction, &moved))
    return moved;

  return GTK_WIDGET_CLASS (psp_class_list_parent_class)->focus (widget, direction);
}

static void
psp_class_list_class_init (PspClassListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = psp_class_list_get_property;
  object_class->set_property = psp_class_list_set_property;
  object_class->dispose = psp_class_list_dispose;
  widget_class->focus = psp_class_list_focus;
  widget_class->grab_focus = psp_class_list_grab_focus;

  properties[PROP_SCENE] = g_param_spec_object ("scene", NULL, NULL, PSP_TYPE_SCENE, flags);
  properties[PROP_CLASS_ID] = g_param_spec_int ("class-id", NULL, NULL, -1, G_MAXUINT16, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-class-list.ui");
  gtk_widget_class_bind_template_child (widget_class, PspClassList, search);
  gtk_widget_class_bind_template_child (widget_class, PspClassList, view);
  gtk_widget_class_set_css_name (widget_class, "classlist");
}

static void
create_models (PspClassList *self)
{
  GtkExpression *name = gtk_property_expression_new (PSP_TYPE_CLASS_ENTRY, NULL, "name");
  GtkFilterListModel *filtered;

  self->entries = g_list_store_new (PSP_TYPE_CLASS_ENTRY);
  self->filter = gtk_string_filter_new (name);
  filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->entries)),
                                        g_object_ref (GTK_FILTER (self->filter)));
  self->sorted = gtk_sort_list_model_new (G_LIST_MODEL (filtered), NULL);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->sorted)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
}

static void
psp_class_list_init (PspClassList *self)
{
  GtkListItemFactory *factory;

  gtk_widget_init_template (GTK_WIDGET (self));
  create_models (self);
  self->class_id = -1;

  factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  gtk_list_view_set_factory (GTK_LIST_VIEW (self->view), factory);
  gtk_list_view_set_model (GTK_LIST_VIEW (self->view), GTK_SELECTION_MODEL (self->selection));
  g_object_unref (factory);

  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (search_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
psp_class_list_new (void)
{
  return g_object_new (PSP_TYPE_CLASS_LIST, NULL);
}

static void
fill_entries (PspClassList *self)
{
  int n_classes = psp_taxonomy_get_n_classes (self->taxonomy);
  gboolean many = n_classes > MAX_WITHOUT_FILTER;
  g_autoptr(GtkSorter) sorter = NULL;

  for (int id = 0; id < n_classes; id++)
    {
      g_autoptr(PspClassEntry) entry = NULL;

      entry = psp_class_entry_new (id, psp_taxonomy_get_class_name (self->taxonomy, id),
                                   psp_taxonomy_get_class_color (self->taxonomy, id));
      g_list_store_append (self->entries, entry);
    }

  if (many)
    sorter = GTK_SORTER (gtk_custom_sorter_new (compare_presence, NULL, NULL));
  gtk_sort_list_model_set_sorter (self->sorted, sorter);
  gtk_widget_set_visible (self->search, many);
}

void
psp_class_list_set_taxonomy (PspClassList *self,
                             PspTaxonomy  *taxonomy)
{
  g_return_if_fail (PSP_IS_CLASS_LIST (self));

  if (self->taxonomy == taxonomy)
    return;

  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_list_store_remove_all (self->entries);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  if (taxonomy != NULL)
    {
      self->taxonomy = psp_taxonomy_ref (taxonomy);
      fill_entries (self);
    }

  select_class (self);
  measure (self);
}

void
psp_class_list_set_scene (PspClassList *self,
                          PspScene     *scene)
{
  g_return_if_fail (PSP_IS_CLASS_LIST (self));

  if (self->scene == scene)
    return;

  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_func (self->scene, measure, self);
  g_set_object (&self->scene, scene);
  if (scene != NULL)
    g_signal_connect_object (scene, "notify::prediction", G_CALLBACK (measure), self,
                             G_CONNECT_SWAPPED);
  measure (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCENE]);
}

void
psp_class_list_set_class_id (PspClassList *self,
                             int           class_id)
{
  g_return_if_fail (PSP_IS_CLASS_LIST (self));

  if (self->class_id == class_id)
    return;

  self->class_id = class_id;
  select_class (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLASS_ID]);
}

int
psp_class_list_get_class_id (PspClassList *self)
{
  g_return_val_if_fail (PSP_IS_CLASS_LIST (self), -1);

  return self->class_id;
}

GListModel *
psp_class_list_get_entries (PspClassList *self)
{
  g_return_val_if_fail (PSP_IS_CLASS_LIST (self), NULL);

  return G_LIST_MODEL (self->entries);
}
