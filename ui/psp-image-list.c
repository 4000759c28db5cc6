/* SPDX-License-Identifier: MIT */

#include "ui/psp-image-list.h"

#include "ui/psp-image-row.h"
#include "ui/psp-list-focus.h"
#include "ui/psp-shared-parts.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Milliseconds in which a run may change scores before the list is put in order again. */
#define SORT_INTERVAL_MS 500

struct _PspImageList
{
  GtkWidget           parent_instance;

  PspProject         *project;    /* (nullable) until it is set */
  PspThumbnails      *thumbnails; /* (nullable) until the project is set */
  GtkStringFilter    *filter;
  GtkFilterListModel *filtered;
  GtkSortListModel   *sorted;
  GtkSingleSelection *selection;
  char               *sort;
  PspSharedParts      shared;  /* of the names of all images */
  guint               sort_id; /* of the timeout that sorts anew; 0: none */

  GtkWidget          *header; /* above the rows */
  GtkWidget          *search;
  GtkWidget          *dataset;
  GtkWidget          *count;
  GtkWidget          *sort_label;
  GtkWidget          *stack;
  GtkWidget          *view;
};

enum
{
  PROP_0,
  PROP_SORT,
  N_PROPS
};

typedef struct
{
  const char       *name;
  const char       *label;   /* short: the menu says more */
  GCompareDataFunc  compare; /* (nullable): %NULL: as the project has them */
} SortOrder;

static int compare_worst    (gconstpointer a, gconstpointer b, gpointer data);
static int compare_best     (gconstpointer a, gconstpointer b, gpointer data);
static int compare_modified (gconstpointer a, gconstpointer b, gpointer data);

static const SortOrder orders[] = {
  { "name", N_("Name"), NULL },
  { "worst", N_("Worst"), compare_worst },
  { "best", N_("Best"), compare_best },
  { "modified", N_("Modified"), compare_modified },
};

enum
{
  SIGNAL_LEAVE,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (PspImageList, psp_image_list, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static int
compare_scores (gconstpointer a,
                gconstpointer b,
                int           direction)
{
  double first = psp_project_item_get_score ((PspProjectItem *) a);
  double second = psp_project_item_get_score ((PspProjectItem *) b);

  if (first < 0 || second < 0)
    return (first < 0) - (second < 0);

  return direction * ((first > second) - (first < second));
}

static int
compare_worst (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  return compare_scores (a, b, 1);
}

static int
compare_best (gconstpointer a,
              gconstpointer b,
              gpointer      data)
{
  return compare_scores (a, b, -1);
}

static int
rank_edits (PspProjectItem *item)
{
  if (psp_project_item_get_modified (item))
    return 0;

  return psp_project_item_get_corrected (item) ? 1 : 2;
}

static int
compare_modified (gconstpointer a,
                  gconstpointer b,
                  gpointer      data)
{
  return rank_edits ((PspProjectItem *) a) - rank_edits ((PspProjectItem *) b);
}

static const SortOrder *
find_order (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      if (g_strcmp0 (orders[i].name, name) == 0)
        return &orders[i];
    }

  return &orders[0];
}

/* Brings the open image into view and selects its row; a filter may hide it. */
static void
show_current (PspImageList *self)
{
  PspProjectItem *current = psp_project_get_current (self->project);
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if (item != current)
        continue;

      if (gtk_single_selection_get_selected (self->selection) != i)
        gtk_single_selection_set_selected (self->selection, i);
      gtk_widget_activate_action (self->view, "list.scroll-to-item", "u", i);
      return;
    }

  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
}

static void
selected_cb (PspImageList *self)
{
  PspProjectItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (item != NULL && item != psp_project_get_current (self->project))
    psp_project_select (self->project, item);
}

