/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include "ui/psp-action-table.h"
#include "ui/psp-class-list.h"
#include "ui/psp-image-list.h"
#include "ui/psp-job-bar.h"
#include "ui/psp-pane-grid.h"
#include "ui/psp-pixel-readout.h"
#include "ui/psp-probability-list.h"
#include "ui/psp-pyramid-levels.h"
#include "ui/psp-results-view.h"
#include "ui/psp-tool-bar.h"

#include <glib/gi18n.h>

#include <string.h>

/* While a toast appears, which takes half of that, libadwaita 1.2 cannot dismiss it: the callback
 * of its animation outlives what it points to. */
#define TOAST_APPEARS_US G_TIME_SPAN_SECOND

enum
{
  PROP_0,
  PROP_PAGE,
  PROP_SHOW_IMAGES,
  PROP_SHOW_CLASSES,
  PROP_DEVICE,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (PspWindow, psp_window, ADW_TYPE_APPLICATION_WINDOW)

static GParamSpec *properties[N_PROPS];

/* Buttons ask for the state of their actions while the template that holds them is being built. */
static gboolean
is_shown (GtkWidget *flap)
{
  return flap != NULL && adw_flap_get_reveal_flap (ADW_FLAP (flap));
}

static const char *
get_page (PspWindow *self)
{
  if (self->pages == NULL)
    return NULL;

  return adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->pages));
}

static gboolean
is_folded (GtkWidget *flap)
{
  return adw_flap_get_fold_policy (ADW_FLAP (flap)) == ADW_FLAP_FOLD_POLICY_ALWAYS;
}

/* What people choose is kept; what a narrow window does by itself is not. */
static void
set_shown (PspWindow  *self,
           GtkWidget  *flap,
           gboolean    shown,
           const char *setting)
{
  adw_flap_set_reveal_flap (ADW_FLAP (flap), shown);
  if (!is_folded (flap))
    g_object_set (self->settings, setting, shown, NULL);
}

static void
flap_cb (PspWindow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_IMAGES]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_CLASSES]);
}

/* Beside the results there is no pixel to tell about, and not what the demo hints at; work under
 * way shows everywhere. */
static void
update_bars (PspWindow *self)
{
  gboolean full_screen = gtk_window_is_fullscreen (GTK_WINDOW (self));
  gboolean inspect = g_strcmp0 (get_page (self), "inspect") == 0;
  GListModel *jobs = psp_job_bar_get_jobs (PSP_JOB_BAR (self->job_bar));
  gboolean busy = g_list_model_get_n_items (jobs) > 0;

  gtk_widget_set_visible (self->readouts, inspect);
  gtk_widget_set_visible (self->status_bar, !full_screen && (inspect || busy));
  gtk_widget_set_visible (self->hint_bar, !full_screen &&
                                            (inspect || self->hint != PSP_WINDOW_HINT_DEMO));
}

static void
page_cb (PspWindow *self)
{
  update_bars (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAGE]);
}

/* A side pane stands beside the image where there is room, else over it, on demand. */
static void
fold (PspWindow  *self,
      GtkWidget  *flap,
      gboolean    folded,
      const char *setting)
{
  gboolean shown;

  if (is_folded (flap) == folded)
    return;

  g_object_get (self->settings, setting, &shown, NULL);
  adw_flap_set_fold_policy (ADW_FLAP (flap),
                            folded ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER);
  adw_flap_set_reveal_flap (ADW_FLAP (flap), !folded && shown);
}

