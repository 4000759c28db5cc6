/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <glib-object.h>

/**
 * PspClassEntry:
 *
 * A class of the taxonomy as the list of classes shows it, with its part in the image that is
 * open.  Main thread only.
 *
 * Properties: “name” (string, read only), “version” (uint, read only, notifies: grows whenever a
 * measure changed).
 */
#define PSP_TYPE_CLASS_ENTRY (psp_class_entry_get_type ())
G_DECLARE_FINAL_TYPE (PspClassEntry, psp_class_entry, PSP, CLASS_ENTRY, GObject)

/**
 * PspClassMeasures:
 * @truth: the share of the image's pixels that the label gives to the class, 0 to 1; -1: not known
 * @prediction: the same for the prediction
 * @iou: between both in this image, 0 to 1; -1: not known, or the class is in neither
 */
typedef struct
{
  double truth;
  double prediction;
  double iou;
} PspClassMeasures;

#define PSP_CLASS_MEASURES_UNKNOWN { -1, -1, -1 }

PspClassEntry          *psp_class_entry_new          (int                     id,
                                                      const char             *name,
                                                      guint32                 color) G_GNUC_WARN_UNUSED_RESULT;
int                     psp_class_entry_get_id       (PspClassEntry          *self);
const char             *psp_class_entry_get_name     (PspClassEntry          *self);

/* 0xRRGGBB. */
guint32                 psp_class_entry_get_color    (PspClassEntry          *self);
const PspClassMeasures *psp_class_entry_get_measures (PspClassEntry          *self);
void                    psp_class_entry_set_measures (PspClassEntry          *self,
                                                      PspClassMeasures        measures);

/* Whether the class has pixels in the image that is open, in label or prediction. */
gboolean                psp_class_entry_get_present  (PspClassEntry          *self);
