/* SPDX-License-Identifier: MIT */
#include "tests/ui/psp-test-scene.h"
#include "ui/psp-class-chooser.h"
#include "ui/psp-class-list.h"
#include "ui/psp-class-row.h"
#include "ui/psp-pane-grid.h"
#include "ui/psp-pixel-readout.h"
#include "ui/psp-probability-list.h"
#include "ui/psp-swatch.h"
#include "ui/psp-tool-bar.h"

#include <math.h>

/* A grid with everything that follows its canvas. */
typedef struct
{
  GtkWidget *window;
  GtkWidget *tool_bar;
  GtkWidget *readout;
  GtkWidget *list;
  PspCanvas *canvas;
  PspScene  *scene;
} Fixture;

static void
settle (void)
{
  for (int i = 0; i < 30; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (2000);
    }
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  GtkWidget *grid = psp_pane_grid_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  fixture->window = gtk_window_new ();
  fixture->canvas = psp_pane_grid_get_canvas (PSP_PANE_GRID (grid));
  fixture->scene = psp_test_scene_new ((PspSize) { 96, 64 }, TRUE);
  fixture->tool_bar = psp_tool_bar_new ();
  fixture->readout = psp_pixel_readout_new ();
  fixture->list = psp_probability_list_new ();
  gtk_box_append (GTK_BOX (box), grid);
  gtk_box_append (GTK_BOX (box), fixture->tool_bar);
  gtk_box_append (GTK_BOX (box), fixture->readout);
  gtk_box_append (GTK_BOX (box), fixture->list);
  gtk_window_set_child (GTK_WINDOW (fixture->window), box);

  psp_tool_bar_set_canvas (PSP_TOOL_BAR (fixture->tool_bar), fixture->canvas);
  psp_pixel_readout_set_canvas (PSP_PIXEL_READOUT (fixture->readout), fixture->canvas);
  psp_probability_list_set_canvas (PSP_PROBABILITY_LIST (fixture->list), fixture->canvas);
  psp_canvas_set_scene (fixture->canvas, fixture->scene);
  gtk_window_present (GTK_WINDOW (fixture->window));
  settle ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  settle ();
  g_assert_finalize_object (fixture->scene);
}

/* The texts of all labels in @widget that are not empty, with one space between. */
static void
append_texts (GtkWidget *widget,
              GString   *texts)
{
  if (GTK_IS_LABEL (widget) && *gtk_label_get_label (GTK_LABEL (widget)) != '\0' &&
      gtk_widget_get_visible (widget))
    g_string_append_printf (texts, "%s%s", texts->len > 0 ? " " : "",
                            gtk_label_get_label (GTK_LABEL (widget)));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    append_texts (child, texts);
}

static void
assert_texts (GtkWidget  *widget,
              const char *expected)
{
  g_autoptr(GString) texts = g_string_new (NULL);

  settle ();
  append_texts (widget, texts);
  g_assert_cmpstr (texts->str, ==, expected);
}

static void
point_at (Fixture *fixture,
          double   x,
          double   y)
{
  psp_viewport_set_crosshair (psp_canvas_get_viewport (fixture->canvas), (PspPoint) { x, y });
}

static void
test_readout (Fixture       *fixture,
              gconstpointer  data)
{
  int width;

  assert_texts (fixture->readout, "truth prediction auxiliary");
  width = gtk_widget_get_width (fixture->readout);

  point_at (fixture, 30.7, 2.2);
  assert_texts (fixture->readout, "x 30  y 2 truth 1 class 1 prediction auxiliary");

  psp_test_scene_add_prediction (fixture->scene);
  assert_texts (fixture->readout,
                "x 30  y 2 truth 1 class 1 prediction 0 class 0 0.93 auxiliary 4 class 4 0.93");

  point_at (fixture, 30.7, 63.5);
  assert_texts (fixture->readout,
                "x 30  y 63 truth ignored prediction 3 class 3 0.93 auxiliary 4 class 4 0.93");
  g_assert_cmpint (gtk_widget_get_width (fixture->readout), ==, width);

  psp_canvas_set_scene (fixture->canvas, NULL);
  assert_texts (fixture->readout, "truth prediction auxiliary");
}

