/* SPDX-License-Identifier: MIT */
#include "tests/ui/psp-test-scene.h"
#include "ui/psp-pane-grid.h"

#include <math.h>

static const PspSize size = { 96, 64 };

typedef struct
{
  GtkWidget   *window;
  PspPaneGrid *grid;
  PspCanvas   *canvas;
  PspViewport *viewport;
  PspScene    *scene;
  PspMask     *original; /* of the scene before anything was painted */
} Fixture;

static void
settle (void)
{
  for (int i = 0; i < 20; i++)
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
  fixture->window = gtk_window_new ();
  fixture->grid = PSP_PANE_GRID (psp_pane_grid_new ());
  fixture->canvas = psp_pane_grid_get_canvas (fixture->grid);
  fixture->viewport = psp_canvas_get_viewport (fixture->canvas);
  fixture->scene = psp_test_scene_new (size, TRUE);
  fixture->original = psp_mask_copy (psp_scene_get_mask (fixture->scene), NULL);
  psp_test_scene_add_prediction (fixture->scene);

  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->grid));
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1200, 800);
  psp_canvas_set_scene (fixture->canvas, fixture->scene);
  gtk_window_present (GTK_WINDOW (fixture->window));
  while (gtk_widget_get_width (GTK_WIDGET (fixture->grid)) == 0)
    g_main_context_iteration (NULL, TRUE);
  settle ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->grid), (gpointer *) &fixture->grid);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  settle ();
  g_assert_null (fixture->grid);
  g_assert_finalize_object (fixture->scene);
  psp_mask_unref (fixture->original);
}

/* The controller of a type; of a gesture, that for @button. */
static gpointer
find_controller (PspPane *pane,
                 GType    type,
                 guint    button)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (pane));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GObject) controller = g_list_model_get_item (controllers, i);

      if (G_OBJECT_TYPE (controller) == type &&
          (button == 0 ||
           gtk_gesture_single_get_button (GTK_GESTURE_SINGLE (controller)) == button))
        return controller;
    }

  g_assert_not_reached ();
}

static gpointer
find_drag (PspPane *pane)
{
  return find_controller (pane, GTK_TYPE_GESTURE_DRAG, GDK_BUTTON_PRIMARY);
}

/* Where a position of the image lies on the widget. */
static PspPoint
to_widget (PspPane  *pane,
           PspPoint  image)
{
  PspTransform transform = psp_pane_get_transform (pane);

  return psp_transform_to_pane (&transform, image);
}

/* A press at one position of the image and a way to others, as GTK tells of it. */
static void
drag_through (PspPane        *pane,
              const PspPoint *points,
              int             n_points)
{
  GObject *drag = find_drag (pane);
  PspPoint start = to_widget (pane, points[0]);

  g_signal_emit_by_name (drag, "drag-begin", start.x, start.y);
  for (int i = 1; i < n_points; i++)
    {
      PspPoint point = to_widget (pane, points[i]);

      /* A gesture that no event began has its start at 0, 0. */
      g_signal_emit_by_name (drag, "drag-update", point.x, point.y);
    }
  g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
}

static void
click (PspPane  *pane,
       PspPoint  image)
{
  drag_through (pane, &image, 1);
}

/* The press that is number @n_press at its place, as GTK tells of it: to the click first. */
static void
press_again (PspPane  *pane,
             PspPoint  image,
             int       n_press)
{
  GObject *clicks = find_controller (pane, GTK_TYPE_GESTURE_CLICK, 0);
  PspPoint point = to_widget (pane, image);

  g_signal_emit_by_name (clicks, "pressed", n_press, point.x, point.y);
  click (pane, image);
}

static void
press_key (PspPane         *pane,
           guint            keyval,
           GdkModifierType  state)
{
  GObject *keys = find_controller (pane, GTK_TYPE_EVENT_CONTROLLER_KEY, 0);
  gboolean handled;

  g_signal_emit_by_name (keys, "key-pressed", keyval, 0, state, &handled);
  g_assert_true (handled);
}

static void
release_key (PspPane *pane,
             guint    keyval)
{
  GObject *keys = find_controller (pane, GTK_TYPE_EVENT_CONTROLLER_KEY, 0);

  g_signal_emit_by_name (keys, "key-released", keyval, 0, 0);
}

