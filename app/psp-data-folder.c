/* SPDX-License-Identifier: MIT */

#include "app/psp-data-folder.h"

#include "app/config.h"

char *
psp_data_folder_find (const char *name)
{
  const char * const folders[] = { PSP_DATA_FOLDER, PSP_SOURCE_DATA_FOLDER };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }

  return NULL;
}

GSettings *
psp_data_folder_open_settings (const char *schema_id)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr(GSettingsSchemaSource) built = NULL;
  g_autoptr(GSettingsSchema) schema = NULL;

  if (installed != NULL)
    schema = g_settings_schema_source_lookup (installed, schema_id, TRUE);
  if (schema == NULL)
    {
      /* No such folder: the program was moved away from where it was built.  It works without. */
      built = g_settings_schema_source_new_from_directory (PSP_BUILD_SCHEMA_FOLDER, installed,
                                                           TRUE, NULL);
      if (built != NULL)
        schema = g_settings_schema_source_lookup (built, schema_id, FALSE);
    }
  if (schema == NULL)
    return NULL;

  return g_settings_new_full (schema, NULL, NULL);
}
