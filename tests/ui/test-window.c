/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-image-file.h"
#include "tests/psp-window-test.h"
#include "ui/psp-class-entry.h"
#include "ui/psp-class-list.h"
#include "ui/psp-image-list.h"
#include "ui/psp-image-row.h"
#include "ui/psp-pane-grid.h"
#include "ui/psp-results-view.h"

#include <string.h>

static void
test_empty (PspWindowTest *fixture,
            gconstpointer  data)
{
  const char * const disabled[] = {
    "win.run", "win.run-all", "win.save", "win.export", "win.save-report", "win.choose-workspace",
    "win.next-image", "win.previous-image", "win.open-demo",
  };
  GtkWidget *page = psp_ui_test_find (fixture->window, ADW_TYPE_STATUS_PAGE);
  GtkWidget *button;

  for (guint i = 0; i < G_N_ELEMENTS (disabled); i++)
    g_assert_false (psp_ui_test_is_enabled (fixture->window, disabled[i]));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.open-dataset"));

  button = psp_ui_test_find_button (fixture->window, "win.open-dataset");
  g_assert_nonnull (button);
  g_assert_true (gtk_widget_get_mapped (button));
  g_assert_nonnull (page);

  /* The results say what they need as well. */
  g_object_set (fixture->window, "page", "results", NULL);
  psp_ui_test_settle ();
  page = psp_ui_test_find (psp_ui_test_find (fixture->window, PSP_TYPE_RESULTS_VIEW),
                           ADW_TYPE_STATUS_PAGE);
  g_assert_true (gtk_widget_get_mapped (page));
  g_assert_nonnull (psp_ui_test_find_button (page, "win.open-dataset"));
}

static void
test_open_dataset (PspWindowTest *fixture,
                   gconstpointer  data)
{
  PspMessageBar *hint = psp_window_test_find_hint (fixture);
  g_auto(GStrv) recent = NULL;
  PspClassList *classes;
  g_autoptr(PspClassEntry) entry = NULL;

  psp_window_test_open_dataset (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (psp_project_get_items (fixture->project)), ==, 3);
  g_assert_nonnull (psp_project_get_scene (fixture->project));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (fixture->window)), ==, "dataset – Scenescope");
  g_assert_true (gtk_widget_get_mapped (psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID)));
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.export"));
  g_assert_false (psp_ui_test_is_enabled (fixture->window, "win.run"));

  recent = psp_settings_dup_recent (fixture->settings, "recent-datasets");
  g_assert_cmpuint (g_strv_length (recent), ==, 1);

  /* c has no label, which is told before the missing checkpoint. */
  g_assert_true (psp_message_bar_get_shown (hint));
  g_assert_nonnull (strstr (psp_message_bar_get_details (hint), "c"));

  classes = PSP_CLASS_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST));
  g_assert_cmpuint (g_list_model_get_n_items (psp_class_list_get_entries (classes)), ==, 11);
  entry = g_list_model_get_item (psp_class_list_get_entries (classes), 8);
  g_assert_cmpstr (psp_class_entry_get_name (entry), ==, "Car");
}

static void
test_bad_dataset (PspWindowTest *fixture,
                  gconstpointer  data)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);
  g_autofree char *path = psp_test_folder_path (fixture->folder, "nowhere");

  psp_window_test_activate_path (fixture, "win.open-dataset-path", path);
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_cmpstr (psp_message_bar_get_title (bar), ==, "“nowhere” could not be opened.");
  g_assert_nonnull (strstr (psp_message_bar_get_details (bar), "nowhere"));
}

/* As high for any width as for none: GTK complains of others while it lays out the window. */
static void
check_height (GtkWidget *widget)
{
  int any;
  int wide;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, -1, &any, NULL, NULL, NULL);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, 1 << 20, &wide, NULL, NULL, NULL);
  g_assert_cmpint (any, ==, wide);
}

