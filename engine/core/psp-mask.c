/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-mask.h"

#include "engine/core/psp-error.h"
#include "engine/core/psp-floats.h"
#include "engine/core/psp-image.h"

#include <string.h>

static gsize
pixel_count (const PspMask *self)
{
  return (gsize) self->size.width * self->size.height;
}

/* How many floats have room for the pixels. */
static gsize
float_count (PspSize size)
{
  return ((gsize) size.width * size.height + 1) / 2;
}

G_STATIC_ASSERT (sizeof (float) == 2 * sizeof (guint16));

/* A mask whose pixels are still to be written.  They lie in an array of floats for the sake of its
 * large pages. */
static PspMask *
mask_alloc (PspSize   size,
            int       bit_depth,
            GError  **error)
{
  PspMask *self;
  float *pixels;

  g_return_val_if_fail (bit_depth == 8 || bit_depth == 16, NULL);

  if (size.width < 1 || size.height < 1 ||
      size.width > PSP_IMAGE_MAX_SIDE || size.height > PSP_IMAGE_MAX_SIDE)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "a mask of %d x %d pixels cannot be opened; each side may have 1 to %d",
                   size.width, size.height, PSP_IMAGE_MAX_SIDE);
      return NULL;
    }

  pixels = psp_floats_new (float_count (size));
  if (pixels == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for a mask of %d x %d pixels", size.width, size.height);
      return NULL;
    }

  self = g_new0 (PspMask, 1);
  self->size = size;
  self->bit_depth = bit_depth;
  self->pixels = (guint16 *) pixels;
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

PspMask *
psp_mask_new (PspSize   size,
              int       bit_depth,
              GError  **error)
{
  PspMask *self = mask_alloc (size, bit_depth, error);

  if (self == NULL)
    return NULL;

  for (gsize i = 0; i < pixel_count (self); i++)
    self->pixels[i] = psp_mask_get_ignore (self);
  return self;
}

PspMask *
psp_mask_ref (PspMask *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_mask_unref (PspMask *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  psp_floats_free ((float *) self->pixels, float_count (self->size));
  g_free (self);
}

PspMask *
psp_mask_copy (const PspMask  *self,
               GError        **error)
{
  PspMask *copy = mask_alloc (self->size, self->bit_depth, error);

  if (copy != NULL)
    memcpy (copy->pixels, self->pixels, pixel_count (self) * sizeof *self->pixels);
  return copy;
}

guint16
psp_mask_get_ignore (const PspMask *self)
{
  return self->bit_depth == 8 ? 255 : 65535;
}

gboolean
psp_mask_equal (const PspMask *a,
                const PspMask *b)
{
  return psp_size_equal (a->size, b->size) && a->bit_depth == b->bit_depth &&
         memcmp (a->pixels, b->pixels, pixel_count (a) * sizeof *a->pixels) == 0;
}

char *
psp_mask_dup_digest (const PspMask *self)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *facts = g_strdup_printf ("%d %d %d\n", self->size.width, self->size.height,
                                            self->bit_depth);

  g_checksum_update (checksum, (const guchar *) facts, -1);
  for (int y = 0; y < self->size.height; y++)
    g_checksum_update (checksum,
                       (const guchar *) (self->pixels + (gsize) y * self->size.width),
                       self->size.width * (gssize) sizeof *self->pixels);
  return g_strdup (g_checksum_get_string (checksum));
}
