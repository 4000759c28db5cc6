/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-adapter.h"

#include <string.h>

void
psp_vulkan_adapter_free (PspVulkanAdapter *self)
{
  g_free (self->name);
  g_free (self->driver);
  g_free (self);
}

guint64
psp_vulkan_adapter_get_memory (const PspVulkanAdapter *self)
{
  guint64 n_bytes = 0;

  for (guint32 i = 0; i < self->memory.memoryHeapCount; i++)
    if (self->memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT)
      n_bytes += self->memory.memoryHeaps[i].size;
  return n_bytes;
}

static PspDeviceKind
find_kind (VkPhysicalDeviceType type)
{
  static const struct
  {
    VkPhysicalDeviceType type;
    PspDeviceKind        kind;
  } kinds[] = {
    { VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU, PSP_DEVICE_DISCRETE },
    { VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU, PSP_DEVICE_INTEGRATED },
    { VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU, PSP_DEVICE_VIRTUAL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].type == type)
      return kinds[i].kind;

  /* A processor, or a driver that does not say: never chosen by itself. */
  return PSP_DEVICE_SOFTWARE;
}

static char *
describe_driver (const VkPhysicalDeviceProperties       *properties,
                 const VkPhysicalDeviceDriverProperties *driver)
{
  g_autofree char *text = NULL;

  if (driver->driverName[0] == '\0')
    return g_strdup_printf ("driver 0x%x of Vulkan %u.%u", properties->driverVersion,
                            VK_API_VERSION_MAJOR (properties->apiVersion),
                            VK_API_VERSION_MINOR (properties->apiVersion));

  text = g_strdup_printf ("%s %s", driver->driverName, driver->driverInfo);
  return g_utf8_make_valid (g_strchomp (text), -1);
}

static void
read_properties (PspVulkanAdapter  *self,
                 PspVulkanInstance *instance)
{
  VkPhysicalDeviceDriverProperties driver = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES,
  };
  VkPhysicalDeviceIDProperties identity = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES,
  };
  VkPhysicalDeviceMaintenance3Properties maintenance = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES,
    .pNext = &identity,
  };
  VkPhysicalDeviceProperties2 properties = {
    .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
    .pNext = &maintenance,
  };

  if (self->properties.apiVersion >= VK_API_VERSION_1_2)
    identity.pNext = &driver;
  instance->vk.GetPhysicalDeviceProperties2 (self->handle, &properties);
  instance->vk.GetPhysicalDeviceMemoryProperties (self->handle, &self->memory);

  self->properties = properties.properties;
  self->kind = find_kind (properties.properties.deviceType);
  self->name = g_utf8_make_valid (properties.properties.deviceName, -1);
  self->driver = describe_driver (&properties.properties, &driver);
  self->max_allocation_bytes = maintenance.maxMemoryAllocationSize;
  memcpy (self->uuid, identity.deviceUUID, sizeof self->uuid);
}

static gboolean
find_queue_family (PspVulkanAdapter  *self,
                   PspVulkanInstance *instance)
{
  guint32 n_families = 0;
  g_autofree VkQueueFamilyProperties *families = NULL;

  instance->vk.GetPhysicalDeviceQueueFamilyProperties (self->handle, &n_families, NULL);
  families = g_new0 (VkQueueFamilyProperties, n_families + 1);
  instance->vk.GetPhysicalDeviceQueueFamilyProperties (self->handle, &n_families, families);
  for (guint32 i = 0; i < n_families; i++)
    if (families[i].queueCount > 0 && families[i].queueFlags & VK_QUEUE_COMPUTE_BIT)
      {
        self->queue_family = i;
        self->timestamp_bits = families[i].timestampValidBits;
        return TRUE;
      }
  return FALSE;
}

/* (transfer full) (nullable): %NULL: nothing for us. */
static PspVulkanAdapter *
inspect (PspVulkanInstance *instance,
         VkPhysicalDevice   handle)
{
  g_autoptr(PspVulkanAdapter) self = g_new0 (PspVulkanAdapter, 1);

  self->handle = handle;
  instance->vk.GetPhysicalDeviceProperties (handle, &self->properties);
  if (self->properties.apiVersion < VK_API_VERSION_1_1 || !find_queue_family (self, instance))
    return NULL;

  read_properties (self, instance);
  return g_steal_pointer (&self);
}

static gboolean
contains_uuid (const GPtrArray        *adapters,
               const PspVulkanAdapter *adapter)
{
  for (guint i = 0; i < adapters->len; i++)
    {
      const PspVulkanAdapter *other = g_ptr_array_index (adapters, i);

      if (memcmp (other->uuid, adapter->uuid, sizeof other->uuid) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_listed (VkResult   result,
              GError   **error)
{
  gboolean no_memory = result == VK_ERROR_OUT_OF_HOST_MEMORY ||
                       result == VK_ERROR_OUT_OF_DEVICE_MEMORY;

  if (result == VK_SUCCESS || result == VK_INCOMPLETE)
    return TRUE;

  g_set_error (error, PSP_ERROR, no_memory ? PSP_ERROR_NO_MEMORY : PSP_ERROR_NO_DEVICE,
               "Vulkan cannot list its devices: vkEnumeratePhysicalDevices returned %s (%d)",
               psp_vulkan_result_name (result), result);
  return FALSE;
}

GPtrArray *
psp_vulkan_adapter_list (PspVulkanInstance  *instance,
                         GError            **error)
{
  g_autoptr(GPtrArray) adapters =
    g_ptr_array_new_with_free_func ((GDestroyNotify) psp_vulkan_adapter_free);
  guint32 n_devices = 0;
  g_autofree VkPhysicalDevice *devices = NULL;

  if (!check_listed (instance->vk.EnumeratePhysicalDevices (instance->handle, &n_devices, NULL),
                     error))
    return NULL;

  devices = g_new0 (VkPhysicalDevice, n_devices + 1);
  if (!check_listed (instance->vk.EnumeratePhysicalDevices (instance->handle, &n_devices, devices),
                     error))
    return NULL;

  for (guint32 i = 0; i < n_devices; i++)
    {
      g_autoptr(PspVulkanAdapter) adapter = inspect (instance, devices[i]);

      if (adapter != NULL && !contains_uuid (adapters, adapter))
        g_ptr_array_add (adapters, g_steal_pointer (&adapter));
    }
  return g_steal_pointer (&adapters);
}
