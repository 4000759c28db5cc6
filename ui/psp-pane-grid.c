/* SPDX-License-Identifier: MIT */
#include "ui/psp-pane-grid-private.h"

/* Logical pixels between panes. */
#define GAP 4

/* What the small panes beside a large one may take of the grid. */
#define LEAST_SMALL_SHARE 0.12
#define MOST_SMALL_SHARE 0.35

#define DEFAULT_LAYOUT "photo,truth,prediction,auxiliary,pyramid-3,edited"

/* How much larger the image must be in the other arrangement for panes to change their places. */
#define CLEARLY 1.3

/* The sides that a grid is measured for while there is no image. */
static const PspSize usual_image = { 4, 3 };

enum
{
  PROP_0,
  PROP_CANVAS,
  PROP_LARGE,
  PROP_LAYOUT,
  PROP_N_PANES,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspPaneGrid, psp_pane_grid, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];

/* How many panes there can be, which of the six they are, and in how many columns, the widest
 * first.  The last pane, which shows what is painted, is among all but one. */
typedef struct
{
  int n_panes;
  int panes[PSP_PANE_GRID_MAX_PANES];
  int columns[2]; /* 0: no other */
} Arrangement;

static const Arrangement arrangements[] = {
  { 1, { 0 }, { 1, 0 } },
  { 2, { 0, 5 }, { 2, 1 } },
  { 3, { 0, 2, 5 }, { 3, 1 } },
  { 4, { 0, 1, 2, 5 }, { 2, 0 } },
  { 6, { 0, 1, 2, 3, 4, 5 }, { 3, 2 } },
};

static const Arrangement *
find_arrangement (int n_panes)
{
  for (gsize i = 0; i < G_N_ELEMENTS (arrangements); i++)
    if (arrangements[i].n_panes == n_panes)
      return &arrangements[i];

  return NULL;
}

/* The indices of the panes in sight; as many as there are panes. */
static const int *
get_shown (PspPaneGrid *self)
{
  return find_arrangement (self->n_panes)->panes;
}

static gboolean
is_shown (PspPaneGrid *self,
          int          index)
{
  const int *shown = get_shown (self);

  for (int i = 0; i < self->n_panes; i++)
    if (shown[i] == index)
      return TRUE;

  return FALSE;
}

static PspSize
get_image_size (PspPaneGrid *self)
{
  PspSize size = psp_viewport_get_image_size (psp_canvas_get_viewport (self->canvas));

  return size.width > 0 && size.height > 0 ? size : usual_image;
}

/* How large the image would be on a pane of that size. */
static double
get_fit (PspPaneGrid *self,
         double       width,
         double       height)
{
  PspSize image = get_image_size (self);

  return MIN (width / image.width, height / image.height);
}

/* The size of one of @n cells in a row of @length. */
static int
divide (int length,
        int n)
{
  return MAX (1, (length - (n - 1) * GAP) / n);
}

static int
choose_columns (PspPaneGrid *self,
                int          width,
                int          height)
{
  const int *columns = find_arrangement (self->n_panes)->columns;
  double fits[2] = { 0 };

  for (int i = 0; i < 2; i++)
    if (columns[i] > 0)
      fits[i] = get_fit (self, divide (width, columns[i]),
                         divide (height, self->n_panes / columns[i]));

  return columns[fits[1] > CLEARLY * fits[0] ? 1 : 0];
}

static void
allocate_pane (PspPaneGrid  *self,
               int           index,
               GdkRectangle  place)
{
  gtk_widget_size_allocate (self->panes[index], &place, -1);
}

/* All panes are exactly equal, so that all show the same pixels; a rest stays free. */
static PspSize
allocate_equal (PspPaneGrid *self,
                int          width,
                int          height)
{
  int columns = choose_columns (self, width, height);
  int pane_width = divide (width, columns);
  int pane_height = divide (height, self->n_panes / columns);

  for (int i = 0; i < self->n_panes; i++)
    allocate_pane (self, get_shown (self)[i],
                   (GdkRectangle) { i % columns * (pane_width + GAP),
                                    i / columns * (pane_height + GAP),
                                    pane_width, pane_height });

  return (PspSize) { pane_width, pane_height };
}

