/* SPDX-License-Identifier: MIT */
#include "ui/psp-pane-private.h"

#include "ui/psp-picture.h"

#include <string.h>

/* Errors are to be seen, whatever the opacity of classes is. */
#define ERROR_OPACITY 0.9

enum
{
  PROP_0,
  PROP_CANVAS,
  PROP_SOURCE,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspPane, psp_pane, GTK_TYPE_WIDGET)

static GParamSpec *properties[N_PROPS];
static guint enlarge_signal;

static void
queue_render (PspPane *self)
{
  self->outdated = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
append_source (GMenu         *section,
               PspPaneSource  source)
{
  g_autofree char *word = psp_pane_source_to_string (source);
  g_autofree char *label = psp_pane_source_to_label (source);
  g_autofree char *action = g_strconcat ("pane.source::", word, NULL);

  g_menu_append (section, label, action);
}

static GMenuModel *
make_section (const PspPaneKind *kinds,
              gsize              n_kinds)
{
  GMenu *section = g_menu_new ();

  for (gsize i = 0; i < n_kinds; i++)
    append_source (section, (PspPaneSource) { .kind = kinds[i] });

  return G_MENU_MODEL (section);
}

static GMenuModel *
make_pyramid_section (const int *bins,
                      int        n_bins)
{
  GMenu *section = g_menu_new ();

  for (int i = 0; i < n_bins; i++)
    append_source (section, (PspPaneSource) { PSP_PANE_PYRAMID, bins[i] });

  return G_MENU_MODEL (section);
}

static void
set_menu (PspPane   *self,
          const int *bins,
          int        n_bins)
{
  const PspPaneKind classes[] = {
    PSP_PANE_PHOTO, PSP_PANE_TRUTH, PSP_PANE_PREDICTION, PSP_PANE_AUXILIARY, PSP_PANE_EDITED,
  };
  const PspPaneKind maps[] = { PSP_PANE_ERRORS, PSP_PANE_CONFIDENCE };
  g_autoptr(GMenu) menu = g_menu_new ();
  g_autoptr(GMenuModel) class_section = make_section (classes, G_N_ELEMENTS (classes));
  g_autoptr(GMenuModel) map_section = make_section (maps, G_N_ELEMENTS (maps));
  g_autoptr(GMenuModel) pyramid_section = make_pyramid_section (bins, n_bins);
  g_autoptr(GMenu) size_section = g_menu_new ();

  g_menu_append (size_section, "Large", "pane.enlarge");
  g_menu_append_section (menu, NULL, class_section);
  g_menu_append_section (menu, NULL, map_section);
  g_menu_append_section (menu, NULL, pyramid_section);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (size_section));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->name), G_MENU_MODEL (menu));
}

/* Names the levels of the model that ran; those of the paper until one did.  A menu takes GTK
 * milliseconds to make, so it stays as long as it is right. */
static void
update_menu (PspPane *self)
{
  PspScene *scene = psp_canvas_get_scene (self->canvas);
  PspPrediction *prediction = scene != NULL ? psp_scene_get_prediction (scene) : NULL;
  int bins[PSP_PANE_MAX_BINS] = { 1, 2, 3, 6 };
  int n_bins = 4;

  if (prediction != NULL)
    n_bins = psp_pane_source_find_bins (prediction, bins);
  else if (self->menu_bins != NULL)
    return;

  if (self->menu_bins != NULL && self->menu_bins->len == (guint) n_bins &&
      memcmp (self->menu_bins->data, bins, n_bins * sizeof *bins) == 0)
    return;

  g_clear_pointer (&self->menu_bins, g_array_unref);
  self->menu_bins = g_array_new (FALSE, FALSE, sizeof *bins);
  g_array_append_vals (self->menu_bins, bins, n_bins);
  set_menu (self, bins, n_bins);
}

/* (transfer full) (nullable): what stands in place of what the pane cannot show.  That there is no
 * image yet goes without saying; why there is none is said once, where the photo would be. */
static char *
dup_message (PspPane *self)
{
  PspScene *scene = psp_canvas_get_scene (self->canvas);
  const char *problem = psp_canvas_get_problem (self->canvas);
  char *message;

  if (scene == NULL && problem == NULL)
    return NULL;
  if (scene == NULL && self->source.kind == PSP_PANE_PHOTO)
    return g_strdup (problem);

  message = psp_pane_source_get_problem (self->source, scene,
                                         psp_canvas_get_prediction_problem (self->canvas));
  if (message == NULL && self->pixmap != NULL)
    message = g_strdup (psp_pixmap_get_problem (self->pixmap));
  return message;
}

static void
update_message (PspPane *self)
{
  g_autofree char *message = dup_message (self);

  gtk_label_set_label (GTK_LABEL (self->message), message != NULL ? message : "");
  gtk_widget_set_visible (self->message, message != NULL);
}

