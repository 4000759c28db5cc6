/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-exif.h"

#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT 3
#define ENTRY_BYTES 12

typedef struct
{
  const guint8 *bytes;
  gsize         n_bytes;
  gboolean      big_endian;
} Tiff;

/* An unsigned number of 2 or 4 bytes; 0 beyond the end. */
static guint32
number_at (const Tiff *tiff,
           gsize       offset,
           gsize       width)
{
  guint32 value = 0;

  if (offset > tiff->n_bytes || tiff->n_bytes - offset < width)
    return 0;

  for (gsize i = 0; i < width; i++)
    value = value << 8 | tiff->bytes[offset + (tiff->big_endian ? i : width - 1 - i)];
  return value;
}

int
psp_exif_get_orientation (const guint8 *tiff,
                          gsize         n_bytes)
{
  static const guint8 prefix[] = { 'E', 'x', 'i', 'f', 0, 0 };
  Tiff file = { tiff, n_bytes, FALSE };
  gsize directory;
  guint32 n_entries;

  if (n_bytes >= sizeof prefix && memcmp (tiff, prefix, sizeof prefix) == 0)
    file = (Tiff) { tiff + sizeof prefix, n_bytes - sizeof prefix, FALSE };
  if (file.n_bytes < 8)
    return 1;

  file.big_endian = file.bytes[0] == 'M';
  directory = number_at (&file, 4, 4);
  n_entries = number_at (&file, directory, 2);
  for (guint32 i = 0; i < n_entries; i++)
    {
      gsize entry = directory + 2 + (gsize) i * ENTRY_BYTES;

      if (number_at (&file, entry, 2) == TAG_ORIENTATION &&
          number_at (&file, entry + 2, 2) == TYPE_SHORT)
        {
          guint32 orientation = number_at (&file, entry + 8, 2);

          return orientation >= 1 && orientation <= 8 ? (int) orientation : 1;
        }
    }
  return 1;
}

PspSize
psp_exif_orient_size (PspSize size,
                      int     orientation)
{
  return orientation >= 5 ? (PspSize) { size.height, size.width } : size;
}

PspImage *
psp_exif_orient_image (PspImage  *image,
                       int        orientation,
                       GError   **error)
{
  /* EXIF 2.3, 4.6.4 A: 5 to 8 exchange rows and columns; then left and right, top and bottom. */
  gboolean exchange = orientation >= 5;
  gboolean mirror_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  gboolean mirror_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  PspSize stored = image->size;
  PspSize shown = psp_exif_orient_size (stored, orientation);
  PspImage *result;

  if (orientation <= 1 || orientation > 8)
    return psp_image_ref (image);

  result = psp_image_new (shown, error);
  if (result == NULL)
    return NULL;

  for (int y = 0; y < shown.height; y++)
    for (int x = 0; x < shown.width; x++)
      {
        int column = exchange ? y : x;
        int row = exchange ? x : y;
        gsize from;

        column = mirror_x ? stored.width - 1 - column : column;
        row = mirror_y ? stored.height - 1 - row : row;
        from = (gsize) row * stored.width + column;
        memcpy (result->pixels + 3 * ((gsize) y * shown.width + x), image->pixels + 3 * from, 3);
      }
  return result;
}
