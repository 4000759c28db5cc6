/* SPDX-License-Identifier: MIT */
#include "app/psp-command.h"

#include "engine/run/psp-device.h"

PspExit
psp_command_device_list (GStrv arguments)
{
  g_auto(GStrv) rest = arguments;
  g_autoptr(GPtrArray) devices = NULL;
  g_autoptr(GError) error = NULL;

  if (!psp_command_parse (&rest, "device list", "",
                          "Lists the devices that can run a network, the preferred one first.  "
                          "“auto” takes the first that is not emulated.", NULL, NULL, &error))
    return psp_command_misuse ("device list", "%s", error->message);
  if (rest[1] != NULL)
    return psp_command_misuse ("device list", "“%s” is one argument too many", rest[1]);

  devices = psp_device_list ();
  for (guint i = 0; i < devices->len; i++)
    {
      const PspDeviceInfo *info = g_ptr_array_index (devices, i);

      g_print ("%-9s  %-15s  %7.1f GiB  %s (%s)\n",
               info->id, psp_device_kind_to_string (info->kind),
               (double) info->memory_bytes / (1 << 30), info->name, info->driver);
    }
  psp_command_warn_of_slowdown ();
  return PSP_EXIT_DONE;
}