static void
test_probabilities (Fixture       *fixture,
                    gconstpointer  data)
{
  assert_texts (fixture->list, "truth edited Point at a pixel");

  point_at (fixture, 90, 60);
  assert_texts (fixture->list, "truth 3 class 3 edited 3 class 3 Not run");
  psp_canvas_set_prediction_problem (fixture->canvas, "Running…");
  assert_texts (fixture->list, "truth 3 class 3 edited 3 class 3 Running…");

  psp_test_scene_add_prediction (fixture->scene);
  point_at (fixture, 30, 60);
  assert_texts (fixture->list,
                "truth 1 class 1 edited 1 class 1 prediction class 3 0.93 class 0 0.02 "
                "class 1 0.02 class 2 0.02 class 4 0.02");
}

/* Painting under the crosshair changes what is said of it. */
static void
test_edited (Fixture       *fixture,
             gconstpointer  data)
{
  point_at (fixture, 30, 30);
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_BRUSH);
  psp_canvas_set_class_id (fixture->canvas, 4);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 30, 30 });
  assert_texts (fixture->list, "truth 1 class 1 edited 4 class 4 Not run");
  psp_canvas_cancel (fixture->canvas);
  assert_texts (fixture->list, "truth 1 class 1 edited 1 class 1 Not run");
}

static GtkWidget *
find_child (GtkWidget *widget,
            GType      type,
            int       *n_before)
{
  if (G_OBJECT_TYPE (widget) == type && (*n_before)-- == 0)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_child (child, type, n_before);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* The child of that type that has @n_before others before it. */
static gpointer
get_child (GtkWidget *widget,
           GType      type,
           int        n_before)
{
  GtkWidget *found = find_child (widget, type, &n_before);

  g_assert_nonnull (found);
  return found;
}

static void
test_tool_buttons (Fixture       *fixture,
                   gconstpointer  data)
{
  for (int i = 0; i < 5; i++)
    {
      GtkToggleButton *button = get_child (fixture->tool_bar, GTK_TYPE_TOGGLE_BUTTON, i);

      g_signal_emit_by_name (button, "clicked");
      g_assert_cmpint (psp_canvas_get_tool (fixture->canvas), ==, i);
      for (int k = 0; k < 5; k++)
        g_assert_cmpint (gtk_toggle_button_get_active (get_child (fixture->tool_bar,
                                                                  GTK_TYPE_TOGGLE_BUTTON, k)), ==,
                         i == k);
    }
}

/* Slider and radius follow each other, and a radius that the slider has no place for stays. */
static void
test_radius (Fixture       *fixture,
             gconstpointer  data)
{
  GtkRange *slider = get_child (fixture->tool_bar, GTK_TYPE_SCALE, 0);

  gtk_range_set_value (slider, 5);
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, 32);
  gtk_range_set_value (slider, 0.6);
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, 1.5);
  gtk_range_set_value (slider, -1);
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, 0.5);

  psp_canvas_set_radius (fixture->canvas, 12.25);
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, 12.25);
  g_assert_cmpfloat_with_epsilon (gtk_range_get_value (slider), log2 (12.25), 1e-9);

  psp_canvas_set_radius (fixture->canvas, PSP_CANVAS_MAX_RADIUS);
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, PSP_CANVAS_MAX_RADIUS);
}

static void
test_opacity (Fixture       *fixture,
              gconstpointer  data)
{
  GtkRange *slider = get_child (fixture->tool_bar, GTK_TYPE_SCALE, 1);

  gtk_range_set_value (slider, 0.25);
  g_assert_cmpfloat (psp_canvas_get_overlay_opacity (fixture->canvas), ==, 0.25);
  psp_canvas_set_overlay_opacity (fixture->canvas, 1);
  g_assert_cmpfloat (gtk_range_get_value (slider), ==, 1);
}

