/* SPDX-License-Identifier: MIT */
#include "engine/core/psp-image.h"

#include "engine/core/psp-error.h"

PspImage *
psp_image_new (PspSize   size,
               GError  **error)
{
  g_autofree guint8 *pixels = NULL;
  PspImage *self;

  if (size.width < 1 || size.height < 1 ||
      size.width > PSP_IMAGE_MAX_SIDE || size.height > PSP_IMAGE_MAX_SIDE)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE,
                   "an image of %d x %d pixels cannot be opened; each side may have 1 to %d",
                   size.width, size.height, PSP_IMAGE_MAX_SIDE);
      return NULL;
    }

  pixels = g_try_malloc0_n ((gsize) size.width * size.height, 3);
  if (pixels == NULL)
    {
      g_set_error (error, PSP_ERROR, PSP_ERROR_NO_MEMORY,
                   "no memory for an image of %d x %d pixels", size.width, size.height);
      return NULL;
    }

  self = g_new0 (PspImage, 1);
  self->size = size;
  self->pixels = g_steal_pointer (&pixels);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

PspImage *
psp_image_ref (PspImage *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
psp_image_unref (PspImage *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->pixels);
  g_free (self);
}

/* The mean colour of the rectangle of @self that one pixel of the copy covers. */
static void
average_cell (const PspImage *self,
              PspRect         cell,
              guint8         *destination)
{
  guint64 sum[3] = { 0 };
  guint64 count = (guint64) cell.width * cell.height;

  for (int y = cell.y; y < cell.y + cell.height; y++)
    {
      const guint8 *row = self->pixels + ((gsize) y * self->size.width + cell.x) * 3;

      for (int x = 0; x < cell.width; x++)
        for (int c = 0; c < 3; c++)
          sum[c] += row[3 * x + c];
    }

  for (int c = 0; c < 3; c++)
    destination[c] = (sum[c] + count / 2) / count;
}

PspImage *
psp_image_scale_to_fit (PspImage  *self,
                        int        longest_side,
                        GError   **error)
{
  int longest = MAX (self->size.width, self->size.height);
  PspImage *copy;
  PspSize size;

  g_return_val_if_fail (longest_side > 0, NULL);

  if (longest <= longest_side)
    return psp_image_ref (self);

  size.width = MAX (1, (int) ((gint64) self->size.width * longest_side / longest));
  size.height = MAX (1, (int) ((gint64) self->size.height * longest_side / longest));
  copy = psp_image_new (size, error);
  if (copy == NULL)
    return NULL;

  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      {
        int left = (gint64) x * self->size.width / size.width;
        int right = (gint64) (x + 1) * self->size.width / size.width;
        int top = (gint64) y * self->size.height / size.height;
        int bottom = (gint64) (y + 1) * self->size.height / size.height;

        average_cell (self, (PspRect) { left, top, right - left, bottom - top },
                      copy->pixels + ((gsize) y * size.width + x) * 3);
      }

  return copy;
}
