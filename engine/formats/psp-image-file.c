/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-image-file.h"

#include "engine/formats/psp-exif.h"
#include "engine/formats/psp-file.h"
#include "engine/formats/psp-jpeg.h"
#include "engine/formats/psp-png.h"

#include <string.h>

/* How files begin that people take for PNG and JPEG. */
static const struct
{
  const char *name;
  const char *magic;
  gsize       n_bytes;
  gsize       offset;
} foreign_kinds[] = {
  { "a GIF picture", "GIF8", 4, 0 },
  { "a WebP picture", "WEBP", 4, 8 },
  { "a BMP picture", "BM", 2, 0 },
  { "a TIFF picture", "II*\0", 4, 0 },
  { "a TIFF picture", "MM\0*", 4, 0 },
  { "a HEIC or AVIF picture", "ftyp", 4, 4 },
  { "a JPEG XL picture", "\xff\x0a", 2, 0 },
  { "an SVG drawing", "<svg", 4, 0 },
  { "a Git LFS pointer: the picture was not downloaded", "version https://git-lfs", 23, 0 },
  { "an HTML page", "<!DOCTYPE html", 14, 0 },
  { "an HTML page", "<html", 5, 0 },
};

static gboolean
begins_with (GBytes     *content,
             gsize       offset,
             const char *magic,
             gsize       n_magic)
{
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (content, &n_bytes);

  return n_bytes >= offset + n_magic && memcmp (bytes + offset, magic, n_magic) == 0;
}

static void
set_foreign_error (GBytes      *content,
                   const char  *path,
                   GError     **error)
{
  if (g_bytes_get_size (content) == 0)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED, "%s: the file is empty", path);
      return;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (foreign_kinds); i++)
    if (begins_with (content, foreign_kinds[i].offset, foreign_kinds[i].magic,
                     foreign_kinds[i].n_bytes))
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
                     "%s: this is %s; PNG and JPEG are read", path, foreign_kinds[i].name);
        return;
      }

  g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
               "%s: this is neither a PNG nor a JPEG file", path);
}

static gboolean
find_format (GBytes          *content,
             const char      *path,
             PspImageFormat  *format,
             GError         **error)
{
  if (begins_with (content, 0, "\x89PNG\r\n\x1a\n", 8))
    *format = PSP_IMAGE_FORMAT_PNG;
  else if (begins_with (content, 0, "\xff\xd8\xff", 3))
    *format = PSP_IMAGE_FORMAT_JPEG;
  else
    {
      set_foreign_error (content, path, error);
      return FALSE;
    }
  return TRUE;
}

static GBytes *
load_file (const char      *path,
           PspImageFormat  *format,
           GError         **error)
{
  g_autoptr(GBytes) content = psp_file_load (path, PSP_IMAGE_MAX_FILE_BYTES, error);

  return content != NULL && find_format (content, path, format, error)
         ? g_steal_pointer (&content) : NULL;
}

gboolean
psp_image_probe (const char    *path,
                 PspImageInfo  *info,
                 GError       **error)
{
  PspImageFormat format;
  g_autoptr(GBytes) content = load_file (path, &format, error);

  if (content == NULL)
    return FALSE;
  return format == PSP_IMAGE_FORMAT_PNG ? psp_png_read_info (content, path, info, error)
                                        : psp_jpeg_read_info (content, path, info, error);
}

PspImage *
psp_image_decode (GBytes        *content,
                  const char    *path,
                  PspImageInfo  *info,
                  GError       **error)
{
  g_autoptr(PspImage) stored = NULL;
  PspImageFormat format;
  PspImage *shown;
  int orientation = 1;

  if (!find_format (content, path, &format, error))
    return NULL;

  if (format == PSP_IMAGE_FORMAT_PNG)
    stored = psp_png_read_image (content, path, &orientation, error);
  else
    stored = psp_jpeg_read_image (content, path, &orientation, error);
  if (stored == NULL)
    return NULL;

  shown = psp_exif_orient_image (stored, orientation, error);
  if (shown == NULL)
    g_prefix_error (error, "%s: ", path);
  else if (info != NULL)
    *info = (PspImageInfo) { format, shown->size, orientation };
  return shown;
}

PspImage *
psp_image_load (const char  *path,
                GError     **error)
{
  g_autoptr(GBytes) content = psp_file_load (path, PSP_IMAGE_MAX_FILE_BYTES, error);

  return content != NULL ? psp_image_decode (content, path, NULL, error) : NULL;
}

PspMask *
psp_mask_load (const char  *path,
               GError     **error)
{
  PspImageFormat format;
  g_autoptr(GBytes) content = load_file (path, &format, error);

  if (content == NULL)
    return NULL;
  if (format == PSP_IMAGE_FORMAT_PNG)
    return psp_png_read_mask (content, path, error);

  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: this is a JPEG file, whose compression changes class ids; masks are PNG files",
               path);
  return NULL;
}

GBytes *
psp_image_encode_png (const PspImage  *self,
                      GError         **error)
{
  return psp_png_write_image (self, error);
}

GBytes *
psp_mask_encode_png (const PspMask  *self,
                     GError        **error)
{
  gsize n_pixels = (gsize) self->size.width * self->size.height;

  for (gsize i = 0; self->bit_depth == 8 && i < n_pixels; i++)
    if (self->pixels[i] > 255)
      {
        g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE,
                     "class id %d does not fit into an 8-bit mask", self->pixels[i]);
        return NULL;
      }
  return psp_png_write_mask (self, error);
}

static gboolean
replace_file (const char  *path,
              GBytes      *content,
              GError     **error)
{
  if (content != NULL)
    return psp_file_replace (path, g_bytes_get_data (content, NULL), g_bytes_get_size (content),
                             error);

  g_prefix_error (error, "%s: ", path);
  return FALSE;
}

gboolean
psp_image_save_png (const PspImage  *self,
                    const char      *path,
                    GError         **error)
{
  g_autoptr(GBytes) content = psp_image_encode_png (self, error);

  return replace_file (path, content, error);
}

gboolean
psp_mask_save (const PspMask  *self,
               const char     *path,
               GError        **error)
{
  g_autoptr(GBytes) content = psp_mask_encode_png (self, error);

  return replace_file (path, content, error);
}