static void
test_bad_checkpoint (PspWindowTest *fixture,
                     gconstpointer  data)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);
  g_autofree char *path = psp_test_folder_path (fixture->folder, "broken.pth");

  psp_window_test_open_dataset (fixture);
  psp_test_folder_print (fixture->folder, "broken.pth", "no checkpoint");
  psp_window_test_activate_path (fixture, "win.open-model-path", path);
  g_assert_null (psp_project_get_model (fixture->project));
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_cmpstr (psp_message_bar_get_title (bar), ==,
                   "“broken.pth” cannot be used as a checkpoint.");
  g_assert_nonnull (strstr (psp_message_bar_get_details (bar), "broken.pth"));
  g_assert_nonnull (psp_ui_test_find_button (GTK_WIDGET (bar), "win.open-model"));
  check_height (psp_ui_test_find (GTK_WIDGET (bar), GTK_TYPE_BOX));

  psp_window_test_open_model (fixture);
  g_assert_false (psp_message_bar_get_shown (bar));
}

/* A dataset that opens beside a checkpoint that does not: the failure stays to be read. */
static void
test_bad_checkpoint_beside (PspWindowTest *fixture,
                            gconstpointer  data)
{
  g_autofree char *dataset = psp_ui_test_write_dataset (fixture->folder);
  g_autofree char *path = psp_test_folder_path (fixture->folder, "broken.pth");
  const char *both[] = { dataset, path, NULL };

  /* So many images that the checkpoint has failed before they are listed. */
  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *name = g_strdup_printf ("dataset/images/x%d.png", i);

      psp_test_folder_print (fixture->folder, name, "");
    }
  psp_test_folder_print (fixture->folder, "broken.pth", "no checkpoint");
  psp_window_open_paths (PSP_WINDOW (fixture->window), both);
  psp_window_test_wait (fixture);
  g_assert_nonnull (psp_project_get_scene (fixture->project));
  g_assert_true (psp_message_bar_get_shown (psp_window_test_find_error (fixture)));
}

/* What is given or dropped goes where it belongs, in whatever order. */
static void
test_open_paths (PspWindowTest *fixture,
                 gconstpointer  data)
{
  g_autofree char *dataset = psp_ui_test_write_dataset (fixture->folder);
  g_autofree char *model = psp_ui_test_dup_model_path ();
  g_autofree char *first = psp_test_folder_path (fixture->folder, "dataset/images/b.png");
  g_autofree char *second = psp_test_folder_path (fixture->folder, "dataset/images/c.png");
  const char *both[] = { model, dataset, NULL };
  const char *images[] = { second, first, NULL };
  g_auto(GStrv) recent = NULL;

  psp_window_open_paths (PSP_WINDOW (fixture->window), both);
  psp_window_test_wait (fixture);
  g_assert_cmpstr (psp_project_get_dataset_name (fixture->project), ==, "dataset");
  g_assert_cmpstr (psp_project_get_model_name (fixture->project), ==, "tiny18");

  psp_window_open_paths (PSP_WINDOW (fixture->window), images);
  psp_window_test_wait (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (psp_project_get_items (fixture->project)), ==, 2);
  g_assert_cmpstr (psp_project_get_model_name (fixture->project), ==, "tiny18");

  /* A folder can be come back to; a handful of images cannot. */
  recent = psp_settings_dup_recent (fixture->settings, "recent-datasets");
  g_assert_cmpuint (g_strv_length (recent), ==, 1);
  g_assert_cmpstr (recent[0], ==, dataset);
}

