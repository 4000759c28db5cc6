/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-canvas.h"

#include <gtk/gtk.h>

/**
 * PspClassChooser:
 *
 * A button that shows the class to paint, and drops down the list of classes with a search.  The
 * list names the keys of the favorites.
 */
#define PSP_TYPE_CLASS_CHOOSER (psp_class_chooser_get_type ())
G_DECLARE_FINAL_TYPE (PspClassChooser, psp_class_chooser, PSP, CLASS_CHOOSER, GtkWidget)

/* @canvas: (nullable): whose “class-id” it shows and sets; kept by reference. */
void       psp_class_chooser_set_canvas (PspClassChooser *self,
                                         PspCanvas       *canvas);

/* The classes of the scene got other names. */
void       psp_class_chooser_update_classes (PspClassChooser *self);
