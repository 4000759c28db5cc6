/* SPDX-License-Identifier: MIT */

#include "ui/psp-results-view.h"

#include "ui/psp-class-bars.h"
#include "ui/psp-confusion-view.h"
#include "ui/psp-image-tile.h"
#include "ui/psp-images-popover.h"
#include "ui/psp-pair-row.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Milliseconds between two refreshes while a run goes on. */
#define REFRESH_INTERVAL_MS 400

#define N_PAIRS 8
#define N_WORST 12
#define N_LISTED 100

enum
{
  PROP_0,
  PROP_PAIR_ORDER,
  N_PROPS
};

typedef struct
{
  const char *name;
  const char *label;
  gboolean    by_share;
} PairOrder;

static const PairOrder pair_orders[] = {
  { "pixels", N_("Most pixels"), FALSE },
  { "share", N_("Largest share"), TRUE },
};

struct _PspResultsView
{
  GtkWidget         parent_instance;

  PspProject       *project;    /* (nullable) until it is set */
  PspThumbnails    *thumbnails; /* (nullable) until the project is set */
  PspEvaluation    *evaluation; /* (nullable): what is shown; %NULL once the project gave it up */
  GtkWidget        *popover;
  guint             refresh_id;
  gboolean          stale;      /* something changed since the last refresh */
  const PairOrder  *pair_order; /* (nullable) until the first is set */

  GtkWidget        *stack;
  GtkWidget        *empty;
  GtkWidget        *empty_button;
  GtkWidget        *headline;
  GtkWidget        *subline;
  GtkWidget        *upper;
  GtkWidget        *bars;
  GtkWidget        *pair_order_label;
  GtkWidget        *pairs;
  GtkWidget        *summary;
  GtkWidget        *confusion;
  GtkWidget        *worst;
};

G_DEFINE_FINAL_TYPE (PspResultsView, psp_results_view, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

static void
show_empty (PspResultsView *self,
            const char     *title,
            const char     *description,
            const char     *label,
            const char     *action)
{
  adw_status_page_set_title (ADW_STATUS_PAGE (self->empty), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (self->empty), description);
  gtk_button_set_label (GTK_BUTTON (self->empty_button), label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->empty_button), action);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "empty");
}

/* Whether any image has a label, and whether the model ran on all images. */
static void
survey_items (PspResultsView *self,
              gboolean       *labelled,
              gboolean       *all_ran)
{
  GListModel *items = psp_project_get_items (self->project);

  *labelled = FALSE;
  *all_ran = TRUE;
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      *labelled |= psp_project_item_get_label_path (item) != NULL;
      *all_ran &= psp_project_item_get_predicted (item);
    }
}

/* Running helps no more: every label that there is has a fault. */
static void
show_unusable_labels (PspResultsView *self)
{
  PspEvaluation *evaluation = psp_project_get_evaluation (self->project);
  g_auto(GStrv) problems = NULL;
  g_autofree char *text = NULL;
  g_autofree char *markup = NULL;

  problems = evaluation != NULL ? psp_evaluation_list_problems (evaluation) : g_new0 (char *, 1);
  text = g_strdup_printf (_("No label can be compared with what the model says. %s"),
                          problems[0] != NULL ? problems[0] : "");
  markup = g_markup_escape_text (text, -1);
  show_empty (self, _("No Results"), markup, _("Open Dataset Folder…"), "win.open-dataset");
}

static void
show_other_classes (PspResultsView *self,
                    int             n_model,
                    int             n_dataset)
{
  g_autofree char *text = NULL;

  text = g_strdup_printf (_("The checkpoint tells %d classes apart and the dataset has %d, so "
                            "predictions cannot be compared with labels."), n_model, n_dataset);
  show_empty (self, _("No Results"), text, _("Open Checkpoint…"), "win.open-model");
}

/* Says what is missing before there can be results, or why there can be none. */
static void
show_what_is_missing (PspResultsView *self)
{
  gboolean any = g_list_model_get_n_items (psp_project_get_items (self->project)) > 0;
  PspModel *model = psp_project_get_model (self->project);
  PspTaxonomy *taxonomy = psp_project_get_taxonomy (self->project);
  int n_model = model != NULL ? psp_model_get_facts (model)->n_classes : 0;
  int n_dataset = taxonomy != NULL ? psp_taxonomy_get_n_classes (taxonomy) : 0;
  gboolean labelled;
  gboolean all_ran;

  survey_items (self, &labelled, &all_ran);
  if (!any)
    show_empty (self, _("No Results Yet"), _("Results need a dataset with labels."),
                _("Open Dataset Folder…"), "win.open-dataset");
  else if (!labelled)
    show_empty (self, _("No Results"),
                _("These images have no labels that the model could be judged by."),
                _("Open Dataset Folder…"), "win.open-dataset");
  else if (model == NULL)
    show_empty (self, _("No Results Yet"), _("Results need a checkpoint to judge."),
                _("Open Checkpoint…"), "win.open-model");
  else if (n_model != n_dataset)
    show_other_classes (self, n_model, n_dataset);
  else if (all_ran)
    show_unusable_labels (self);
  else
    show_empty (self, _("No Results Yet"),
                _("Run the model on the images that have labels to see how well it does."),
                _("Run on All Images"), "win.run-all");
}