/* The demo opens on its image, already run, with a hint; it is no recent dataset. */
static void
test_demo (PspWindowTest *fixture,
           gconstpointer  data)
{
  g_autofree char *dataset = psp_ui_test_write_dataset (fixture->folder);
  g_autofree char *model = psp_ui_test_dup_model_path ();
  const PspDemo demo = { dataset, model, (char *) "b", (char *) "Look at b." };
  g_auto(GStrv) recent = NULL;

  psp_window_set_demo (PSP_WINDOW (fixture->window), &demo);
  g_assert_true (psp_ui_test_is_enabled (fixture->window, "win.open-demo"));
  psp_window_test_activate (fixture, "win.open-demo");
  psp_window_test_wait (fixture);
  g_assert_cmpstr (psp_scene_get_stem (psp_project_get_scene (fixture->project)), ==, "b");
  g_assert_nonnull (psp_scene_get_prediction (psp_project_get_scene (fixture->project)));
  g_assert_true (psp_project_item_get_predicted (psp_window_test_get_item (fixture, 0)));
  g_assert_cmpstr (psp_message_bar_get_title (psp_window_test_find_hint (fixture)), ==,
                   "Look at b.");
  recent = psp_settings_dup_recent (fixture->settings, "recent-datasets");
  g_assert_cmpuint (g_strv_length (recent), ==, 0);
}

/* Whether the image at @position of the dataset is the one that is open. */
static gboolean
is_open (PspWindowTest *fixture,
         guint          position)
{
  return psp_project_get_current (fixture->project) == psp_window_test_get_item (fixture, position);
}

static void
test_list (PspWindowTest *fixture,
           gconstpointer  data)
{
  PspImageList *list = PSP_IMAGE_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_IMAGE_LIST));
  GListModel *shown = psp_image_list_get_shown (list);
  g_autoptr(PspProjectItem) last = NULL;

  psp_window_test_open_dataset (fixture);
  psp_window_test_activate (fixture, "win.next-image");
  psp_window_test_wait (fixture);
  g_assert_true (is_open (fixture, 1));
  psp_window_test_activate (fixture, "win.next-image");
  psp_window_test_activate (fixture, "win.next-image");
  psp_window_test_wait (fixture);
  g_assert_true (is_open (fixture, 2));
  psp_window_test_activate (fixture, "win.previous-image");
  psp_window_test_wait (fixture);
  g_assert_true (is_open (fixture, 1));

  psp_image_list_set_filter (list, "A");
  g_assert_cmpuint (g_list_model_get_n_items (shown), ==, 1);
  psp_image_list_set_filter (list, "nothing of the kind");
  psp_ui_test_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (shown), ==, 0);
  g_assert_true (gtk_widget_get_mapped (psp_ui_test_find_button (GTK_WIDGET (list),
                                                                 "images.clear-filter")));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (list), "images.clear-filter", NULL));
  g_assert_cmpuint (g_list_model_get_n_items (shown), ==, 3);

  /* Without a score an image comes last, whichever way round. */
  psp_window_test_open_model (fixture);
  psp_window_test_activate (fixture, "win.run-all");
  psp_window_test_wait (fixture);
  g_object_set (list, "sort", "worst", NULL);
  last = g_list_model_get_item (shown, 2);
  g_assert_cmpstr (psp_project_item_get_stem (last), ==, "c");
  g_clear_object (&last);
  g_object_set (list, "sort", "best", NULL);
  last = g_list_model_get_item (shown, 2);
  g_assert_cmpstr (psp_project_item_get_stem (last), ==, "c");
}

static void
select_image (PspWindowTest *fixture,
              const char    *stem)
{
  psp_window_test_activate_path (fixture, "win.select-image", stem);
  psp_ui_test_settle ();
}

