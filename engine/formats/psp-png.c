/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-png.h"

#include "engine/formats/psp-exif.h"

#include <png.h>
#include <string.h>

#define SIGNATURE_BYTES 8

/* libpng leaves a failed call by longjmp().  Only the functions called guarded_… call setjmp():
 * they own nothing, and everything that must be freed belongs to their callers, whose frames no
 * jump crosses. */

typedef struct
{
  png_structp   png;
  png_infop     info;
  const guint8 *bytes;
  gsize         n_bytes;
  gsize         position;
  const char   *path;
  gboolean      truncated;
  char          message[256];

  PspSize       size;
  int           bit_depth;
  int           color_type;
} Reader;

static void
reader_free (Reader *self)
{
  png_destroy_read_struct (&self->png, &self->info, NULL);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, reader_free)

static void
on_read_error (png_structp     png,
               png_const_charp message)
{
  Reader *self = png_get_error_ptr (png);

  g_strlcpy (self->message, message, sizeof self->message);
  png_longjmp (png, 1);
}

/* What libpng only warns of does not change pixels. */
static void
on_warning (png_structp     png,
            png_const_charp message)
{
}

static void
on_read (png_structp png,
         png_bytep   destination,
         gsize       n_bytes)
{
  Reader *self = png_get_io_ptr (png);

  if (self->n_bytes - self->position < n_bytes)
    {
      self->truncated = TRUE;
      png_error (png, "the file ends too early");
    }
  memcpy (destination, self->bytes + self->position, n_bytes);
  self->position += n_bytes;
}

static gboolean
guarded_read_header (Reader *self)
{
  if (setjmp (png_jmpbuf (self->png)) != 0)
    return FALSE;

  png_read_info (self->png, self->info);
  return TRUE;
}

static void
read_rows (Reader *self,
           guint8 *rows,
           gsize   row_bytes)
{
  int n_passes = png_set_interlace_handling (self->png);

  png_read_update_info (self->png, self->info);
  if (png_get_rowbytes (self->png, self->info) != row_bytes)
    png_error (self->png, "the rows have another length than the header says");
  for (int pass = 0; pass < n_passes; pass++)
    for (int y = 0; y < self->size.height; y++)
      png_read_row (self->png, rows + (gsize) y * row_bytes, NULL);
  png_read_end (self->png, NULL);
}

static gboolean
guarded_read_rgb (Reader   *self,
                  PspImage *image)
{
  if (setjmp (png_jmpbuf (self->png)) != 0)
    return FALSE;

  png_set_strip_16 (self->png);
  png_set_expand (self->png);
  png_set_gray_to_rgb (self->png);
  png_set_strip_alpha (self->png);
  read_rows (self, image->pixels, (gsize) self->size.width * 3);
  return TRUE;
}

static gboolean
guarded_read_samples (Reader *self,
                      guint8 *samples)
{
  if (setjmp (png_jmpbuf (self->png)) != 0)
    return FALSE;

  png_set_packing (self->png);
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (self->png);
  read_rows (self, samples, (gsize) self->size.width * (self->bit_depth == 16 ? 2 : 1));
  return TRUE;
}

static void
set_read_error (const Reader  *self,
                GError       **error)
{
  if (self->truncated)
    g_set_error (error, PSP_ERROR, PSP_ERROR_TRUNCATED,
                 "%s: the PNG file ends too early, after %" G_GSIZE_FORMAT " bytes",
                 self->path, self->n_bytes);
  else
    g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_FILE,
                 "%s: the PNG file is damaged: %s", self->path, self->message);
}

