/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-canvas.h"

#include <gtk/gtk.h>

/**
 * PspPixelInfo:
 * @known: whether there is a pixel; nothing else is set without
 * @x: of the pixel
 * @y: of the pixel
 * @truth: its class in the dataset's label; -1: there is none
 * @prediction: its class in the prediction; -1: there is none
 * @prediction_probability: of that class, 0 to 1; -1: not known
 * @auxiliary: its class in the auxiliary prediction; -1: there is none
 * @auxiliary_probability: of that class, 0 to 1; -1: not known
 * @edited: its class in the mask that is edited
 *
 * What is known about the pixel under the crosshair.  A class may be “ignored”: larger than all of
 * the taxonomy.
 */
typedef struct
{
  gboolean known;
  int      x;
  int      y;
  int      truth;
  int      prediction;
  double   prediction_probability;
  int      auxiliary;
  double   auxiliary_probability;
  int      edited;
} PspPixelInfo;

/**
 * PspPixelProbe:
 *
 * Follows the crosshair of a canvas for a widget that tells about it, and what is known about the
 * pixel there.
 *
 * Signal “changed”: once a frame at most.
 */
#define PSP_TYPE_PIXEL_PROBE (psp_pixel_probe_get_type ())
G_DECLARE_FINAL_TYPE (PspPixelProbe, psp_pixel_probe, PSP, PIXEL_PROBE, GObject)

/* @widget: whose frame clock it goes by; it owns the probe. */
PspPixelProbe *psp_pixel_probe_new               (GtkWidget     *widget,
                                                  PspCanvas     *canvas) G_GNUC_WARN_UNUSED_RESULT;

PspPixelInfo   psp_pixel_probe_get_info          (PspPixelProbe *self);

/* (transfer none) (nullable): the classes of labels and the mask, and of the network. */
PspTaxonomy   *psp_pixel_probe_get_taxonomy      (PspPixelProbe *self);
PspTaxonomy   *psp_pixel_probe_get_network_taxonomy (PspPixelProbe *self);

/* (transfer full) (array) (nullable): of every class of the prediction; @n_classes: how many. */
float         *psp_pixel_probe_dup_probabilities (PspPixelProbe *self,
                                                  int           *n_classes);