/* What a row of small panes takes of @length, if images as wide as @ratio of their height are to
 * fill panes whose other side is @side. */
static int
small_length (int    length,
              int    side,
              double ratio)
{
  return CLAMP (side * ratio, length * LEAST_SMALL_SHARE, length * MOST_SMALL_SHARE);
}

/* The large pane first, the others in a column beside it or in a row below. */
static PspSize
allocate_large (PspPaneGrid *self,
                int          width,
                int          height)
{
  PspSize image = get_image_size (self);
  double ratio = (double) image.width / image.height;
  int n_small = self->n_panes - 1;
  PspSize small = { divide (width, n_small), divide (height, n_small) };
  PspSize beside = { width - GAP - small_length (width, small.height, ratio), height };
  PspSize above = { width, height - GAP - small_length (height, small.width, 1 / ratio) };
  gboolean is_beside = get_fit (self, beside.width, beside.height) >=
                       get_fit (self, above.width, above.height);
  PspSize large = is_beside ? beside : above;
  GdkRectangle place = { 0, 0, large.width, large.height };

  allocate_pane (self, self->large, place);

  if (is_beside)
    place = (GdkRectangle) { large.width + GAP, 0, width - GAP - large.width, small.height };
  else
    place = (GdkRectangle) { 0, large.height + GAP, small.width, height - GAP - large.height };

  for (int i = 0; i < self->n_panes; i++)
    {
      int index = get_shown (self)[i];

      if (index == self->large)
        continue;

      allocate_pane (self, index, place);
      if (is_beside)
        place.y += place.height + GAP;
      else
        place.x += place.width + GAP;
    }

  return large;
}

static gboolean
has_large (PspPaneGrid *self)
{
  return self->n_panes > 1 && is_shown (self, self->large);
}

static void
psp_pane_grid_size_allocate (GtkWidget *widget,
                             int        width,
                             int        height,
                             int        baseline)
{
  PspPaneGrid *self = PSP_PANE_GRID (widget);
  int scale = gtk_widget_get_scale_factor (widget);
  PspSize pane = has_large (self) ? allocate_large (self, width, height)
                                  : allocate_equal (self, width, height);

  psp_viewport_set_pane_size (psp_canvas_get_viewport (self->canvas),
                              (PspSize) { pane.width * scale, pane.height * scale });
}

static void
psp_pane_grid_measure (GtkWidget      *widget,
                       GtkOrientation  orientation,
                       int             for_size,
                       int            *minimum,
                       int            *natural,
                       int            *minimum_baseline,
                       int            *natural_baseline)
{
  PspPaneGrid *self = PSP_PANE_GRID (widget);
  int columns = find_arrangement (self->n_panes)->columns[0];
  int n = orientation == GTK_ORIENTATION_HORIZONTAL ? columns : self->n_panes / columns;
  int least = 0;

  for (int i = 0; i < self->n_panes; i++)
    {
      GtkWidget *shown = self->panes[get_shown (self)[i]];
      int pane;

      gtk_widget_measure (shown, orientation, -1, &pane, NULL, NULL, NULL);
      least = MAX (least, pane);
    }

  *minimum = n * least + (n - 1) * GAP;
  *natural = *minimum;
}

static void
psp_pane_grid_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (psp_pane_grid_parent_class)->root (widget);
  psp_pane_grid_attach (PSP_PANE_GRID (widget), GTK_WIDGET (gtk_widget_get_root (widget)));
}

static void
psp_pane_grid_unroot (GtkWidget *widget)
{
  psp_pane_grid_detach (PSP_PANE_GRID (widget), GTK_WIDGET (gtk_widget_get_root (widget)));
  GTK_WIDGET_CLASS (psp_pane_grid_parent_class)->unroot (widget);
}