static Reader *
reader_new (GBytes      *content,
            const char  *path,
            GError     **error)
{
  g_autoptr(Reader) self = g_new0 (Reader, 1);

  self->path = path;
  self->bytes = g_bytes_get_data (content, &self->n_bytes);
  self->png = png_create_read_struct (PNG_LIBPNG_VER_STRING, self, on_read_error, on_warning);
  if (self->png != NULL)
    self->info = png_create_info_struct (self->png);
  if (self->info == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "%s: no memory to read it", path);
      return NULL;
    }

  /* Sides are checked where memory is taken for them, with a message that says what is allowed. */
  png_set_user_limits (self->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_read_fn (self->png, self, on_read);
  if (!guarded_read_header (self))
    {
      set_read_error (self, error);
      return NULL;
    }

  self->size.width = (int) png_get_image_width (self->png, self->info);
  self->size.height = (int) png_get_image_height (self->png, self->info);
  self->bit_depth = png_get_bit_depth (self->png, self->info);
  self->color_type = png_get_color_type (self->png, self->info);
  return g_steal_pointer (&self);
}

/* The orientation in the eXIf chunk (PNG extensions 1.5.0, 3.7), which may follow the pixels. */
static int
find_orientation (GBytes *content)
{
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (content, &n_bytes);
  gsize position = SIGNATURE_BYTES;

  while (n_bytes - position >= 12)
    {
      guint32 length = (guint32) bytes[position] << 24 | (guint32) bytes[position + 1] << 16 |
                       (guint32) bytes[position + 2] << 8 | bytes[position + 3];

      if (length > n_bytes - position - 12)
        return 1;
      if (memcmp (bytes + position + 4, "eXIf", 4) == 0)
        return psp_exif_get_orientation (bytes + position + 8, length);
      position += 12 + (gsize) length;
    }
  return 1;
}

gboolean
psp_png_read_info (GBytes        *content,
                   const char    *path,
                   PspImageInfo  *info,
                   GError       **error)
{
  g_autoptr(Reader) reader = reader_new (content, path, error);

  if (reader == NULL)
    return FALSE;

  info->format = PSP_IMAGE_FORMAT_PNG;
  info->orientation = find_orientation (content);
  info->size = psp_exif_orient_size (reader->size, info->orientation);
  return TRUE;
}

PspImage *
psp_png_read_image (GBytes      *content,
                    const char  *path,
                    int         *orientation,
                    GError     **error)
{
  g_autoptr(Reader) reader = reader_new (content, path, error);
  g_autoptr(PspImage) image = NULL;

  if (reader == NULL)
    return NULL;

  image = psp_image_new (reader->size, error);
  if (image == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (!guarded_read_rgb (reader, image))
    {
      set_read_error (reader, error);
      return NULL;
    }

  *orientation = find_orientation (content);
  return g_steal_pointer (&image);
}

static gboolean
check_holds_ids (const Reader  *reader,
                 GError       **error)
{
  if (reader->color_type == PNG_COLOR_TYPE_GRAY || reader->color_type == PNG_COLOR_TYPE_PALETTE)
    return TRUE;

  g_set_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED,
               "%s: this PNG has %s, not class ids; save the mask as a grey or palette PNG whose "
               "values are the ids", reader->path,
               (reader->color_type & PNG_COLOR_MASK_COLOR) != 0 ? "RGB colours"
                                                                : "grey values with transparency");
  return FALSE;
}

PspMask *
psp_png_read_mask (GBytes      *content,
                   const char  *path,
                   GError     **error)
{
  g_autoptr(Reader) reader = reader_new (content, path, error);
  g_autoptr(PspMask) mask = NULL;
  g_autofree guint8 *bytes = NULL;
  gsize n_pixels;

  if (reader == NULL || !check_holds_ids (reader, error))
    return NULL;

  mask = psp_mask_new (reader->size, reader->bit_depth == 16 ? 16 : 8, error);
  if (mask == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }

  n_pixels = (gsize) mask->size.width * mask->size.height;
  bytes = mask->bit_depth == 8 ? g_try_malloc0 (n_pixels) : NULL;
  if (mask->bit_depth == 8 && bytes == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY, "%s: no memory to read it", path);
      return NULL;
    }
  if (!guarded_read_samples (reader, bytes != NULL ? bytes : (guint8 *) mask->pixels))
    {
      set_read_error (reader, error);
      return NULL;
    }
  for (gsize i = 0; bytes != NULL && i < n_pixels; i++)
    mask->pixels[i] = bytes[i];
  return g_steal_pointer (&mask);
}