static void
update_layout (PspWindow *self)
{
  gboolean full_screen = gtk_window_is_fullscreen (GTK_WINDOW (self));
  gboolean narrow = self->width < PSP_WINDOW_IMAGES_WIDTH;

  gtk_widget_set_visible (self->header, !full_screen);
  update_bars (self);
  gtk_widget_set_visible (self->tools, !full_screen);
  adw_view_switcher_set_policy (ADW_VIEW_SWITCHER (self->switcher),
                                narrow ? ADW_VIEW_SWITCHER_POLICY_NARROW
                                       : ADW_VIEW_SWITCHER_POLICY_WIDE);
  gtk_widget_set_visible (self->device_label, !narrow);
  gtk_widget_set_visible (self->device_icon, narrow);
  psp_results_view_set_narrow (PSP_RESULTS_VIEW (self->results), narrow);
  fold (self, self->classes_flap, full_screen || self->width < PSP_WINDOW_CLASSES_WIDTH,
        "show-classes");
  fold (self, self->images_flap, full_screen || narrow, "show-images");
}

static gboolean
layout_cb (gpointer data)
{
  PspWindow *self = data;

  self->layout_id = 0;
  update_layout (self);
  return G_SOURCE_REMOVE;
}

static void
psp_window_size_allocate (GtkWidget *widget,
                          int        width,
                          int        height,
                          int        baseline)
{
  PspWindow *self = PSP_WINDOW (widget);

  GTK_WIDGET_CLASS (psp_window_parent_class)->size_allocate (widget, width, height, baseline);

  if (self->width == width)
    return;

  /* Not here: widgets must not be shown or hidden while sizes are handed out. */
  self->width = width;
  if (self->layout_id == 0)
    self->layout_id = g_idle_add_full (G_PRIORITY_HIGH, layout_cb, self, NULL);
}

/* (transfer full) (nullable): why the image that is chosen cannot be shown, without the folders
 * that it lies in. */
static char *
dup_image_problem (PspWindow *self)
{
  PspProjectItem *current = psp_project_get_current (self->project);
  const char *problem = current != NULL ? psp_project_item_get_problem (current) : NULL;
  const char *path = current != NULL ? psp_project_item_get_image_path (current) : NULL;
  g_autofree char *name = NULL;
  gboolean loading;

  g_object_get (self->project, "loading", &loading, NULL);
  if (psp_project_get_scene (self->project) != NULL || loading || problem == NULL)
    return NULL;
  if (!g_str_has_prefix (problem, path))
    return g_strdup (problem);

  name = g_filename_display_basename (path);
  return g_strconcat (name, problem + strlen (path), NULL);
}

static void
update_problem (PspWindow *self)
{
  g_autofree char *problem = dup_image_problem (self);

  psp_canvas_set_problem (self->canvas, problem);
}

static void
current_cb (PspWindow *self)
{
  psp_window_settle (self, PSP_WINDOW_TOPIC_IMAGE);
  psp_window_update_actions (self);
}

static void
scene_cb (PspWindow *self)
{
  PspScene *scene = psp_project_get_scene (self->project);

  psp_canvas_set_scene (self->canvas, scene);
  psp_class_list_set_scene (PSP_CLASS_LIST (self->class_list), scene);
  update_problem (self);
}

static void
taxonomy_cb (PspWindow *self)
{
  psp_class_list_set_taxonomy (PSP_CLASS_LIST (self->class_list),
                               psp_project_get_taxonomy (self->project));
  psp_tool_bar_update_classes (PSP_TOOL_BAR (self->tool_bar));
}

static void
items_cb (PspWindow *self)
{
  gboolean any = g_list_model_get_n_items (psp_project_get_items (self->project)) > 0;

  gtk_stack_set_visible_child_name (GTK_STACK (self->center), any ? "panes" : "empty");
  psp_window_update_actions (self);
}

static void
dataset_cb (PspWindow *self)
{
  const char *name = psp_project_get_dataset_name (self->project);
  g_autofree char *title = NULL;

  title = name != NULL ? g_strdup_printf (_("%s – Scenescope"), name) : g_strdup ("Scenescope");
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
loading_cb (PspWindow *self)
{
  gboolean loading;

  g_object_get (self->project, "loading", &loading, NULL);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), loading);
  gtk_widget_set_visible (self->spinner, loading);
  update_problem (self);
}

