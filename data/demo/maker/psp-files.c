/* SPDX-License-Identifier: MIT */
#include "data/demo/maker/psp-files.h"

#include <gio/gio.h>
#include <png.h>

gboolean
psp_files_write_png (const char    *path,
                     const guint8  *pixels,
                     int            width,
                     int            height,
                     int            n_channels,
                     GError       **error)
{
  png_image image = {
    .version = PNG_IMAGE_VERSION,
    .width = (png_uint_32) width,
    .height = (png_uint_32) height,
    .format = n_channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY,
  };

  if (png_image_write_to_file (&image, path, FALSE, pixels, width * n_channels, NULL))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s could not be written: %s.", path,
               image.message);
  return FALSE;
}