static void
test_undo_buttons (Fixture       *fixture,
                   gconstpointer  data)
{
  GtkWidget *undo = get_child (fixture->tool_bar, GTK_TYPE_BUTTON, 0);
  GtkWidget *redo = get_child (fixture->tool_bar, GTK_TYPE_BUTTON, 1);

  g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (undo)), ==, "canvas.undo");
  g_assert_false (gtk_widget_get_sensitive (undo));
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_FILL);
  psp_canvas_set_class_id (fixture->canvas, 4);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 });
  g_assert_true (gtk_widget_get_sensitive (undo));
  g_assert_false (gtk_widget_get_sensitive (redo));

  g_signal_emit_by_name (undo, "clicked");
  g_assert_false (gtk_widget_get_sensitive (undo));
  g_assert_true (gtk_widget_get_sensitive (redo));
}

/* What the panes show that are in sight. */
static char *
dup_shown (Fixture *fixture)
{
  GtkWidget *grid = get_child (fixture->window, PSP_TYPE_PANE_GRID, 0);
  GString *text = g_string_new (NULL);

  settle ();
  for (int i = 0; i < PSP_PANE_GRID_MAX_PANES; i++)
    {
      PspPane *pane = psp_pane_grid_get_pane (PSP_PANE_GRID (grid), i);
      g_autofree char *word = psp_pane_source_to_string (psp_pane_get_source (pane));

      if (gtk_widget_get_mapped (GTK_WIDGET (pane)))
        g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", word);
    }

  return g_string_free (text, FALSE);
}

static void
assert_shown (Fixture    *fixture,
              const char *expected)
{
  g_autofree char *shown = dup_shown (fixture);

  g_assert_cmpstr (shown, ==, expected);
}

/* Nothing is painted unseen: if no pane shows the edited mask, the one that is painted on does. */
static void
test_painting_seen (Fixture       *fixture,
                    gconstpointer  data)
{
  PspPaneGrid *grid = get_child (fixture->window, PSP_TYPE_PANE_GRID, 0);

  g_object_set (grid, "n-panes", 4, "layout", "photo,truth,prediction,errors,errors,photo", NULL);
  psp_canvas_set_class_id (fixture->canvas, 4);
  gtk_widget_grab_focus (GTK_WIDGET (psp_pane_grid_get_pane (grid, 2)));
  psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 }); /* the tool that only looks */
  assert_shown (fixture, "photo,truth,prediction,photo");

  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_BRUSH);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 });
  psp_canvas_end (fixture->canvas);
  assert_shown (fixture, "photo,truth,edited,photo");

  gtk_widget_grab_focus (GTK_WIDGET (psp_pane_grid_get_pane (grid, 0)));
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_FILL);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 });
  assert_shown (fixture, "photo,truth,edited,photo");

  /* The edited mask is on a pane that is hidden: that is not seen. */
  g_object_set (grid, "n-panes", 1, NULL);
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_POLYGON);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 });
  assert_shown (fixture, "edited");
}

/* The same for what is accepted from a prediction, which stays where it is. */
static void
test_accepting_seen (Fixture       *fixture,
                     gconstpointer  data)
{
  PspPaneGrid *grid = get_child (fixture->window, PSP_TYPE_PANE_GRID, 0);

  g_object_set (grid, "n-panes", 2, "layout", "prediction,photo,photo,photo,photo,photo", NULL);
  psp_test_scene_add_prediction (fixture->scene);
  gtk_widget_grab_focus (GTK_WIDGET (psp_pane_grid_get_pane (grid, 0)));
  gtk_widget_activate_action (fixture->window, "canvas.accept-all", NULL);
  assert_shown (fixture, "prediction,edited");

  g_object_set (grid, "n-panes", 1, NULL);
  gtk_widget_activate_action (fixture->window, "canvas.accept-all", NULL);
  assert_shown (fixture, "edited");
}

static int
count_corners (Fixture *fixture)
{
  int n_corners;

  psp_canvas_get_corners (fixture->canvas, &n_corners);
  return n_corners;
}

/* While a polygon is under way, undo takes back its corners and not what was painted before, and
 * there is nothing to redo. */
