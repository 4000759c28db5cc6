/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gtk/gtk.h>

/**
 * PspClassList:
 *
 * The classes, at the right of the window: colour, name, share of the open image's pixels in label
 * and prediction, IoU in this image.  The selected row is the class that is painted.  Long
 * taxonomies get a filter, and the classes of the image come first.
 *
 * Properties (notify): “scene” (PspScene, nullable), “class-id” (int: the class that is painted;
 * -1: none).
 */
#define PSP_TYPE_CLASS_LIST (psp_class_list_get_type ())
G_DECLARE_FINAL_TYPE (PspClassList, psp_class_list, PSP, CLASS_LIST, GtkWidget)

GtkWidget  *psp_class_list_new          (void);

/* The classes to list; %NULL: none. */
void        psp_class_list_set_taxonomy (PspClassList *self,
                                         PspTaxonomy  *taxonomy);
void        psp_class_list_set_scene    (PspClassList *self,
                                         PspScene     *scene);
void        psp_class_list_set_class_id (PspClassList *self,
                                         int           class_id);
int         psp_class_list_get_class_id (PspClassList *self);

/* (transfer none): the classes by id, a list of PspClassEntry. */
GListModel *psp_class_list_get_entries  (PspClassList *self);