static void
update_name (PspPane *self)
{
  g_autofree char *label = psp_pane_source_to_label (self->source);

  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->name), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
pixmap_changed (PspPane *self)
{
  update_message (self);
  queue_render (self);
}

/* Makes what lies over the photo anew: the source, the scene or its prediction is another. */
static void
update_pixmap (PspPane *self)
{
  PspScene *scene = psp_canvas_get_scene (self->canvas);

  if (self->pixmap != NULL)
    g_signal_handlers_disconnect_by_data (self->pixmap, self);
  g_clear_object (&self->pixmap);

  if (scene != NULL)
    self->pixmap = psp_pane_source_make_pixmap (self->source, scene);
  if (self->pixmap != NULL)
    g_signal_connect_swapped (self->pixmap, "changed", G_CALLBACK (pixmap_changed), self);

  pixmap_changed (self);
}

static void
prediction_changed (PspPane *self)
{
  update_menu (self);
  update_pixmap (self);
}

static void
mask_changed (PspPane  *self,
              int       x,
              int       y,
              int       width,
              int       height,
              PspScene *scene)
{
  if (self->source.kind != PSP_PANE_EDITED)
    return;

  /* A scene that takes up a journal gets another mask. */
  if (psp_pixmap_get_labels (self->pixmap) != psp_scene_get_mask (scene))
    update_pixmap (self);
  else
    psp_pixmap_invalidate (self->pixmap, (PspRect) { x, y, width, height });
}

static void
scene_changed (PspPane *self)
{
  PspPixmap *photo = psp_canvas_get_photo (self->canvas);

  g_signal_group_set_target (self->scene_signals, psp_canvas_get_scene (self->canvas));
  if (self->photo != NULL)
    g_signal_handlers_disconnect_by_data (self->photo, self);
  if (g_set_object (&self->photo, photo) && photo != NULL)
    g_signal_connect_swapped (photo, "changed", G_CALLBACK (pixmap_changed), self);

  prediction_changed (self);
}