static char *
layout_to_string (PspPaneGrid *self)
{
  GString *text = g_string_new (NULL);

  for (int i = 0; i < PSP_PANE_GRID_MAX_PANES; i++)
    {
      PspPane *pane = PSP_PANE (self->panes[i]);
      g_autofree char *word = psp_pane_source_to_string (psp_pane_get_source (pane));

      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", word);
    }

  return g_string_free (text, FALSE);
}

/* Words that are none leave their pane as it is: settings may come from another version. */
static void
set_layout_from_string (PspPaneGrid *self,
                        const char  *text)
{
  g_auto(GStrv) words = g_strsplit (text != NULL ? text : "", ",", PSP_PANE_GRID_MAX_PANES);

  for (int i = 0; words[i] != NULL; i++)
    {
      PspPaneSource source;

      if (psp_pane_source_parse (words[i], &source))
        psp_pane_set_source (PSP_PANE (self->panes[i]), source);
    }
}

static void
layout_changed (PspPaneGrid *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAYOUT]);
}

static void
set_large (PspPaneGrid *self,
           int          large)
{
  if (self->large == large)
    return;

  self->large = large;
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LARGE]);
}

/* GTK leaves the focus in a submenu that is hidden after its item was chosen, or in a pane that is:
 * keys would do nothing. */
static void
take_lost_focus (PspPaneGrid *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && !gtk_widget_get_mapped (focus) && gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_widget_grab_focus (self->panes[0]);
}

static void
set_n_panes (PspPaneGrid *self,
             int          n_panes)
{
  if (self->n_panes == n_panes || find_arrangement (n_panes) == NULL)
    return;

  self->n_panes = n_panes;
  for (int i = 0; i < PSP_PANE_GRID_MAX_PANES; i++)
    gtk_widget_set_child_visible (self->panes[i], is_shown (self, i));
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_PANES]);
}

static PspPaneKind
get_kind (PspPaneGrid *self,
          int          index)
{
  return psp_pane_get_source (PSP_PANE (self->panes[index])).kind;
}

void
psp_pane_grid_show_edited (PspPaneGrid *self,
                           GtkWidget   *pane)
{
  const int *shown = get_shown (self);
  int other = shown[0];

  for (int i = self->n_panes - 1; i >= 0; i--)
    {
      if (get_kind (self, shown[i]) == PSP_PANE_EDITED)
        return;

      if (get_kind (self, shown[i]) != PSP_PANE_PREDICTION)
        other = shown[i];
    }

  psp_pane_set_source (PSP_PANE (pane != NULL ? pane : self->panes[other]),
                       (PspPaneSource) { .kind = PSP_PANE_EDITED });
}

/* A tool is put down on the pane that has the focus. */
static void
show_edited_at_focus (PspPaneGrid *self)
{
  GtkWidget *pane = gtk_widget_get_focus_child (GTK_WIDGET (self));

  psp_pane_grid_show_edited (self,
                             pane != NULL && gtk_widget_get_child_visible (pane) ? pane : NULL);
}

static void
pane_enlarge (PspPaneGrid *self,
              GtkWidget   *pane)
{
  for (int i = 0; i < PSP_PANE_GRID_MAX_PANES; i++)
    if (self->panes[i] == pane)
      set_large (self, self->large == i ? -1 : i);
}

static void
psp_pane_grid_dispose (GObject *object)
{
  PspPaneGrid *self = PSP_PANE_GRID (object);

  for (int i = 0; i < PSP_PANE_GRID_MAX_PANES; i++)
    g_clear_pointer (&self->panes[i], gtk_widget_unparent);
  g_clear_object (&self->scene_signals);
  g_clear_object (&self->actions);

  G_OBJECT_CLASS (psp_pane_grid_parent_class)->dispose (object);
}

static void
psp_pane_grid_finalize (GObject *object)
{
  g_object_unref (PSP_PANE_GRID (object)->canvas);

  G_OBJECT_CLASS (psp_pane_grid_parent_class)->finalize (object);
}