static void
activate (Fixture    *fixture,
          const char *action)
{
  g_autofree char *name = NULL;
  g_autoptr(GVariant) parameter = NULL;

  g_assert_true (g_action_parse_detailed_name (action, &name, &parameter, NULL));
  g_assert_true (gtk_widget_activate_action_variant (fixture->window, name, parameter));
}

static double
distance_to_segment (PspPoint point,
                     PspPoint a,
                     PspPoint b)
{
  double dx = b.x - a.x, dy = b.y - a.y;
  double length = dx * dx + dy * dy;
  double share = length > 0 ? ((point.x - a.x) * dx + (point.y - a.y) * dy) / length : 0;

  share = CLAMP (share, 0, 1);
  return hypot (point.x - a.x - share * dx, point.y - a.y - share * dy);
}

/* Exactly the pixels whose centres are within @radius of the way are @class_id; all others are as
 * they were.  @slack: pixels that close to the edge may be either. */
static void
assert_painted (Fixture        *fixture,
                const PspPoint *points,
                int             n_points,
                double          radius,
                int             class_id)
{
  const PspMask *mask = psp_scene_get_mask (fixture->scene);
  int n_painted = 0;

  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      {
        int i = y * size.width + x;
        PspPoint center = { x + 0.5, y + 0.5 };
        double distance = distance_to_segment (center, points[0], points[0]);

        for (int k = 1; k < n_points; k++)
          distance = MIN (distance, distance_to_segment (center, points[k - 1], points[k]));

        g_assert_cmpint (mask->pixels[i], ==,
                         distance <= radius ? class_id : fixture->original->pixels[i]);
        n_painted += distance <= radius;
      }

  g_assert_cmpint (n_painted, >, 0);
}

static void
assert_original (Fixture *fixture)
{
  g_assert_true (psp_mask_equal (psp_scene_get_mask (fixture->scene), fixture->original));
}

/* After anything that moves the view, all panes show the same. */
static void
test_in_step (Fixture       *fixture,
              gconstpointer  data)
{
  for (int i = 0; i < 1000; i++)
    {
      PspPane *pane = psp_pane_grid_get_pane (fixture->grid, g_test_rand_int_range (0, 6));
      GObject *wheel = find_controller (pane, GTK_TYPE_EVENT_CONTROLLER_SCROLL, 0);
      PspTransform first = psp_pane_get_transform (psp_pane_grid_get_pane (fixture->grid, 0));
      PspPoint from = { g_test_rand_double () * 300, g_test_rand_double () * 300 };
      GObject *motion = find_controller (pane, GTK_TYPE_EVENT_CONTROLLER_MOTION, 0);
      GObject *drag = find_drag (pane);
      gboolean handled;

      g_signal_emit_by_name (motion, "enter", from.x, from.y);
      if (g_test_rand_bit ())
        g_signal_emit_by_name (wheel, "scroll", 0.0, g_test_rand_bit () ? 1.0 : -1.0, &handled);
      g_signal_emit_by_name (drag, "drag-begin", from.x, from.y);
      g_signal_emit_by_name (drag, "drag-update", g_test_rand_double_range (-90, 90),
                             g_test_rand_double_range (-90, 90));
      g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);

      first = psp_pane_get_transform (psp_pane_grid_get_pane (fixture->grid, 0));
      for (int k = 1; k < PSP_PANE_GRID_MAX_PANES; k++)
        {
          PspTransform other = psp_pane_get_transform (psp_pane_grid_get_pane (fixture->grid, k));

          g_assert_cmpfloat (other.scale, ==, first.scale);
          g_assert_cmpfloat (other.x, ==, first.x);
          g_assert_cmpfloat (other.y, ==, first.y);
        }
    }
}

/* The brush paints the same pixels from any pane, at any zoom. */
static void
test_brush (Fixture       *fixture,
            gconstpointer  data)
{
  const double zooms[] = { 0, 1, 3, 11 };
  const PspPoint points[] = { { 40.25, 30.5 }, { 47, 33.125 }, { 44, 38 } };

  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_BRUSH);
  psp_canvas_set_class_id (fixture->canvas, 4);
  psp_canvas_set_radius (fixture->canvas, 3);
  for (int i = 0; i < PSP_PANE_GRID_MAX_PANES; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (zooms); k++)
      {
        if (zooms[k] > 0)
          psp_viewport_zoom_to (fixture->viewport, zooms[k], (PspPoint) { 42, 33 });
        else
          psp_viewport_fit (fixture->viewport);

        drag_through (psp_pane_grid_get_pane (fixture->grid, i), points, 3);
        assert_painted (fixture, points, 3, 3, 4);
        g_assert_true (psp_scene_get_can_undo (fixture->scene));

        activate (fixture, "canvas.undo");
        assert_original (fixture);
        g_assert_false (psp_scene_get_can_undo (fixture->scene));
      }

  activate (fixture, "canvas.redo");
  assert_painted (fixture, points, 3, 3, 4);
}