static void
show_headline (PspResultsView   *self,
               PspEvaluation    *evaluation,
               const PspMetrics *metrics)
{
  int n_judged = psp_evaluation_get_n_judged (evaluation);
  int n_failed = psp_evaluation_get_n_failed (evaluation);
  g_autofree char *headline = NULL;
  g_autoptr(GString) subline = g_string_new (NULL);

  /* No-break spaces within each: a narrow window breaks the line between them. */
  headline = g_strdup_printf (_("mIoU %.3f    pixel accuracy %.3f    "
                                "mean accuracy %.3f"),
                              metrics->mean_iou_present, metrics->pixel_accuracy,
                              metrics->mean_accuracy_present);
  g_string_append_printf (subline, ngettext ("%d image judged", "%d images judged", n_judged),
                          n_judged);
  if (n_failed > 0)
    g_string_append_printf (subline, _(", %d could not be judged"), n_failed);
  g_string_append_printf (subline, _("; means over the %d of %d classes that have pixels"),
                          metrics->n_present, metrics->n_classes);

  gtk_label_set_label (GTK_LABEL (self->headline), headline);
  gtk_label_set_label (GTK_LABEL (self->subline), subline->str);
}

static int
compare_shares_of_pairs (gconstpointer a,
                         gconstpointer b)
{
  const PspConfusedPair *first = a;
  const PspConfusedPair *second = b;

  return (first->share < second->share) - (first->share > second->share);
}

static void
show_pairs (PspResultsView     *self,
            PspTaxonomy        *taxonomy,
            const PspConfusion *confusion)
{
  g_autoptr(GArray) pairs = psp_confusion_list_pairs (confusion, 0);
  GtkListBoxRow *row;

  if (self->pair_order->by_share)
    g_array_sort (pairs, compare_shares_of_pairs);

  while ((row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->pairs), 0)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->pairs), GTK_WIDGET (row));
  for (guint i = 0; i < MIN (pairs->len, N_PAIRS); i++)
    gtk_list_box_append (GTK_LIST_BOX (self->pairs),
                         psp_pair_row_new (taxonomy, &g_array_index (pairs, PspConfusedPair, i)));
}

/* (transfer full) (nullable): the image of the project that is called @stem. */
static PspProjectItem *
find_item (PspResultsView *self,
           const char     *stem)
{
  GListModel *items = psp_project_get_items (self->project);

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(PspProjectItem) item = g_list_model_get_item (items, i);

      if (g_str_equal (psp_project_item_get_stem (item), stem))
        return g_steal_pointer (&item);
    }

  return NULL;
}

static void
show_worst (PspResultsView *self,
            PspEvaluation  *evaluation)
{
  g_autoptr(GPtrArray) worst = psp_evaluation_list_worst (evaluation, N_WORST);
  GtkFlowBoxChild *child;

  while ((child = gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (self->worst), 0)) != NULL)
    gtk_flow_box_remove (GTK_FLOW_BOX (self->worst), GTK_WIDGET (child));

  for (guint i = 0; i < worst->len; i++)
    {
      const PspEvaluatedImage *image = g_ptr_array_index (worst, i);
      g_autoptr(PspProjectItem) item = find_item (self, image->stem);
      g_autofree char *caption = g_strdup_printf (_("mIoU %.2f"), image->mean_iou);

      if (item == NULL)
        continue;

      gtk_flow_box_append (GTK_FLOW_BOX (self->worst),
                           psp_image_tile_new (item, self->thumbnails, caption));
    }
}