static void
psp_pane_grid_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  PspPaneGrid *self = PSP_PANE_GRID (object);

  switch (property_id)
    {
    case PROP_CANVAS:
      g_value_set_object (value, self->canvas);
      break;

    case PROP_LARGE:
      g_value_set_int (value, self->large);
      break;

    case PROP_LAYOUT:
      g_value_take_string (value, layout_to_string (self));
      break;

    case PROP_N_PANES:
      g_value_set_int (value, self->n_panes);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
psp_pane_grid_set_property (GObject      *object,
                            guint         property_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  PspPaneGrid *self = PSP_PANE_GRID (object);

  switch (property_id)
    {
    case PROP_LARGE:
      set_large (self, g_value_get_int (value));
      break;

    case PROP_LAYOUT:
      set_layout_from_string (self, g_value_get_string (value));
      break;

    case PROP_N_PANES:
      set_n_panes (self, g_value_get_int (value));
      take_lost_focus (self);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
psp_pane_grid_class_init (PspPaneGridClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = psp_pane_grid_dispose;
  object_class->finalize = psp_pane_grid_finalize;
  object_class->get_property = psp_pane_grid_get_property;
  object_class->set_property = psp_pane_grid_set_property;
  widget_class->measure = psp_pane_grid_measure;
  widget_class->size_allocate = psp_pane_grid_size_allocate;
  widget_class->root = psp_pane_grid_root;
  widget_class->unroot = psp_pane_grid_unroot;

  properties[PROP_CANVAS] = g_param_spec_object ("canvas", NULL, NULL, PSP_TYPE_CANVAS,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LARGE] = g_param_spec_int ("large", NULL, NULL, -1, PSP_PANE_GRID_MAX_PANES - 1,
                                             -1, flags);
  properties[PROP_LAYOUT] = g_param_spec_string ("layout", NULL, NULL, DEFAULT_LAYOUT, flags);
  properties[PROP_N_PANES] = g_param_spec_int ("n-panes", NULL, NULL, 1, PSP_PANE_GRID_MAX_PANES,
                                               PSP_PANE_GRID_MAX_PANES, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "panegrid");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
psp_pane_grid_init (PspPaneGrid *self)
{
  self->canvas = psp_canvas_new ();
  self->n_panes = PSP_PANE_GRID_MAX_PANES;
  self->large = -1;
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);

  for (int i = 0; i < PSP_PANE_GRID_MAX_PANES; i++)
    {
      self->panes[i] = psp_pane_new (self->canvas);
      gtk_widget_set_parent (self->panes[i], GTK_WIDGET (self));
      g_signal_connect_swapped (self->panes[i], "enlarge", G_CALLBACK (pane_enlarge), self);
      g_signal_connect_swapped (self->panes[i], "notify::source", G_CALLBACK (layout_changed),
                                self);
    }
  set_layout_from_string (self, DEFAULT_LAYOUT);

  g_signal_connect_swapped (self, "notify::scale-factor", G_CALLBACK (gtk_widget_queue_allocate),
                            self);
  g_signal_connect_object (self->canvas, "notify::scene", G_CALLBACK (gtk_widget_queue_allocate),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "put-down", G_CALLBACK (show_edited_at_focus), self,
                           G_CONNECT_SWAPPED);
  psp_pane_grid_init_actions (self);
}

GtkWidget *
psp_pane_grid_new (void)
{
  return g_object_new (PSP_TYPE_PANE_GRID, NULL);
}

PspCanvas *
psp_pane_grid_get_canvas (PspPaneGrid *self)
{
  g_return_val_if_fail (PSP_IS_PANE_GRID (self), NULL);

  return self->canvas;
}

PspPane *
psp_pane_grid_get_pane (PspPaneGrid *self,
                        int          index)
{
  g_return_val_if_fail (PSP_IS_PANE_GRID (self), NULL);
  g_return_val_if_fail (index >= 0 && index < PSP_PANE_GRID_MAX_PANES, NULL);

  return PSP_PANE (self->panes[index]);
}