static void
test_eraser (Fixture       *fixture,
             gconstpointer  data)
{
  const PspPoint points[] = { { 50, 20 }, { 60, 30 } };
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 5);

  psp_canvas_set_class_id (fixture->canvas, 4);
  activate (fixture, "canvas.tool::brush");
  drag_through (pane, points, 2);
  activate (fixture, "canvas.tool::eraser");
  drag_through (pane, points, 2);
  assert_original (fixture);
}

static void
test_cancelled_stroke (Fixture       *fixture,
                       gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 0);
  PspPoint start = to_widget (pane, (PspPoint) { 20, 20 });

  psp_canvas_set_class_id (fixture->canvas, 4);
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_BRUSH);
  g_signal_emit_by_name (find_drag (pane), "drag-begin", start.x, start.y);
  g_assert_true (psp_canvas_is_painting (fixture->canvas));
  g_assert_false (psp_mask_equal (psp_scene_get_mask (fixture->scene), fixture->original));

  activate (fixture, "canvas.cancel");
  g_assert_false (psp_canvas_is_painting (fixture->canvas));
  assert_original (fixture);
  g_signal_emit_by_name (find_drag (pane), "drag-end", 0.0, 0.0);
  g_assert_false (psp_scene_get_can_undo (fixture->scene));
  g_assert_cmpint (psp_canvas_get_tool (fixture->canvas), ==, PSP_TOOL_BRUSH);

  activate (fixture, "canvas.cancel");
  g_assert_cmpint (psp_canvas_get_tool (fixture->canvas), ==, PSP_TOOL_INSPECT);
}

/* With the tool away a drag moves the view and paints nothing. */
static void
test_inspect (Fixture       *fixture,
              gconstpointer  data)
{
  const PspPoint points[] = { { 40, 30 }, { 50, 40 } };
  PspPoint before, after;

  psp_viewport_zoom_to (fixture->viewport, 16, (PspPoint) { 48, 32 });
  before = psp_viewport_get_center (fixture->viewport);
  drag_through (psp_pane_grid_get_pane (fixture->grid, 1), points, 2);
  after = psp_viewport_get_center (fixture->viewport);
  assert_original (fixture);
  g_assert_false (before.x == after.x);
}

/* Space held with a brush in hand moves the view as well. */
static void
test_hand (Fixture       *fixture,
           gconstpointer  data)
{
  const PspPoint points[] = { { 40, 30 }, { 50, 40 } };

  psp_viewport_zoom_to (fixture->viewport, 16, (PspPoint) { 48, 32 });
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_BRUSH);
  psp_canvas_set_class_id (fixture->canvas, 4);
  psp_canvas_set_hand (fixture->canvas, TRUE);
  drag_through (psp_pane_grid_get_pane (fixture->grid, 1), points, 2);
  assert_original (fixture);

  psp_canvas_set_hand (fixture->canvas, FALSE);
  psp_viewport_fit (fixture->viewport);
  drag_through (psp_pane_grid_get_pane (fixture->grid, 1), points, 2);
  g_assert_true (psp_scene_get_can_undo (fixture->scene));
}

static void
test_fill (Fixture       *fixture,
           gconstpointer  data)
{
  const PspMask *mask = psp_scene_get_mask (fixture->scene);

  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_FILL);
  psp_canvas_set_class_id (fixture->canvas, 4);
  click (psp_pane_grid_get_pane (fixture->grid, 2), (PspPoint) { 30.5, 10.5 });
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      {
        int i = y * size.width + x;

        g_assert_cmpint (mask->pixels[i], ==,
                         fixture->original->pixels[i] == 1 ? 4 : fixture->original->pixels[i]);
      }

  activate (fixture, "canvas.undo");
  assert_original (fixture);
}

