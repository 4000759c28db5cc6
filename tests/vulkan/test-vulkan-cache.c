/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-cache-file.h"
#include "tests/vulkan/vulkan-scenario.h"
#include "tests/vulkan/vulkan-test.h"

#include <glib/gstdio.h>
#include <string.h>

#define N_BYTES 1000

typedef struct
{
  char             *directory;
  char             *path;
  PspVulkanAdapter  adapter;
  guint8            content[N_BYTES];
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  self->directory = g_dir_make_tmp ("test-vulkan-cache-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->directory, "new", "some.cache", NULL);
  self->adapter.properties.vendorID = 1;
  self->adapter.properties.deviceID = 2;
  self->adapter.properties.driverVersion = 3;
  for (int i = 0; i < N_BYTES; i++)
    self->content[i] = i * 7;
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *parent = g_path_get_dirname (self->path);

  g_remove (self->path);
  g_rmdir (parent);
  g_rmdir (self->directory);
  g_free (self->path);
  g_free (self->directory);
}

static void
test_round_trip (Fixture       *self,
                 gconstpointer  data)
{
  g_autoptr(GBytes) content = NULL;

  g_assert_null (psp_vulkan_cache_file_read (self->path, &self->adapter));
  psp_vulkan_cache_file_write (self->path, &self->adapter, self->content, N_BYTES);
  content = psp_vulkan_cache_file_read (self->path, &self->adapter);
  g_assert_nonnull (content);
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content),
                   self->content, N_BYTES);
}

/* Another device, driver or version of it is a miss. */
static void
test_other_device (Fixture       *self,
                   gconstpointer  data)
{
  PspVulkanAdapter others[] = { self->adapter, self->adapter, self->adapter, self->adapter };

  others[0].properties.vendorID++;
  others[1].properties.deviceID++;
  others[2].properties.driverVersion++;
  others[3].properties.pipelineCacheUUID[15]++;
  psp_vulkan_cache_file_write (self->path, &self->adapter, self->content, N_BYTES);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_null (psp_vulkan_cache_file_read (self->path, &others[i]));
}

/* Any bit that is wrong and any byte that is missing makes it a miss. */
static void
test_damage (Fixture       *self,
             gconstpointer  data)
{
  g_autofree char *file = NULL;
  gsize length;
  g_autoptr(GError) error = NULL;

  psp_vulkan_cache_file_write (self->path, &self->adapter, self->content, N_BYTES);
  g_assert_true (g_file_get_contents (self->path, &file, &length, &error));
  for (gsize i = 0; i < length; i += 13)
    {
      file[i] ^= 0x10;
      g_assert_true (g_file_set_contents (self->path, file, length, &error));
      g_assert_null (psp_vulkan_cache_file_read (self->path, &self->adapter));
      file[i] ^= 0x10;
      g_assert_true (g_file_set_contents (self->path, file, i, &error));
      g_assert_null (psp_vulkan_cache_file_read (self->path, &self->adapter));
    }
  g_assert_no_error (error);
}

/* A directory in its place, or none at all: no file, no complaint. */
static void
test_not_writable (Fixture       *self,
                   gconstpointer  data)
{
  g_autofree char *inside = g_build_filename (self->path, "some.cache", NULL);

  psp_vulkan_cache_file_write (self->path, &self->adapter, self->content, N_BYTES);
  psp_vulkan_cache_file_write (inside, &self->adapter, self->content, N_BYTES);
  g_assert_null (psp_vulkan_cache_file_read (inside, &self->adapter));
  g_assert_null (psp_vulkan_cache_file_read (self->directory, &self->adapter));
}

static void
compute (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend =
    psp_vulkan_backend_new_full (NULL, path, vulkan_test_find_device (), NULL, &error);

  g_assert_no_error (error);
  vulkan_scenario_run (backend, 7, 16, &error);
  g_assert_no_error (error);
}

static guint64
find_inode (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  return status.st_ino;
}

/* A backend leaves a file that the next one accepts and, having nothing to add, leaves alone; one
 * with nonsense harms nobody. */
static void
test_backend (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr(PspVulkanInstance) instance = NULL;
  g_autoptr(GPtrArray) adapters = NULL;
  g_autoptr(GBytes) content = NULL;
  PspVulkanAdapter *adapter;
  guint64 inode;
  int index = vulkan_test_find_device ();

  if (index < 0)
    {
      g_test_skip ("Vulkan offers no device here");
      return;
    }

  compute (self->path);
  instance = psp_vulkan_instance_new (NULL, FALSE, NULL);
  adapters = psp_vulkan_adapter_list (instance, NULL);
  adapter = g_ptr_array_index (adapters, index);
  content = psp_vulkan_cache_file_read (self->path, adapter);
  g_assert_nonnull (content);

  inode = find_inode (self->path);
  compute (self->path);
  g_assert_cmpuint (find_inode (self->path), ==, inode);
  psp_vulkan_cache_file_write (self->path, adapter, self->content, N_BYTES);
  compute (self->path);
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void      (*test) (Fixture       *fixture,
                       gconstpointer  data);
  } tests[] = {
    { "/vulkan/cache/round-trip", test_round_trip },
    { "/vulkan/cache/other-device", test_other_device },
    { "/vulkan/cache/damage", test_damage },
    { "/vulkan/cache/not-writable", test_not_writable },
    { "/vulkan/cache/backend", test_backend },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
