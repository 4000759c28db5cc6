/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/dataset/psp-workspace.h"

/**
 * PspOpenWorkspaces:
 *
 * The workspaces that a project has open to write.  A workspace has one writer, so that whoever
 * opens one again gets the one that is open: the same dataset is opened twice, or the workspace
 * that is chosen already.  Any thread.
 */
typedef struct _PspOpenWorkspaces PspOpenWorkspaces;

PspOpenWorkspaces *psp_open_workspaces_new   (void) G_GNUC_WARN_UNUSED_RESULT;
void               psp_open_workspaces_free  (PspOpenWorkspaces *self);

/* As psp_workspace_open() with a @mode that writes.  Returns: (transfer full): the workspace that
 * is open there, or a newly opened one, or %NULL with @error set. */
PspWorkspace      *psp_open_workspaces_open  (PspOpenWorkspaces *self,
                                              const char        *path,
                                              PspWorkspaceMode   mode,
                                              GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* Closes those that nobody else holds.  Does not wait for one that is being opened: that does it
 * itself in the end. */
void               psp_open_workspaces_purge (PspOpenWorkspaces *self);
