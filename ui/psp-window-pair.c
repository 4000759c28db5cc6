/* SPDX-License-Identifier: MIT */

#include "ui/psp-window-private.h"

#include "ui/psp-pane-grid.h"

#include <math.h>

/* How much of the pane the region may take, and how far a small one is enlarged. */
#define REGION_SHARE 0.4
#define MOST_ZOOM 8

/* Until GTK has laid out the panes and told them where the pointer is. */
#define SETTLING_FRAMES 3

/* Pixels that the results lead to: until image and prediction are there and the view is at them. */
struct _PspWindowPair
{
  PspWindow     *window;      /* not owned: it owns this */
  char          *stem;
  int            truth;
  int            prediction;
  PspPairRegion  region;
  GCancellable  *cancellable; /* (nullable) while the region is looked for */
  GSignalGroup  *scene;
  gulong         scene_id;    /* of the project */
  guint          tick_id;
  int            n_frames;    /* still to come */
};

void
psp_window_drop_pair (PspWindow *self)
{
  PspWindowPair *pair = g_steal_pointer (&self->pair);

  if (pair == NULL)
    return;

  g_cancellable_cancel (pair->cancellable);
  g_clear_object (&pair->cancellable);
  g_clear_object (&pair->scene);
  g_clear_signal_handler (&pair->scene_id, self->project);
  if (pair->tick_id != 0)
    gtk_widget_remove_tick_callback (self->grid, pair->tick_id);
  g_free (pair->stem);
  g_free (pair);
}

/* Large enough to see the pixels, small enough to see where they are. */
static void
show_region (PspWindowPair *pair)
{
  PspViewport *viewport = psp_canvas_get_viewport (pair->window->canvas);
  PspSize pane = psp_viewport_get_pane_size (viewport);
  PspRect bounds = pair->region.bounds;
  PspPoint middle = { bounds.x + bounds.width / 2.0, bounds.y + bounds.height / 2.0 };
  double zoom = MIN (REGION_SHARE * pane.width / bounds.width,
                     REGION_SHARE * pane.height / bounds.height);
  PspPoint center;

  psp_viewport_fit (viewport);
  zoom = zoom > 2 ? floor (MIN (zoom, MOST_ZOOM)) : zoom;
  if (zoom > psp_viewport_get_zoom (viewport))
    {
      psp_viewport_zoom_to (viewport, zoom, middle);
      center = psp_viewport_get_center (viewport);
      psp_viewport_pan (viewport, (PspPoint) { middle.x - center.x, middle.y - center.y });
    }
  psp_canvas_set_by_keys (pair->window->canvas, TRUE);
  psp_viewport_set_crosshair (viewport, pair->region.pixel);
}

static gboolean
tick_cb (GtkWidget     *grid,
         GdkFrameClock *clock,
         gpointer       data)
{
  PspWindowPair *pair = data;

  if (--pair->n_frames > 0)
    return G_SOURCE_CONTINUE;

  pair->tick_id = 0;
  show_region (pair);
  psp_window_drop_pair (pair->window);
  return G_SOURCE_REMOVE;
}

static void
region_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(PspWindow) self = data;
  PspWindowPair *pair = self->pair;
  PspPairRegion region;

  /* Cancelled: the pair that it was about is gone. */
  if (!psp_pair_region_finish (result, &region, NULL))
    return;

  if (region.n_pixels == 0)
    {
      psp_window_drop_pair (self);
      return;
    }

  pair->region = region;
  pair->n_frames = SETTLING_FRAMES;
  pair->tick_id = gtk_widget_add_tick_callback (self->grid, tick_cb, pair, NULL);
}

/* Goes on as soon as all is there that the region is looked for in. */
static void
update_pair (PspWindow *self)
{
  PspWindowPair *pair = self->pair;
  PspProjectItem *current = psp_project_get_current (self->project);
  PspScene *scene = psp_project_get_scene (self->project);
  PspPrediction *prediction;

  if (current == NULL || !g_str_equal (psp_project_item_get_stem (current), pair->stem))
    {
      psp_window_drop_pair (self);
      return;
    }
  if (pair->cancellable != NULL || scene == NULL ||
      !g_str_equal (psp_scene_get_stem (scene), pair->stem))
    return;

  g_signal_group_set_target (pair->scene, scene);
  prediction = psp_scene_get_prediction (scene);
  if (prediction == NULL || psp_scene_get_truth (scene) == NULL ||
      psp_scene_get_network_taxonomy (scene) != psp_scene_get_taxonomy (scene))
    return;

  pair->cancellable = g_cancellable_new ();
  psp_pair_region_async (psp_scene_get_truth (scene), psp_prediction_get_labels (prediction),
                         pair->truth, pair->prediction, pair->cancellable,
                         region_cb, g_object_ref (self));
}

static PspPaneKind
get_kind (PspWindow *self,
          int        index)
{
  return psp_pane_get_source (psp_pane_grid_get_pane (PSP_PANE_GRID (self->grid), index)).kind;
}

/* How much is lost when the errors take the place of a pane: they show the photo, too. */
static int
get_loss (PspPaneKind kind)
{
  switch (kind)
    {
    case PSP_PANE_TRUTH:
    case PSP_PANE_PREDICTION:
      return 3;

    case PSP_PANE_EDITED:
      return 2;

    case PSP_PANE_PHOTO:
      return 1;

    case PSP_PANE_AUXILIARY:
    case PSP_PANE_ERRORS:
    case PSP_PANE_CONFIDENCE:
    case PSP_PANE_PYRAMID:
    default:
      return 0;
    }
}

/* Puts the errors into a pane in sight, unless they are in one. */
static void
show_errors (PspWindow *self)
{
  PspPaneGrid *grid = PSP_PANE_GRID (self->grid);
  int n_panes;
  int chosen = 0;

  g_object_get (grid, "n-panes", &n_panes, NULL);
  for (int i = 0; i < n_panes; i++)
    {
      PspPaneKind kind = get_kind (self, i);

      if (kind == PSP_PANE_ERRORS)
        return;
      if (get_loss (kind) <= get_loss (get_kind (self, chosen)))
        chosen = i;
    }

  psp_pane_set_source (psp_pane_grid_get_pane (grid, chosen),
                       (PspPaneSource) { PSP_PANE_ERRORS, 0 });
}

void
psp_window_show_pair (PspWindow  *self,
                      const char *stem,
                      int         truth,
                      int         prediction)
{
  PspWindowPair *pair;

  psp_window_drop_pair (self);
  if (!psp_window_select_image (self, stem))
    return;

  if (truth != prediction)
    show_errors (self);
  pair = g_new0 (PspWindowPair, 1);
  pair->window = self;
  pair->stem = g_strdup (stem);
  pair->truth = truth;
  pair->prediction = prediction;
  pair->scene = g_signal_group_new (PSP_TYPE_SCENE);
  g_signal_group_connect_swapped (pair->scene, "notify::prediction", G_CALLBACK (update_pair),
                                  self);
  pair->scene_id = g_signal_connect_swapped (self->project, "notify::scene",
                                             G_CALLBACK (update_pair), self);
  self->pair = pair;
  update_pair (self);
}
