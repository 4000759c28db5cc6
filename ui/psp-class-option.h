/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-class-entry.h"

#include <gtk/gtk.h>

/**
 * PspClassOption:
 *
 * A class in the list that PspClassChooser drops down: colour, name and the key it has.
 */
#define PSP_TYPE_CLASS_OPTION (psp_class_option_get_type ())
G_DECLARE_FINAL_TYPE (PspClassOption, psp_class_option, PSP, CLASS_OPTION, GtkWidget)

GtkWidget *psp_class_option_new  (void);

/* @key: 1 to 9; 0: none. */
void       psp_class_option_show (PspClassOption *self,
                                  PspClassEntry  *entry,
                                  int             key);
