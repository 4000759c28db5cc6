/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-window.h"

/**
 * PspExportDialog:
 *
 * Asks in which of the two forms the corrected dataset is wanted, says what each is and how many
 * images go in, and hands the answer to win.export-to, which asks for the folder.
 *
 * Actions: export.profile (stateful, s: “folder” or “mseg”), export.go.
 */
#define PSP_TYPE_EXPORT_DIALOG (psp_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PspExportDialog, psp_export_dialog, PSP, EXPORT_DIALOG, AdwWindow)

GtkWidget *psp_export_dialog_new (PspWindow *window);
