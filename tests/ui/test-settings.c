/* SPDX-License-Identifier: MIT */
#include "ui/psp-settings.h"

static GSettings *
create_store (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_test_build_filename (G_TEST_BUILT, "..", "data", NULL);
  g_autoptr(GSettingsSchemaSource) source = NULL;
  g_autoptr(GSettingsSchema) schema = NULL;

  source = g_settings_schema_source_new_from_directory (folder, NULL, TRUE, &error);
  g_assert_no_error (error);
  schema = g_settings_schema_source_lookup (source, "org.scenescope.Scenescope", FALSE);
  g_assert_nonnull (schema);
  return g_settings_new_full (schema, NULL, NULL);
}

/* Every key is a property with the same default, and the other way round. */
static void
test_schema (void)
{
  g_autoptr(GSettings) store = create_store ();
  g_autoptr(GSettingsSchema) schema = NULL;
  g_autoptr(PspSettings) settings = psp_settings_new (NULL);
  g_autofree GParamSpec **properties = NULL;
  g_auto(GStrv) keys = NULL;
  guint n_properties;

  g_object_get (store, "settings-schema", &schema, NULL);
  keys = g_settings_schema_list_keys (schema);
  properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (settings), &n_properties);
  g_assert_cmpuint (g_strv_length (keys), ==, n_properties);

  for (guint i = 0; i < n_properties; i++)
    {
      g_auto(GValue) value = G_VALUE_INIT;
      g_autoptr(GVariant) initial = NULL;

      g_assert_true (g_settings_schema_has_key (schema, properties[i]->name));
      initial = g_settings_get_default_value (store, properties[i]->name);
      g_object_get_property (G_OBJECT (settings), properties[i]->name, &value);
      if (G_VALUE_HOLDS_INT (&value))
        g_assert_cmpint (g_value_get_int (&value), ==, g_variant_get_int32 (initial));
      else if (G_VALUE_HOLDS_BOOLEAN (&value))
        g_assert_cmpint (g_value_get_boolean (&value), ==, g_variant_get_boolean (initial));
      else if (G_VALUE_HOLDS_DOUBLE (&value))
        g_assert_cmpfloat (g_value_get_double (&value), ==, g_variant_get_double (initial));
      else if (G_VALUE_HOLDS_STRING (&value))
        g_assert_cmpstr (g_value_get_string (&value), ==, g_variant_get_string (initial, NULL));
      else
        g_assert_cmpuint (g_variant_n_children (initial), ==, 0);
    }
}

static void
count (int *n_notified)
{
  (*n_notified)++;
}

static void
test_store (void)
{
  g_autoptr(GSettings) store = create_store ();
  g_autoptr(PspSettings) settings = psp_settings_new (store);
  g_autoptr(PspSettings) next = NULL;
  g_autofree char *device = NULL;
  g_auto(GStrv) recent = NULL;
  int n_notified = 0;

  g_signal_connect_swapped (settings, "notify::device", G_CALLBACK (count), &n_notified);
  g_object_set (settings, "device", "vulkan:1", NULL);
  g_object_set (settings, "device", "vulkan:1", NULL);
  g_assert_cmpint (n_notified, ==, 1);
  psp_settings_add_recent (settings, "recent-models", "/models/a.pth");

  next = psp_settings_new (store);
  device = psp_settings_dup_string (next, "device");
  recent = psp_settings_dup_recent (next, "recent-models");
  g_assert_cmpstr (device, ==, "vulkan:1");
  g_assert_cmpstr (recent[0], ==, "/models/a.pth");
}

static void
test_recent (void)
{
  g_autoptr(PspSettings) settings = psp_settings_new (NULL);
  g_auto(GStrv) none = psp_settings_dup_recent (settings, "recent-datasets");
  g_auto(GStrv) recent = NULL;

  g_assert_cmpuint (g_strv_length (none), ==, 0);
  for (int i = 0; i < 20; i++)
    {
      g_autofree char *path = g_strdup_printf ("/data/%d", i);

      psp_settings_add_recent (settings, "recent-datasets", path);
    }
  psp_settings_add_recent (settings, "recent-datasets", "/data/15");
  psp_settings_add_recent (settings, "recent-datasets", "/data/\xff");

  recent = psp_settings_dup_recent (settings, "recent-datasets");
  g_assert_cmpuint (g_strv_length (recent), ==, PSP_SETTINGS_MAX_RECENT);
  g_assert_cmpstr (recent[0], ==, "/data/15");
  g_assert_cmpstr (recent[1], ==, "/data/19");
  g_assert_cmpstr (recent[5], ==, "/data/14");

  psp_settings_drop_recent (settings, "recent-datasets", "/data/19");
  g_strfreev (recent);
  recent = psp_settings_dup_recent (settings, "recent-datasets");
  g_assert_cmpuint (g_strv_length (recent), ==, PSP_SETTINGS_MAX_RECENT - 1);
  g_assert_cmpstr (recent[1], ==, "/data/18");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/schema", test_schema);
  g_test_add_func ("/settings/store", test_store);
  g_test_add_func ("/settings/recent", test_recent);
  return g_test_run ();
}
