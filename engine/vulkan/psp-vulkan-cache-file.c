/* SPDX-License-Identifier: MIT */
#include "engine/vulkan/psp-vulkan-cache-file.h"

#include <glib/gstdio.h>
#include <string.h>

#define CHECKSUM_BYTES 32

/* More than any driver writes for a dozen kernels. */
#define MAX_CONTENT_BYTES (256 * 1024 * 1024)

typedef struct
{
  char    magic[8];
  guint32 vendor;
  guint32 device;
  guint32 driver_version;
  guint32 zero;
  guint8  driver_uuid[VK_UUID_SIZE];
  guint8  checksum[CHECKSUM_BYTES];
  guint64 n_bytes;
} Header;

G_STATIC_ASSERT (sizeof (Header) == 80);

char *
psp_vulkan_cache_file_get_path (const PspVulkanAdapter *adapter)
{
  g_autoptr(GString) name = g_string_new ("vulkan-");

  for (gsize i = 0; i < sizeof adapter->uuid; i++)
    g_string_append_printf (name, "%02x", adapter->uuid[i]);
  g_string_append (name, ".cache");
  return g_build_filename (g_get_user_cache_dir (), "scenescope", name->str, NULL);
}

static Header
make_header (const PspVulkanAdapter *adapter,
             const guint8           *content,
             gsize                   n_bytes)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize checksum_bytes = CHECKSUM_BYTES;
  Header header = {
    .magic = { 'P', 'S', 'P', 'V', 'K', 'C', '0', '6' },
    .vendor = adapter->properties.vendorID,
    .device = adapter->properties.deviceID,
    .driver_version = adapter->properties.driverVersion,
    .n_bytes = n_bytes,
  };

  memcpy (header.driver_uuid, adapter->properties.pipelineCacheUUID, sizeof header.driver_uuid);
  g_checksum_update (checksum, content, n_bytes);
  g_checksum_get_digest (checksum, header.checksum, &checksum_bytes);
  return header;
}

GBytes *
psp_vulkan_cache_file_read (const char             *path,
                            const PspVulkanAdapter *adapter)
{
  g_autofree char *file = NULL;
  gsize length;
  const guint8 *content;
  Header expected;

  if (!g_file_get_contents (path, &file, &length, NULL) ||
      length <= sizeof (Header) || length - sizeof (Header) > MAX_CONTENT_BYTES)
    return NULL;

  content = (const guint8 *) file + sizeof (Header);
  expected = make_header (adapter, content, length - sizeof (Header));
  if (memcmp (file, &expected, sizeof expected) != 0)
    return NULL;

  return g_bytes_new (content, length - sizeof (Header));
}

void
psp_vulkan_cache_file_write (const char             *path,
                             const PspVulkanAdapter *adapter,
                             const guint8           *content,
                             gsize                   n_bytes)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr(GByteArray) file = g_byte_array_new ();
  Header header;

  if (n_bytes == 0 || n_bytes > MAX_CONTENT_BYTES || g_mkdir_with_parents (directory, 0700) != 0)
    return;

  header = make_header (adapter, content, n_bytes);
  g_byte_array_append (file, (const guint8 *) &header, sizeof header);
  g_byte_array_append (file, content, n_bytes);
  g_file_set_contents_full (path, (const char *) file->data, file->len,
                            G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}
