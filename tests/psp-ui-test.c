/* SPDX-License-Identifier: MIT */
#include "tests/psp-ui-test.h"

#include "engine/formats/psp-image-file.h"

#include <math.h>

#define TIMEOUT_S 30

GtkApplication *
psp_ui_test_create_application (void)
{
  g_autoptr(GError) error = NULL;
  AdwApplication *application = adw_application_new ("org.scenescope.Scenescope",
                                                     G_APPLICATION_NON_UNIQUE);

  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  return GTK_APPLICATION (application);
}

static gboolean
wake_up (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
psp_ui_test_wait (PspUiTestCondition  condition,
                  gpointer            data,
                  const char         *what)
{
  gint64 end = g_get_monotonic_time () + TIMEOUT_S * G_USEC_PER_SEC;
  guint id = g_timeout_add (10, wake_up, NULL);

  while (!condition (data))
    {
      if (g_get_monotonic_time () > end)
        g_error ("waited in vain until %s", what);
      g_main_context_iteration (NULL, TRUE);
    }

  g_source_remove (id);
}

void
psp_ui_test_settle (void)
{
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC / 5;

  while (g_get_monotonic_time () < end)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (2000);
    }
}

static void
note_frame (gboolean *drawn)
{
  *drawn = TRUE;
}

static gboolean
is_drawn (gpointer data)
{
  return *(gboolean *) data;
}

void
psp_ui_test_wait_for_frame (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gboolean drawn = FALSE;
  gulong id = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (note_frame), &drawn);

  gtk_widget_queue_draw (widget);
  psp_ui_test_wait (is_drawn, &drawn, "a frame is drawn");
  g_signal_handler_disconnect (clock, id);
}

GtkWidget *
psp_ui_test_find_where (GtkWidget       *root,
                        PspUiTestMatch   matches,
                        gconstpointer    data)
{
  if (matches (root, data))
    return root;

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = psp_ui_test_find_where (child, matches, data);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static gboolean
is_of_type (GtkWidget     *widget,
            gconstpointer  data)
{
  return g_type_is_a (G_OBJECT_TYPE (widget), *(const GType *) data);
}

GtkWidget *
psp_ui_test_find (GtkWidget *root,
                  GType      type)
{
  return psp_ui_test_find_where (root, is_of_type, &type);
}

static gboolean
says (GtkWidget     *widget,
      gconstpointer  text)
{
  return GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_label (GTK_LABEL (widget)), text);
}

GtkWidget *
psp_ui_test_find_label (GtkWidget  *root,
                        const char *text)
{
  return psp_ui_test_find_where (root, says, text);
}

guint
psp_ui_test_count (GtkWidget *root,
                   GType      type)
{
  guint n_widgets = g_type_is_a (G_OBJECT_TYPE (root), type);

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n_widgets += psp_ui_test_count (child, type);
  return n_widgets;
}

static gboolean
activates (GtkWidget     *widget,
           gconstpointer  action)
{
  g_autofree char *detailed = NULL;
  const char *name;

  if (!GTK_IS_ACTIONABLE (widget))
    return FALSE;

  name = gtk_actionable_get_action_name (GTK_ACTIONABLE (widget));
  if (name == NULL)
    return FALSE;

  detailed = g_action_print_detailed_name (
    name, gtk_actionable_get_action_target_value (GTK_ACTIONABLE (widget)));
  return g_str_equal (detailed, action);
}

GtkWidget *
psp_ui_test_find_button (GtkWidget  *root,
                         const char *action)
{
  return psp_ui_test_find_where (root, activates, action);
}

GtkWidget *
psp_ui_test_find_window (GType type)
{
  g_autoptr(GList) windows = gtk_window_list_toplevels ();

  for (GList *link = windows; link != NULL; link = link->next)
    {
      if (g_type_is_a (G_OBJECT_TYPE (link->data), type) && gtk_widget_get_visible (link->data))
        return link->data;
    }

  return NULL;
}

/* What a reader sees of a drawing. */
typedef struct
{
  GdkRGBA paper;
  GdkRGBA fill; /* of the rectangle that was drawn last */
  double  least;
} Reading;

static double
to_linear (double channel)
{
  return channel <= 0.04045 ? channel / 12.92 : pow ((channel + 0.055) / 1.055, 2.4);
}

static double
get_luminance (const GdkRGBA *color)
{
  return 0.2126 * to_linear (color->red) + 0.7152 * to_linear (color->green) +
         0.0722 * to_linear (color->blue);
}

static GdkRGBA
blend (const GdkRGBA *over,
       double         opacity,
       const GdkRGBA *below)
{
  float share = (float) (over->alpha * opacity);

  return (GdkRGBA) {
    over->red * share + below->red * (1 - share),
    over->green * share + below->green * (1 - share),
    over->blue * share + below->blue * (1 - share),
    1
  };
}

