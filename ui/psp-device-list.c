/* SPDX-License-Identifier: MIT */

#include "ui/psp-device-list.h"

#include <glib/gi18n.h>

static void
worker (GTask        *task,
        gpointer      source,
        gpointer      data,
        GCancellable *cancellable)
{
  g_task_return_pointer (task, psp_device_list (), (GDestroyNotify) g_ptr_array_unref);
}

void
psp_device_list_async (GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, psp_device_list_async);
  g_task_run_in_thread (task, worker);
}

GPtrArray *
psp_device_list_finish (GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
append_choice (GMenu      *menu,
               const char *label,
               const char *action,
               const char *id)
{
  g_autoptr(GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", id);
  g_menu_append_item (menu, item);
}

/* Of the processor this is no choice: it computes in 32 bits all the same. */
static void
append_in_16_bits (GMenu      *menu,
                   const char *device,
                   const char *action,
                   const char *id)
{
  g_autofree char *label = g_strdup_printf (_("%s, 16 Bits"), device);
  g_autofree char *choice = g_strconcat (id, PSP_PROJECT_DEVICE_FP16, NULL);

  append_choice (menu, label, action, choice);
}

GMenu *
psp_device_list_create_menu (GPtrArray  *devices,
                             const char *action)
{
  GMenu *menu = g_menu_new ();
  g_autoptr(GMenu) section = g_menu_new ();

  append_choice (section, _("Automatic"), action, "auto");
  g_menu_append_section (menu, _("Device"), G_MENU_MODEL (section));
  if (devices == NULL)
    return menu;

  for (guint i = 0; i < devices->len; i++)
    {
      const PspDeviceInfo *device = g_ptr_array_index (devices, i);
      g_autofree char *label = NULL;

      label = g_strdup_printf (_("%s (%s)"), device->name,
                               psp_device_kind_to_string (device->kind));
      append_choice (section, label, action, device->id);
      if (device->kind != PSP_DEVICE_PROCESSOR)
        append_in_16_bits (section, label, action, device->id);
    }

  return menu;
}