/* Whether what failed is the opening or the run of the image that is chosen. */
static gboolean
is_about_image (PspWindow    *self,
                const GError *error)
{
  PspProjectItem *current = psp_project_get_current (self->project);

  return current != NULL &&
         g_strcmp0 (psp_project_item_get_problem (current), error->message) == 0;
}

static void
failed_cb (PspWindow  *self,
           const char *title,
           GError     *error)
{
  gboolean device_failed = g_error_matches (error, PSP_ERROR, PSP_ERROR_DEVICE) ||
                           g_error_matches (error, PSP_ERROR, PSP_ERROR_NO_DEVICE) ||
                           g_error_matches (error, PSP_ERROR, PSP_ERROR_NO_MEMORY);
  g_autofree char *sentence = g_strdup_printf (_("%s."), title);

  if (device_failed && g_strcmp0 (self->device, "cpu") != 0)
    psp_window_show_error_about (self, PSP_WINDOW_TOPIC_DEVICE, sentence, error,
                                 _("Use the Processor"), "win.device::cpu");
  else
    psp_window_show_error_about (self, is_about_image (self, error) ? PSP_WINDOW_TOPIC_IMAGE
                                                                    : PSP_WINDOW_TOPIC_NONE,
                                 sentence, error, NULL, NULL);
}

/* The work went on, so there is nothing to do about it. */
static void
device_failed_cb (PspWindow  *self,
                  const char *title,
                  GError     *error)
{
  g_autofree char *sentence = g_strdup_printf (_("%s."), title);

  psp_window_show_error (self, sentence, error, NULL, NULL);
}