/* What is wrong with an image is told beside it, and no longer than it is open. */
static void
test_damaged_image (PspWindowTest *fixture,
                    gconstpointer  data)
{
  PspMessageBar *bar = psp_window_test_find_error (fixture);
  GtkWidget *grid = psp_ui_test_find (fixture->window, PSP_TYPE_PANE_GRID);
  GtkWidget *photo = GTK_WIDGET (psp_pane_grid_get_pane (PSP_PANE_GRID (grid), 0));
  GtkWidget *message = psp_ui_test_find (photo, GTK_TYPE_LABEL);

  psp_test_folder_print (fixture->folder, "dataset/images/d.png", "no image");
  psp_test_folder_print (fixture->folder, "dataset/images/e.png", "");
  psp_window_test_open_dataset (fixture);
  g_assert_false (gtk_widget_get_visible (message));

  select_image (fixture, "d");
  g_assert_null (psp_project_get_scene (fixture->project));
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_true (gtk_widget_get_visible (message));
  g_assert_true (g_str_has_prefix (gtk_label_get_label (GTK_LABEL (message)), "d.png: "));

  select_image (fixture, "e");
  g_assert_true (psp_message_bar_get_shown (bar));
  g_assert_nonnull (strstr (psp_message_bar_get_details (bar), "e.png"));
  g_assert_true (g_str_has_prefix (gtk_label_get_label (GTK_LABEL (message)), "e.png: "));

  select_image (fixture, "a");
  g_assert_false (psp_message_bar_get_shown (bar));
  g_assert_false (gtk_widget_get_visible (message));

  /* What is about something else stays to be read. */
  psp_window_test_activate_path (fixture, "win.device", "vulkan:77");
  g_assert_true (psp_message_bar_get_shown (bar));
  select_image (fixture, "b");
  g_assert_true (psp_message_bar_get_shown (bar));
}

/* The dataset is named above its images, with its folder and that of the corrected masks. */
static void
test_dataset_name (PspWindowTest *fixture,
                   gconstpointer  data)
{
  GtkWidget *list = psp_ui_test_find (fixture->window, PSP_TYPE_IMAGE_LIST);
  g_autofree char *dataset = psp_test_folder_path (fixture->folder, "dataset");
  g_autofree char *workspace = psp_test_folder_path (fixture->folder, "workspace");
  GtkWidget *label;

  psp_window_test_open_dataset (fixture);
  label = psp_ui_test_find_label (list, "dataset");
  g_assert_nonnull (label);
  g_assert_true (gtk_widget_get_mapped (label));
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (label), dataset));
  g_assert_null (strstr (gtk_widget_get_tooltip_text (label), workspace));
  psp_window_test_activate_path (fixture, "win.workspace-path", workspace);
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (label), workspace));
}

/* How many images there are finds room beside every order. */
static void
test_count (PspWindowTest *fixture,
            gconstpointer  data)
{
  const char * const orders[] = { "name", "worst", "best", "modified" };
  GtkWidget *list = psp_ui_test_find (fixture->window, PSP_TYPE_IMAGE_LIST);
  GtkLabel *count;

  psp_window_test_open_dataset (fixture);
  psp_image_list_set_filter (PSP_IMAGE_LIST (list), "a");
  count = GTK_LABEL (psp_ui_test_find_label (list, "1 of 3"));
  g_assert_nonnull (count);
  psp_image_list_set_filter (PSP_IMAGE_LIST (list), "");
  g_assert_cmpstr (gtk_label_get_label (count), ==, "3 images");

  /* As if there were so many. */
  gtk_label_set_label (count, "4000 images");
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_object_set (list, "sort", orders[i], NULL);
      psp_ui_test_settle ();
      g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (count)));
    }
}

static gboolean
is_row_of (GtkWidget     *widget,
           gconstpointer  name)
{
  return PSP_IS_IMAGE_ROW (widget) &&
         g_strcmp0 (gtk_widget_get_tooltip_text (widget), name) == 0;
}

/* (nullable): the label of the row whose whole name is @name. */
static const char *
find_row_label (GtkWidget  *root,
                const char *name)
{
  GtkWidget *row = psp_ui_test_find_where (root, is_row_of, name);

  return row != NULL ? gtk_label_get_label (GTK_LABEL (psp_ui_test_find (row, GTK_TYPE_LABEL)))
                     : NULL;
}