static int
count_corners (Fixture *fixture)
{
  int n_corners;

  psp_canvas_get_corners (fixture->canvas, &n_corners);
  return n_corners;
}

static void
test_polygon (Fixture       *fixture,
              gconstpointer  data)
{
  const PspPoint corners[] = { { 10, 10 }, { 20, 10 }, { 20, 18 }, { 10, 18 } };
  const PspMask *mask = psp_scene_get_mask (fixture->scene);
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 0);

  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_POLYGON);
  psp_canvas_set_class_id (fixture->canvas, 4);
  for (int i = 0; i < 4; i++)
    click (pane, corners[i]);
  click (pane, (PspPoint) { 80, 60 });
  activate (fixture, "canvas.remove-corner");
  g_assert_cmpint (count_corners (fixture), ==, 4);
  assert_original (fixture);

  press_key (pane, GDK_KEY_Return, 0);
  g_assert_cmpint (count_corners (fixture), ==, 0);
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      {
        gboolean inside = x >= 10 && x < 20 && y >= 10 && y < 18;
        int i = y * size.width + x;

        g_assert_cmpint (mask->pixels[i], ==, inside ? 4 : fixture->original->pixels[i]);
      }

  activate (fixture, "canvas.undo");
  assert_original (fixture);
}

/* The second press closes the polygon and sets no corner, nor does a third. */
static void
test_polygon_double_click (Fixture       *fixture,
                           gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 0);

  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_POLYGON);
  psp_canvas_set_class_id (fixture->canvas, 4);
  press_again (pane, (PspPoint) { 10, 10 }, 1);
  press_again (pane, (PspPoint) { 30, 10 }, 1);
  press_again (pane, (PspPoint) { 30, 11 }, 2);
  g_assert_cmpint (count_corners (fixture), ==, 2);
  press_again (pane, (PspPoint) { 20, 30 }, 1);
  press_again (pane, (PspPoint) { 20, 31 }, 2);
  g_assert_true (psp_scene_get_can_undo (fixture->scene));
  g_assert_cmpint (count_corners (fixture), ==, 0);
  press_again (pane, (PspPoint) { 20, 31 }, 3);
  g_assert_cmpint (count_corners (fixture), ==, 0);
}

/* A brush paints with every press, however fast they come. */
static void
test_brush_double_click (Fixture       *fixture,
                         gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 0);
  const PspPoint points[] = { { 10, 10 }, { 12, 10 } };

  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_BRUSH);
  psp_canvas_set_class_id (fixture->canvas, 4);
  psp_canvas_set_radius (fixture->canvas, 2);
  press_again (pane, points[0], 1);
  assert_painted (fixture, points, 1, 2, 4);
  activate (fixture, "canvas.undo");
  press_again (pane, points[1], 2);
  assert_painted (fixture, points + 1, 1, 2, 4);
}

static void
test_polygon_cancelled (Fixture       *fixture,
                        gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 0);

  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_POLYGON);
  click (pane, (PspPoint) { 10, 10 });
  click (pane, (PspPoint) { 30, 10 });
  click (pane, (PspPoint) { 20, 30 });
  activate (fixture, "canvas.cancel");
  g_assert_cmpint (count_corners (fixture), ==, 0);
  assert_original (fixture);
}

/* The crosshair is on the pixel under the pointer, wherever the view goes; once keys moved it, it
 * stays until the pointer really moves. */
static void
test_crosshair_under_pointer (Fixture       *fixture,
                              gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 4);
  GObject *motion = find_controller (pane, GTK_TYPE_EVENT_CONTROLLER_MOTION, 0);
  PspPoint crosshair, expected;

  g_signal_emit_by_name (motion, "enter", 150.0, 170.0);
  psp_viewport_zoom_to (fixture->viewport, 16, (PspPoint) { 60, 20 });
  expected = psp_pane_to_image (pane, 150, 170);
  g_assert_true (psp_viewport_get_crosshair (fixture->viewport, &crosshair));
  g_assert_cmpfloat (crosshair.x, ==, expected.x);
  g_assert_cmpfloat (crosshair.y, ==, expected.y);

  press_key (psp_pane_grid_get_pane (fixture->grid, 1), GDK_KEY_Right, GDK_SHIFT_MASK);
  expected = (PspPoint) { floor (expected.x) + 10.5, floor (expected.y) + 0.5 };
  psp_viewport_zoom_to (fixture->viewport, 8, (PspPoint) { 60, 20 });
  g_signal_emit_by_name (motion, "motion", 150.0, 170.0);
  g_assert_true (psp_viewport_get_crosshair (fixture->viewport, &crosshair));
  g_assert_cmpfloat (crosshair.x, ==, expected.x);
  g_assert_cmpfloat (crosshair.y, ==, expected.y);

  g_signal_emit_by_name (motion, "motion", 151.0, 170.0);
  expected = psp_pane_to_image (pane, 151, 170);
  g_assert_true (psp_viewport_get_crosshair (fixture->viewport, &crosshair));
  g_assert_cmpfloat (crosshair.x, ==, expected.x);
}