static void
read_text (Reading       *reading,
           const GdkRGBA *color,
           double         opacity)
{
  GdkRGBA text = blend (color, opacity, &reading->fill);
  double first = get_luminance (&text);
  double second = get_luminance (&reading->fill);

  reading->least = MIN (reading->least,
                        (MAX (first, second) + 0.05) / (MIN (first, second) + 0.05));
  reading->fill = reading->paper;
}

static void
read_node (Reading             *reading,
           const GskRenderNode *node,
           double               opacity)
{
  GskRenderNode *here = (GskRenderNode *) node;

  switch ((int) gsk_render_node_get_node_type (node))
    {
    case GSK_CONTAINER_NODE:
      for (guint i = 0; i < gsk_container_node_get_n_children (here); i++)
        read_node (reading, gsk_container_node_get_child (here, i), opacity);
      break;

    case GSK_TRANSFORM_NODE:
      read_node (reading, gsk_transform_node_get_child (here), opacity);
      break;

    case GSK_CLIP_NODE:
      read_node (reading, gsk_clip_node_get_child (here), opacity);
      break;

    case GSK_OPACITY_NODE:
      read_node (reading, gsk_opacity_node_get_child (here),
                 opacity * gsk_opacity_node_get_opacity (here));
      break;

    case GSK_COLOR_NODE:
      reading->fill = blend (gsk_color_node_get_color (here), opacity, &reading->paper);
      break;

    case GSK_TEXT_NODE:
      read_text (reading, gsk_text_node_get_color (here), opacity);
      break;

    default:
      break;
    }
}

double
psp_ui_test_measure_contrast (GtkWidget *widget)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  Reading reading = { .least = INFINITY };
  g_autoptr(GskRenderNode) node = NULL;

  g_assert_true (gtk_style_context_lookup_color (gtk_widget_get_style_context (widget),
                                                 "window_bg_color", &reading.paper));
  reading.fill = reading.paper;
  gtk_widget_snapshot_child (gtk_widget_get_parent (widget), widget, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node != NULL)
    read_node (&reading, node, 1);
  return reading.least;
}

gboolean
psp_ui_test_is_enabled (GtkWidget  *widget,
                        const char *action)
{
  g_autoptr(GtkWidget) button = g_object_ref_sink (gtk_button_new ());
  gboolean enabled;

  /* A button is sensitive while its action is enabled. */
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_parent (button, widget);
  enabled = gtk_widget_get_sensitive (button);
  gtk_widget_unparent (button);
  return enabled;
}

static void
write_image (const PspTestFolder *folder,
             const char          *stem,
             int                  seed)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspImage) image = psp_image_new ((PspSize) { 97, 73 }, &error);
  g_autofree char *name = g_strdup_printf ("dataset/images/%s.png", stem);
  g_autofree char *path = psp_test_folder_path (folder, name);

  g_assert_no_error (error);
  for (int i = 0; i < 97 * 73; i++)
    {
      image->pixels[3 * i] = (guint8) (i % 97 * 2 + seed);
      image->pixels[3 * i + 1] = (guint8) (i / 97 * 3);
      image->pixels[3 * i + 2] = (guint8) (i * seed);
    }
  psp_image_save_png (image, path, &error);
  g_assert_no_error (error);
}

static void
write_label (const PspTestFolder *folder,
             const char          *stem,
             int                  seed)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMask) mask = psp_mask_new ((PspSize) { 97, 73 }, 8, &error);
  g_autofree char *name = g_strdup_printf ("dataset/labels/%s.png", stem);
  g_autofree char *path = psp_test_folder_path (folder, name);

  g_assert_no_error (error);
  for (int i = 0; i < 97 * 73; i++)
    mask->pixels[i] = (guint16) ((i % 97 / 12 + i / 97 / 30 + seed) % 11);
  psp_mask_save (mask, path, &error);
  g_assert_no_error (error);
}

char *
psp_ui_test_write_dataset (const PspTestFolder *folder)
{
  psp_test_folder_print (folder, "dataset/names.txt",
                         "Sky\nBuilding\nPole\nRoad\nPavement\nTree\nSignSymbol\nFence\nCar\n"
                         "Pedestrian\nBicyclist\n");
  psp_test_folder_print (folder, "dataset/images/.keep", "");
  psp_test_folder_print (folder, "dataset/labels/.keep", "");
  write_image (folder, "a", 1);
  write_image (folder, "b", 7);
  write_image (folder, "c", 23);
  write_label (folder, "a", 0);
  write_label (folder, "b", 3);
  return psp_test_folder_path (folder, "dataset");
}

char *
psp_ui_test_dup_model_path (void)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "tiny18.pth", NULL);
}
