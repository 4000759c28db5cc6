/* SPDX-License-Identifier: MIT */

#include "ui/psp-confusion-view.h"

#include <glib/gi18n.h>
#include <math.h>

/* Logical pixels. */
#define MIN_CELL 2
#define MAX_CELL 48
#define NATURAL_SIDE 620
#define LABEL_GAP 6
#define MAX_LABEL 120

/* Shares below this are drawn alike, as faint as can be seen. */
#define LEAST_SHARE 0.0005

/* A cell must be this large for labels beside it and for its percentage. */
#define CELL_FOR_LABELS 12
#define CELL_FOR_NUMBERS 30

struct _PspConfusionView
{
  GtkWidget    parent_instance;

  PspTaxonomy *taxonomy; /* (nullable) until a matrix is set */
  int          n_shown;
  int         *ids;      /* [n_shown]: the class of each row and column */
  guint64     *counts;   /* [n_shown][n_shown] */
  guint64     *totals;   /* [n_shown]: all labelled pixels of the class */
  int          row;      /* of the cell under pointer or cursor; -1: none */
  int          column;
  char        *summary;
};

enum
{
  PROP_0,
  PROP_SUMMARY,
  N_PROPS
};

enum
{
  CELL_ACTIVATED,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (PspConfusionView, psp_confusion_view, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static guint64
get_count (PspConfusionView *self,
           int               row,
           int               column)
{
  return self->counts[row * self->n_shown + column];
}

static const char *
get_name (PspConfusionView *self,
          int               index)
{
  return psp_taxonomy_get_class_name (self->taxonomy, self->ids[index]);
}

static PangoLayout *
create_label (PspConfusionView *self,
              const char       *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);

  pango_layout_set_width (layout, MAX_LABEL * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  return layout;
}

/* What the longest name needs beside the matrix and above it. */
static int
measure_labels (PspConfusionView *self)
{
  int longest = 0;

  for (int i = 0; i < self->n_shown; i++)
    {
      g_autoptr(PangoLayout) layout = create_label (self, get_name (self, i));
      int width;

      pango_layout_get_pixel_size (layout, &width, NULL);
      longest = MAX (longest, width);
    }

  return longest + LABEL_GAP;
}

/* Where the cells begin, and how large they are. */
static int
get_cell_size (PspConfusionView *self,
               int              *margin)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  *margin = measure_labels (self);
  if (self->n_shown == 0)
    return 0;

  return CLAMP ((width - *margin) / self->n_shown, MIN_CELL, MAX_CELL);
}

static void
set_summary (PspConfusionView *self)
{
  g_autofree char *summary = NULL;

  if (self->row < 0)
    summary = g_strdup (_("Point at a cell to see what it counts; click it for its images."));
  else if (self->row == self->column)
    summary = g_strdup_printf (_("%s, rightly: %'" G_GUINT64_FORMAT " pixels, %.1f %% of %s"),
                               get_name (self, self->row),
                               get_count (self, self->row, self->column),
                               100.0 * (double) get_count (self, self->row, self->column) /
                                 fmax (1, (double) self->totals[self->row]),
                               get_name (self, self->row));
  else
    summary = g_strdup_printf (_("%s taken for %s: %'" G_GUINT64_FORMAT " pixels, %.1f %% of %s"),
                               get_name (self, self->row), get_name (self, self->column),
                               get_count (self, self->row, self->column),
                               100.0 * (double) get_count (self, self->row, self->column) /
                                 fmax (1, (double) self->totals[self->row]),
                               get_name (self, self->row));

  if (g_strcmp0 (self->summary, summary) == 0)
    return;

  g_free (self->summary);
  self->summary = g_steal_pointer (&summary);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, self->summary, -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

static void
set_cell (PspConfusionView *self,
          int               row,
          int               column)
{
  if (row < 0 || column < 0 || row >= self->n_shown || column >= self->n_shown)
    row = column = -1;
  if (self->row == row && self->column == column)
    return;

  self->row = row;
  self->column = column;
  set_summary (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (PspConfusionView *self,
           double            x,
           double            y)
{
  int margin;
  int cell = get_cell_size (self, &margin);

  if (cell == 0 || x < margin || y < margin)
    set_cell (self, -1, -1);
  else
    set_cell (self, (int) (y - margin) / cell, (int) (x - margin) / cell);
}

static void
leave_cb (PspConfusionView *self)
{
  set_cell (self, -1, -1);
}

static GdkRectangle
get_area (PspConfusionView *self,
          int               row,
          int               column)
{
  int margin;
  int cell = get_cell_size (self, &margin);

  return (GdkRectangle) { margin + column * cell, margin + row * cell, cell, cell };
}

/* The same text as the line above the matrix, which may be scrolled away. */
static gboolean
query_tooltip_cb (PspConfusionView *self,
                  int               x,
                  int               y,
                  gboolean          by_keys,
                  GtkTooltip       *tooltip)
{
  GdkRectangle area;

  if (self->row < 0)
    return FALSE;

  area = get_area (self, self->row, self->column);
  gtk_tooltip_set_text (tooltip, self->summary);
  gtk_tooltip_set_tip_area (tooltip, &area);
  return TRUE;
}

/* Scrolls as little as it takes to see the cell that keys moved to. */
static void
reveal_cell (PspConfusionView *self)
{
  GtkWidget *viewport = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_VIEWPORT);
  GdkRectangle area = get_area (self, self->row, self->column);
  double y;

  if (viewport == NULL || self->row < 0)
    return;

  gtk_widget_translate_coordinates (GTK_WIDGET (self),
                                    gtk_viewport_get_child (GTK_VIEWPORT (viewport)),
                                    0, area.y, NULL, &y);
  gtk_adjustment_clamp_page (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (viewport)),
                             y, y + area.height);
}

/* Without scrolling all of the matrix into sight, and the cell away from under the pointer. */
static void
grab_focus_in_place (PspConfusionView *self)
{
  GtkWidget *ancestor = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_VIEWPORT);
  GtkViewport *viewport = ancestor != NULL ? GTK_VIEWPORT (ancestor) : NULL;
  gboolean scrolls = viewport != NULL && gtk_viewport_get_scroll_to_focus (viewport);

  if (scrolls)
    gtk_viewport_set_scroll_to_focus (viewport, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (scrolls)
    gtk_viewport_set_scroll_to_focus (viewport, TRUE);
}

static void
activate_cell (PspConfusionView *self)
{
  if (self->row >= 0)
    g_signal_emit (self, signals[CELL_ACTIVATED], 0,
                   self->ids[self->row], self->ids[self->column]);
}

static void
pressed_cb (PspConfusionView *self,
            int               n_press,
            double            x,
            double            y)
{
  grab_focus_in_place (self);
  motion_cb (self, x, y);
  activate_cell (self);
}

static gboolean
key_cb (PspConfusionView *self,
        guint             key)
{
  int row = MAX (self->row, 0);
  int column = MAX (self->column, 0);

  switch (key)
    {
    case GDK_KEY_Up:
      set_cell (self, MAX (row - 1, 0), column);
      break;

    case GDK_KEY_Down:
      set_cell (self, MIN (row + 1, self->n_shown - 1), column);
      break;

    case GDK_KEY_Left:
      set_cell (self, row, MAX (column - 1, 0));
      break;

    case GDK_KEY_Right:
      set_cell (self, row, MIN (column + 1, self->n_shown - 1));
      break;

    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      activate_cell (self);
      break;

    default:
      return GDK_EVENT_PROPAGATE;
    }

  reveal_cell (self);
  return GDK_EVENT_STOP;
}

/* 0 to 1: how dark a share of its row is drawn. */
static double
get_shade (double share)
{
  if (share <= 0)
    return 0;

  return 0.05 + 0.8 * fmax (0, 1 - log10 (share) / log10 (LEAST_SHARE));
}

/* A channel of light where @share of @paper is covered by @ink. */
static double
mix (double ink,
     double paper,
     double share)
{
  double channel = ink * share + paper * (1 - share);

  return channel <= 0.04045 ? channel / 12.92 : pow ((channel + 0.055) / 1.055, 2.4);
}

/* What is readable on @ink that covers a share of @paper: black or white, whichever contrasts more,
 * which is by 4.58 : 1 at least (WCAG 2). */
static GdkRGBA
choose_number_color (const GdkRGBA *ink,
                     const GdkRGBA *paper,
                     double         share)
{
  double luminance = 0.2126 * mix ((double) ink->red, (double) paper->red, share) +
                     0.7152 * mix ((double) ink->green, (double) paper->green, share) +
                     0.0722 * mix ((double) ink->blue, (double) paper->blue, share);

  if ((luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05))
    return (GdkRGBA) { 0, 0, 0, 1 };

  return (GdkRGBA) { 1, 1, 1, 1 };
}

static void
draw_number (PspConfusionView *self,
             GtkSnapshot      *snapshot,
             GdkRectangle      area,
             double            share,
             const GdkRGBA    *color)
{
  g_autofree char *text = g_strdup_printf (share < 0.0995 ? "%.1f" : "%.0f", 100 * share);
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width;
  int height;

  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT ((float) (area.x + (area.width - width) / 2),
                                                (float) (area.y + (area.height - height) / 2)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static void
draw_cell (PspConfusionView *self,
           GtkSnapshot      *snapshot,
           GdkRectangle      area,
           int               row,
           int               column,
           const GdkRGBA    *ink,
           const GdkRGBA    *paper)
{
  guint64 count = get_count (self, row, column);
  double share = (double) count / fmax (1, (double) self->totals[row]);
  double shade = get_shade (share);
  GdkRGBA number = choose_number_color (ink, paper, shade);
  GdkRGBA color = *ink;

  color.alpha = (float) shade;
  if (count > 0)
    gtk_snapshot_append_color (snapshot, &color,
                               &GRAPHENE_RECT_INIT ((float) area.x, (float) area.y,
                                                    (float) area.width - 1,
                                                    (float) area.height - 1));

  if (area.width >= CELL_FOR_NUMBERS && share >= LEAST_SHARE)
    draw_number (self, snapshot, area, share, &number);
}

static void
draw_cursor (PspConfusionView *self,
             GtkSnapshot      *snapshot,
             GdkRectangle      area,
             const GdkRGBA    *color)
{
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT ((float) area.x - 1, (float) area.y - 1,
                                                     (float) area.width + 1,
                                                     (float) area.height + 1);
  const float widths[4] = { 2, 2, 2, 2 };
  const GdkRGBA colors[4] = { *color, *color, *color, *color };
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, &bounds, 2);
  gtk_snapshot_append_border (snapshot, &outline, widths, colors);
}

/* Names of small cells are drawn for the cursor alone. */
static void
draw_labels (PspConfusionView *self,
             GtkSnapshot      *snapshot,
             int               margin,
             int               cell,
             const GdkRGBA    *ink)
{
  for (int i = 0; i < self->n_shown; i++)
    {
      g_autoptr(PangoLayout) layout = NULL;
      float middle = (float) margin + ((float) i + 0.5f) * (float) cell;
      int width;
      int height;
      gboolean wanted = cell >= CELL_FOR_LABELS;

      layout = create_label (self, get_name (self, i));
      pango_layout_get_pixel_size (layout, &width, &height);

      if (wanted || i == self->row)
        {
          gtk_snapshot_save (snapshot);
          gtk_snapshot_translate (snapshot,
                                  &GRAPHENE_POINT_INIT ((float) (margin - LABEL_GAP - width),
                                                        middle - (float) height / 2));
          gtk_snapshot_append_layout (snapshot, layout, ink);
          gtk_snapshot_restore (snapshot);
        }
      if (wanted || i == self->column)
        {
          gtk_snapshot_save (snapshot);
          gtk_snapshot_translate (snapshot,
                                  &GRAPHENE_POINT_INIT (middle - (float) height / 2,
                                                        (float) (margin - LABEL_GAP)));
          gtk_snapshot_rotate (snapshot, -90);
          gtk_snapshot_append_layout (snapshot, layout, ink);
          gtk_snapshot_restore (snapshot);
        }
    }
}

static void
psp_confusion_view_snapshot (GtkWidget   *widget,
                             GtkSnapshot *snapshot)
{
  PspConfusionView *self = PSP_CONFUSION_VIEW (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  GdkRGBA ink;
  GdkRGBA paper;
  GdkRGBA accent;
  int margin;
  int cell = get_cell_size (self, &margin);

  gtk_style_context_get_color (style, &ink);
  if (!gtk_style_context_lookup_color (style, "accent_color", &accent))
    accent = ink;
  if (!gtk_style_context_lookup_color (style, "window_bg_color", &paper))
    paper = (GdkRGBA) { 1 - ink.red, 1 - ink.green, 1 - ink.blue, 1 };

  draw_labels (self, snapshot, margin, cell, &ink);
  for (int row = 0; row < self->n_shown; row++)
    {
      for (int column = 0; column < self->n_shown; column++)
        {
          GdkRectangle area = { margin + column * cell, margin + row * cell, cell, cell };

          draw_cell (self, snapshot, area, row, column, &ink, &paper);
        }
    }

  if (self->row >= 0)
    draw_cursor (self, snapshot, get_area (self, self->row, self->column), &accent);
}

static void
psp_confusion_view_measure (GtkWidget      *widget,
                            GtkOrientation  orientation,
                            int             for_size,
                            int            *minimum,
                            int            *natural,
                            int            *minimum_baseline,
                            int            *natural_baseline)
{
  PspConfusionView *self = PSP_CONFUSION_VIEW (widget);
  int margin = measure_labels (self);
  int n_cells = MAX (self->n_shown, 1);
  int cell = CLAMP (NATURAL_SIDE / n_cells, MIN_CELL, MAX_CELL);

  *minimum = margin + n_cells * MIN_CELL;
  if (orientation == GTK_ORIENTATION_VERTICAL && for_size >= 0)
    {
      cell = CLAMP ((for_size - margin) / n_cells, MIN_CELL, MAX_CELL);
      *minimum = margin + n_cells * cell;
    }
  *natural = margin + n_cells * cell;
}

static GtkSizeRequestMode
psp_confusion_view_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
psp_confusion_view_get_property (GObject    *object,
                                 guint       id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SUMMARY:
      g_value_set_string (value, PSP_CONFUSION_VIEW (object)->summary);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
clear_counts (PspConfusionView *self)
{
  g_clear_pointer (&self->taxonomy, psp_taxonomy_unref);
  g_clear_pointer (&self->ids, g_free);
  g_clear_pointer (&self->counts, g_free);
  g_clear_pointer (&self->totals, g_free);
  self->n_shown = 0;
}

static void
psp_confusion_view_finalize (GObject *object)
{
  PspConfusionView *self = PSP_CONFUSION_VIEW (object);

  clear_counts (self);
  g_clear_pointer (&self->summary, g_free);

  G_OBJECT_CLASS (psp_confusion_view_parent_class)->finalize (object);
}

static void
psp_confusion_view_class_init (PspConfusionViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = psp_confusion_view_get_property;
  object_class->finalize = psp_confusion_view_finalize;
  widget_class->snapshot = psp_confusion_view_snapshot;
  widget_class->measure = psp_confusion_view_measure;
  widget_class->get_request_mode = psp_confusion_view_get_request_mode;

  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[CELL_ACTIVATED] = g_signal_new ("cell-activated", PSP_TYPE_CONFUSION_VIEW,
                                          G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);

  gtk_widget_class_set_css_name (widget_class, "confusion");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
psp_confusion_view_init (PspConfusionView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->row = -1;
  self->column = -1;
  set_summary (self);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Confusion matrix: rows are truth, columns prediction"), -1);

  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
psp_confusion_view_new (void)
{
  return g_object_new (PSP_TYPE_CONFUSION_VIEW, NULL);
}

static void
copy_counts (PspConfusionView   *self,
             const PspConfusion *confusion)
{
  int n_classes = psp_confusion_get_n_classes (confusion);

  self->ids = g_new (int, n_classes);
  for (int id = 0; id < n_classes; id++)
    {
      if (psp_confusion_count_truth (confusion, id) > 0 ||
          psp_confusion_count_predicted (confusion, id) > 0)
        self->ids[self->n_shown++] = id;
    }

  self->totals = g_new (guint64, self->n_shown);
  self->counts = g_new (guint64, (gsize) self->n_shown * (gsize) self->n_shown);
  for (int row = 0; row < self->n_shown; row++)
    {
      self->totals[row] = psp_confusion_count_truth (confusion, self->ids[row]);
      for (int column = 0; column < self->n_shown; column++)
        {
          self->counts[row * self->n_shown + column] =
            psp_confusion_get (confusion, self->ids[row], self->ids[column]);
        }
    }
}

void
psp_confusion_view_set_confusion (PspConfusionView   *self,
                                  PspTaxonomy        *taxonomy,
                                  const PspConfusion *confusion)
{
  g_return_if_fail (PSP_IS_CONFUSION_VIEW (self));

  clear_counts (self);
  self->taxonomy = psp_taxonomy_ref (taxonomy);
  copy_counts (self, confusion);
  if (self->row >= self->n_shown || self->column >= self->n_shown)
    self->row = self->column = -1;
  set_summary (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static int
find_index (PspConfusionView *self,
            int               id)
{
  for (int i = 0; i < self->n_shown; i++)
    {
      if (self->ids[i] == id)
        return i;
    }

  return -1;
}

GdkRectangle
psp_confusion_view_get_cell (PspConfusionView *self,
                             int               truth,
                             int               prediction)
{
  int row = find_index (self, truth);
  int column = find_index (self, prediction);

  if (row < 0 || column < 0)
    return (GdkRectangle) { 0, 0, 0, 0 };

  return get_area (self, row, column);
}

const char *
psp_confusion_view_get_summary (PspConfusionView *self)
{
  g_return_val_if_fail (PSP_IS_CONFUSION_VIEW (self), NULL);

  return self->summary;
}