static void
test_undo_corners (Fixture       *fixture,
                   gconstpointer  data)
{
  GtkWidget *undo = get_child (fixture->tool_bar, GTK_TYPE_BUTTON, 0);
  GtkWidget *redo = get_child (fixture->tool_bar, GTK_TYPE_BUTTON, 1);

  psp_canvas_set_class_id (fixture->canvas, 4);
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_FILL);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 });
  psp_canvas_begin (fixture->canvas, (PspPoint) { 90, 3 });
  gtk_widget_activate_action (fixture->window, "canvas.undo", NULL);
  g_assert_true (gtk_widget_get_sensitive (redo));

  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_POLYGON);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 10, 10 });
  psp_canvas_begin (fixture->canvas, (PspPoint) { 20, 10 });
  g_assert_false (gtk_widget_get_sensitive (redo));
  for (int n_corners = 1; n_corners >= 0; n_corners--)
    {
      g_signal_emit_by_name (undo, "clicked");
      g_assert_cmpint (count_corners (fixture), ==, n_corners);
      g_assert_true (psp_scene_get_can_undo (fixture->scene));
    }
  g_assert_true (gtk_widget_get_sensitive (redo));

  g_signal_emit_by_name (undo, "clicked");
  g_assert_false (psp_scene_get_can_undo (fixture->scene));
  g_assert_false (gtk_widget_get_sensitive (undo));
  psp_canvas_begin (fixture->canvas, (PspPoint) { 10, 10 });
  g_assert_true (gtk_widget_get_sensitive (undo));
}

static void
assert_revert (Fixture  *fixture,
               gboolean  enabled)
{
  GtkWidget *button = gtk_button_new ();

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "canvas.revert");
  gtk_box_append (GTK_BOX (gtk_window_get_child (GTK_WINDOW (fixture->window))), button);
  g_assert_cmpint (gtk_widget_get_sensitive (button), ==, enabled);
  gtk_box_remove (GTK_BOX (gtk_window_get_child (GTK_WINDOW (fixture->window))), button);
}

/* All edits can be taken back only while there are some. */
static void
test_revert (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr(PspScene) unlabelled = psp_test_scene_new ((PspSize) { 96, 64 }, FALSE);

  assert_revert (fixture, FALSE);
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_BRUSH);
  psp_canvas_set_class_id (fixture->canvas, 4);
  for (int i = 0; i < 2; i++)
    {
      psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 });
      psp_canvas_end (fixture->canvas);
      assert_revert (fixture, TRUE);
      gtk_widget_activate_action (fixture->window, "canvas.revert", NULL);
      assert_revert (fixture, FALSE);
    }
  gtk_widget_activate_action (fixture->window, "canvas.undo", NULL);
  assert_revert (fixture, TRUE);

  psp_canvas_set_scene (fixture->canvas, unlabelled);
  assert_revert (fixture, FALSE);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 });
  psp_canvas_cancel (fixture->canvas);
  assert_revert (fixture, FALSE);
  psp_canvas_begin (fixture->canvas, (PspPoint) { 3, 3 });
  psp_canvas_end (fixture->canvas);
  assert_revert (fixture, TRUE);
  psp_canvas_set_scene (fixture->canvas, NULL);
  assert_revert (fixture, FALSE);
}

/* Searching finds words within names; Enter takes the first that is found. */
static void
test_class_search (Fixture       *fixture,
                   gconstpointer  data)
{
  GtkWidget *chooser = get_child (fixture->tool_bar, PSP_TYPE_CLASS_CHOOSER, 0);
  GtkMenuButton *button = get_child (chooser, GTK_TYPE_MENU_BUTTON, 0);
  GtkWidget *popover = GTK_WIDGET (gtk_menu_button_get_popover (button));
  GtkWidget *search = get_child (popover, GTK_TYPE_SEARCH_ENTRY, 0);
  GtkListView *list = get_child (popover, GTK_TYPE_LIST_VIEW, 0);
  GListModel *matches = G_LIST_MODEL (gtk_list_view_get_model (list));

  gtk_menu_button_popup (button);
  settle ();
  g_assert_cmpint (g_list_model_get_n_items (matches), ==, PSP_TEST_SCENE_N_CLASSES);
  gtk_editable_set_text (GTK_EDITABLE (search), "SS 3");
  g_assert_cmpint (g_list_model_get_n_items (matches), ==, 1);
  g_signal_emit_by_name (search, "activate");
  g_assert_cmpint (psp_canvas_get_class_id (fixture->canvas), ==, 3);
  settle ();
}

