/* SPDX-License-Identifier: MIT */
#pragma once

#include "engine/psp.h"

#include <gio/gio.h>

/**
 * psp_device_list_async:
 * @cancellable: (nullable)
 * @callback: called in the main thread, with no source object
 * @data: for @callback
 *
 * psp_device_list() in a worker thread: asking the drivers takes its time.
 */
void       psp_device_list_async       (GCancellable         *cancellable,
                                        GAsyncReadyCallback   callback,
                                        gpointer              data);

/* (transfer full) (element-type PspDeviceInfo): the devices, or %NULL with @error set. */
GPtrArray *psp_device_list_finish      (GAsyncResult         *result,
                                        GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * psp_device_list_create_menu:
 * @devices: (nullable) (element-type PspDeviceInfo): %NULL: not known yet
 * @action: a stateful action with a string: “win.device”
 *
 * Returns: (transfer full): “Automatic” and a line for each of @devices, two for a Vulkan device:
 *   in 32 and in 16 bits.  Targets are as psp_project_set_device_async() takes them
 */
GMenu     *psp_device_list_create_menu (GPtrArray            *devices,
                                        const char           *action) G_GNUC_WARN_UNUSED_RESULT;
