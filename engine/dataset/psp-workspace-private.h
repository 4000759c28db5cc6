/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-database.h"
#include "engine/dataset/psp-workspace.h"

#include <stdatomic.h>

struct _PspWorkspace
{
  char             *path;
  PspWorkspaceMode  mode;
  int               lock;         /* the descriptor of workspace.lock; -1: only reading */

  /* Held while a mask is saved, so that two do not mix.  Taken before @mutex. */
  GMutex            save_mutex;

  /* Held while the database is used. */
  GMutex            mutex;
  PspDatabase      *database;
  GHashTable       *gaps;         /* set of stems: an edit is missing at the end of the journal */

  atomic_llong      journal_end;
  atomic_llong      n_saves;
  gatomicrefcount   ref_count;
};

/* The functions below are called with the mutex held. */

/* (transfer full): a statement whose parameter 1 is @stem, or %NULL with @error set. */
sqlite3_stmt *psp_workspace_prepare       (PspWorkspace  *self,
                                           const char    *sql,
                                           const char    *stem,
                                           GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes a row for @stem if there is none; %FALSE with @error set if that fails or @stem is none. */
gboolean      psp_workspace_add_image     (PspWorkspace  *self,
                                           const char    *stem,
                                           GError       **error);

/* With the save mutex held too, or nobody else yet there.  Finds out for every image whose saving
 * was interrupted whether its file is the new one, and
 * makes the database agree. */
gboolean      psp_workspace_settle_saves  (PspWorkspace  *self,
                                           GError       **error);

/* Sets the number of the last journal entry from the database. */
gboolean      psp_workspace_count_journal (PspWorkspace  *self,
                                           GError       **error);
