/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspLatest:
 *
 * Something that may be asked for again before it is there, such as a checkpoint that is opened
 * while another one still loads.  Of all that was asked for, what was asked for last counts, in
 * whatever order they get there; what fails does not count.  All zeros to begin with; one thread.
 */
typedef struct
{
  /*< private >*/
  guint n_asked;
  guint taken; /* the number of what counts now */
} PspLatest;

/* The number of what is now asked for. */
guint    psp_latest_ask         (PspLatest        *self);

/* That of what counts now, for work that belongs to it. */
guint    psp_latest_get_number  (const PspLatest  *self);

/* To be called when what was asked for as @number is there.  @error: %G_IO_ERROR_CANCELLED if what
 * was asked for after it got there before; it is to be dropped then. */
gboolean psp_latest_take        (PspLatest        *self,
                                 guint             number,
                                 GError          **error);