static void
update_count (PspImageList *self)
{
  guint n_all = g_list_model_get_n_items (psp_project_get_items (self->project));
  guint n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->sorted));
  g_autofree char *text = NULL;

  if (n_shown == n_all)
    text = g_strdup_printf (ngettext ("%u image", "%u images", n_all), n_all);
  else
    text = g_strdup_printf (_("%u of %u"), n_shown, n_all);

  gtk_label_set_label (GTK_LABEL (self->count), text);
  gtk_widget_set_tooltip_text (self->count, text);
  gtk_widget_set_visible (self->count, n_all > 0);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    n_shown > 0 ? "list" : n_all > 0 ? "nothing" : "empty");
}

/* What is open, and where it lies. */
static void
update_dataset (PspImageList *self)
{
  const char *name = psp_project_get_dataset_name (self->project);
  const char *path = psp_project_get_dataset_path (self->project);
  const char *workspace = psp_project_get_workspace_path (self->project);
  g_autofree char *folder = path != NULL ? g_filename_display_name (path) : NULL;
  g_autofree char *masks = workspace != NULL ? g_filename_display_name (workspace) : NULL;
  g_autofree char *text = NULL;

  if (masks != NULL)
    text = g_strdup_printf (_("Images: %s\nCorrected masks: %s"), folder, masks);
  else
    text = g_strdup_printf (_("Images: %s\nNo workspace for corrected masks is chosen yet."),
                            folder);

  gtk_label_set_label (GTK_LABEL (self->dataset), name != NULL ? name : "");
  gtk_widget_set_tooltip_text (self->dataset, folder != NULL ? text : name);
  gtk_widget_set_visible (self->dataset, name != NULL);
}

static void
search_cb (PspImageList *self)
{
  gtk_string_filter_set_search (self->filter,
                                gtk_editable_get_text (GTK_EDITABLE (self->search)));
  show_current (self);
}

static gboolean
psp_image_list_grab_focus (GtkWidget *widget)
{
  PspImageList *self = PSP_IMAGE_LIST (widget);

  return psp_list_focus_selected (self->view) || gtk_widget_grab_focus (self->search);
}

static gboolean
psp_image_list_focus (GtkWidget        *widget,
                      GtkDirectionType  direction)
{
  PspImageList *self = PSP_IMAGE_LIST (widget);
  gboolean moved;

  if (psp_list_focus_leave (self->view, self->header, direction, &moved))
    return moved;

  return GTK_WIDGET_CLASS (psp_image_list_parent_class)->focus (widget, direction);
}

static void
leave (PspImageList *self)
{
  g_signal_emit (self, signals[SIGNAL_LEAVE], 0);
}

/* Return: the first image that is found, or the one that is open if nothing is looked for. */
static void
finish_search_cb (PspImageList *self)
{
  gboolean is_searching = *gtk_editable_get_text (GTK_EDITABLE (self->search)) != '\0';

  /* The entry tells a little late what is typed into it. */
  search_cb (self);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }

  if (is_searching)
    gtk_single_selection_set_selected (self->selection, 0);
  leave (self);
}

/* Escape. */
static void
stop_search_cb (PspImageList *self)
{
  psp_image_list_set_filter (self, "");
  leave (self);
}

static gboolean
search_key_cb (PspImageList    *self,
               guint            keyval,
               guint            keycode,
               GdkModifierType  state)
{
  if (keyval != GDK_KEY_Down && keyval != GDK_KEY_KP_Down)
    return GDK_EVENT_PROPAGATE;

  search_cb (self);
  psp_list_focus_selected (self->view);
  return GDK_EVENT_STOP;
}

static void
clear_filter_action (GtkWidget  *widget,
                     const char *action,
                     GVariant   *parameter)
{
  psp_image_list_set_filter (PSP_IMAGE_LIST (widget), "");
}

static gboolean
sort_again (gpointer data)
{
  PspImageList *self = data;
  GtkSorter *sorter = gtk_sort_list_model_get_sorter (self->sorted);

  self->sort_id = 0;
  if (sorter != NULL)
    gtk_sorter_changed (sorter, GTK_SORTER_CHANGE_DIFFERENT);
  return G_SOURCE_REMOVE;
}

/* Rows do not move for each of the images that a run finishes, but now and then. */
static void
queue_sort (PspImageList *self)
{
  if (self->sort_id == 0)
    self->sort_id = g_timeout_add (SORT_INTERVAL_MS, sort_again, self);
}

