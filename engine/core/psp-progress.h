/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/**
 * PspProgressFunc:
 * @fraction: the share of the work that is done, 0 to 1, never falling
 * @data: the caller's
 *
 * Called from the thread that works, as often as the work pleases: keep it short.
 */
typedef void (*PspProgressFunc) (double   fraction,
                                 gpointer data);

/**
 * PspProgress:
 *
 * A progress function and the part of its range that one piece of work may use.  Passed by value;
 * all zero means that nobody listens.
 */
typedef struct
{
  PspProgressFunc func; /* (nullable) */
  gpointer        data;
  double          start;  /* what the piece's 0 is in the whole */
  double          length; /* what the piece's 1 adds to it; 0: 1 */
} PspProgress;

/* The part of @self from @start to @start + @length of its own range. */
PspProgress psp_progress_part (PspProgress self,
                               double      start,
                               double      length);

/* Tells the listener, if any, that @fraction (0 to 1) of @self is done. */
void        psp_progress_report (PspProgress self,
                                 double      fraction);