/* Everything the pointer does can be done with keys. */
static void
test_keys (Fixture       *fixture,
           gconstpointer  data)
{
  const PspPoint points[] = { { 20.5, 20.5 }, { 31.5, 20.5 }, { 31.5, 19.5 } };
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 3);
  PspPoint crosshair;

  psp_viewport_set_crosshair (fixture->viewport, (PspPoint) { 20.1, 20.9 });
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_BRUSH);
  psp_canvas_set_class_id (fixture->canvas, 4);
  psp_canvas_set_radius (fixture->canvas, 2);

  press_key (pane, GDK_KEY_Return, 0);
  press_key (pane, GDK_KEY_Return, 0); /* repeated while it is held */
  press_key (pane, GDK_KEY_Right, GDK_SHIFT_MASK);
  press_key (pane, GDK_KEY_Right, 0);
  press_key (pane, GDK_KEY_Up, 0);
  release_key (pane, GDK_KEY_Return);

  g_assert_true (psp_viewport_get_crosshair (fixture->viewport, &crosshair));
  g_assert_cmpfloat (crosshair.x, ==, 31.5);
  g_assert_cmpfloat (crosshair.y, ==, 19.5);
  g_assert_false (psp_canvas_is_painting (fixture->canvas));
  assert_painted (fixture, points, 3, 2, 4);

  press_key (pane, GDK_KEY_Left, 0);
  assert_painted (fixture, points, 3, 2, 4);
  activate (fixture, "canvas.undo");
  assert_original (fixture);
}

/* Corners set with keys: Return at the last one closes. */
static void
test_polygon_keys (Fixture       *fixture,
                   gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 3);
  const guint ways[] = { GDK_KEY_Right, GDK_KEY_Down };

  psp_viewport_set_crosshair (fixture->viewport, (PspPoint) { 20, 20 });
  psp_canvas_set_tool (fixture->canvas, PSP_TOOL_POLYGON);
  psp_canvas_set_class_id (fixture->canvas, 4);
  press_key (pane, GDK_KEY_Return, 0);
  for (int i = 0; i < 2; i++)
    {
      press_key (pane, ways[i], GDK_SHIFT_MASK);
      press_key (pane, GDK_KEY_Return, 0);
    }
  assert_original (fixture);
  press_key (pane, GDK_KEY_Return, 0);
  g_assert_true (psp_scene_get_can_undo (fixture->scene));
}

/* The crosshair stops at the edge of the image, and the view follows it. */
static void
test_crosshair_stays_in_sight (Fixture       *fixture,
                               gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 0);
  PspPoint crosshair, seen;

  psp_viewport_zoom_to (fixture->viewport, 32, (PspPoint) { 48, 32 });
  for (int i = 0; i < 30; i++)
    {
      press_key (pane, GDK_KEY_Right, GDK_SHIFT_MASK);
      g_assert_true (psp_viewport_get_crosshair (fixture->viewport, &crosshair));
      seen = to_widget (pane, crosshair);
      g_assert_cmpfloat (seen.x, >=, 0);
      g_assert_cmpfloat (seen.x, <, psp_pane_get_size (pane).width);
    }
  g_assert_cmpfloat (crosshair.x, ==, size.width - 0.5);
}