/* The pixel under the crosshair, for those who cannot see it. */
static void
describe (PspPane *self)
{
  PspScene *scene = psp_canvas_get_scene (self->canvas);
  const PspMask *labels = scene != NULL ? psp_pane_source_get_labels (self->source, scene) : NULL;
  g_autofree char *text = NULL;
  PspPoint image;

  if (scene == NULL || !psp_viewport_get_crosshair (psp_canvas_get_viewport (self->canvas), &image))
    return;

  if (labels != NULL)
    {
      guint16 id = labels->pixels[(gsize) image.y * labels->size.width + (gsize) image.x];

      text = g_strdup_printf ("%s, pixel %d, %d",
                              psp_taxonomy_get_class_name (
                                psp_pane_source_get_taxonomy (self->source, scene), id),
                              (int) image.x, (int) image.y);
    }
  else
    text = g_strdup_printf ("pixel %d, %d", (int) image.x, (int) image.y);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
crosshair_moved (PspPane *self)
{
  if (gtk_widget_has_focus (GTK_WIDGET (self)))
    describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Colours that stand for numbers are read against a scale: what is below shows through less. */
static double
get_heat_opacity (double opacity)
{
  return 1 - (1 - opacity) * (1 - opacity);
}

static void
view_changed (PspPane *self)
{
  psp_pane_view_changed (self);
  queue_render (self);
}

static PspPicture
get_picture (PspPane *self)
{
  PspScene *scene = psp_canvas_get_scene (self->canvas);
  gboolean bare = psp_canvas_get_bare (self->canvas);
  PspPicture picture = {
    .photo = self->photo,
    .layer = bare ? NULL : self->pixmap,
    .opacity = psp_canvas_get_overlay_opacity (self->canvas),
    .transform = psp_pane_get_transform (self),
    .pane = psp_pane_get_size (self),
    .outline_width = gtk_widget_get_scale_factor (GTK_WIDGET (self)),
  };

  if (picture.layer != NULL)
    picture.hatched = psp_pane_source_get_labels (self->source, scene);
  if (picture.layer != NULL && psp_canvas_get_outlines (self->canvas))
    picture.outlines = picture.hatched;

  if (self->source.kind == PSP_PANE_ERRORS && picture.layer != NULL)
    {
      picture.gray = TRUE;
      picture.hatched = psp_scene_get_truth (scene);
      picture.opacity = ERROR_OPACITY;
    }
  else if (psp_pane_source_is_heat (self->source))
    picture.opacity = get_heat_opacity (picture.opacity);

  return picture;
}

/* Draws what is in sight.  What was there stays until all of it is ready. */
static void
render (PspPane *self)
{
  PspPicture picture;
  GdkTexture *texture;
  PspRect place = { 0 };

  self->outdated = FALSE;
  self->rendered = psp_pane_get_size (self);
  if (self->photo == NULL)
    {
      g_clear_object (&self->texture);
      return;
    }

  picture = get_picture (self);
  texture = psp_picture_render (&picture, &place);
  if (texture == NULL && !psp_rect_is_empty (place))
    return;

  g_clear_object (&self->texture);
  self->texture = texture;
  self->place = place;
}

/* A pane with a layout manager is not told its new size: it has to look. */
static void
ensure_texture (PspPane *self)
{
  if (self->outdated || !psp_size_equal (self->rendered, psp_pane_get_size (self)))
    render (self);
}

static void
psp_pane_snapshot (GtkWidget   *widget,
                   GtkSnapshot *snapshot)
{
  PspPane *self = PSP_PANE (widget);
  double scale = gtk_widget_get_scale_factor (widget);

  ensure_texture (self);
  if (self->texture != NULL)
    {
      gtk_snapshot_append_texture (snapshot, self->texture,
                                   &GRAPHENE_RECT_INIT (self->place.x / scale,
                                                        self->place.y / scale,
                                                        self->place.width / scale,
                                                        self->place.height / scale));
      psp_pane_draw_decorations (self, snapshot);
    }

  GTK_WIDGET_CLASS (psp_pane_parent_class)->snapshot (widget, snapshot);
}

static void
menu_opened (PspPane *self)
{
  self->menu_opened = g_get_monotonic_time ();
  g_free (self->menu_source);
  self->menu_source = psp_pane_source_to_string (self->source);
}

static gboolean
enlarge_if_nothing_was_chosen (gpointer data)
{
  PspPane *self = data;
  g_autofree char *source = psp_pane_source_to_string (self->source);

  if (g_strcmp0 (source, self->menu_source) == 0)
    g_signal_emit (self, enlarge_signal, 0);
  return G_SOURCE_REMOVE;
}

/* The first click of a double click opens the menu and the second closes it: GTK shows the second
 * to nobody else. */
static void
menu_closed (PspPane *self)
{
  int double_click_ms;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-double-click-time",
                &double_click_ms, NULL);
  if (g_get_monotonic_time () - self->menu_opened < double_click_ms * 1000)
    g_idle_add_full (G_PRIORITY_DEFAULT, enlarge_if_nothing_was_chosen, g_object_ref (self),
                     g_object_unref);
}

static void
popover_changed (PspPane *self)
{
  GtkPopover *popover = gtk_menu_button_get_popover (GTK_MENU_BUTTON (self->name));

  if (popover == NULL)
    return;

  g_signal_connect_object (popover, "map", G_CALLBACK (menu_opened), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (popover, "closed", G_CALLBACK (menu_closed), self, G_CONNECT_SWAPPED);
}

static void
enlarge_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  g_signal_emit (widget, enlarge_signal, 0);
}

static void
psp_pane_dispose (GObject *object)
{
  PspPane *self = PSP_PANE (object);
  GtkWidget *child;

  if (self->pixmap != NULL)
    g_signal_handlers_disconnect_by_data (self->pixmap, self);
  if (self->photo != NULL)
    g_signal_handlers_disconnect_by_data (self->photo, self);
  g_clear_object (&self->pixmap);
  g_clear_object (&self->photo);
  g_clear_object (&self->texture);
  g_clear_object (&self->scene_signals);
  g_clear_object (&self->canvas);
  g_clear_pointer (&self->menu_source, g_free);
  g_clear_pointer (&self->menu_bins, g_array_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (psp_pane_parent_class)->dispose (object);
}

static void
psp_pane_get_property (GObject    *object,
                       guint       property_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  PspPane *self = PSP_PANE (object);

  switch (property_id)
    {
    case PROP_CANVAS:
      g_value_set_object (value, self->canvas);
      break;

    case PROP_SOURCE:
      g_value_take_string (value, psp_pane_source_to_string (self->source));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
psp_pane_set_property (GObject      *object,
                       guint         property_id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  PspPane *self = PSP_PANE (object);
  PspPaneSource source;

  switch (property_id)
    {
    case PROP_CANVAS:
      self->canvas = g_value_dup_object (value);
      break;

    case PROP_SOURCE:
      if (psp_pane_source_parse (g_value_get_string (value), &source))
        psp_pane_set_source (self, source);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
psp_pane_constructed (GObject *object)
{
  PspPane *self = PSP_PANE (object);
  PspViewport *viewport = psp_canvas_get_viewport (self->canvas);
  const char *repaint[] = {
    "notify::bare", "notify::outlines", "notify::overlay-opacity",
  };
  const char *redraw[] = {
    "notify::class-id", "notify::radius", "notify::tool", "sketch-changed",
  };

  G_OBJECT_CLASS (psp_pane_parent_class)->constructed (object);

  for (gsize i = 0; i < G_N_ELEMENTS (repaint); i++)
    g_signal_connect_object (self->canvas, repaint[i], G_CALLBACK (queue_render), self,
                             G_CONNECT_SWAPPED);
  for (gsize i = 0; i < G_N_ELEMENTS (redraw); i++)
    g_signal_connect_object (self->canvas, redraw[i], G_CALLBACK (gtk_widget_queue_draw), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "notify::prediction-problem",
                           G_CALLBACK (update_message), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "notify::problem", G_CALLBACK (update_message), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "notify::scene", G_CALLBACK (scene_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (viewport, "changed", G_CALLBACK (view_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (viewport, "crosshair-moved", G_CALLBACK (crosshair_moved), self,
                           G_CONNECT_SWAPPED);

  psp_pane_init_input (self);
  update_name (self);
  scene_changed (self);
}

static void
psp_pane_class_init (PspPaneClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->constructed = psp_pane_constructed;
  object_class->dispose = psp_pane_dispose;
  object_class->get_property = psp_pane_get_property;
  object_class->set_property = psp_pane_set_property;
  widget_class->snapshot = psp_pane_snapshot;

  properties[PROP_CANVAS] = g_param_spec_object ("canvas", NULL, NULL, PSP_TYPE_CANVAS,
                                                 G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                 G_PARAM_STATIC_STRINGS);
  properties[PROP_SOURCE] = g_param_spec_string ("source", NULL, NULL, "photo",
                                                 G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                 G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  enlarge_signal = g_signal_new ("enlarge", PSP_TYPE_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);

  gtk_widget_class_set_css_name (widget_class, "pane");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/scenescope/Scenescope/ui/psp-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, PspPane, message);
  gtk_widget_class_bind_template_child (widget_class, PspPane, name);
  gtk_widget_class_install_property_action (widget_class, "pane.source", "source");
  gtk_widget_class_install_action (widget_class, "pane.enlarge", NULL, enlarge_action);
}

static void
psp_pane_init (PspPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->scene_signals = g_signal_group_new (PSP_TYPE_SCENE);
  g_signal_group_connect_swapped (self->scene_signals, "notify::prediction",
                                  G_CALLBACK (prediction_changed), self);
  g_signal_group_connect_swapped (self->scene_signals, "mask-changed", G_CALLBACK (mask_changed),
                                  self);
  g_signal_connect_swapped (self->name, "notify::popover", G_CALLBACK (popover_changed), self);
  g_signal_connect_swapped (self, "notify::scale-factor", G_CALLBACK (queue_render), self);
}

GtkWidget *
psp_pane_new (PspCanvas *canvas)
{
  return g_object_new (PSP_TYPE_PANE, "canvas", canvas, NULL);
}

void
psp_pane_set_source (PspPane       *self,
                     PspPaneSource  source)
{
  g_return_if_fail (PSP_IS_PANE (self));

  if (psp_pane_source_equal (self->source, source))
    return;

  self->source = source;
  update_name (self);
  update_pixmap (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);
}

PspPaneSource
psp_pane_get_source (PspPane *self)
{
  g_return_val_if_fail (PSP_IS_PANE (self), (PspPaneSource) { 0 });

  return self->source;
}

PspSize
psp_pane_get_size (PspPane *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int scale;

  g_return_val_if_fail (PSP_IS_PANE (self), (PspSize) { 0 });

  scale = gtk_widget_get_scale_factor (widget);
  return (PspSize) { gtk_widget_get_width (widget) * scale,
                     gtk_widget_get_height (widget) * scale };
}

PspTransform
psp_pane_get_transform (PspPane *self)
{
  g_return_val_if_fail (PSP_IS_PANE (self), (PspTransform) { .scale = 1 });

  return psp_viewport_get_transform (psp_canvas_get_viewport (self->canvas),
                                     psp_pane_get_size (self));
}

PspPoint
psp_pane_to_image (PspPane *self,
                   double   x,
                   double   y)
{
  PspTransform transform;
  int scale;

  g_return_val_if_fail (PSP_IS_PANE (self), (PspPoint) { 0 });

  transform = psp_pane_get_transform (self);
  scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  return psp_transform_to_image (&transform, (PspPoint) { x * scale, y * scale });
}

GdkTexture *
psp_pane_dup_texture (PspPane *self,
                      PspRect *place)
{
  g_return_val_if_fail (PSP_IS_PANE (self), NULL);

  ensure_texture (self);
  *place = self->place;
  return self->texture != NULL ? g_object_ref (self->texture) : NULL;
}
