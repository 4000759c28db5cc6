/* SPDX-License-Identifier: MIT */
#include "tests/vulkan/vulkan-test.h"

int
vulkan_test_find_device (void)
{
  g_autoptr(GPtrArray) devices = psp_vulkan_list_devices ();

  for (guint i = 0; i < devices->len; i++)
    if (((PspDeviceInfo *) g_ptr_array_index (devices, i))->kind == PSP_DEVICE_SOFTWARE)
      return i;
  return devices->len > 0 ? 0 : -1;
}

gboolean
vulkan_test_has_validation (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(PspVulkanInstance) instance = psp_vulkan_instance_new (NULL, TRUE, &error);

  if (instance == NULL)
    g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE);
  return instance != NULL;
}

PspBackend *
vulkan_test_open (PFN_vkGetInstanceProcAddr get_function,
                  PspPrecision              precision)
{
  PspBackendOptions options = {
    .precision = precision,
    .validation = get_function == NULL && vulkan_test_has_validation (),
  };
  g_autofree char *cache_path = g_test_build_filename (G_TEST_BUILT, "test-vulkan.cache", NULL);
  g_autoptr(GError) error = NULL;
  PspBackend *backend = psp_vulkan_backend_new_full (get_function, cache_path,
                                                     vulkan_test_find_device (), &options, &error);

  g_assert_no_error (error);
  return backend;
}

static void
skip (void)
{
  g_test_skip ("Vulkan offers no device here");
}

int
vulkan_test_run_without_device (void)
{
  g_test_add_func ("/vulkan/device", skip);
  return g_test_run ();
}
