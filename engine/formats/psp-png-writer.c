/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-png.h"

#include <png.h>

/* As in psp-png.c, a jump of libpng ends in a function called guarded_…, which owns nothing. */

typedef struct
{
  png_structp  png;
  png_infop    info;
  GByteArray  *output;
  guint8      *row;
  char         message[256];
} Writer;

static void
writer_free (Writer *self)
{
  png_destroy_write_struct (&self->png, &self->info);
  g_byte_array_unref (self->output);
  g_free (self->row);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Writer, writer_free)

static void
on_write_error (png_structp     png,
                png_const_charp message)
{
  Writer *self = png_get_error_ptr (png);

  g_strlcpy (self->message, message, sizeof self->message);
  png_longjmp (png, 1);
}

static void
on_write (png_structp png,
          png_bytep   bytes,
          gsize       n_bytes)
{
  Writer *self = png_get_io_ptr (png);

  if (self->output->len + n_bytes > G_MAXINT)
    png_error (png, "the file would have more than 2 GiB");
  g_byte_array_append (self->output, bytes, (guint) n_bytes);
}

static void
on_warning (png_structp     png,
            png_const_charp message)
{
}

static void
on_flush (png_structp png)
{
}

static Writer *
writer_new (gsize    row_bytes,
            GError **error)
{
  g_autoptr(Writer) self = g_new0 (Writer, 1);

  self->output = g_byte_array_new ();
  self->row = g_malloc (row_bytes);
  self->png = png_create_write_struct (PNG_LIBPNG_VER_STRING, self, on_write_error, on_warning);
  if (self->png != NULL)
    self->info = png_create_info_struct (self->png);
  if (self->info == NULL)
    {
      g_set_error_literal (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "no memory to write a PNG");
      return NULL;
    }

  png_set_write_fn (self->png, self, on_write, on_flush);
  return g_steal_pointer (&self);
}

static gboolean
guarded_write_image (Writer         *self,
                     const PspImage *image)
{
  if (setjmp (png_jmpbuf (self->png)) != 0)
    return FALSE;

  png_set_IHDR (self->png, self->info, image->size.width, image->size.height, 8,
                PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  png_write_info (self->png, self->info);
  for (int y = 0; y < image->size.height; y++)
    png_write_row (self->png, image->pixels + (gsize) y * image->size.width * 3);
  png_write_end (self->png, NULL);
  return TRUE;
}

static void
write_mask_row (Writer        *self,
                const PspMask *mask,
                int            y)
{
  const guint16 *ids = mask->pixels + (gsize) y * mask->size.width;

  for (int x = 0; x < mask->size.width; x++)
    if (mask->bit_depth == 8)
      {
        self->row[x] = (guint8) ids[x];
      }
    else
      {
        self->row[2 * x] = (guint8) (ids[x] >> 8);
        self->row[2 * x + 1] = (guint8) ids[x];
      }
  png_write_row (self->png, self->row);
}

static gboolean
guarded_write_mask (Writer        *self,
                    const PspMask *mask)
{
  if (setjmp (png_jmpbuf (self->png)) != 0)
    return FALSE;

  /* Neighbouring ids are equal or unrelated: differences between them compress worse. */
  png_set_filter (self->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_set_IHDR (self->png, self->info, mask->size.width, mask->size.height, mask->bit_depth,
                PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  png_write_info (self->png, self->info);
  for (int y = 0; y < mask->size.height; y++)
    write_mask_row (self, mask, y);
  png_write_end (self->png, NULL);
  return TRUE;
}

static GBytes *
writer_finish (Writer    *self,
               gboolean   written,
               GError   **error)
{
  GByteArray *output;

  if (!written)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "cannot make a PNG: %s", self->message);
      return NULL;
    }

  output = g_steal_pointer (&self->output);
  self->output = g_byte_array_new ();
  return g_byte_array_free_to_bytes (output);
}

GBytes *
psp_png_write_image (const PspImage  *image,
                     GError         **error)
{
  g_autoptr(Writer) writer = writer_new (1, error);

  if (writer == NULL)
    return NULL;
  return writer_finish (writer, guarded_write_image (writer, image), error);
}

GBytes *
psp_png_write_mask (const PspMask  *mask,
                    GError        **error)
{
  g_autoptr(Writer) writer = writer_new ((gsize) mask->size.width * 2, error);

  if (writer == NULL)
    return NULL;
  return writer_finish (writer, guarded_write_mask (writer, mask), error);
}
