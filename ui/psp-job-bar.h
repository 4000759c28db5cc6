/* SPDX-License-Identifier: MIT */
#pragma once

#include "ui/psp-job.h"

#include <gtk/gtk.h>

/**
 * PspJobBar:
 *
 * The work under way, at the right of the status bar: a bar, how much is done and how long it will
 * take, a button that cancels it, and a popover that lists all jobs.  Without work it is empty.
 */
#define PSP_TYPE_JOB_BAR (psp_job_bar_get_type ())
G_DECLARE_FINAL_TYPE (PspJobBar, psp_job_bar, PSP, JOB_BAR, GtkWidget)

/* Shows @job, before those that came earlier. */
void       psp_job_bar_add        (PspJobBar *self,
                                   PspJob    *job);

/* Forgets @job: its work has ended. */
void       psp_job_bar_remove     (PspJobBar *self,
                                   PspJob    *job);

/* Cancels the job that the bar shows, if any. */
void       psp_job_bar_cancel     (PspJobBar *self);

/* Cancels all of them. */
void       psp_job_bar_cancel_all (PspJobBar *self);

/* (transfer none): the work under way, a list of PspJob, the latest first. */
GListModel *psp_job_bar_get_jobs  (PspJobBar *self);