static void
setup_cb (GtkSignalListItemFactory *factory,
          GtkListItem              *list_item,
          PspImageList             *self)
{
  gtk_list_item_set_child (list_item, psp_image_row_new (self->thumbnails));
}

static void
bind_cb (GtkSignalListItemFactory *factory,
         GtkListItem              *list_item,
         PspImageList             *self)
{
  PspProjectItem *item = gtk_list_item_get_item (list_item);
  g_autofree char *name = NULL;

  name = psp_shared_parts_shorten (self->shared, psp_project_item_get_stem (item));
  psp_image_row_set_item (PSP_IMAGE_ROW (gtk_list_item_get_child (list_item)), item, name);
}

static void
unbind_cb (GtkSignalListItemFactory *factory,
           GtkListItem              *list_item)
{
  psp_image_row_set_item (PSP_IMAGE_ROW (gtk_list_item_get_child (list_item)), NULL, NULL);
}

static void
update_shared_parts (PspImageList *self)
{
  self->shared = psp_shared_parts_find (psp_project_get_items (self->project));
}

static void
set_sort (PspImageList *self,
          const char   *sort)
{
  const SortOrder *order = find_order (sort);
  g_autoptr(GtkSorter) sorter = NULL;

  if (g_strcmp0 (self->sort, order->name) == 0)
    return;

  g_free (self->sort);
  self->sort = g_strdup (order->name);
  if (order->compare != NULL)
    sorter = GTK_SORTER (gtk_custom_sorter_new (order->compare, NULL, NULL));
  gtk_sort_list_model_set_sorter (self->sorted, sorter);
  gtk_label_set_label (GTK_LABEL (self->sort_label), _(order->label));
  if (self->project != NULL)
    show_current (self);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SORT]);
}

