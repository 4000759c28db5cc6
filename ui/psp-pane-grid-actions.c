/* SPDX-License-Identifier: MIT */
#include "ui/psp-pane-grid-private.h"

#define GROUP "canvas"

/* The action of a key; @argument is in GVariant's text format. */
static const struct
{
  const char *keys;
  const char *action;
  const char *argument; /* (nullable) */
} shortcuts[] = {
  { "b", "canvas.tool", "'brush'" },
  { "e", "canvas.tool", "'eraser'" },
  { "g", "canvas.tool", "'fill'" },
  { "p", "canvas.tool", "'polygon'" },
  { "i", "canvas.pick", NULL },
  { "a", "canvas.accept-region", NULL },
  { "<Shift>a", "canvas.accept-all", NULL },
  { "bracketleft", "canvas.radius-smaller", NULL },
  { "bracketright", "canvas.radius-larger", NULL },
  { "f", "canvas.fit", NULL },
  { "z", "canvas.actual-size", NULL },
  { "plus|equal|KP_Add|<Control>plus|<Control>equal", "canvas.zoom-in", NULL },
  { "minus|KP_Subtract|<Control>minus", "canvas.zoom-out", NULL },
  { "o", "canvas.outlines", NULL },
  { "BackSpace", "canvas.remove-corner", NULL },
  { "<Control>z", "canvas.undo", NULL },
  { "<Control><Shift>z|<Control>y", "canvas.redo", NULL },
  { "Escape", "canvas.cancel", NULL },
};

static PspScene *
get_scene (gpointer data)
{
  return psp_canvas_get_scene (PSP_PANE_GRID (data)->canvas);
}

static PspViewport *
get_viewport (gpointer data)
{
  return psp_canvas_get_viewport (PSP_PANE_GRID (data)->canvas);
}

static void
favorite_action (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PspCanvas *canvas = PSP_PANE_GRID (data)->canvas;
  int key = g_variant_get_int32 (parameter) - 1;

  if (key >= 0 && key < PSP_CANVAS_N_FAVORITES && psp_canvas_get_favorite (canvas, key) >= 0)
    psp_canvas_set_class_id (canvas, psp_canvas_get_favorite (canvas, key));
}

static void
assign_favorite_action (GSimpleAction *action,
                        GVariant      *parameter,
                        gpointer       data)
{
  PspCanvas *canvas = PSP_PANE_GRID (data)->canvas;
  int key = g_variant_get_int32 (parameter) - 1;

  if (key >= 0 && key < PSP_CANVAS_N_FAVORITES)
    psp_canvas_set_favorite (canvas, key, psp_canvas_get_class_id (canvas));
}

static void
pick_action (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  PspPoint image;

  if (psp_viewport_get_crosshair (get_viewport (data), &image))
    psp_canvas_pick (PSP_PANE_GRID (data)->canvas, image);
}

static void
radius_smaller_action (GSimpleAction *action,
                       GVariant      *parameter,
                       gpointer       data)
{
  psp_canvas_step_radius (PSP_PANE_GRID (data)->canvas, -1);
}

static void
radius_larger_action (GSimpleAction *action,
                      GVariant      *parameter,
                      gpointer       data)
{
  psp_canvas_step_radius (PSP_PANE_GRID (data)->canvas, 1);
}

static void
remove_corner_action (GSimpleAction *action,
                      GVariant      *parameter,
                      gpointer       data)
{
  psp_canvas_remove_corner (PSP_PANE_GRID (data)->canvas);
}

/* The corners of a polygon are what was done last.  A stroke that is under way is an undo step of
 * its own when the pointer is up, not before. */
static void
undo_action (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  PspCanvas *canvas = PSP_PANE_GRID (data)->canvas;

  if (psp_canvas_remove_corner (canvas))
    return;

  if (get_scene (data) != NULL && !psp_canvas_is_painting (canvas))
    psp_scene_undo (get_scene (data));
}

static void
redo_action (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  if (get_scene (data) != NULL && !psp_canvas_is_painting (PSP_PANE_GRID (data)->canvas))
    psp_scene_redo (get_scene (data));
}

static void
accept_region_action (GSimpleAction *action,
                      GVariant      *parameter,
                      gpointer       data)
{
  PspPoint image;

  if (!psp_viewport_get_crosshair (get_viewport (data), &image))
    return;

  psp_pane_grid_show_edited (data, NULL);
  psp_canvas_accept (PSP_PANE_GRID (data)->canvas, PSP_CANVAS_ACCEPT_REGION, image);
}

static void
accept_all_action (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       data)
{
  psp_pane_grid_show_edited (data, NULL);
  psp_canvas_accept (PSP_PANE_GRID (data)->canvas, PSP_CANVAS_ACCEPT_ALL, (PspPoint) { 0, 0 });
}

static void
revert_action (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       data)
{
  g_autoptr(PspEdit) edit = psp_edit_new_revert ();

  if (get_scene (data) != NULL && !psp_canvas_is_painting (PSP_PANE_GRID (data)->canvas))
    psp_scene_apply (get_scene (data), edit);
}