static void
test_pick_and_favorites (Fixture       *fixture,
                         gconstpointer  data)
{
  psp_viewport_set_crosshair (fixture->viewport, (PspPoint) { 90, 10 });
  activate (fixture, "canvas.pick");
  g_assert_cmpint (psp_canvas_get_class_id (fixture->canvas), ==, 3);

  /* What is ignored is no class to paint. */
  psp_viewport_set_crosshair (fixture->viewport, (PspPoint) { 10, size.height - 0.5 });
  activate (fixture, "canvas.pick");
  g_assert_cmpint (psp_canvas_get_class_id (fixture->canvas), ==, 3);

  activate (fixture, "canvas.favorite(2)");
  g_assert_cmpint (psp_canvas_get_class_id (fixture->canvas), ==, 1);
  activate (fixture, "canvas.favorite(9)"); /* a class that the taxonomy lacks */
  g_assert_cmpint (psp_canvas_get_class_id (fixture->canvas), ==, 1);
  activate (fixture, "canvas.class(4)");
  activate (fixture, "canvas.assign-favorite(9)");
  activate (fixture, "canvas.favorite(1)");
  activate (fixture, "canvas.favorite(9)");
  g_assert_cmpint (psp_canvas_get_class_id (fixture->canvas), ==, 4);
}

static void
test_favorites_text (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autofree char *text = NULL;

  g_object_set (fixture->canvas, "favorites", "4,nonsense,-1,2", NULL);
  g_object_get (fixture->canvas, "favorites", &text, NULL);
  g_assert_cmpstr (text, ==, "4,1,-1,2,4,5,6,7,8");
}

static void
test_radius (Fixture       *fixture,
             gconstpointer  data)
{
  psp_canvas_set_radius (fixture->canvas, 7);
  activate (fixture, "canvas.radius-larger");
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, 8);
  psp_canvas_set_radius (fixture->canvas, 7);
  activate (fixture, "canvas.radius-smaller");
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, 6);
  for (int i = 0; i < 50; i++)
    activate (fixture, "canvas.radius-smaller");
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, PSP_CANVAS_MIN_RADIUS);
  for (int i = 0; i < 50; i++)
    activate (fixture, "canvas.radius-larger");
  g_assert_cmpfloat (psp_canvas_get_radius (fixture->canvas), ==, PSP_CANVAS_MAX_RADIUS);
}

static void
test_accept (Fixture       *fixture,
             gconstpointer  data)
{
  const PspMask *mask = psp_scene_get_mask (fixture->scene);
  PspMask *labels = psp_prediction_get_labels (psp_scene_get_prediction (fixture->scene));

  psp_viewport_set_crosshair (fixture->viewport, (PspPoint) { 50, 2 });
  activate (fixture, "canvas.accept-region");
  for (int i = 0; i < size.width * size.height; i++)
    g_assert_cmpint (mask->pixels[i], ==,
                     labels->pixels[i] == 0 ? 0 : fixture->original->pixels[i]);

  activate (fixture, "canvas.accept-all");
  g_assert_true (psp_mask_equal (mask, labels));
  activate (fixture, "canvas.revert");
  assert_original (fixture);
}

/* What a pane draws comes out on the screen, pixel by pixel. */
static void
test_pixels (Fixture       *fixture,
             gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 0);
  g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (pane));
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr(GdkTexture) texture = NULL;
  g_autoptr(GskRenderNode) node = NULL;
  g_autofree guint32 *pixels = NULL;
  PspTransform transform;
  PspSize pane_size;

  psp_viewport_zoom_to (fixture->viewport, 8, (PspPoint) { 48, 32 });
  settle ();
  transform = psp_pane_get_transform (pane);
  pane_size = psp_pane_get_size (pane);
  gdk_paintable_snapshot (paintable, snapshot, pane_size.width, pane_size.height);
  node = gtk_snapshot_free_to_node (snapshot);
  texture = gsk_renderer_render_texture (
    gtk_native_get_renderer (GTK_NATIVE (fixture->window)), node,
    &GRAPHENE_RECT_INIT (0, 0, pane_size.width, pane_size.height));
  pixels = g_new (guint32, pane_size.width * pane_size.height);
  gdk_texture_download (texture, (guchar *) pixels, pane_size.width * sizeof *pixels);

  /* The name of the pane lies on its upper left corner. */
  for (int y = 60; y < pane_size.height; y++)
    for (int x = 0; x < pane_size.width; x++)
      {
        int image_x = floor ((x - transform.x) / 8);
        int image_y = floor ((y - transform.y) / 8);

        if (image_x < 0 || image_y < 0 || image_x >= size.width || image_y >= size.height)
          continue;

        g_assert_cmphex (pixels[y * pane_size.width + x], ==,
                         psp_test_scene_get_photo_pixel (fixture->scene, image_x, image_y));
      }
}

