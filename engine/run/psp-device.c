/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-device.h"

#include "engine/cpu/psp-cpu-backend.h"
#include "engine/vulkan/psp-vulkan-backend.h"

#include <stdlib.h>
#include <string.h>

#define VULKAN_PREFIX "vulkan:"

PspDeviceInfo *
psp_device_info_copy (const PspDeviceInfo *self)
{
  PspDeviceInfo *copy = g_new (PspDeviceInfo, 1);

  *copy = *self;
  copy->id = g_strdup (self->id);
  copy->name = g_strdup (self->name);
  copy->driver = g_strdup (self->driver);
  return copy;
}

void
psp_device_info_free (PspDeviceInfo *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->driver);
  g_free (self);
}

const char *
psp_device_kind_to_string (PspDeviceKind kind)
{
  static const char *const words[] = {
    [PSP_DEVICE_DISCRETE] = "discrete GPU",
    [PSP_DEVICE_INTEGRATED] = "integrated GPU",
    [PSP_DEVICE_VIRTUAL] = "virtual GPU",
    [PSP_DEVICE_PROCESSOR] = "processor",
    [PSP_DEVICE_SOFTWARE] = "software",
  };

  g_return_val_if_fail (kind < G_N_ELEMENTS (words), NULL);

  return words[kind];
}

/* Preferred kinds first.  GLib's sort is stable: within a kind the order of their numbers stays. */
static int
compare_kinds (gconstpointer a,
               gconstpointer b)
{
  const PspDeviceInfo *one = *(const PspDeviceInfo *const *) a;
  const PspDeviceInfo *other = *(const PspDeviceInfo *const *) b;

  return (int) one->kind - (int) other->kind;
}

GPtrArray *
psp_device_list (void)
{
  GPtrArray *devices = psp_vulkan_list_devices ();

  g_ptr_array_add (devices, psp_cpu_device_info ());
  g_ptr_array_sort (devices, compare_kinds);
  return devices;
}

/* (transfer full): “vulkan:0 (NVIDIA H200), cpu (Cooperlake)”. */
static char *
describe_devices (const GPtrArray *devices)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < devices->len; i++)
    {
      const PspDeviceInfo *device = g_ptr_array_index (devices, i);

      g_string_append_printf (text, "%s%s (%s)", i > 0 ? ", " : "", device->id, device->name);
    }
  return g_string_free (text, FALSE);
}

/* The first whose id begins with @prefix. */
static const PspDeviceInfo *
find_device (const GPtrArray *devices,
             const char      *prefix)
{
  for (guint i = 0; i < devices->len; i++)
    {
      const PspDeviceInfo *device = g_ptr_array_index (devices, i);

      if (g_str_has_prefix (device->id, prefix))
        return device;
    }
  return NULL;
}

static gboolean
is_numbered (const char *choice)
{
  return g_str_has_prefix (choice, VULKAN_PREFIX) &&
         g_ascii_string_to_unsigned (choice + strlen (VULKAN_PREFIX), 10, 0, G_MAXINT, NULL, NULL);
}

static const PspDeviceInfo *
choose_device (const GPtrArray  *devices,
               const char       *choice,
               GError          **error)
{
  g_autofree char *names = describe_devices (devices);
  const PspDeviceInfo *device = NULL;

  if (strcmp (choice, "auto") == 0)
    device = g_ptr_array_index (devices, 0);
  else if (strcmp (choice, "vulkan") == 0)
    device = find_device (devices, VULKAN_PREFIX);
  else if (is_numbered (choice))
    {
      for (guint i = 0; i < devices->len && device == NULL; i++)
        if (strcmp (((PspDeviceInfo *) g_ptr_array_index (devices, i))->id, choice) == 0)
          device = g_ptr_array_index (devices, i);
    }
  else
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                   "“%s” is no device: use auto, cpu, vulkan or vulkan:N; there are: %s",
                   choice, names);
      return NULL;
    }

  if (device == NULL)
    g_set_error (error, PSP_ERROR, PSP_ERROR_NO_DEVICE,
                 "there is no device “%s”; there are: %s", choice, names);
  return device;
}

PspBackend *
psp_device_open (const char               *choice,
                 const PspBackendOptions  *options,
                 GError                  **error)
{
  g_autoptr(GPtrArray) devices = NULL;
  const PspDeviceInfo *device;

  /* Needs no list, which may start a driver. */
  if (strcmp (choice, "cpu") == 0)
    return psp_cpu_backend_new (options, error);

  devices = psp_device_list ();
  device = choose_device (devices, choice, error);
  if (device == NULL)
    return NULL;
  if (device->kind == PSP_DEVICE_PROCESSOR)
    return psp_cpu_backend_new (options, error);
  return psp_vulkan_backend_new (atoi (device->id + strlen (VULKAN_PREFIX)), options, error);
}

void
psp_device_restart_if_slow (char **argv)
{
  psp_cpu_restart_if_slow (argv);
}

char *
psp_device_find_slowdown (void)
{
  return psp_cpu_find_slowdown ();
}