static void
follow_project (PspWindow *self)
{
  PspProject *project = self->project;
  const struct
  {
    const char *signal;
    GCallback   callback;
  } handlers[] = {
    { "notify::scene", G_CALLBACK (scene_cb) },
    { "notify::taxonomy", G_CALLBACK (taxonomy_cb) },
    { "notify::dataset-name", G_CALLBACK (dataset_cb) },
    { "notify::loading", G_CALLBACK (loading_cb) },
    { "notify::model-name", G_CALLBACK (psp_window_update_model) },
    { "notify::device-name", G_CALLBACK (psp_window_update_model) },
    { "notify::current", G_CALLBACK (current_cb) },
    { "notify::model-name", G_CALLBACK (psp_window_update_actions) },
    { "notify::model-name", G_CALLBACK (psp_window_drop_facts) },
    { "notify::running", G_CALLBACK (psp_window_update_actions) },
    { "notify::modified", G_CALLBACK (psp_window_update_actions) },
    { "notify::evaluation-version", G_CALLBACK (psp_window_update_actions) },
    { "notify::levels-off", G_CALLBACK (psp_window_update_actions) },
    { "notify::shown-levels-off", G_CALLBACK (psp_window_update_levels) },
    { "failed", G_CALLBACK (failed_cb) },
    { "device-failed", G_CALLBACK (device_failed_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (project, handlers[i].signal, handlers[i].callback, self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (psp_project_get_items (project), "items-changed",
                           G_CALLBACK (items_cb), self, G_CONNECT_SWAPPED);

  psp_window_follow_run (self);
  psp_window_update_model (self);
  scene_cb (self);
  taxonomy_cb (self);
  dataset_cb (self);
  loading_cb (self);
  items_cb (self);
}

/* The remembered size, unless the screen has become smaller. */
static void
restore_size (PspWindow *self)
{
  GListModel *monitors = gdk_display_get_monitors (gtk_widget_get_display (GTK_WIDGET (self)));
  g_autoptr(GdkMonitor) monitor = g_list_model_get_item (monitors, 0);
  GdkRectangle area = { 0, 0, G_MAXINT, G_MAXINT };
  int width;
  int height;
  gboolean maximized;

  g_object_get (self->settings,
                "window-width", &width,
                "window-height", &height,
                "maximized", &maximized,
                NULL);
  if (monitor != NULL)
    gdk_monitor_get_geometry (monitor, &area);

  self->width = MIN (width, area.width);
  gtk_window_set_default_size (GTK_WINDOW (self), self->width, MIN (height, area.height));
  if (maximized)
    gtk_window_maximize (GTK_WINDOW (self));
}

static void
restore_side_panes (PspWindow *self)
{
  gboolean show_images;
  gboolean show_classes;

  g_object_get (self->settings, "show-images", &show_images, "show-classes", &show_classes, NULL);
  adw_flap_set_reveal_flap (ADW_FLAP (self->images_flap), show_images);
  adw_flap_set_reveal_flap (ADW_FLAP (self->classes_flap), show_classes);
  update_layout (self);
}

static void
store_size (PspWindow *self)
{
  int width;
  int height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_object_set (self->settings, "maximized", gtk_window_is_maximized (GTK_WINDOW (self)), NULL);
  if (width > 0 && height > 0)
    g_object_set (self->settings, "window-width", width, "window-height", height, NULL);
}

static void
follow_settings (PspWindow *self)
{
  PspSettings *settings = self->settings;
  GBindingFlags flags = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;
  g_autofree char *layout = psp_settings_dup_string (settings, "pane-layout");
  int n_panes;

  /* Nothing is stored on a first run, and the grid knows best what to start with. */
  g_object_get (settings, "n-panes", &n_panes, NULL);
  g_object_bind_property (settings, "pane-layout", self->grid, "layout",
                          *layout != '\0' ? flags : G_BINDING_BIDIRECTIONAL);
  g_object_bind_property (settings, "n-panes", self->grid, "n-panes",
                          n_panes > 0 ? flags : G_BINDING_BIDIRECTIONAL);
  g_object_bind_property (settings, "overlay-opacity", self->canvas, "overlay-opacity", flags);
  g_object_bind_property (settings, "sort", self->image_list, "sort", flags);
  g_object_bind_property (settings, "pair-order", self->results, "pair-order", flags);
  g_signal_connect_object (settings, "notify::recent-datasets",
                           G_CALLBACK (psp_window_update_open_menu), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "notify::recent-models",
                           G_CALLBACK (psp_window_update_open_menu), self, G_CONNECT_SWAPPED);
  psp_window_update_open_menu (self);
}

static void
close_now (PspWindow *self,
           gpointer   data)
{
  self->closing = TRUE;
  gtk_window_close (GTK_WINDOW (self));
}

static gboolean
psp_window_close_request (GtkWindow *window)
{
  PspWindow *self = PSP_WINDOW (window);

  if (!self->closing && psp_project_get_modified (self->project))
    {
      psp_window_settle_edits (self, close_now, NULL, NULL);
      return GDK_EVENT_STOP;
    }

  store_size (self);
  psp_job_bar_cancel_all (PSP_JOB_BAR (self->job_bar));
  return GTK_WINDOW_CLASS (psp_window_parent_class)->close_request (window);
}

static void
psp_window_get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PspWindow *self = PSP_WINDOW (object);

  switch (id)
    {
    case PROP_PAGE:
      g_value_set_string (value, get_page (self));
      break;

    case PROP_SHOW_IMAGES:
      g_value_set_boolean (value, is_shown (self->images_flap));
      break;

    case PROP_SHOW_CLASSES:
      g_value_set_boolean (value, is_shown (self->classes_flap));
      break;

    case PROP_DEVICE:
      g_value_set_string (value, self->device);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_window_set_property (GObject      *object,
                         guint         id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  PspWindow *self = PSP_WINDOW (object);

  switch (id)
    {
    case PROP_PAGE:
      adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->pages),
                                             g_value_get_string (value));
      break;

    case PROP_SHOW_IMAGES:
      set_shown (self, self->images_flap, g_value_get_boolean (value), "show-images");
      break;

    case PROP_SHOW_CLASSES:
      set_shown (self, self->classes_flap, g_value_get_boolean (value), "show-classes");
      break;

    case PROP_DEVICE:
      psp_window_set_device (self, g_value_get_string (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
psp_window_dispose (GObject *object)
{
  PspWindow *self = PSP_WINDOW (object);

  g_clear_handle_id (&self->layout_id, g_source_remove);
  psp_window_set_demo (self, NULL);
  psp_window_drop_continuation (self);
  psp_window_drop_pair (self);
  g_clear_weak_pointer (&self->facts_dialog);
  g_clear_weak_pointer (&self->toast);
  g_clear_object (&self->run_job);
  g_clear_object (&self->thumbnails);
  g_clear_object (&self->settings);
  g_clear_object (&self->project);
  g_clear_pointer (&self->device, g_free);

  G_OBJECT_CLASS (psp_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *class)
{
  gtk_widget_class_bind_template_child (class, PspWindow, toasts);
  gtk_widget_class_bind_template_child (class, PspWindow, results_toasts);
  gtk_widget_class_bind_template_child (class, PspWindow, header);
  gtk_widget_class_bind_template_child (class, PspWindow, switcher);
  gtk_widget_class_bind_template_child (class, PspWindow, open_button);
  gtk_widget_class_bind_template_child (class, PspWindow, demo_button);
  gtk_widget_class_bind_template_child (class, PspWindow, model_label);
  gtk_widget_class_bind_template_child (class, PspWindow, model_facts);
  gtk_widget_class_bind_template_child (class, PspWindow, pyramid_levels);
  gtk_widget_class_bind_template_child (class, PspWindow, device_button);
  gtk_widget_class_bind_template_child (class, PspWindow, device_icon);
  gtk_widget_class_bind_template_child (class, PspWindow, device_label);
  gtk_widget_class_bind_template_child (class, PspWindow, error_bar);
  gtk_widget_class_bind_template_child (class, PspWindow, hint_bar);
  gtk_widget_class_bind_template_child (class, PspWindow, pages);
  gtk_widget_class_bind_template_child (class, PspWindow, images_flap);
  gtk_widget_class_bind_template_child (class, PspWindow, classes_flap);
  gtk_widget_class_bind_template_child (class, PspWindow, image_list);
  gtk_widget_class_bind_template_child (class, PspWindow, class_list);
  gtk_widget_class_bind_template_child (class, PspWindow, probability_list);
  gtk_widget_class_bind_template_child (class, PspWindow, center);
  gtk_widget_class_bind_template_child (class, PspWindow, grid);
  gtk_widget_class_bind_template_child (class, PspWindow, tools);
  gtk_widget_class_bind_template_child (class, PspWindow, tool_bar);
  gtk_widget_class_bind_template_child (class, PspWindow, results);
  gtk_widget_class_bind_template_child (class, PspWindow, status_bar);
  gtk_widget_class_bind_template_child (class, PspWindow, spinner);
  gtk_widget_class_bind_template_child (class, PspWindow, readouts);
  gtk_widget_class_bind_template_child (class, PspWindow, readout);
  gtk_widget_class_bind_template_child (class, PspWindow, job_bar);
  gtk_widget_class_bind_template_child (class, PspWindow, drop_area);
}

static void
psp_window_class_init (PspWindowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = psp_window_get_property;
  object_class->set_property = psp_window_set_property;
  object_class->dispose = psp_window_dispose;
  widget_class->size_allocate = psp_window_size_allocate;
  GTK_WINDOW_CLASS (class)->close_request = psp_window_close_request;

  properties[PROP_PAGE] = g_param_spec_string ("page", NULL, NULL, "inspect", flags);
  properties[PROP_SHOW_IMAGES] = g_param_spec_boolean ("show-images", NULL, NULL, TRUE, flags);
  properties[PROP_SHOW_CLASSES] = g_param_spec_boolean ("show-classes", NULL, NULL, TRUE, flags);
  properties[PROP_DEVICE] = g_param_spec_string ("device", NULL, NULL, "auto", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PSP_TYPE_CLASS_LIST);
  g_type_ensure (PSP_TYPE_IMAGE_LIST);
  g_type_ensure (PSP_TYPE_JOB_BAR);
  g_type_ensure (PSP_TYPE_MESSAGE_BAR);
  g_type_ensure (PSP_TYPE_PANE_GRID);
  g_type_ensure (PSP_TYPE_PIXEL_READOUT);
  g_type_ensure (PSP_TYPE_PROBABILITY_LIST);
  g_type_ensure (PSP_TYPE_PYRAMID_LEVELS);
  g_type_ensure (PSP_TYPE_RESULTS_VIEW);
  g_type_ensure (PSP_TYPE_TOOL_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/scenescope/Scenescope/ui/psp-window.ui");
  bind_children (widget_class);
  psp_window_install_actions (widget_class);
}

static void
psp_window_init (PspWindow *self)
{
  self->device = g_strdup ("auto");
  self->thumbnails = psp_thumbnails_new ();
  gtk_widget_init_template (GTK_WIDGET (self));

  self->canvas = psp_pane_grid_get_canvas (PSP_PANE_GRID (self->grid));
  psp_tool_bar_set_canvas (PSP_TOOL_BAR (self->tool_bar), self->canvas);
  psp_pixel_readout_set_canvas (PSP_PIXEL_READOUT (self->readout), self->canvas);
  psp_probability_list_set_canvas (PSP_PROBABILITY_LIST (self->probability_list), self->canvas);
  g_object_bind_property (self->canvas, "class-id", self->class_list, "class-id",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (self->image_list, "leave", G_CALLBACK (psp_window_focus_panes), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->images_flap, "notify::reveal-flap", G_CALLBACK (flap_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->classes_flap, "notify::reveal-flap", G_CALLBACK (flap_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pages, "notify::visible-child", G_CALLBACK (page_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->error_bar, "dismissed",
                           G_CALLBACK (psp_window_drop_continuation), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::fullscreened", G_CALLBACK (update_layout), NULL);

  flap_cb (self);
  page_cb (self);

  psp_action_table_add_shortcuts (GTK_WIDGET (self));
  psp_action_table_complete_tooltips (GTK_WIDGET (self));
  psp_window_accept_drops (self);
}

GtkWidget *
psp_window_new (GtkApplication *application,
                PspProject     *project,
                PspSettings    *settings)
{
  PspWindow *self = g_object_new (PSP_TYPE_WINDOW, "application", application, NULL);
  g_autofree char *device = psp_settings_dup_string (settings, "device");

  self->project = g_object_ref (project);
  self->settings = g_object_ref (settings);
  psp_image_list_set_project (PSP_IMAGE_LIST (self->image_list), project, self->thumbnails);
  psp_pyramid_levels_set_project (PSP_PYRAMID_LEVELS (self->pyramid_levels), project);
  psp_results_view_set_project (PSP_RESULTS_VIEW (self->results), project, self->thumbnails);

  restore_size (self);
  restore_side_panes (self);
  follow_settings (self);
  follow_project (self);
  psp_window_set_demo (self, NULL);
  psp_window_set_device (self, device);
  psp_window_list_devices (self);

  return GTK_WIDGET (self);
}

PspProject *
psp_window_get_project (PspWindow *self)
{
  g_return_val_if_fail (PSP_IS_WINDOW (self), NULL);

  return self->project;
}

void
psp_window_set_demo (PspWindow     *self,
                     const PspDemo *demo)
{
  g_return_if_fail (PSP_IS_WINDOW (self));

  g_clear_pointer (&self->demo.dataset, g_free);
  g_clear_pointer (&self->demo.model, g_free);
  g_clear_pointer (&self->demo.stem, g_free);
  g_clear_pointer (&self->demo.hint, g_free);
  if (demo != NULL)
    {
      self->demo.dataset = g_strdup (demo->dataset);
      self->demo.model = g_strdup (demo->model);
      self->demo.stem = g_strdup (demo->stem);
      self->demo.hint = g_strdup (demo->hint);
    }

  if (self->demo_button == NULL)
    return;

  gtk_widget_set_visible (self->demo_button, demo != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.open-demo", demo != NULL);
}

void
psp_window_focus_panes (PspWindow *self)
{
  GtkWidget *pane = gtk_widget_get_focus_child (self->grid);

  if (pane == NULL || !gtk_widget_get_child_visible (pane))
    pane = GTK_WIDGET (psp_pane_grid_get_pane (PSP_PANE_GRID (self->grid), 0));
  gtk_widget_grab_focus (pane);
}

void
psp_window_show_error (PspWindow    *self,
                       const char   *title,
                       const GError *error,
                       const char   *action_label,
                       const char   *action)
{
  psp_window_show_error_about (self, PSP_WINDOW_TOPIC_NONE, title, error, action_label, action);
}

gboolean
psp_window_show_error_about (PspWindow      *self,
                             PspWindowTopic  topic,
                             const char     *title,
                             const GError   *error,
                             const char     *action_label,
                             const char     *action)
{
  if (self->project == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;

  self->topic = topic;
  psp_message_bar_show_error (PSP_MESSAGE_BAR (self->error_bar), title, error,
                              action_label, action);
  return TRUE;
}

void
psp_window_settle (PspWindow      *self,
                   PspWindowTopic  topic)
{
  if (self->topic == topic && topic != PSP_WINDOW_TOPIC_NONE)
    psp_message_bar_close (PSP_MESSAGE_BAR (self->error_bar));
}

void
psp_window_show_hint (PspWindow     *self,
                      PspWindowHint  hint,
                      const char    *title,
                      const char    *details)
{
  PspMessageBar *bar = PSP_MESSAGE_BAR (self->hint_bar);

  self->hint = hint;
  update_bars (self);
  if (hint == PSP_WINDOW_HINT_NONE)
    psp_message_bar_close (bar);
  else if (hint == PSP_WINDOW_HINT_NO_MODEL)
    psp_message_bar_show_hint (bar, title, details, _("Open Checkpoint…"), "win.open-model");
  else if (hint == PSP_WINDOW_HINT_RECOVERED)
    psp_message_bar_show_hint (bar, title, details, _("Save"), "win.save");
  else if (hint == PSP_WINDOW_HINT_LEVELS_OFF)
    psp_message_bar_show_hint (bar, title, details, _("All Levels"), "win.all-pyramid-levels");
  else
    psp_message_bar_show_hint (bar, title, details, NULL, NULL);
}

void
psp_window_show_toast (PspWindow  *self,
                       const char *title)
{
  g_autofree char *markup = g_markup_escape_text (title, -1);
  gint64 now = g_get_monotonic_time ();
  GtkWidget *overlay;
  AdwToast *toast;

  if (self->project == NULL)
    return;

  overlay = g_strcmp0 (get_page (self), "inspect") == 0 ? self->toasts : self->results_toasts;
  if (self->toast != NULL && overlay == self->toast_overlay &&
      now - self->toast_us < TOAST_APPEARS_US)
    {
      adw_toast_set_title (self->toast, markup);
      return;
    }
  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
  toast = adw_toast_new (markup);
  g_set_weak_pointer (&self->toast, toast);
  self->toast_overlay = overlay;
  self->toast_us = now;
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

PspJob *
psp_window_begin_job (PspWindow  *self,
                      const char *title)
{
  PspJob *job = psp_job_new (title);

  psp_job_bar_add (PSP_JOB_BAR (self->job_bar), job);
  update_bars (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.cancel", TRUE);
  return job;
}

void
psp_window_end_job (PspWindow *self,
                    PspJob    *job)
{
  GListModel *jobs;

  if (self->project == NULL)
    return;

  jobs = psp_job_bar_get_jobs (PSP_JOB_BAR (self->job_bar));
  psp_job_bar_remove (PSP_JOB_BAR (self->job_bar), job);
  update_bars (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.cancel",
                                 g_list_model_get_n_items (jobs) > 0);
}
