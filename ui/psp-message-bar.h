/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

/**
 * PspMessageBar:
 *
 * A line under the header bar: one sentence, at most one action, details on demand, and a button
 * that closes it.  It stays until it is closed, replaced, or its action is used.
 *
 * Properties: “shown” (boolean, read only, notifies), “title” (string, read only, notifies).
 *
 * Signal “dismissed” (PspMessageBar *bar): a message was closed or replaced without its action.
 *
 * CSS: a node “messagebar” with the class “failure” or “hint”.
 */
#define PSP_TYPE_MESSAGE_BAR (psp_message_bar_get_type ())
G_DECLARE_FINAL_TYPE (PspMessageBar, psp_message_bar, PSP, MESSAGE_BAR, GtkWidget)

/**
 * psp_message_bar_show_error:
 * @self: a bar
 * @title: one sentence: what failed
 * @error: why; its message becomes the details
 * @action_label: (nullable): of the button; %NULL: no button
 * @action: (nullable): detailed name of what the button does
 */
void        psp_message_bar_show_error  (PspMessageBar *self,
                                         const char    *title,
                                         const GError  *error,
                                         const char    *action_label,
                                         const char    *action);

/* Shows something that is worth knowing and no failure; @details is nullable. */
void        psp_message_bar_show_hint   (PspMessageBar *self,
                                         const char    *title,
                                         const char    *details,
                                         const char    *action_label,
                                         const char    *action);
void        psp_message_bar_close       (PspMessageBar *self);

gboolean    psp_message_bar_get_shown   (PspMessageBar *self);
const char *psp_message_bar_get_title   (PspMessageBar *self);

/* The details; empty if there are none. */
const char *psp_message_bar_get_details (PspMessageBar *self);