static void
psp_image_list_get_property (GObject    *object,
                             guint       id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  PspImageList *self = PSP_IMAGE_LIST (object);

  switch (id)
    {
    case PROP_SORT:
      g_value_set_string (value, self->sort);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_image_list_set_property (GObject      *object,
                             guint         id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  PspImageList *self = PSP_IMAGE_LIST (object);

  switch (id)
    {
    case PROP_SORT:
      set_sort (self, g_value_get_string (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_image_list_dispose (GObject *object)
{
  PspImageList *self = PSP_IMAGE_LIST (object);
  GtkWidget *child;

  g_clear_handle_id (&self->sort_id, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->sorted);
  g_clear_object (&self->filtered);
  g_clear_object (&self->filter);
  g_clear_object (&self->thumbnails);
  g_clear_object (&self->project);
  g_clear_pointer (&self->sort, g_free);

  G_OBJECT_CLASS (psp_image_list_parent_class)->dispose (object);
}

static void
psp_image_list_class_init (PspImageListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = psp_image_list_get_property;
  object_class->set_property = psp_image_list_set_property;
  object_class->dispose = psp_image_list_dispose;

  widget_class->focus = psp_image_list_focus;
  widget_class->grab_focus = psp_image_list_grab_focus;

  properties[PROP_SORT] =
    g_param_spec_string ("sort", NULL, NULL, "name",
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_LEAVE] = g_signal_new ("leave", PSP_TYPE_IMAGE_LIST, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-image-list.ui");
  gtk_widget_class_bind_template_child (widget_class, PspImageList, header);
  gtk_widget_class_bind_template_child (widget_class, PspImageList, search);
  gtk_widget_class_bind_template_child (widget_class, PspImageList, dataset);
  gtk_widget_class_bind_template_child (widget_class, PspImageList, count);
  gtk_widget_class_bind_template_child (widget_class, PspImageList, sort_label);
  gtk_widget_class_bind_template_child (widget_class, PspImageList, stack);
  gtk_widget_class_bind_template_child (widget_class, PspImageList, view);
  gtk_widget_class_install_property_action (widget_class, "images.sort", "sort");
  gtk_widget_class_install_action (widget_class, "images.clear-filter", NULL, clear_filter_action);
  gtk_widget_class_set_css_name (widget_class, "imagelist");
}

static void
create_models (PspImageList *self)
{
  GtkExpression *stem = gtk_property_expression_new (PSP_TYPE_PROJECT_ITEM, NULL, "stem");

  self->filter = gtk_string_filter_new (stem);
  self->filtered = gtk_filter_list_model_new (NULL, g_object_ref (GTK_FILTER (self->filter)));
  self->sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->filtered)), NULL);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->sorted)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
}

static void
follow_search (PspImageList *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  const struct
  {
    const char *signal;
    GCallback   callback;
  } handlers[] = {
    { "search-changed", G_CALLBACK (search_cb) },
    { "activate", G_CALLBACK (finish_search_cb) },
    { "stop-search", G_CALLBACK (stop_search_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (self->search, handlers[i].signal, handlers[i].callback, self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (search_key_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->search, keys);
}

static void
psp_image_list_init (PspImageList *self)
{
  GtkListItemFactory *factory;

  gtk_widget_init_template (GTK_WIDGET (self));
  create_models (self);

  factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  gtk_list_view_set_factory (GTK_LIST_VIEW (self->view), factory);
  gtk_list_view_set_model (GTK_LIST_VIEW (self->view), GTK_SELECTION_MODEL (self->selection));
  g_object_unref (factory);

  g_signal_connect_object (self->view, "activate", G_CALLBACK (leave), self, G_CONNECT_SWAPPED);
  follow_search (self);
  set_sort (self, "name");
}

void
psp_image_list_set_project (PspImageList  *self,
                            PspProject    *project,
                            PspThumbnails *thumbnails)
{
  g_return_if_fail (PSP_IS_IMAGE_LIST (self));
  g_return_if_fail (PSP_IS_PROJECT (project));
  g_return_if_fail (self->project == NULL);

  self->project = g_object_ref (project);
  self->thumbnails = g_object_ref (thumbnails);

  /* Before the model hears of them: rows are named while they are made. */
  g_signal_connect_object (psp_project_get_items (project), "items-changed",
                           G_CALLBACK (update_shared_parts), self, G_CONNECT_SWAPPED);
  update_shared_parts (self);
  gtk_filter_list_model_set_model (self->filtered, psp_project_get_items (project));

  g_signal_connect_object (self->sorted, "items-changed", G_CALLBACK (update_count), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::current", G_CALLBACK (show_current), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::dataset-name", G_CALLBACK (update_dataset), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::workspace-path", G_CALLBACK (update_dataset), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::evaluation-version", G_CALLBACK (queue_sort), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::modified", G_CALLBACK (queue_sort), self,
                           G_CONNECT_SWAPPED);
  update_dataset (self);
  update_count (self);
  show_current (self);
}

void
psp_image_list_move (PspImageList *self,
                     int           step)
{
  guint selected;
  guint n_items;
  gint64 next;

  g_return_if_fail (PSP_IS_IMAGE_LIST (self));

  selected = gtk_single_selection_get_selected (self->selection);
  n_items = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  if (n_items == 0)
    return;

  next = selected == GTK_INVALID_LIST_POSITION ? 0 : (gint64) selected + step;
  gtk_single_selection_set_selected (self->selection, (guint) CLAMP (next, 0, n_items - 1));
}

void
psp_image_list_start_search (PspImageList *self)
{
  g_return_if_fail (PSP_IS_IMAGE_LIST (self));

  gtk_widget_grab_focus (self->search);
}

void
psp_image_list_set_filter (PspImageList *self,
                           const char   *text)
{
  g_return_if_fail (PSP_IS_IMAGE_LIST (self));

  gtk_editable_set_text (GTK_EDITABLE (self->search), text);
  search_cb (self);
}

GListModel *
psp_image_list_get_shown (PspImageList *self)
{
  g_return_val_if_fail (PSP_IS_IMAGE_LIST (self), NULL);

  return G_LIST_MODEL (self->sorted);
}
