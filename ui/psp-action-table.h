/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

/**
 * PspActionKeys:
 * @PSP_ACTION_KEYS_APPLICATION: an accelerator of the application; works anywhere in its windows
 * @PSP_ACTION_KEYS_WINDOW: plain letters: a shortcut of the window that gives way to text entries
 * @PSP_ACTION_KEYS_PANES: PspPaneGrid listens for it by itself; it is only named here, and what a
 *   key does there without an action has the name of one
 *
 * Who listens for the key of an action.
 */
typedef enum
{
  PSP_ACTION_KEYS_APPLICATION,
  PSP_ACTION_KEYS_WINDOW,
  PSP_ACTION_KEYS_PANES,
} PspActionKeys;

/**
 * PspActionEntry:
 * @action: detailed name: “win.run”, “win.page::results”
 * @label: for people, translatable
 * @group: the heading it stands under, translatable
 * @key: (nullable): accelerators as gtk_accelerator_parse() reads them, separated by blanks
 * @keys: who listens for @key
 *
 * A command of the window.
 */
typedef struct
{
  const char    *action;
  const char    *label;
  const char    *group;
  const char    *key;
  PspActionKeys  keys;
} PspActionEntry;

/**
 * psp_action_table_get:
 * @n_entries: (out): how many
 *
 * The one list of commands and keys: accelerators, shortcuts, tooltips and the window “Keyboard
 * Shortcuts” are made from it.  Entries of one group stand together.
 *
 * Returns: (transfer none) (array length=n_entries): the commands
 */
const PspActionEntry *psp_action_table_get               (guint           *n_entries);

/* (transfer none) (nullable): the entry of an action with its target; %NULL if it has none. */
const PspActionEntry *psp_action_table_find              (const char      *action);

/* (transfer full) (nullable): the first key for people: “Ctrl+Z”; %NULL without a key. */
char                 *psp_action_entry_dup_key_label     (const PspActionEntry *entry);

/* Sets the accelerators of @application. */
void                  psp_action_table_set_accels        (GtkApplication  *application);

/* Adds a controller for the plain letters to @widget, a window. */
void                  psp_action_table_add_shortcuts     (GtkWidget       *widget);

/**
 * psp_action_table_complete_tooltips:
 * @root: a widget
 *
 * Appends the key of its action to the tooltip of every button below @root, and gives buttons
 * without a tooltip the label of the action.  Buttons with nothing but a picture get that label as
 * their name for assistive technology.
 */
void                  psp_action_table_complete_tooltips (GtkWidget       *root);

/* (transfer none): the window “Keyboard Shortcuts”, which GTK owns until it is destroyed. */
GtkWidget            *psp_action_table_create_window     (void);