static void
refresh (PspResultsView *self)
{
  PspEvaluation *evaluation = psp_project_get_evaluation (self->project);
  g_autoptr(PspConfusion) confusion = NULL;
  g_autoptr(PspMetrics) metrics = NULL;
  PspTaxonomy *taxonomy;

  self->stale = FALSE;
  g_clear_pointer (&self->evaluation, psp_evaluation_unref);
  if (evaluation != NULL && psp_evaluation_get_n_judged (evaluation) > 0)
    {
      confusion = psp_evaluation_get_confusion (evaluation, NULL);
      metrics = psp_evaluation_get_metrics (evaluation, NULL);
    }
  if (confusion == NULL || metrics == NULL)
    {
      show_what_is_missing (self);
      return;
    }

  self->evaluation = psp_evaluation_ref (evaluation);
  taxonomy = psp_evaluation_get_taxonomy (evaluation);
  show_headline (self, evaluation, metrics);
  psp_class_bars_set_metrics (PSP_CLASS_BARS (self->bars), taxonomy, metrics);
  psp_confusion_view_set_confusion (PSP_CONFUSION_VIEW (self->confusion), taxonomy, confusion);
  show_pairs (self, taxonomy, confusion);
  show_worst (self, evaluation);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "results");
}

static gboolean
refresh_cb (gpointer data)
{
  PspResultsView *self = data;

  self->refresh_id = 0;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    refresh (self);
  return G_SOURCE_REMOVE;
}

/* Not for every image that a run finishes, and not while nobody sees it. */
static void
queue_refresh (PspResultsView *self)
{
  /* Until the next refresh what is shown leads nowhere. */
  if (self->evaluation != psp_project_get_evaluation (self->project))
    g_clear_pointer (&self->evaluation, psp_evaluation_unref);

  self->stale = TRUE;
  if (self->refresh_id == 0)
    self->refresh_id = g_timeout_add (REFRESH_INTERVAL_MS, refresh_cb, self);
}

static void
psp_results_view_map (GtkWidget *widget)
{
  PspResultsView *self = PSP_RESULTS_VIEW (widget);

  GTK_WIDGET_CLASS (psp_results_view_parent_class)->map (widget);

  if (self->project != NULL && self->stale)
    refresh (self);
}

/* @area is in the coordinates of @widget. */
static void
show_shares (PspResultsView *self,
             GtkWidget      *widget,
             GdkRectangle    area,
             const char     *title,
             int             truth,
             int             prediction,
             GPtrArray      *shares)
{
  double x;
  double y;

  gtk_widget_translate_coordinates (widget, GTK_WIDGET (self), area.x, area.y, &x, &y);
  area.x = (int) x;
  area.y = (int) y;
  psp_images_popover_set_shares (PSP_IMAGES_POPOVER (self->popover), title, truth, prediction,
                                 shares);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), &area);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

/* Points at @area of @widget. */
static void
show_pair (PspResultsView *self,
           int             truth,
           int             prediction,
           GtkWidget      *widget,
           GdkRectangle    area)
{
  g_autoptr(GPtrArray) shares = NULL;
  g_autofree char *title = NULL;
  PspTaxonomy *taxonomy;

  if (self->evaluation == NULL)
    return;

  taxonomy = psp_evaluation_get_taxonomy (self->evaluation);
  shares = psp_evaluation_list_cell (self->evaluation, truth, prediction, N_LISTED);
  if (truth == prediction)
    title = g_strdup_printf (_("Images with %s that is found"),
                             psp_taxonomy_get_class_name (taxonomy, truth));
  else
    title = g_strdup_printf (_("Images with %s taken for %s"),
                             psp_taxonomy_get_class_name (taxonomy, truth),
                             psp_taxonomy_get_class_name (taxonomy, prediction));

  show_shares (self, widget, area, title, truth, prediction, shares);
}

void
psp_results_view_show_cell (PspResultsView *self,
                            int             truth,
                            int             prediction)
{
  g_return_if_fail (PSP_IS_RESULTS_VIEW (self));

  show_pair (self, truth, prediction, self->confusion,
             psp_confusion_view_get_cell (PSP_CONFUSION_VIEW (self->confusion),
                                          truth, prediction));
}

static GdkRectangle
get_whole (GtkWidget *widget)
{
  return (GdkRectangle) { 0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget) };
}

static void
pair_cb (PspResultsView *self,
         GtkListBoxRow  *row)
{
  const PspConfusedPair *pair = psp_pair_row_get_pair (PSP_PAIR_ROW (row));

  show_pair (self, pair->truth, pair->prediction, GTK_WIDGET (row), get_whole (GTK_WIDGET (row)));
}

