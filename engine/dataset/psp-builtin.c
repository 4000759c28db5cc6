/* SPDX-License-Identifier: MIT */
#include "engine/dataset/psp-builtin.h"

#include "engine/dataset/psp-data.h"

char *
psp_builtin_load (const char  *name,
                  GError     **error)
{
  g_autofree char *path = g_strconcat ("/org/scenescope/data/", name, NULL);
  /* Naming the resource makes the linker take it out of the static library. */
  g_autoptr(GBytes) content = g_resource_lookup_data (psp_data_get_resource (), path,
                                                      G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  if (content == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NOT_FOUND, "the program has no data called %s",
                   name);
      return NULL;
    }
  return g_strndup (g_bytes_get_data (content, NULL), g_bytes_get_size (content));
}
