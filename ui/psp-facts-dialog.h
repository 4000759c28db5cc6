/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-fact-row.h"
#include "ui/psp-window.h"

/**
 * PspFactsDialog:
 *
 * Shows what has to be known about the checkpoint that is open but need not be in its file, where
 * each of these facts comes from, and lets the person say them.  The answer goes to
 * win.set-model-facts.  A dialog that is left with Escape answers only if nobody has answered for
 * this checkpoint yet: with what was said before, which is nothing.
 *
 * Actions: facts.accept (unless some text cannot be), facts.forget (takes back all that was said).
 */
#define PSP_TYPE_FACTS_DIALOG (psp_facts_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PspFactsDialog, psp_facts_dialog, PSP, FACTS_DIALOG, AdwWindow)

/* For the model that @window's project has open. */
GtkWidget  *psp_facts_dialog_new       (PspWindow      *window);

/* The model that is asked about. */
PspModel   *psp_facts_dialog_get_model (PspFactsDialog *self);

/* (transfer none) (nullable): the row of @fact, if it applies to the model. */
PspFactRow *psp_facts_dialog_get_row   (PspFactsDialog *self,
                                        PspFact         fact);
