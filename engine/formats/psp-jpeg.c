/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-jpeg.h"

#include "engine/formats/psp-exif.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* After stdio.h: these headers need FILE. */
#include <jpeglib.h>
#include <jerror.h>

/* Coefficients of a progressive file are held whole: this is enough for 350 megapixels, and a small
 * file that claims more cannot take the machine down. */
#define MAX_MEMORY_BYTES 2147483647L

/* libjpeg leaves a failed call by longjmp().  Only the functions called guarded_… call setjmp():
 * they own nothing, and everything that must be freed belongs to their callers, whose frames no
 * jump crosses. */

typedef struct
{
  struct jpeg_decompress_struct  jpeg;
  struct jpeg_error_mgr          manager;
  jmp_buf                        jump;
  const char                    *path;
  const guint8                  *bytes;
  gsize                          n_bytes;
  guint8                        *cmyk_row; /* (nullable): one row, where the file is CMYK */
  PspError                       code;
  char                           message[JMSG_LENGTH_MAX];
} Reader;

static void
reader_free (Reader *self)
{
  jpeg_destroy_decompress (&self->jpeg);
  g_free (self->cmyk_row);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, reader_free)

static PspError
code_of (int message)
{
  switch (message)
    {
    case JWRN_JPEG_EOF:
    case JERR_INPUT_EOF:
      return PSP_ERROR_TRUNCATED;

    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_BAD_J_COLORSPACE:
      return PSP_ERROR_UNSUPPORTED;

    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
      return PSP_ERROR_NO_MEMORY;

    default:
      return PSP_ERROR_BAD_FILE;
    }
}

G_GNUC_NORETURN static void
on_error (j_common_ptr jpeg)
{
  Reader *self = jpeg->client_data;

  self->code = code_of (jpeg->err->msg_code);
  jpeg->err->format_message (jpeg, self->message);
  longjmp (self->jump, 1);
}

/* Of the warnings (@level below 0), those after which pixels are made up are errors. */
static void
on_message (j_common_ptr jpeg,
            int          level)
{
  switch (level < 0 ? jpeg->err->msg_code : JMSG_NOMESSAGE)
    {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_NOT_SEQUENTIAL:
      on_error (jpeg);

    default:
      break;
    }
}

static gboolean
guarded_read_header (Reader *self)
{
  if (setjmp (self->jump) != 0)
    return FALSE;

  jpeg_create_decompress (&self->jpeg);
  self->jpeg.client_data = self;
  self->jpeg.mem->max_memory_to_use = MAX_MEMORY_BYTES;
  jpeg_mem_src (&self->jpeg, self->bytes, self->n_bytes);
  jpeg_save_markers (&self->jpeg, JPEG_APP0 + 1, 0xffff);
  (void) jpeg_read_header (&self->jpeg, TRUE);
  return TRUE;
}

static gboolean
is_cmyk (const Reader *self)
{
  return self->jpeg.jpeg_color_space == JCS_CMYK || self->jpeg.jpeg_color_space == JCS_YCCK;
}

/* Adobe's files hold 255 minus the ink: what is left of the light. */
static void
convert_cmyk_row (const Reader *self,
                  guint8       *rgb)
{
  guint8 invert = self->jpeg.saw_Adobe_marker ? 0 : 255;

  for (JDIMENSION x = 0; x < self->jpeg.output_width; x++)
    {
      const guint8 *cmyk = self->cmyk_row + 4 * (gsize) x;
      guint key = cmyk[3] ^ invert;

      for (int c = 0; c < 3; c++)
        rgb[3 * (gsize) x + c] = (guint8) (((cmyk[c] ^ invert) * key + 127) / 255);
    }
}

static gboolean
guarded_read_rgb (Reader   *self,
                  PspImage *image)
{
  if (setjmp (self->jump) != 0)
    return FALSE;

  self->jpeg.out_color_space = self->cmyk_row != NULL ? JCS_CMYK : JCS_RGB;
  (void) jpeg_start_decompress (&self->jpeg);
  while (self->jpeg.output_scanline < self->jpeg.output_height)
    {
      guint8 *rgb = image->pixels + (gsize) self->jpeg.output_scanline * image->size.width * 3;
      JSAMPROW row = self->cmyk_row != NULL ? self->cmyk_row : rgb;

      (void) jpeg_read_scanlines (&self->jpeg, &row, 1);
      if (self->cmyk_row != NULL)
        convert_cmyk_row (self, rgb);
    }
  (void) jpeg_finish_decompress (&self->jpeg);
  return TRUE;
}

static void
set_read_error (const Reader  *self,
                GError       **error)
{
  if (self->code == PSP_ERROR_TRUNCATED)
    g_set_error (error, PSP_ERROR, self->code,
                 "%s: the JPEG file ends too early, after %" G_GSIZE_FORMAT " bytes",
                 self->path, self->n_bytes);
  else if (self->code == PSP_ERROR_NO_MEMORY)
    g_set_error (error, PSP_ERROR, self->code,
                 "%s: decoding this JPEG file would take more than 2 GiB of memory", self->path);
  else
    g_set_error (error, PSP_ERROR, self->code, "%s: the JPEG file cannot be read: %s",
                 self->path, self->message);
}

static Reader *
reader_new (GBytes      *content,
            const char  *path,
            GError     **error)
{
  g_autoptr(Reader) self = g_new0 (Reader, 1);

  self->path = path;
  self->bytes = g_bytes_get_data (content, &self->n_bytes);
  self->jpeg.err = jpeg_std_error (&self->manager);
  self->jpeg.client_data = self;
  self->manager.error_exit = on_error;
  self->manager.emit_message = on_message;
  if (!guarded_read_header (self))
    {
      set_read_error (self, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

static int
find_orientation (const Reader *self)
{
  static const char exif[] = "Exif\0";

  for (jpeg_saved_marker_ptr marker = self->jpeg.marker_list; marker != NULL; marker = marker->next)
    if (marker->data_length >= sizeof exif && memcmp (marker->data, exif, sizeof exif) == 0)
      return psp_exif_get_orientation (marker->data, marker->data_length);
  return 1;
}

gboolean
psp_jpeg_read_info (GBytes        *content,
                    const char    *path,
                    PspImageInfo  *info,
                    GError       **error)
{
  g_autoptr(Reader) reader = reader_new (content, path, error);
  PspSize stored;

  if (reader == NULL)
    return FALSE;

  stored = (PspSize) { (int) reader->jpeg.image_width, (int) reader->jpeg.image_height };
  info->format = PSP_IMAGE_FORMAT_JPEG;
  info->orientation = find_orientation (reader);
  info->size = psp_exif_orient_size (stored, info->orientation);
  return TRUE;
}

PspImage *
psp_jpeg_read_image (GBytes      *content,
                     const char  *path,
                     int         *orientation,
                     GError     **error)
{
  g_autoptr(Reader) reader = reader_new (content, path, error);
  g_autoptr(PspImage) image = NULL;
  PspSize size;

  if (reader == NULL)
    return NULL;

  /* Now: libjpeg forgets the markers when it is done with the pixels. */
  *orientation = find_orientation (reader);
  size = (PspSize) { (int) reader->jpeg.image_width, (int) reader->jpeg.image_height };
  image = psp_image_new (size, error);
  if (image == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (is_cmyk (reader))
    reader->cmyk_row = g_malloc ((gsize) size.width * 4);
  if (!guarded_read_rgb (reader, image))
    {
      set_read_error (reader, error);
      return NULL;
    }
  return g_steal_pointer (&image);
}