/* The images in which a class was missed, whatever it was taken for. */
static void
class_cb (PspResultsView *self,
          int             class_id,
          GtkWidget      *row)
{
  g_autoptr(GPtrArray) shares = NULL;
  g_autofree char *title = NULL;
  PspTaxonomy *taxonomy;

  if (self->evaluation == NULL)
    return;

  taxonomy = psp_evaluation_get_taxonomy (self->evaluation);
  shares = psp_evaluation_list_missed (self->evaluation, class_id, N_LISTED);
  title = g_strdup_printf (_("Images with %s that is missed"),
                           psp_taxonomy_get_class_name (taxonomy, class_id));
  show_shares (self, row, get_whole (row), title, class_id, PSP_PAIR_ANY_OTHER, shares);
}

static void
set_pair_order (PspResultsView *self,
                const char     *name)
{
  const PairOrder *order = &pair_orders[0];

  for (guint i = 0; i < G_N_ELEMENTS (pair_orders); i++)
    {
      if (g_strcmp0 (pair_orders[i].name, name) == 0)
        order = &pair_orders[i];
    }
  if (self->pair_order == order)
    return;

  self->pair_order = order;
  gtk_label_set_label (GTK_LABEL (self->pair_order_label), _(order->label));
  if (self->project != NULL)
    refresh (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAIR_ORDER]);
}

static void
psp_results_view_get_property (GObject    *object,
                               guint       id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PspResultsView *self = PSP_RESULTS_VIEW (object);

  switch (id)
    {
    case PROP_PAIR_ORDER:
      g_value_set_string (value, self->pair_order != NULL ? self->pair_order->name : NULL);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_results_view_set_property (GObject      *object,
                               guint         id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  PspResultsView *self = PSP_RESULTS_VIEW (object);

  switch (id)
    {
    case PROP_PAIR_ORDER:
      set_pair_order (self, g_value_get_string (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_results_view_dispose (GObject *object)
{
  PspResultsView *self = PSP_RESULTS_VIEW (object);
  GtkWidget *child;

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->evaluation, psp_evaluation_unref);
  g_clear_object (&self->thumbnails);
  g_clear_object (&self->project);

  G_OBJECT_CLASS (psp_results_view_parent_class)->dispose (object);
}

static void
psp_results_view_class_init (PspResultsViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = psp_results_view_get_property;
  object_class->set_property = psp_results_view_set_property;
  object_class->dispose = psp_results_view_dispose;
  widget_class->map = psp_results_view_map;

  properties[PROP_PAIR_ORDER] =
    g_param_spec_string ("pair-order", NULL, NULL, "pixels",
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PSP_TYPE_CLASS_BARS);
  g_type_ensure (PSP_TYPE_CONFUSION_VIEW);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/scenescope/Scenescope/ui/psp-results-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, stack);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, empty);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, empty_button);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, headline);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, subline);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, upper);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, bars);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, pair_order_label);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, pairs);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, summary);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, confusion);
  gtk_widget_class_bind_template_child (widget_class, PspResultsView, worst);
  gtk_widget_class_install_property_action (widget_class, "results.pair-order", "pair-order");
  gtk_widget_class_set_css_name (widget_class, "results");
}

static void
psp_results_view_init (PspResultsView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  set_pair_order (self, "pixels");
  self->popover = psp_images_popover_new ();
  gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
  g_object_bind_property (self->confusion, "summary", self->summary, "label",
                          G_BINDING_SYNC_CREATE);
  g_signal_connect_object (self->confusion, "cell-activated",
                           G_CALLBACK (psp_results_view_show_cell), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pairs, "row-activated", G_CALLBACK (pair_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bars, "class-activated", G_CALLBACK (class_cb), self,
                           G_CONNECT_SWAPPED);
}

void
psp_results_view_set_project (PspResultsView *self,
                              PspProject     *project,
                              PspThumbnails  *thumbnails)
{
  g_return_if_fail (PSP_IS_RESULTS_VIEW (self));
  g_return_if_fail (PSP_IS_PROJECT (project));
  g_return_if_fail (self->project == NULL);

  self->project = g_object_ref (project);
  self->thumbnails = g_object_ref (thumbnails);
  g_signal_connect_object (project, "notify::evaluation-version", G_CALLBACK (queue_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::model-name", G_CALLBACK (queue_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (project, "notify::taxonomy", G_CALLBACK (queue_refresh), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (psp_project_get_items (project), "items-changed",
                           G_CALLBACK (queue_refresh), self, G_CONNECT_SWAPPED);
  refresh (self);
}

void
psp_results_view_set_narrow (PspResultsView *self,
                             gboolean        narrow)
{
  g_return_if_fail (PSP_IS_RESULTS_VIEW (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->upper),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}
