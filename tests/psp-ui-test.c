/* SPDX-License-Identifier: MIT */
#include "tests/psp-ui-test.h"

#include "engine/formats/psp-image-file.h"

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

GtkWidget *
psp_ui_test_find (GtkWidget *root,
                  GType      type)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type))
    return root;

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = psp_ui_test_find (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static gboolean
activates (GtkWidget  *widget,
           const char *action)
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
  if (activates (root, action))
    return root;

  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = psp_ui_test_find_button (child, action);

      if (found != NULL)
        return found;
    }

  return NULL;
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