/* Rows of long names show what tells them apart, and may break after a part of the name. */
static void
test_long_names (PspWindowTest *fixture,
                 gconstpointer  data)
{
  const char * const stems[] = {
    "frankfurt_000000_000294_leftImg8bit", "frankfurt_000000_000576_leftImg8bit",
    "frankfurt_000001_000538_leftImg8bit",
  };
  const char * const labels[] = {
    "…000000_\u200b000294…", "…000000_\u200b000576…", "…000001_\u200b000538…",
  };
  GtkWidget *list = psp_ui_test_find (fixture->window, PSP_TYPE_IMAGE_LIST);
  g_autofree char *path = psp_test_folder_path (fixture->folder, "long");

  for (guint i = 0; i < G_N_ELEMENTS (stems); i++)
    {
      g_autofree char *name = g_strdup_printf ("long/images/%s.png", stems[i]);

      psp_test_folder_print (fixture->folder, name, "");
    }
  psp_window_test_activate_path (fixture, "win.open-dataset-path", path);
  psp_ui_test_settle ();
  for (guint i = 0; i < G_N_ELEMENTS (stems); i++)
    g_assert_cmpstr (find_row_label (list, stems[i]), ==, labels[i]);

  /* One that differs from its first letter on. */
  psp_test_folder_print (fixture->folder, "long/images/ulm_000019_000019_leftImg8bit.png", "");
  psp_window_test_activate_path (fixture, "win.open-dataset-path", path);
  psp_ui_test_settle ();
  g_assert_cmpstr (find_row_label (list, stems[0]), ==,
                   "frankfurt_\u200b000000_\u200b000294…");
  g_assert_cmpstr (find_row_label (list, "ulm_000019_000019_leftImg8bit"), ==,
                   "ulm_\u200b000019_\u200b000019…");

  /* Short names stay as they are. */
  psp_window_test_open_dataset (fixture);
  psp_ui_test_settle ();
  g_assert_cmpstr (find_row_label (list, "a"), ==, "a");
}

/* Writes a label that is all class 140. */
static void
write_rare_label (const PspTestFolder *folder)
{
  g_autofree char *path = psp_test_folder_path (folder, "dataset/labels/b.png");
  g_autoptr(PspMask) mask = psp_mask_new ((PspSize) { 97, 73 }, 8, NULL);

  for (int i = 0; i < 97 * 73; i++)
    mask->pixels[i] = 140;
  g_assert_true (psp_mask_save (mask, path, NULL));
}

static gboolean
shows_rare_class (gpointer data)
{
  g_autoptr(PspClassEntry) entry =
    g_list_model_get_item (psp_class_list_get_entries (data), 140);

  return psp_class_entry_get_measures (entry)->truth > 0.5;
}

/* Many classes: those of the image come first, in sight, and the rest can be looked for. */
static void
test_many_classes (PspWindowTest *fixture,
                   gconstpointer  data)
{
  g_autofree char *dataset = psp_ui_test_write_dataset (fixture->folder);
  PspClassList *classes = PSP_CLASS_LIST (psp_ui_test_find (fixture->window, PSP_TYPE_CLASS_LIST));
  g_autoptr(GString) names = g_string_new (NULL);
  GtkWidget *search = psp_ui_test_find (GTK_WIDGET (classes), GTK_TYPE_SEARCH_ENTRY);
  GtkWidget *view = psp_ui_test_find (GTK_WIDGET (classes), GTK_TYPE_LIST_VIEW);
  GtkAdjustment *scroll = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view));

  psp_window_test_open_dataset (fixture);
  g_assert_false (gtk_widget_get_visible (search));
  for (int id = 0; id < 150; id++)
    g_string_append_printf (names, "class %d\n", id);
  psp_test_folder_print (fixture->folder, "dataset/names.txt", names->str);
  psp_window_test_activate_path (fixture, "win.open-dataset-path", dataset);
  g_assert_cmpuint (g_list_model_get_n_items (psp_class_list_get_entries (classes)), ==, 150);
  g_assert_true (gtk_widget_get_visible (search));

  write_rare_label (fixture->folder);
  psp_window_test_activate (fixture, "win.next-image");
  psp_window_test_wait (fixture);
  psp_ui_test_wait (shows_rare_class, classes, "the classes of the image are counted");
  for (int i = 0; i < 20; i++)
    {
      psp_ui_test_settle ();
      g_usleep (5000);
    }
  g_assert_cmpfloat (gtk_adjustment_get_upper (scroll), >, gtk_adjustment_get_page_size (scroll));
  g_assert_cmpfloat (gtk_adjustment_get_value (scroll), ==, 0);

  psp_class_list_set_class_id (classes, 149);
  gtk_editable_set_text (GTK_EDITABLE (search), "class 12");
  psp_ui_test_settle ();
  g_assert_cmpint (psp_class_list_get_class_id (classes), ==, 149);
}

