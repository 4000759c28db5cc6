/* SPDX-License-Identifier: MIT */
#include "tests/psp-ui-test.h"
#include "ui/psp-confusion-view.h"

#include <math.h>

typedef struct
{
  int truth;
  int prediction;
  int n_calls;
} Call;

static void
note_cell (PspConfusionView *view,
           int               truth,
           int               prediction,
           Call             *call)
{
  call->truth = truth;
  call->prediction = prediction;
  call->n_calls++;
}

/* Classes 0, 2 and 3 of four have pixels; four of ten pixels of 2 are taken for 3. */
static GtkWidget *
create_view (void)
{
  const char * const names[] = { "Sky", "Pole", "Car", "Road", NULL };
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_new_from_names ("test", names);
  g_autoptr(PspConfusion) confusion = psp_confusion_new (4, NULL);
  g_autoptr(PspMask) truth = psp_mask_new ((PspSize) { 20, 1 }, 8, NULL);
  g_autoptr(PspMask) prediction = psp_mask_new ((PspSize) { 20, 1 }, 8, NULL);
  GtkWidget *view = g_object_ref_sink (psp_confusion_view_new ());

  for (int i = 0; i < 20; i++)
    {
      truth->pixels[i] = i < 10 ? 0 : 2;
      prediction->pixels[i] = i < 10 ? 0 : i < 16 ? 2 : 3;
    }
  psp_confusion_add (confusion, truth, prediction, NULL);
  psp_confusion_view_set_confusion (PSP_CONFUSION_VIEW (view), taxonomy, confusion);
  return view;
}

static void
click (GtkWidget    *view,
       GdkRectangle  cell)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (view);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_GESTURE_CLICK (controller))
        g_signal_emit_by_name (controller, "pressed", 1, cell.x + cell.width / 2.0,
                               cell.y + cell.height / 2.0);
    }
}

static void
press (GtkWidget *view,
       guint      key)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (view);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);
      gboolean handled;

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, 0, &handled);
    }
}

static void
test_cells (void)
{
  GtkWidget *window = gtk_window_new ();
  g_autoptr(GtkWidget) view = create_view ();
  GdkRectangle first;
  GdkRectangle other;
  GdkRectangle none;

  gtk_window_set_default_size (GTK_WINDOW (window), 400, 400);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  psp_ui_test_settle ();

  first = psp_confusion_view_get_cell (PSP_CONFUSION_VIEW (view), 0, 0);
  other = psp_confusion_view_get_cell (PSP_CONFUSION_VIEW (view), 2, 3);
  none = psp_confusion_view_get_cell (PSP_CONFUSION_VIEW (view), 1, 0);
  g_assert_cmpint (first.width, >, 0);
  g_assert_cmpint (other.x, ==, first.x + 2 * first.width);
  g_assert_cmpint (other.y, ==, first.y + first.height);
  g_assert_cmpint (none.width, ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_keys (void)
{
  g_autoptr(GtkWidget) view = create_view ();
  PspConfusionView *confusion = PSP_CONFUSION_VIEW (view);
  Call call = { 0 };

  g_signal_connect (view, "cell-activated", G_CALLBACK (note_cell), &call);
  press (view, GDK_KEY_Return);
  g_assert_cmpint (call.n_calls, ==, 0);

  press (view, GDK_KEY_Down);
  press (view, GDK_KEY_Right);
  press (view, GDK_KEY_Right);
  press (view, GDK_KEY_Right);
  g_assert_cmpstr (psp_confusion_view_get_summary (confusion), ==,
                   "Car taken for Road: 4 pixels, 40.0 % of Car");
  press (view, GDK_KEY_Return);
  g_assert_cmpint (call.n_calls, ==, 1);
  g_assert_cmpint (call.truth, ==, 2);
  g_assert_cmpint (call.prediction, ==, 3);

  press (view, GDK_KEY_Left);
  g_assert_cmpstr (psp_confusion_view_get_summary (confusion), ==,
                   "Car, rightly: 6 pixels, 60.0 % of Car");
}

/* A matrix that is higher than its viewport, below a button. */
static void
test_scrolled (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *button = gtk_button_new_with_label ("Button");
  g_autoptr(GtkWidget) view = create_view ();
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  Call call = { 0 };
  GdkRectangle first;
  double value;
  double y;

  g_signal_connect (view, "cell-activated", G_CALLBACK (note_cell), &call);
  gtk_box_append (GTK_BOX (box), button);
  gtk_box_append (GTK_BOX (box), view);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 80);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  gtk_window_present (GTK_WINDOW (window));
  psp_ui_test_settle ();
  g_assert_true (gtk_widget_grab_focus (button));

  /* A click leaves what is seen where it is. */
  value = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
  g_assert_cmpfloat (value, >, 50);
  gtk_adjustment_set_value (adjustment, value);
  psp_ui_test_settle ();
  click (view, psp_confusion_view_get_cell (PSP_CONFUSION_VIEW (view), 3, 2));
  psp_ui_test_settle ();
  g_assert_true (gtk_widget_has_focus (view));
  g_assert_cmpint (call.n_calls, ==, 1);
  g_assert_cmpint (call.truth, ==, 3);
  g_assert_cmpint (call.prediction, ==, 2);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, value);
  g_assert_true (gtk_viewport_get_scroll_to_focus (GTK_VIEWPORT (gtk_widget_get_parent (box))));

  /* Keys take it along. */
  press (view, GDK_KEY_Up);
  press (view, GDK_KEY_Up);
  first = psp_confusion_view_get_cell (PSP_CONFUSION_VIEW (view), 0, 2);
  gtk_widget_translate_coordinates (view, box, 0, first.y, NULL, &y);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, y);

  gtk_window_destroy (GTK_WINDOW (window));
}

/* Of numbers on every shade. */
static void
test_contrast (void)
{
  const char * const names[] = { "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", NULL };
  g_autoptr(PspTaxonomy) taxonomy = psp_taxonomy_new_from_names ("test", names);
  g_autoptr(PspConfusion) confusion = psp_confusion_new (10, NULL);
  AdwStyleManager *style = adw_style_manager_get_default ();
  GtkWidget *window = gtk_window_new ();
  GtkWidget *view = psp_confusion_view_new ();

  /* Shares of the rows from near 1 to near 0. */
  for (int i = 0; i < 100; i++)
    psp_confusion_add_pixels (confusion, i / 10, i % 10,
                              (guint64) (1e6 * pow (0.2 + i / 10 / 16.0, i % 10)) + 1);
  psp_confusion_view_set_confusion (PSP_CONFUSION_VIEW (view), taxonomy, confusion);
  gtk_window_set_default_size (GTK_WINDOW (window), 700, 700);
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));

  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_LIGHT);
  psp_ui_test_settle ();
  psp_ui_test_wait_for_frame (view);
  g_assert_cmpfloat (psp_ui_test_measure_contrast (view), >=, 4.5);
  g_assert_cmpfloat (psp_ui_test_measure_contrast (view), <, 8);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  psp_ui_test_settle ();
  psp_ui_test_wait_for_frame (view);
  g_assert_cmpfloat (psp_ui_test_measure_contrast (view), >=, 4.5);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/confusion-view/cells", test_cells);
  g_test_add_func ("/confusion-view/keys", test_keys);
  g_test_add_func ("/confusion-view/scrolled", test_scrolled);
  g_test_add_func ("/confusion-view/contrast", test_contrast);
  return g_test_run ();
}
