/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

/**
 * PspSettings:
 *
 * What the window remembers from one run to the next.  Each property stands for the key of the same
 * name in the GSettings schema; without the schema they live as long as the program.  Main thread
 * only.
 *
 * Properties (read, write, all notify):
 *  “window-width”, “window-height” (int, pixels), “maximized” (boolean),
 *  “show-images”, “show-classes” (boolean: the side panes), “sort” (string: see PspImageList),
 *  “pair-order” (string: see PspResultsView),
 *  “pane-layout” (string: “layout” of PspPaneGrid; empty: its own), “n-panes” (int; 0: its own),
 *  “overlay-opacity” (double, 0 to 1),
 *  “device” (string: see psp_device_open()),
 *  “dataset-folder”, “model-folder”, “output-folder” (string: where the choosers open),
 *  “recent-datasets”, “recent-models” (strv of paths, the latest first).
 */
#define PSP_TYPE_SETTINGS (psp_settings_get_type ())
G_DECLARE_FINAL_TYPE (PspSettings, psp_settings, PSP, SETTINGS, GObject)

/* How many paths a list of recent ones holds. */
#define PSP_SETTINGS_MAX_RECENT 8

/**
 * psp_settings_new:
 * @store: (nullable): where the values are kept; %NULL: nowhere
 *
 * Returns: (transfer full): the values of @store, or the defaults
 */
PspSettings *psp_settings_new        (GSettings   *store) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the value of a string property, such as “device”. */
char        *psp_settings_dup_string (PspSettings *self,
                                      const char  *property);

/* (transfer full) (array zero-terminated): the value of “recent-datasets” or “recent-models”. */
char       **psp_settings_dup_recent (PspSettings *self,
                                      const char  *property);

/* Puts @path first in “recent-datasets” or “recent-models”. */
void         psp_settings_add_recent (PspSettings *self,
                                      const char  *property,
                                      const char  *path);

/* Takes @path out of “recent-datasets” or “recent-models”. */
void         psp_settings_drop_recent (PspSettings *self,
                                       const char  *property,
                                       const char  *path);