static void
test_bare (Fixture       *fixture,
           gconstpointer  data)
{
  PspPane *photo = psp_pane_grid_get_pane (fixture->grid, 0);

  activate (fixture, "canvas.bare");
  g_assert_true (psp_canvas_get_bare (fixture->canvas));
  for (int i = 1; i < PSP_PANE_GRID_MAX_PANES; i++)
    {
      PspPane *pane = psp_pane_grid_get_pane (fixture->grid, i);
      PspRect place, other_place;
      g_autoptr(GdkTexture) texture = psp_pane_dup_texture (photo, &place);
      g_autoptr(GdkTexture) other = psp_pane_dup_texture (pane, &other_place);
      gsize n_bytes = (gsize) place.width * place.height * 4;
      g_autofree guchar *pixels = g_malloc (n_bytes);
      g_autofree guchar *other_pixels = g_malloc (n_bytes);

      g_assert_cmpmem (&place, sizeof place, &other_place, sizeof place);
      gdk_texture_download (texture, pixels, place.width * 4);
      gdk_texture_download (other, other_pixels, place.width * 4);
      g_assert_cmpmem (pixels, n_bytes, other_pixels, n_bytes);
    }

  activate (fixture, "canvas.bare");
  g_assert_false (psp_canvas_get_bare (fixture->canvas));
  assert_original (fixture);
}

/* A pane that grows in height alone shows its picture in the middle, as large as before. */
static void
test_resized (Fixture       *fixture,
              gconstpointer  data)
{
  PspPane *pane = psp_pane_grid_get_pane (fixture->grid, 0);
  int height = gtk_widget_get_height (GTK_WIDGET (pane));
  double scale = psp_pane_get_transform (pane).scale;
  g_autoptr(GdkTexture) texture = NULL;
  PspRect place;

  texture = psp_pane_dup_texture (pane, &place);
  g_assert_cmpint (place.y, ==, (int) psp_pane_get_transform (pane).y);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1200, 900);
  for (int i = 0; i < 100 && gtk_widget_get_height (GTK_WIDGET (pane)) == height; i++)
    settle ();

  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (pane)), >, height);
  g_assert_cmpfloat (psp_pane_get_transform (pane).scale, ==, scale);
  g_clear_object (&texture);
  texture = psp_pane_dup_texture (pane, &place);
  g_assert_cmpint (place.y, ==, (int) psp_pane_get_transform (pane).y);
}

static void
test_layout (Fixture       *fixture,
             gconstpointer  data)
{
  g_autofree char *layout = NULL;

  g_object_get (fixture->grid, "layout", &layout, NULL);
  g_assert_cmpstr (layout, ==, "photo,truth,prediction,auxiliary,pyramid-3,edited");
  g_clear_pointer (&layout, g_free);

  g_object_set (fixture->grid, "layout", "errors,confidence,what,pyramid-6,pyramid-0", NULL);
  g_object_get (fixture->grid, "layout", &layout, NULL);
  g_assert_cmpstr (layout, ==, "errors,confidence,prediction,pyramid-6,pyramid-3,edited");
  settle ();
}

/* Any number of panes, and one of them large: every image is in sight, and what is painted is
 * among them unless there is but one. */
static void
test_arrangements (Fixture       *fixture,
                   gconstpointer  data)
{
  const int numbers[] = { 1, 2, 3, 4, 6 };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    for (int large = -1; large < numbers[i]; large++)
      {
        int n_mapped = 0;
        gboolean edited = FALSE;

        g_object_set (fixture->grid, "n-panes", numbers[i], "large", large, NULL);
        settle ();
        for (int k = 0; k < PSP_PANE_GRID_MAX_PANES; k++)
          {
            PspPane *pane = psp_pane_grid_get_pane (fixture->grid, k);
            PspPoint corner = to_widget (pane, (PspPoint) { size.width, size.height });

            if (!gtk_widget_get_mapped (GTK_WIDGET (pane)))
              continue;

            n_mapped++;
            edited |= psp_pane_get_source (pane).kind == PSP_PANE_EDITED;

            g_assert_cmpfloat (corner.x, >, 40);
            g_assert_cmpfloat (corner.x, <=, psp_pane_get_size (pane).width);
            g_assert_cmpfloat (corner.y, <=, psp_pane_get_size (pane).height);
          }
        g_assert_cmpint (n_mapped, ==, numbers[i]);
        g_assert_cmpint (edited, ==, numbers[i] > 1);
      }

  g_object_set (fixture->grid, "n-panes", 5, NULL); /* no such grid */
  g_assert_cmpint (psp_pane_get_size (psp_pane_grid_get_pane (fixture->grid, 5)).width, >, 0);
}

