/* SPDX-License-Identifier: MIT */
#include "ui/psp-pixel-probe.h"

struct _PspPixelProbe
{
  GObject       parent_instance;

  GtkWidget    *widget;        /* borrowed: it owns this */
  PspCanvas    *canvas;        /* owned */
  GSignalGroup *scene_signals; /* owned */
  guint         tick;          /* 0: nothing changed since the last frame */
};

G_DEFINE_FINAL_TYPE (PspPixelProbe, psp_pixel_probe, G_TYPE_OBJECT)

static guint changed_signal;

static gboolean
next_frame (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       data)
{
  PspPixelProbe *self = data;

  self->tick = 0;
  g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
queue_change (PspPixelProbe *self)
{
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (self->widget, next_frame, self, NULL);
}

static void
scene_changed (PspPixelProbe *self)
{
  g_signal_group_set_target (self->scene_signals, psp_canvas_get_scene (self->canvas));
  queue_change (self);
}

static void
psp_pixel_probe_dispose (GObject *object)
{
  PspPixelProbe *self = PSP_PIXEL_PROBE (object);

  if (self->tick != 0)
    gtk_widget_remove_tick_callback (self->widget, self->tick);
  self->tick = 0;
  g_clear_object (&self->scene_signals);
  g_clear_object (&self->canvas);

  G_OBJECT_CLASS (psp_pixel_probe_parent_class)->dispose (object);
}

static void
psp_pixel_probe_class_init (PspPixelProbeClass *class)
{
  G_OBJECT_CLASS (class)->dispose = psp_pixel_probe_dispose;

  changed_signal = g_signal_new ("changed", PSP_TYPE_PIXEL_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
psp_pixel_probe_init (PspPixelProbe *self)
{
  self->scene_signals = g_signal_group_new (PSP_TYPE_SCENE);
  g_signal_group_connect_swapped (self->scene_signals, "notify::prediction",
                                  G_CALLBACK (queue_change), self);
  g_signal_group_connect_swapped (self->scene_signals, "mask-changed", G_CALLBACK (queue_change),
                                  self);
}

PspPixelProbe *
psp_pixel_probe_new (GtkWidget *widget,
                     PspCanvas *canvas)
{
  PspPixelProbe *self = g_object_new (PSP_TYPE_PIXEL_PROBE, NULL);

  self->widget = widget;
  self->canvas = g_object_ref (canvas);
  g_signal_connect_object (canvas, "notify::scene", G_CALLBACK (scene_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (canvas, "notify::prediction-problem", G_CALLBACK (queue_change), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (psp_canvas_get_viewport (canvas), "crosshair-moved",
                           G_CALLBACK (queue_change), self, G_CONNECT_SWAPPED);
  scene_changed (self);
  return self;
}

PspTaxonomy *
psp_pixel_probe_get_taxonomy (PspPixelProbe *self)
{
  PspScene *scene;

  g_return_val_if_fail (PSP_IS_PIXEL_PROBE (self), NULL);

  scene = psp_canvas_get_scene (self->canvas);
  return scene != NULL ? psp_scene_get_taxonomy (scene) : NULL;
}

PspTaxonomy *
psp_pixel_probe_get_network_taxonomy (PspPixelProbe *self)
{
  PspScene *scene;

  g_return_val_if_fail (PSP_IS_PIXEL_PROBE (self), NULL);

  scene = psp_canvas_get_scene (self->canvas);
  return scene != NULL ? psp_scene_get_network_taxonomy (scene) : NULL;
}

static int
read_class (const PspMask *mask,
            int            x,
            int            y)
{
  return mask != NULL ? mask->pixels[(gsize) y * mask->size.width + x] : -1;
}

/* The probability of @class_id at a pixel; -1 if it is not known. */
static double
read_probability (PspPrediction *prediction,
                  PspPixelInfo  *info,
                  gboolean       auxiliary,
                  int            class_id)
{
  int n_classes = psp_prediction_get_n_classes (prediction);
  g_autofree float *probabilities = g_new (float, n_classes);

  if (class_id < 0 || class_id >= n_classes ||
      !psp_prediction_get_probabilities (prediction, info->x, info->y, auxiliary, probabilities))
    return -1;

  return (double) probabilities[class_id];
}

static void
read_prediction (PspPrediction *prediction,
                 PspPixelInfo  *info)
{
  const PspTensor *confidence = psp_prediction_get_confidence (prediction);

  info->prediction = read_class (psp_prediction_get_labels (prediction), info->x, info->y);
  info->prediction_probability =
    (double) confidence->data[(gsize) info->y * confidence->shape[1] + info->x];
  info->auxiliary = read_class (psp_prediction_get_auxiliary_labels (prediction), info->x, info->y);
  info->auxiliary_probability = read_probability (prediction, info, TRUE, info->auxiliary);
}

PspPixelInfo
psp_pixel_probe_get_info (PspPixelProbe *self)
{
  PspPixelInfo info = {
    .truth = -1,
    .prediction = -1,
    .prediction_probability = -1,
    .auxiliary = -1,
    .auxiliary_probability = -1,
    .edited = -1,
  };
  PspScene *scene;
  PspPoint image;

  g_return_val_if_fail (PSP_IS_PIXEL_PROBE (self), info);

  scene = psp_canvas_get_scene (self->canvas);
  if (scene == NULL ||
      !psp_viewport_get_crosshair (psp_canvas_get_viewport (self->canvas), &image))
    return info;

  info.known = TRUE;
  info.x = image.x;
  info.y = image.y;
  info.truth = read_class (psp_scene_get_truth (scene), info.x, info.y);
  info.edited = read_class (psp_scene_get_mask (scene), info.x, info.y);
  if (psp_scene_get_prediction (scene) != NULL)
    read_prediction (psp_scene_get_prediction (scene), &info);

  return info;
}

float *
psp_pixel_probe_dup_probabilities (PspPixelProbe *self,
                                   int           *n_classes)
{
  PspPixelInfo info = psp_pixel_probe_get_info (self);
  g_autofree float *probabilities = NULL;
  PspPrediction *prediction;

  g_return_val_if_fail (PSP_IS_PIXEL_PROBE (self), NULL);

  if (!info.known || info.prediction < 0)
    return NULL;

  prediction = psp_scene_get_prediction (psp_canvas_get_scene (self->canvas));
  *n_classes = psp_prediction_get_n_classes (prediction);
  probabilities = g_new (float, *n_classes);
  if (!psp_prediction_get_probabilities (prediction, info.x, info.y, FALSE, probabilities))
    return NULL;

  return g_steal_pointer (&probabilities);
}
