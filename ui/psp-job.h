/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gio/gio.h>

/**
 * PspJob:
 *
 * One piece of long work as the status bar shows it: what it is, how far it is, how to end it.
 *
 * Properties (all notify): “title” (string), “fraction” (double, 0 to 1; below 0: not known),
 * “text” (string: “7 of 24, 9 s left”).
 */
#define PSP_TYPE_JOB (psp_job_get_type ())
G_DECLARE_FINAL_TYPE (PspJob, psp_job, PSP, JOB, GObject)

PspJob       *psp_job_new             (const char *title) G_GNUC_WARN_UNUSED_RESULT;

const char   *psp_job_get_title       (PspJob     *self);
double        psp_job_get_fraction    (PspJob     *self);
const char   *psp_job_get_text        (PspJob     *self);

/* (transfer none): what ends the work when it is cancelled. */
GCancellable *psp_job_get_cancellable (PspJob     *self);

/* Sets “fraction” and “text”; without @text one that says how long it will take. */
void          psp_job_set_progress    (PspJob     *self,
                                       double      fraction,
                                       const char *text);

/* For work in other threads: reports come from any thread, “fraction” notifies in the main one.
 * The caller keeps a reference to @self until the work has ended. */
PspProgress   psp_job_get_progress    (PspJob     *self);

/* (transfer full): “9 s”, “2 min”, “3 h” for @seconds of 0 or more. */
char         *psp_job_format_duration (double      seconds);