static void
test_enlarge (Fixture       *fixture,
              gconstpointer  data)
{
  GtkWidget *pane = GTK_WIDGET (psp_pane_grid_get_pane (fixture->grid, 2));
  int large;

  g_assert_true (gtk_widget_activate_action (pane, "pane.enlarge", NULL));
  g_object_get (fixture->grid, "large", &large, NULL);
  g_assert_cmpint (large, ==, 2);
  g_assert_true (gtk_widget_activate_action (pane, "pane.enlarge", NULL));
  g_object_get (fixture->grid, "large", &large, NULL);
  g_assert_cmpint (large, ==, -1);

  g_assert_true (gtk_widget_activate_action (pane, "pane.source", "s", "pyramid-2"));
  g_assert_cmpint (psp_pane_get_source (PSP_PANE (pane)).bins, ==, 2);
}

static void
assert_problem (PspScene   *scene,
                const char *word,
                const char *expected)
{
  PspPaneSource source;
  g_autofree char *problem = NULL;

  g_assert_true (psp_pane_source_parse (word, &source));
  problem = psp_pane_source_get_problem (source, scene, "Running…");
  g_assert_cmpstr (problem, ==, expected);
}

/* What is not there is named, and drawn as nothing. */
static void
test_problems (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr(PspScene) bare = psp_test_scene_new (size, FALSE);

  assert_problem (fixture->scene, "truth", NULL);
  assert_problem (fixture->scene, "pyramid-6", NULL);
  assert_problem (fixture->scene, "pyramid-4", "No level of 4 × 4");
  assert_problem (bare, "photo", NULL);
  assert_problem (bare, "edited", NULL);
  assert_problem (bare, "truth", "No ground truth");
  assert_problem (bare, "errors", "No ground truth");
  assert_problem (bare, "prediction", "Running…");
  assert_problem (bare, "confidence", "Running…");
  assert_problem (bare, "pyramid-1", "Running…");

  psp_canvas_set_scene (fixture->canvas, bare);
  settle ();
  psp_test_scene_add_prediction (bare);
  assert_problem (bare, "prediction", NULL);
  settle ();
  psp_canvas_set_scene (fixture->canvas, NULL);
  settle ();
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("/panes/in-step", test_in_step);
  ADD ("/panes/brush", test_brush);
  ADD ("/panes/brush/double-click", test_brush_double_click);
  ADD ("/panes/eraser", test_eraser);
  ADD ("/panes/cancelled-stroke", test_cancelled_stroke);
  ADD ("/panes/inspect", test_inspect);
  ADD ("/panes/hand", test_hand);
  ADD ("/panes/fill", test_fill);
  ADD ("/panes/polygon", test_polygon);
  ADD ("/panes/polygon/double-click", test_polygon_double_click);
  ADD ("/panes/polygon/cancelled", test_polygon_cancelled);
  ADD ("/panes/polygon/keys", test_polygon_keys);
  ADD ("/panes/keys", test_keys);
  ADD ("/panes/crosshair-stays-in-sight", test_crosshair_stays_in_sight);
  ADD ("/panes/crosshair-under-pointer", test_crosshair_under_pointer);
  ADD ("/panes/pick-and-favorites", test_pick_and_favorites);
  ADD ("/panes/favorites-text", test_favorites_text);
  ADD ("/panes/radius", test_radius);
  ADD ("/panes/accept", test_accept);
  ADD ("/panes/pixels", test_pixels);
  ADD ("/panes/bare", test_bare);
  ADD ("/panes/resized", test_resized);
  ADD ("/panes/layout", test_layout);
  ADD ("/panes/arrangements", test_arrangements);
  ADD ("/panes/enlarge", test_enlarge);
  ADD ("/panes/problems", test_problems);
  return g_test_run ();
}
