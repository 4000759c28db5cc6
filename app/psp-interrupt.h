/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

/**
 * PspInterrupt:
 *
 * Ctrl-C, and the system's request to end (SIGINT, SIGTERM, SIGHUP), as a cancellable: work stops
 * where it can, and nothing is left half written.  The second such signal ends the program at once.
 * One at a time.
 */
typedef struct _PspInterrupt PspInterrupt;

PspInterrupt *psp_interrupt_new             (void) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the program by the signal, if there was one, so that whoever started it sees why. */
void          psp_interrupt_free            (PspInterrupt        *self);

/* (transfer none): cancelled by the first signal. */
GCancellable *psp_interrupt_get_cancellable (const PspInterrupt  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PspInterrupt, psp_interrupt_free)
