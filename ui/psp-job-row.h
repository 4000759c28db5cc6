/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-job.h"

#include <gtk/gtk.h>

/**
 * PspJobRow:
 *
 * A job in the list of work under way: title, bar, text and a button that cancels it.
 */
#define PSP_TYPE_JOB_ROW (psp_job_row_get_type ())
G_DECLARE_FINAL_TYPE (PspJobRow, psp_job_row, PSP, JOB_ROW, GtkWidget)

GtkWidget *psp_job_row_new (PspJob *job);
