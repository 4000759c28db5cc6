/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-device.h"

#include <string.h>

static void
test_list (void)
{
  g_autoptr(GPtrArray) devices = psp_device_list ();
  int n_processors = 0;
  const PspDeviceInfo *before = NULL;

  for (guint i = 0; i < devices->len; i++)
    {
      const PspDeviceInfo *device = g_ptr_array_index (devices, i);
      g_autoptr(PspDeviceInfo) copy = psp_device_info_copy (device);

      g_assert_cmpstr (copy->id, ==, device->id);
      g_assert_cmpstr (copy->name, ==, device->name);
      g_assert_cmpstr (copy->driver, ==, device->driver);
      g_assert_cmpuint (device->memory_bytes, >, 0);
      g_assert_nonnull (psp_device_kind_to_string (device->kind));
      if (device->kind == PSP_DEVICE_PROCESSOR)
        {
          g_assert_cmpstr (device->id, ==, "cpu");
          n_processors++;
        }
      if (before != NULL)
        g_assert_cmpint (before->kind, <=, device->kind);
      before = device;
    }
  g_assert_cmpint (n_processors, ==, 1);
}

/* What is listed can be opened. */
static void
test_open_each (void)
{
  g_autoptr(GPtrArray) devices = psp_device_list ();

  for (guint i = 0; i < devices->len; i++)
    {
      const PspDeviceInfo *device = g_ptr_array_index (devices, i);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspBackend) backend = psp_device_open (device->id, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (psp_backend_get_device_id (backend), ==, device->id);
      if (device->kind != PSP_DEVICE_PROCESSOR)
        g_assert_cmpstr (psp_backend_get_device_name (backend), ==, device->name);
    }
}

static void
test_auto (void)
{
  g_autoptr(GPtrArray) devices = psp_device_list ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = psp_device_open ("auto", NULL, &error);
  const PspDeviceInfo *first = g_ptr_array_index (devices, 0);

  g_assert_no_error (error);
  g_assert_cmpint (first->kind, !=, PSP_DEVICE_SOFTWARE);
  g_assert_cmpstr (psp_backend_get_device_id (backend), ==, first->id);
}

static void
test_no_such_device (void)
{
  static const char *const choices[] = { "vulkan:99", "vulkan:2147483647" };

  for (gsize i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (psp_device_open (choices[i], NULL, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE);
      g_assert_nonnull (strstr (error->message, choices[i]));
      g_assert_nonnull (strstr (error->message, "cpu ("));
    }
}

static void
test_no_choice (void)
{
  static const char *const choices[] = {
    "", "gpu", "cpu0", "vulkan:", "vulkan:x", "vulkan:-1", "vulkan:1 ", "vulkan0",
    "vulkan:99999999999999999999", "AUTO",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (psp_device_open (choices[i], NULL, &error));
      g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
      g_assert_nonnull (strstr (error->message, choices[i]));
    }
}

/* “vulkan” takes even a software device, and says what there is if there is none. */
static void
test_any_vulkan (void)
{
  g_autoptr(GPtrArray) devices = psp_device_list ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspBackend) backend = psp_device_open ("vulkan", NULL, &error);

  if (devices->len > 1)
    {
      g_assert_no_error (error);
      g_assert_true (g_str_has_prefix (psp_backend_get_device_id (backend), "vulkan:"));
    }
  else
    {
      g_assert_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device/list", test_list);
  g_test_add_func ("/device/open-each", test_open_each);
  g_test_add_func ("/device/auto", test_auto);
  g_test_add_func ("/device/no-such-device", test_no_such_device);
  g_test_add_func ("/device/no-choice", test_no_choice);
  g_test_add_func ("/device/any-vulkan", test_any_vulkan);
  return g_test_run ();
}