static void
fit_action (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  psp_viewport_fit (get_viewport (data));
}

/* What keys zoom at: the crosshair if it is in sight. */
static PspPoint
get_focus_point (gpointer data)
{
  PspViewport *viewport = get_viewport (data);
  PspSize pane = psp_viewport_get_pane_size (viewport);
  PspTransform transform = psp_viewport_get_transform (viewport, pane);
  PspPoint image;

  if (psp_viewport_get_crosshair (viewport, &image))
    {
      PspPoint point = psp_transform_to_pane (&transform, image);

      if (psp_rect_contains ((PspRect) { 0, 0, pane.width, pane.height }, point.x, point.y))
        return image;
    }

  return psp_viewport_get_center (viewport);
}

static void
actual_size_action (GSimpleAction *action,
                    GVariant      *parameter,
                    gpointer       data)
{
  psp_viewport_zoom_to (get_viewport (data), 1, get_focus_point (data));
}

static void
zoom_in_action (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  psp_viewport_zoom_step (get_viewport (data), 1, get_focus_point (data));
}

static void
zoom_out_action (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  psp_viewport_zoom_step (get_viewport (data), -1, get_focus_point (data));
}

static void
cancel_action (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       data)
{
  PspCanvas *canvas = PSP_PANE_GRID (data)->canvas;

  if (!psp_canvas_cancel (canvas))
    psp_canvas_set_tool (canvas, PSP_TOOL_INSPECT);
}

static void
set_enabled (PspPaneGrid *self,
             const char  *name,
             gboolean     enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
update_enabled (PspPaneGrid *self)
{
  PspScene *scene = get_scene (self);
  gboolean predicted = scene != NULL && psp_scene_get_prediction (scene) != NULL &&
                       psp_scene_get_network_taxonomy (scene) == psp_scene_get_taxonomy (scene);
  int n_corners;

  psp_canvas_get_corners (self->canvas, &n_corners);
  set_enabled (self, "undo", n_corners > 0 || (scene != NULL && psp_scene_get_can_undo (scene)));
  set_enabled (self, "redo", n_corners == 0 && scene != NULL && psp_scene_get_can_redo (scene));
  set_enabled (self, "remove-corner", n_corners > 0);
  set_enabled (self, "accept-region", predicted);
  set_enabled (self, "accept-all", predicted);
  set_enabled (self, "cancel", psp_canvas_get_tool (self->canvas) != PSP_TOOL_INSPECT);
}

/* Whether the mask is another than the label of the dataset; without one nothing is labelled. */
static gboolean
is_edited (PspScene *scene)
{
  const PspMask *mask = psp_scene_get_mask (scene);
  PspMask *truth = psp_scene_get_truth (scene);
  guint16 ignore = psp_mask_get_ignore (mask);
  gsize n_pixels = (gsize) mask->size.width * mask->size.height;

  if (truth != NULL)
    return !psp_mask_equal (mask, truth);

  for (gsize i = 0; i < n_pixels; i++)
    if (mask->pixels[i] != ignore)
      return TRUE;

  return FALSE;
}

/* All pixels are looked at after a whole gesture only: a stroke that goes on must not wait. */
static void
mask_changed (PspPaneGrid *self)
{
  PspScene *scene = get_scene (self);

  set_enabled (self, "revert", scene != NULL && (psp_canvas_is_painting (self->canvas) ||
                                                 is_edited (scene)));
}

static void
scene_changed (PspPaneGrid *self)
{
  g_signal_group_set_target (self->scene_signals, get_scene (self));
  update_enabled (self);
  mask_changed (self);
}

static void
add_property_action (PspPaneGrid *self,
                     const char  *name,
                     gpointer     object,
                     const char  *property)
{
  g_autoptr(GPropertyAction) action = g_property_action_new (name, object, property);

  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (action));
}

static void
add_shortcut (GtkEventController *controller,
              const char         *keys,
              const char         *action,
              GVariant           *argument)
{
  GtkShortcut *shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys),
                                            gtk_named_action_new (action));

  gtk_shortcut_set_arguments (shortcut, argument);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
}

/* Global in the window, but in its bubble phase: an entry that has the focus takes its letters
 * first. */
