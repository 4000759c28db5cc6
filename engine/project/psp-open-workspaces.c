/* SPDX-License-Identifier: MIT */
#include "engine/project/psp-open-workspaces.h"

#include "engine/formats/psp-file.h"

struct _PspOpenWorkspaces
{
  GMutex     mutex;
  GPtrArray *workspaces; /* PspWorkspace */
};

PspOpenWorkspaces *
psp_open_workspaces_new (void)
{
  PspOpenWorkspaces *self = g_new0 (PspOpenWorkspaces, 1);

  g_mutex_init (&self->mutex);
  self->workspaces = g_ptr_array_new_with_free_func ((GDestroyNotify) psp_workspace_unref);
  return self;
}

void
psp_open_workspaces_free (PspOpenWorkspaces *self)
{
  g_ptr_array_unref (self->workspaces);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static void
purge (PspOpenWorkspaces *self)
{
  for (guint i = self->workspaces->len; i > 0; i--)
    if (!psp_workspace_is_shared (g_ptr_array_index (self->workspaces, i - 1)))
      g_ptr_array_remove_index_fast (self->workspaces, i - 1);
}

void
psp_open_workspaces_purge (PspOpenWorkspaces *self)
{
  if (!g_mutex_trylock (&self->mutex))
    return;
  purge (self);
  g_mutex_unlock (&self->mutex);
}

PspWorkspace *
psp_open_workspaces_open (PspOpenWorkspaces  *self,
                          const char         *path,
                          PspWorkspaceMode    mode,
                          GError            **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  PspWorkspace *workspace;

  purge (self);
  for (guint i = 0; i < self->workspaces->len; i++)
    {
      workspace = g_ptr_array_index (self->workspaces, i);
      if (psp_file_is_same (psp_workspace_get_path (workspace), path))
        return psp_workspace_ref (workspace);
    }
  workspace = psp_workspace_open (path, mode, error);
  if (workspace != NULL)
    g_ptr_array_add (self->workspaces, psp_workspace_ref (workspace));
  purge (self);
  return workspace;
}