/* The widget of GTK around a row of the list. */
static GtkWidget *
get_row (GtkWidget *list,
         int        position)
{
  return gtk_widget_get_parent (get_child (list, PSP_TYPE_CLASS_ROW, position));
}

/* The pointer comes over a widget, as GTK tells of it. */
static void
enter (GtkWidget *widget)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_MOTION (controller))
        g_signal_emit_by_name (controller, "enter", 5.0, 5.0);
    }
}

/* A row that is clicked is painted from then on; one that is only pointed at is not. */
static void
test_class_list (Fixture       *fixture,
                 gconstpointer  data)
{
  GtkWidget *list = psp_class_list_new ();

  gtk_box_append (GTK_BOX (gtk_window_get_child (GTK_WINDOW (fixture->window))), list);
  g_object_bind_property (fixture->canvas, "class-id", list, "class-id",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  psp_class_list_set_taxonomy (PSP_CLASS_LIST (list), psp_scene_get_taxonomy (fixture->scene));
  settle ();

  /* What a click does. */
  g_assert_true (gtk_widget_activate_action (get_row (list, 2), "list.select-item", "(ubb)", 2,
                                             FALSE, FALSE));
  g_assert_cmpint (psp_canvas_get_class_id (fixture->canvas), ==, 2);
  for (int i = 0; i < PSP_TEST_SCENE_N_CLASSES; i++)
    enter (get_row (list, i));
  g_assert_cmpint (psp_canvas_get_class_id (fixture->canvas), ==, 2);
}

/* A swatch has an edge, whatever its colour and that of what it lies on. */
static void
test_swatch (Fixture       *fixture,
             gconstpointer  data)
{
  GtkWidget *swatch = psp_swatch_new ();
  g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new (swatch);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr(GskRenderNode) node = NULL;
  g_autoptr(GdkTexture) texture = NULL;
  g_autofree guint32 *pixels = NULL;
  int width, height;

  psp_swatch_set_color (PSP_SWATCH (swatch), 0x404000);
  gtk_box_append (GTK_BOX (gtk_window_get_child (GTK_WINDOW (fixture->window))), swatch);
  gtk_widget_set_halign (swatch, GTK_ALIGN_CENTER);
  settle ();
  width = gtk_widget_get_width (swatch);
  height = gtk_widget_get_height (swatch);
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (fixture->window)),
                                         node, &GRAPHENE_RECT_INIT (0, 0, width, height));
  pixels = g_new (guint32, width * height);
  gdk_texture_download (texture, (guchar *) pixels, width * sizeof *pixels);
  g_assert_cmphex (pixels[height / 2 * width + width / 2], ==, 0xff404000);
  g_assert_cmphex (pixels[width / 2], !=, 0xff404000);
  g_assert_cmphex (pixels[height / 2 * width], !=, 0xff404000);
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("/tools/readout", test_readout);
  ADD ("/tools/probabilities", test_probabilities);
  ADD ("/tools/edited", test_edited);
  ADD ("/tools/tool-buttons", test_tool_buttons);
  ADD ("/tools/radius", test_radius);
  ADD ("/tools/opacity", test_opacity);
  ADD ("/tools/undo-buttons", test_undo_buttons);
  ADD ("/tools/painting-seen", test_painting_seen);
  ADD ("/tools/accepting-seen", test_accepting_seen);
  ADD ("/tools/undo-corners", test_undo_corners);
  ADD ("/tools/revert", test_revert);
  ADD ("/tools/class-search", test_class_search);
  ADD ("/tools/class-list", test_class_list);
  ADD ("/tools/swatch", test_swatch);
  return g_test_run ();
}