static void
add_shortcuts (PspPaneGrid *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  for (gsize i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    add_shortcut (controller, shortcuts[i].keys, shortcuts[i].action,
                  shortcuts[i].argument != NULL ? g_variant_new_parsed (shortcuts[i].argument)
                                                : NULL);

  for (int key = 1; key <= PSP_CANVAS_N_FAVORITES; key++)
    {
      g_autofree char *choose = g_strdup_printf ("%d|KP_%d", key, key);
      g_autofree char *assign = g_strdup_printf ("<Control>%d", key);

      add_shortcut (controller, choose, "canvas.favorite", g_variant_new_int32 (key));
      add_shortcut (controller, assign, "canvas.assign-favorite", g_variant_new_int32 (key));
    }

  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

void
psp_pane_grid_init_actions (PspPaneGrid *self)
{
  const GActionEntry entries[] = {
    { .name = "accept-all", .activate = accept_all_action },
    { .name = "accept-region", .activate = accept_region_action },
    { .name = "actual-size", .activate = actual_size_action },
    { .name = "assign-favorite", .activate = assign_favorite_action, .parameter_type = "i" },
    { .name = "cancel", .activate = cancel_action },
    { .name = "favorite", .activate = favorite_action, .parameter_type = "i" },
    { .name = "fit", .activate = fit_action },
    { .name = "pick", .activate = pick_action },
    { .name = "radius-larger", .activate = radius_larger_action },
    { .name = "radius-smaller", .activate = radius_smaller_action },
    { .name = "redo", .activate = redo_action },
    { .name = "remove-corner", .activate = remove_corner_action },
    { .name = "revert", .activate = revert_action },
    { .name = "undo", .activate = undo_action },
    { .name = "zoom-in", .activate = zoom_in_action },
    { .name = "zoom-out", .activate = zoom_out_action },
  };
  const char *state[] = { "notify::can-undo", "notify::can-redo", "notify::prediction" };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  add_property_action (self, "bare", self->canvas, "bare");
  add_property_action (self, "class", self->canvas, "class-id");
  add_property_action (self, "outlines", self->canvas, "outlines");
  add_property_action (self, "tool", self->canvas, "tool");

  self->scene_signals = g_signal_group_new (PSP_TYPE_SCENE);
  for (gsize i = 0; i < G_N_ELEMENTS (state); i++)
    g_signal_group_connect_swapped (self->scene_signals, state[i], G_CALLBACK (update_enabled),
                                    self);
  g_signal_group_connect_swapped (self->scene_signals, "mask-changed", G_CALLBACK (mask_changed),
                                  self);
  g_signal_connect_object (self->canvas, "notify::scene", G_CALLBACK (scene_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "notify::tool", G_CALLBACK (update_enabled), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "sketch-changed", G_CALLBACK (update_enabled), self,
                           G_CONNECT_SWAPPED);
  scene_changed (self);
  add_shortcuts (self);
}

static void
hold_bare (PspPaneGrid *self,
           gboolean     held)
{
  if (self->bare_held == held)
    return;

  self->bare_held = held;
  psp_canvas_set_bare (self->canvas, held);
}

static gboolean
held_key_pressed (PspPaneGrid     *self,
                  guint            keyval,
                  guint            keycode,
                  GdkModifierType  state)
{
  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK))
    return GDK_EVENT_PROPAGATE;

  if (keyval == GDK_KEY_v || keyval == GDK_KEY_V)
    hold_bare (self, TRUE);
  else if (keyval == GDK_KEY_space)
    psp_canvas_set_hand (self->canvas, TRUE);
  else
    return GDK_EVENT_PROPAGATE;

  return GDK_EVENT_STOP;
}

static void
held_key_released (PspPaneGrid *self,
                   guint        keyval)
{
  if (keyval == GDK_KEY_v || keyval == GDK_KEY_V)
    hold_bare (self, FALSE);
  else if (keyval == GDK_KEY_space)
    psp_canvas_set_hand (self->canvas, FALSE);
}

/* The keys that are released over another window are not heard here. */
static void
window_activity_changed (PspPaneGrid *self,
                         GParamSpec  *pspec,
                         GtkWindow   *window)
{
  if (gtk_window_is_active (window))
    return;

  hold_bare (self, FALSE);
  psp_canvas_set_hand (self->canvas, FALSE);
}

void
psp_pane_grid_attach (PspPaneGrid *self,
                      GtkWidget   *window)
{
  /* These hold a reference of the grid. */
  add_property_action (self, "large", self, "large");
  add_property_action (self, "n-panes", self, "n-panes");
  gtk_widget_insert_action_group (window, GROUP, G_ACTION_GROUP (self->actions));

  self->held_keys = gtk_event_controller_key_new ();
  g_signal_connect_swapped (self->held_keys, "key-pressed", G_CALLBACK (held_key_pressed), self);
  g_signal_connect_swapped (self->held_keys, "key-released", G_CALLBACK (held_key_released), self);
  gtk_widget_add_controller (window, self->held_keys);

  if (GTK_IS_WINDOW (window))
    g_signal_connect_swapped (window, "notify::is-active", G_CALLBACK (window_activity_changed),
                              self);
}

void
psp_pane_grid_detach (PspPaneGrid *self,
                      GtkWidget   *window)
{
  gtk_widget_insert_action_group (window, GROUP, NULL);
  g_action_map_remove_action (G_ACTION_MAP (self->actions), "large");
  g_action_map_remove_action (G_ACTION_MAP (self->actions), "n-panes");
  gtk_widget_remove_controller (window, self->held_keys);
  self->held_keys = NULL;
  g_signal_handlers_disconnect_by_func (window, window_activity_changed, self);
}