static gboolean
is_folded (gpointer data)
{
  PspWindowTest *fixture = data;
  gboolean shown;

  g_object_get (fixture->window, "show-images", &shown, NULL);
  return !shown;
}

static void
test_narrow (PspWindowTest *fixture,
             gconstpointer  data)
{
  gboolean images;
  gboolean classes;
  GtkWidget *window;

  psp_window_test_open_dataset (fixture);
  g_object_get (fixture->window, "show-images", &images, "show-classes", &classes, NULL);
  g_assert_true (images);
  g_assert_true (classes);
  psp_window_test_activate (fixture, "win.side-panes");
  g_object_get (fixture->window, "show-images", &images, "show-classes", &classes, NULL);
  g_assert_false (images);
  g_assert_false (classes);
  psp_window_test_activate (fixture, "win.side-panes");

  /* What a small window folds away is not what people chose. */
  g_object_set (fixture->settings, "window-width", 820, "window-height", 600, NULL);
  window = psp_window_new (fixture->application, fixture->project, fixture->settings);
  gtk_window_present (GTK_WINDOW (window));
  psp_ui_test_settle ();
  g_assert_cmpint (gtk_widget_get_width (window), <=, 900);
  g_object_get (window, "show-images", &images, "show-classes", &classes, NULL);
  g_assert_false (images);
  g_assert_false (classes);
  g_object_get (fixture->settings, "show-images", &images, NULL);
  g_assert_true (images);

  gtk_widget_activate_action (window, "win.show-images", NULL);
  g_object_get (window, "show-images", &images, NULL);
  g_assert_true (images);
  gtk_window_destroy (GTK_WINDOW (window));
  psp_ui_test_settle ();

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 700);
  psp_ui_test_wait (is_folded, fixture, "the side panes fold");
}

static gboolean
is_full_screen (gpointer data)
{
  PspWindowTest *fixture = data;

  return gtk_window_is_fullscreen (GTK_WINDOW (fixture->window));
}

static void
test_full_screen (PspWindowTest *fixture,
                  gconstpointer  data)
{
  gboolean shown;
  GtkWidget *header = psp_ui_test_find (fixture->window, ADW_TYPE_HEADER_BAR);

  /* The state alone: without a window manager nobody would grant it. */
  psp_window_test_open_dataset (fixture);
  g_assert_false (is_full_screen (fixture));
  g_assert_true (gtk_widget_get_visible (header));
  g_object_get (fixture->window, "show-images", &shown, NULL);
  g_assert_true (shown);
  psp_window_test_activate (fixture, "win.full-screen");
  psp_ui_test_settle ();
  if (!is_full_screen (fixture))
    {
      g_test_skip ("there is no window manager that makes windows fill the screen");
      return;
    }

  g_assert_false (gtk_widget_get_visible (header));
  g_object_get (fixture->window, "show-images", &shown, NULL);
  g_assert_false (shown);
}

/* What can have the focus needs a name, from its text or given to it; a picture needs a tooltip. */
static void
check_names (GtkWidget *widget)
{
  gboolean is_button = GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget);
  GtkWidget *parent = gtk_widget_get_parent (widget);
  gboolean is_inner = GTK_IS_MENU_BUTTON (parent) || ADW_IS_SPLIT_BUTTON (parent) ||
                      gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) != NULL;

  if (is_button && !is_inner && gtk_widget_get_visible (widget) &&
      psp_ui_test_find (widget, GTK_TYPE_LABEL) == NULL)
    {
      if (gtk_widget_get_tooltip_text (widget) == NULL)
        g_error ("a %s in %s has neither text nor tooltip", G_OBJECT_TYPE_NAME (widget),
                 G_OBJECT_TYPE_NAME (parent));
      if (!gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget),
                                             GTK_ACCESSIBLE_PROPERTY_LABEL))
        g_error ("“%s” in %s has no name", gtk_widget_get_tooltip_text (widget),
                 G_OBJECT_TYPE_NAME (parent));
    }
  if (GTK_IS_LIST_VIEW (parent) && gtk_widget_get_mapped (widget) &&
      !gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL))
    g_error ("a row of %s has no name", G_OBJECT_TYPE_NAME (parent));

  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_names (child);
}

static void
test_names (PspWindowTest *fixture,
            gconstpointer  data)
{
  psp_window_test_open_dataset (fixture);
  check_names (fixture->window);
}

/* The item of a menu with that text. */
static GtkWidget *
find_menu_item (GtkWidget  *root,
                const char *text)
{
  GtkWidget *found = NULL;

  if (g_str_equal (G_OBJECT_TYPE_NAME (root), "GtkModelButton"))
    {
      g_autofree char *label = NULL;

      g_object_get (root, "text", &label, NULL);
      if (g_strcmp0 (label, text) == 0)
        return root;
    }

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_menu_item (child, text);
  return found;
}

/* Opens the submenu that @item is in, as the pointer does: it then has the focus. */
static void
open_submenu (GtkWidget *popover,
              GtkWidget *item)
{
  GtkWidget *page = item;
  GtkWidget *stack;

  while (!GTK_IS_STACK (gtk_widget_get_parent (page)))
    page = gtk_widget_get_parent (page);
  stack = gtk_widget_get_parent (page);
  g_object_set (popover, "visible-submenu",
                gtk_stack_page_get_name (gtk_stack_get_page (GTK_STACK (stack), page)), NULL);
  psp_ui_test_settle ();
  g_assert_true (gtk_widget_get_mapped (item));
  gtk_widget_grab_focus (item);
}

/* The number of panes is in a submenu, which GTK leaves the focus in, hidden: no key would do
 * anything. */
static void
test_submenu (PspWindowTest *fixture,
              gconstpointer  data)
{
  const char *numbers[] = { "3", "3", "6", "1" };

  psp_window_test_open_dataset (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      GtkWidget *item = find_menu_item (fixture->window, numbers[i]);
      GtkWidget *popover = gtk_widget_get_ancestor (item, GTK_TYPE_POPOVER_MENU);
      GtkWidget *focus;

      gtk_popover_popup (GTK_POPOVER (popover));
      psp_ui_test_settle ();
      open_submenu (popover, item);
      g_signal_emit_by_name (item, "clicked");
      psp_ui_test_settle ();
      focus = gtk_window_get_focus (GTK_WINDOW (fixture->window));
      g_assert_nonnull (focus);
      g_assert_true (gtk_widget_get_mapped (focus));
    }
}

int
main (int    argc,
      char **argv)
{
  const PspWindowTestCase cases[] = {
    { "/window/empty", test_empty },
    { "/window/open-dataset", test_open_dataset },
    { "/window/bad-dataset", test_bad_dataset },
    { "/window/bad-checkpoint", test_bad_checkpoint },
    { "/window/bad-checkpoint-beside", test_bad_checkpoint_beside },
    { "/window/open-paths", test_open_paths },
    { "/window/demo", test_demo },
    { "/window/list", test_list },
    { "/window/damaged-image", test_damaged_image },
    { "/window/dataset-name", test_dataset_name },
    { "/window/count", test_count },
    { "/window/long-names", test_long_names },
    { "/window/many-classes", test_many_classes },
    { "/window/narrow", test_narrow },
    { "/window/full-screen", test_full_screen },
    { "/window/names", test_names },
    { "/window/submenu", test_submenu },
  };

  return psp_window_test_run (argc, argv, cases, G_N_ELEMENTS (cases));
}
