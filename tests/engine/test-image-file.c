/* SPDX-License-Identifier: MIT */
#include "engine/formats/psp-image-file.h"

#include "tests/psp-test-folder.h"

#include <stdio.h>
#include <string.h>
#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

/* ---- PNG files of every kind ---- */

typedef struct
{
  const char *name;
  int         bit_depth;
  int         color_type;
  gboolean    interlaced;
} PngKind;

static const PngKind png_kinds[] = {
  { "grey1", 1, PNG_COLOR_TYPE_GRAY },
  { "grey2", 2, PNG_COLOR_TYPE_GRAY },
  { "grey4", 4, PNG_COLOR_TYPE_GRAY },
  { "grey8", 8, PNG_COLOR_TYPE_GRAY },
  { "grey16", 16, PNG_COLOR_TYPE_GRAY },
  { "grey-alpha8", 8, PNG_COLOR_TYPE_GRAY_ALPHA },
  { "grey-alpha16", 16, PNG_COLOR_TYPE_GRAY_ALPHA },
  { "palette1", 1, PNG_COLOR_TYPE_PALETTE },
  { "palette2", 2, PNG_COLOR_TYPE_PALETTE },
  { "palette4", 4, PNG_COLOR_TYPE_PALETTE },
  { "palette8", 8, PNG_COLOR_TYPE_PALETTE },
  { "rgb8", 8, PNG_COLOR_TYPE_RGB },
  { "rgb16", 16, PNG_COLOR_TYPE_RGB },
  { "rgba8", 8, PNG_COLOR_TYPE_RGB_ALPHA },
  { "rgba16", 16, PNG_COLOR_TYPE_RGB_ALPHA },
  { "grey4-interlaced", 4, PNG_COLOR_TYPE_GRAY, TRUE },
  { "grey16-interlaced", 16, PNG_COLOR_TYPE_GRAY, TRUE },
  { "palette1-interlaced", 1, PNG_COLOR_TYPE_PALETTE, TRUE },
  { "palette8-interlaced", 8, PNG_COLOR_TYPE_PALETTE, TRUE },
  { "rgb8-interlaced", 8, PNG_COLOR_TYPE_RGB, TRUE },
  { "rgba16-interlaced", 16, PNG_COLOR_TYPE_RGB_ALPHA, TRUE },
};

/* The sample of channel @c at (x, y): every id of the depth occurs, and neighbours differ. */
static guint
sample_at (int bit_depth,
           int x,
           int y,
           int c)
{
  return (guint) (x * 257 + y * 4099 + c * 8191) & ((1u << bit_depth) - 1);
}

static png_color
palette_color (int index)
{
  return (png_color) { (png_byte) (index * 7), (png_byte) (255 - index), (png_byte) (index ^ 85) };
}

static void
append_bytes (png_structp png,
              png_bytep   bytes,
              gsize       n_bytes)
{
  g_byte_array_append (png_get_io_ptr (png), bytes, (guint) n_bytes);
}

static void
flush_nothing (png_structp png)
{
}

static void
set_palette (png_structp png,
             png_infop   info,
             int         n_colors)
{
  png_color palette[256];
  png_byte alpha[256];

  for (int i = 0; i < n_colors; i++)
    {
      palette[i] = palette_color (i);
      alpha[i] = (png_byte) i;
    }
  png_set_PLTE (png, info, palette, n_colors);
  png_set_tRNS (png, info, alpha, n_colors, NULL);
}

static GBytes *
make_png (const PngKind *kind,
          PspSize        size)
{
  GByteArray *output = g_byte_array_new ();
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  int n_channels, n_passes;
  g_autofree guint8 *row = NULL;

  png_set_write_fn (png, output, append_bytes, flush_nothing);
  png_set_IHDR (png, info, size.width, size.height, kind->bit_depth, kind->color_type,
                kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (kind->color_type == PNG_COLOR_TYPE_PALETTE)
    set_palette (png, info, 1 << kind->bit_depth);
  n_channels = png_get_channels (png, info);
  png_write_info (png, info);
  png_set_packing (png);
  n_passes = png_set_interlace_handling (png);
  row = g_malloc ((gsize) size.width * n_channels * 2);
  for (int pass = 0; pass < n_passes; pass++)
    for (int y = 0; y < size.height; y++)
      {
        for (int i = 0; i < size.width * n_channels; i++)
          {
            guint sample = sample_at (kind->bit_depth, i / n_channels, y, i % n_channels);

            if (kind->bit_depth == 16)
              {
                row[2 * i] = (guint8) (sample >> 8);
                row[2 * i + 1] = (guint8) sample;
              }
            else
              row[i] = (guint8) sample;
          }
        png_write_row (png, row);
      }
  png_write_end (png, NULL);
  png_destroy_write_struct (&png, &info);
  return g_byte_array_free_to_bytes (output);
}

static void
write_bytes (const PspTestFolder *folder,
             const char          *name,
             GBytes              *content)
{
  psp_test_folder_write (folder, name, g_bytes_get_data (content, NULL),
                         g_bytes_get_size (content));
}

static guint8
expected_channel (const PngKind *kind,
                  int            x,
                  int            y,
                  int            c)
{
  gboolean color = (kind->color_type & PNG_COLOR_MASK_COLOR) != 0;
  guint sample = sample_at (kind->bit_depth, x, y, color ? c : 0);
  png_color entry;

  if (kind->color_type == PNG_COLOR_TYPE_PALETTE)
    {
      entry = palette_color ((int) sample_at (kind->bit_depth, x, y, 0));
      return c == 0 ? entry.red : c == 1 ? entry.green : entry.blue;
    }
  if (kind->bit_depth == 16)
    return (guint8) (sample >> 8);
  return (guint8) (sample * 255 / ((1u << kind->bit_depth) - 1));
}

static void
test_png_image (gconstpointer data)
{
  const PngKind *kind = data;
  PspSize size = { 37, 19 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "photo.jpg");
  g_autoptr(GBytes) content = make_png (kind, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspImage) image = NULL;
  PspImageInfo info;

  /* The extension lies: content decides. */
  write_bytes (folder, "photo.jpg", content);
  image = psp_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_true (psp_size_equal (image->size, size));
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      for (int c = 0; c < 3; c++)
        g_assert_cmpint (image->pixels[3 * (y * size.width + x) + c], ==,
                         expected_channel (kind, x, y, c));

  g_assert_true (psp_image_probe (path, &info, &error));
  g_assert_cmpint (info.format, ==, PSP_IMAGE_FORMAT_PNG);
  g_assert_true (psp_size_equal (info.size, size));
  g_assert_cmpint (info.orientation, ==, 1);
}

static void
test_png_mask (gconstpointer data)
{
  const PngKind *kind = data;
  PspSize size = { 300, 19 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "mask.png");
  g_autoptr(GBytes) content = make_png (kind, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspMask) mask = NULL;

  write_bytes (folder, "mask.png", content);
  mask = psp_mask_load (path, &error);
  if (kind->color_type != PNG_COLOR_TYPE_GRAY && kind->color_type != PNG_COLOR_TYPE_PALETTE)
    {
      g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
      g_assert_true (g_str_has_prefix (error->message, path));
      return;
    }

  g_assert_no_error (error);
  g_assert_true (psp_size_equal (mask->size, size));
  g_assert_cmpint (mask->bit_depth, ==, kind->bit_depth == 16 ? 16 : 8);
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      g_assert_cmpint (mask->pixels[y * size.width + x], ==, sample_at (kind->bit_depth, x, y, 0));
}

static void
test_png_orientation (void)
{
  /* A chunk behind the pixels: length, “eXIf”, big-endian TIFF with orientation 8, CRC. */
  static const guint8 chunk[] = {
    0, 0, 0, 26, 'e', 'X', 'I', 'f', 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3,
    0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0,
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "turned.png");
  g_autoptr(GBytes) plain = make_png (&png_kinds[3], (PspSize) { 5, 3 });
  g_autoptr(GByteArray) content = g_byte_array_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(PspImage) image = NULL;
  g_autoptr(PspMask) mask = NULL;
  guint32 crc = GUINT32_TO_BE ((guint32) crc32 (0, chunk + 4, sizeof chunk - 4));
  gsize n_plain;
  const guint8 *bytes = g_bytes_get_data (plain, &n_plain);

  g_byte_array_append (content, bytes, (guint) n_plain - 12);
  g_byte_array_append (content, chunk, sizeof chunk);
  g_byte_array_append (content, (const guint8 *) &crc, 4);
  g_byte_array_append (content, bytes + n_plain - 12, 12);
  psp_test_folder_write (folder, "turned.png", content->data, content->len);

  image = psp_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (image->size.width, ==, 3);
  g_assert_cmpint (image->size.height, ==, 5);
  /* 8: turned by 90 degrees counterclockwise: the top left pixel is the top right one. */
  g_assert_cmpint (image->pixels[0], ==, sample_at (8, 4, 0, 0));

  mask = psp_mask_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mask->size.width, ==, 5);
}

/* ---- JPEG files ---- */

typedef struct
{
  const char   *name;
  J_COLOR_SPACE given;   /* what make_jpeg() hands to libjpeg */
  J_COLOR_SPACE stored;
  gboolean      progressive;
  gboolean      no_adobe; /* without the Adobe marker, CMYK is stored as ink */
  gboolean      restarts;
} JpegKind;

static const JpegKind jpeg_kinds[] = {
  { "grey", JCS_GRAYSCALE, JCS_GRAYSCALE },
  { "ycbcr", JCS_RGB, JCS_YCbCr },
  { "ycbcr-progressive", JCS_RGB, JCS_YCbCr, TRUE },
  { "ycbcr-restarts", JCS_RGB, JCS_YCbCr, FALSE, FALSE, TRUE },
  { "rgb", JCS_RGB, JCS_RGB },
  { "cmyk-adobe", JCS_CMYK, JCS_CMYK },
  { "cmyk", JCS_CMYK, JCS_CMYK, FALSE, TRUE },
  { "ycck-adobe", JCS_CMYK, JCS_YCCK },
  { "ycck-adobe-progressive", JCS_CMYK, JCS_YCCK, TRUE },
};

/* A smooth picture, so that little is lost: the light of channel @c at (x, y). */
static int
light_at (int x,
          int y,
          int c)
{
  return c == 0 ? 3 * x + 40 : c == 1 ? 3 * y + 60 : 200 - 2 * x - y;
}

#define KEY_LIGHT 204 /* what the key lets through, of 255: 20 % black */

static void
fill_jpeg_row (const JpegKind *kind,
               int             y,
               int             width,
               guint8         *row)
{
  int n_channels = kind->given == JCS_GRAYSCALE ? 1 : kind->given == JCS_CMYK ? 4 : 3;

  for (int x = 0; x < width; x++)
    for (int c = 0; c < n_channels; c++)
      {
        int light = c == 3 ? KEY_LIGHT : light_at (x, y, c);

        row[x * n_channels + c] = (guint8) (kind->no_adobe ? 255 - light : light);
      }
}

static GBytes *
make_jpeg (const JpegKind *kind,
           PspSize         size,
           int             orientation)
{
  guint8 exif[] = {
    'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 2, 0,
    0x0f, 0x01, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    0x12, 0x01, 3, 0, 1, 0, 0, 0, (guint8) orientation, 0, 0, 0, 0, 0, 0, 0,
  };
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr manager;
  g_autofree guint8 *row = g_malloc ((gsize) size.width * 4);
  unsigned char *output = NULL;
  unsigned long n_output = 0;
  GBytes *content;

  jpeg.err = jpeg_std_error (&manager);
  jpeg_create_compress (&jpeg);
  jpeg_mem_dest (&jpeg, &output, &n_output);
  jpeg.image_width = (JDIMENSION) size.width;
  jpeg.image_height = (JDIMENSION) size.height;
  jpeg.input_components = kind->given == JCS_GRAYSCALE ? 1 : kind->given == JCS_CMYK ? 4 : 3;
  jpeg.in_color_space = kind->given;
  jpeg_set_defaults (&jpeg);
  jpeg_set_colorspace (&jpeg, kind->stored);
  jpeg_set_quality (&jpeg, 100, TRUE);
  if (kind->no_adobe)
    jpeg.write_Adobe_marker = FALSE;
  if (kind->progressive)
    jpeg_simple_progression (&jpeg);
  if (kind->restarts)
    jpeg.restart_interval = 2;
  jpeg_start_compress (&jpeg, TRUE);
  if (orientation != 0)
    jpeg_write_marker (&jpeg, JPEG_APP0 + 1, exif, sizeof exif);
  while (jpeg.next_scanline < jpeg.image_height)
    {
      fill_jpeg_row (kind, (int) jpeg.next_scanline, size.width, row);
      jpeg_write_scanlines (&jpeg, &row, 1);
    }
  jpeg_finish_compress (&jpeg);
  jpeg_destroy_compress (&jpeg);
  content = g_bytes_new (output, n_output);
  free (output);
  return content;
}

static int
expected_light (const JpegKind *kind,
                int             x,
                int             y,
                int             c)
{
  if (kind->given == JCS_GRAYSCALE)
    return light_at (x, y, 0);
  if (kind->given == JCS_CMYK)
    return (light_at (x, y, c) * KEY_LIGHT + 127) / 255;
  return light_at (x, y, c);
}

static void
test_jpeg_image (gconstpointer data)
{
  const JpegKind *kind = data;
  PspSize size = { 45, 35 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "photo.png");
  g_autoptr(GBytes) content = make_jpeg (kind, size, 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(PspImage) image = NULL;
  g_autoptr(PspMask) mask = NULL;
  PspImageInfo info;

  write_bytes (folder, "photo.png", content);
  image = psp_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_true (psp_size_equal (image->size, size));
  /* Quality 100 rounds in the transform and in the colour conversion: 4 of 255 covers both. */
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      for (int c = 0; c < 3; c++)
        g_assert_cmpint (ABS (image->pixels[3 * (y * size.width + x) + c] -
                              expected_light (kind, x, y, c)), <=, 4);

  g_assert_true (psp_image_probe (path, &info, &error));
  g_assert_cmpint (info.format, ==, PSP_IMAGE_FORMAT_JPEG);
  g_assert_true (psp_size_equal (info.size, size));

  mask = psp_mask_load (path, &error);
  g_assert_null (mask);
  g_assert_error (error, PSP_ERROR, PSP_ERROR_UNSUPPORTED);
}

/* Where the stored pixel (0, 0) and the stored pixel at the right end of the first row are shown:
 * EXIF 2.3, 4.6.4 A, by what “0th row” and “0th column” mean. */
static const struct
{
  int orientation;
  int origin_right, origin_bottom; /* 1: at that end */
  int second_right, second_bottom;
} orientations[] = {
  { 1, 0, 0, 1, 0 }, { 2, 1, 0, 0, 0 }, { 3, 1, 1, 0, 1 }, { 4, 0, 1, 1, 1 },
  { 5, 0, 0, 0, 1 }, { 6, 1, 0, 1, 1 }, { 7, 1, 1, 1, 0 }, { 8, 0, 1, 0, 0 },
};

static void
assert_shown_at (const PspImage *image,
                 PspSize         stored,
                 int             stored_x,
                 int             right,
                 int             bottom)
{
  int x = right ? image->size.width - 1 : 0;
  int y = bottom ? image->size.height - 1 : 0;
  const guint8 *pixel = image->pixels + 3 * (y * image->size.width + x);

  g_assert_cmpint (ABS (pixel[0] - light_at (stored_x, 0, 0)), <=, 4);
  g_assert_cmpint (ABS (pixel[1] - light_at (stored_x, 0, 1)), <=, 4);
}

static void
test_jpeg_orientation (void)
{
  PspSize stored = { 45, 35 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "photo.jpg");

  for (gsize i = 0; i < G_N_ELEMENTS (orientations); i++)
    {
      int orientation = orientations[i].orientation;
      g_autoptr(GBytes) content = make_jpeg (&jpeg_kinds[1], stored, orientation);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspImage) image = NULL;
      PspImageInfo info;

      g_test_message ("orientation %d", orientation);
      write_bytes (folder, "photo.jpg", content);
      image = psp_image_load (path, &error);
      g_assert_no_error (error);
      g_assert_cmpint (image->size.width, ==, orientation >= 5 ? stored.height : stored.width);
      assert_shown_at (image, stored, 0, orientations[i].origin_right,
                       orientations[i].origin_bottom);
      assert_shown_at (image, stored, stored.width - 1, orientations[i].second_right,
                       orientations[i].second_bottom);

      g_assert_true (psp_image_probe (path, &info, &error));
      g_assert_cmpint (info.orientation, ==, orientation);
      g_assert_true (psp_size_equal (info.size, image->size));
    }
}

/* ---- Sizes ---- */

static void
test_extreme_sizes (void)
{
  static const PspSize sizes[] = {
    { 1, 1 }, { 20000, 3 }, { 3, 20000 }, { PSP_IMAGE_MAX_SIDE, 1 },
  };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *png = psp_test_folder_path (folder, "a.png");
  g_autofree char *jpeg = psp_test_folder_path (folder, "a.jpg");

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GBytes) png_content = make_png (&png_kinds[3], sizes[i]);
      g_autoptr(GBytes) jpeg_content = make_jpeg (&jpeg_kinds[1], sizes[i], 0);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspImage) from_png = NULL;
      g_autoptr(PspImage) from_jpeg = NULL;
      g_autoptr(PspMask) mask = NULL;

      write_bytes (folder, "a.png", png_content);
      write_bytes (folder, "a.jpg", jpeg_content);
      from_png = psp_image_load (png, &error);
      g_assert_no_error (error);
      from_jpeg = psp_image_load (jpeg, &error);
      g_assert_no_error (error);
      mask = psp_mask_load (png, &error);
      g_assert_no_error (error);
      g_assert_true (psp_size_equal (from_png->size, sizes[i]));
      g_assert_true (psp_size_equal (from_jpeg->size, sizes[i]));
      g_assert_true (psp_size_equal (mask->size, sizes[i]));
    }
}

static void
test_too_large (void)
{
  PspSize size = { PSP_IMAGE_MAX_SIDE + 1, 1 };
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *png = psp_test_folder_path (folder, "a.png");
  g_autofree char *jpeg = psp_test_folder_path (folder, "a.jpg");
  g_autoptr(GBytes) png_content = make_png (&png_kinds[3], size);
  g_autoptr(GBytes) jpeg_content = make_jpeg (&jpeg_kinds[1], size, 0);
  g_autoptr(GError) png_error = NULL;
  g_autoptr(GError) mask_error = NULL;
  g_autoptr(GError) jpeg_error = NULL;

  write_bytes (folder, "a.png", png_content);
  write_bytes (folder, "a.jpg", jpeg_content);
  g_assert_null (psp_image_load (png, &png_error));
  g_assert_error (png_error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_assert_true (g_str_has_prefix (png_error->message, png));
  g_assert_null (psp_mask_load (png, &mask_error));
  g_assert_error (mask_error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
  g_assert_null (psp_image_load (jpeg, &jpeg_error));
  g_assert_error (jpeg_error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
}

/* ---- Damage ---- */

static void
assert_truncations_fail (GBytes  *content,
                         gsize    step)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "cut");
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (content, &n_bytes);

  for (gsize length = 0; length < n_bytes; length += step)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(PspImage) image = NULL;

      psp_test_folder_write (folder, "cut", bytes, length);
      image = psp_image_load (path, &error);
      if (image != NULL)
        g_error ("%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes loaded", length, n_bytes);
      g_assert_true (error->domain == PSP_ERROR);
      g_assert_true (g_str_has_prefix (error->message, path));
      if (length > 8)
        g_assert_cmpint (error->code, ==, PSP_ERROR_TRUNCATED);
    }
}

static void
test_truncated (void)
{
  static const int png_samples[] = { 0, 4, 10, 12, 20 };

  for (gsize i = 0; i < G_N_ELEMENTS (png_samples); i++)
    {
      g_autoptr(GBytes) content = make_png (&png_kinds[png_samples[i]], (PspSize) { 120, 80 });

      g_test_message ("%s", png_kinds[png_samples[i]].name);
      assert_truncations_fail (content, 97);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (jpeg_kinds); i++)
    {
      g_autoptr(GBytes) content = make_jpeg (&jpeg_kinds[i], (PspSize) { 60, 45 }, 6);

      g_test_message ("%s", jpeg_kinds[i].name);
      assert_truncations_fail (content, 97);
    }
}

/* Cut by the last few bytes: all pixels may be there, but the end is not. */
static void
test_missing_end (void)
{
  g_autoptr(GBytes) png = make_png (&png_kinds[11], (PspSize) { 8, 8 });
  g_autoptr(GBytes) jpeg = make_jpeg (&jpeg_kinds[1], (PspSize) { 8, 8 }, 0);

  assert_truncations_fail (png, 1);
  assert_truncations_fail (jpeg, 1);
}

/* Flips each byte in turn: an error with our domain and the path, or a whole picture. */
static void
assert_flips_are_survived (GBytes *content)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "flipped");
  gsize n_bytes;
  const guint8 *original = g_bytes_get_data (content, &n_bytes);
  g_autofree guint8 *bytes = g_memdup2 (original, n_bytes);
  gsize n_refused = 0;

  for (gsize i = 0; i < n_bytes; i += 3)
    {
      g_autoptr(GError) image_error = NULL;
      g_autoptr(GError) mask_error = NULL;
      g_autoptr(PspImage) image = NULL;
      g_autoptr(PspMask) mask = NULL;

      bytes[i] ^= (guint8) (1 + i % 255);
      psp_test_folder_write (folder, "flipped", bytes, n_bytes);
      bytes[i] = original[i];
      image = psp_image_load (path, &image_error);
      mask = psp_mask_load (path, &mask_error);
      g_assert_true ((image != NULL) == (image_error == NULL));
      g_assert_true ((mask != NULL) == (mask_error == NULL));
      if (image_error != NULL)
        {
          n_refused++;
          g_assert_true (image_error->domain == PSP_ERROR);
          g_assert_true (g_str_has_prefix (image_error->message, path));
        }
    }
  g_assert_cmpint (n_refused, >, 0);
}

static void
test_flipped (void)
{
  g_autoptr(GBytes) palette = make_png (&png_kinds[9], (PspSize) { 40, 30 });
  g_autoptr(GBytes) grey = make_png (&png_kinds[16], (PspSize) { 20, 15 });
  g_autoptr(GBytes) baseline = make_jpeg (&jpeg_kinds[1], (PspSize) { 24, 24 }, 6);
  g_autoptr(GBytes) progressive = make_jpeg (&jpeg_kinds[8], (PspSize) { 24, 24 }, 3);

  assert_flips_are_survived (palette);
  assert_flips_are_survived (grey);
  assert_flips_are_survived (baseline);
  assert_flips_are_survived (progressive);
}

static void
assert_load_fails (const char *path,
                   PspError    code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) mask_error = NULL;
  g_autoptr(GError) probe_error = NULL;
  PspImageInfo info;

  g_assert_null (psp_image_load (path, &error));
  g_assert_error (error, PSP_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_null (psp_mask_load (path, &mask_error));
  g_assert_error (mask_error, PSP_ERROR, (int) code);
  g_assert_false (psp_image_probe (path, &info, &probe_error));
  g_assert_error (probe_error, PSP_ERROR, (int) code);
}

static void
test_no_picture (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *missing = psp_test_folder_path (folder, "missing.png");
  g_autofree char *empty = psp_test_folder_path (folder, "empty.png");
  g_autofree char *text = psp_test_folder_path (folder, "text.png");
  g_autofree char *gif = psp_test_folder_path (folder, "a.gif");
  g_autofree char *pointer = psp_test_folder_path (folder, "lfs.png");

  psp_test_folder_print (folder, "empty.png", "");
  psp_test_folder_print (folder, "text.png", "not a picture at all");
  psp_test_folder_print (folder, "a.gif", "GIF89a rest");
  psp_test_folder_print (folder, "lfs.png", "version https://git-lfs.github.com/spec/v1\n");
  assert_load_fails (missing, PSP_ERROR_NOT_FOUND);
  assert_load_fails (folder, PSP_ERROR_IO);
  assert_load_fails (empty, PSP_ERROR_TRUNCATED);
  assert_load_fails (text, PSP_ERROR_BAD_FILE);
  assert_load_fails (gif, PSP_ERROR_UNSUPPORTED);
  assert_load_fails (pointer, PSP_ERROR_UNSUPPORTED);
}

/* ---- Writing ---- */

static PspMask *
make_mask (int bit_depth)
{
  PspMask *mask = psp_mask_new ((PspSize) { 31, 300 }, bit_depth, NULL);

  for (int i = 0; i < 31 * 300; i++)
    mask->pixels[i] = (guint16) (i * 17 & (bit_depth == 8 ? 0xff : 0xffff));
  return mask;
}

static void
test_mask_round_trip (gconstpointer data)
{
  int bit_depth = GPOINTER_TO_INT (data);
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *first = psp_test_folder_path (folder, "first.png");
  g_autofree char *second = psp_test_folder_path (folder, "second.png");
  g_autoptr(PspMask) mask = make_mask (bit_depth);
  g_autoptr(PspMask) loaded = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *first_bytes = NULL;
  g_autofree char *second_bytes = NULL;
  gsize n_first, n_second;

  g_assert_true (psp_mask_save (mask, first, &error));
  g_assert_no_error (error);
  loaded = psp_mask_load (first, &error);
  g_assert_no_error (error);
  g_assert_true (psp_mask_equal (mask, loaded));

  g_assert_true (psp_mask_save (loaded, second, &error));
  first_bytes = psp_test_folder_read (folder, "first.png", &n_first);
  second_bytes = psp_test_folder_read (folder, "second.png", &n_second);
  g_assert_cmpmem (first_bytes, n_first, second_bytes, n_second);
  g_assert_cmpint (psp_test_folder_count (folder, "."), ==, 2);

  /* IHDR: bit depth, colour type 0, compression, filter, no interlace; then IDAT at once. */
  g_assert_cmpint (first_bytes[24], ==, bit_depth);
  g_assert_cmpint (first_bytes[25], ==, PNG_COLOR_TYPE_GRAY);
  g_assert_cmpint (first_bytes[28], ==, PNG_INTERLACE_NONE);
  g_assert_cmpmem (first_bytes + 37, 4, "IDAT", 4);
}

static void
test_image_round_trip (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "a.png");
  g_autoptr(PspImage) image = psp_image_new ((PspSize) { 23, 11 }, NULL);
  g_autoptr(PspImage) loaded = NULL;
  g_autoptr(GBytes) first = NULL;
  g_autoptr(GBytes) second = NULL;
  g_autoptr(GError) error = NULL;

  for (int i = 0; i < 23 * 11 * 3; i++)
    image->pixels[i] = (guint8) (i * 31);
  g_assert_true (psp_image_save_png (image, path, &error));
  g_assert_no_error (error);
  loaded = psp_image_load (path, &error);
  g_assert_no_error (error);
  g_assert_true (psp_size_equal (image->size, loaded->size));
  g_assert_cmpmem (image->pixels, 23 * 11 * 3, loaded->pixels, 23 * 11 * 3);

  first = psp_image_encode_png (image, &error);
  second = psp_image_encode_png (loaded, &error);
  g_assert_true (g_bytes_equal (first, second));
}

static void
test_save_fails (void)
{
  g_autoptr(PspTestFolder) folder = psp_test_folder_new ();
  g_autofree char *path = psp_test_folder_path (folder, "mask.png");
  g_autofree char *nowhere = psp_test_folder_path (folder, "no/such/mask.png");
  g_autoptr(PspMask) mask = make_mask (8);
  g_autoptr(PspMask) kept = NULL;
  g_autoptr(GError) value_error = NULL;
  g_autoptr(GError) folder_error = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (psp_mask_save (mask, path, &error));
  g_assert_false (psp_mask_save (mask, nowhere, &folder_error));
  g_assert_error (folder_error, PSP_ERROR, PSP_ERROR_NOT_FOUND);
  g_assert_true (g_str_has_prefix (folder_error->message, nowhere));

  mask->pixels[7] = 256;
  g_assert_false (psp_mask_save (mask, path, &value_error));
  g_assert_error (value_error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  kept = psp_mask_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (kept->pixels[7], ==, 7 * 17);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (png_kinds); i++)
    {
      g_autofree char *image = g_strconcat ("/image-file/png/image/", png_kinds[i].name, NULL);
      g_autofree char *mask = g_strconcat ("/image-file/png/mask/", png_kinds[i].name, NULL);

      g_test_add_data_func (image, &png_kinds[i], test_png_image);
      g_test_add_data_func (mask, &png_kinds[i], test_png_mask);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (jpeg_kinds); i++)
    {
      g_autofree char *image = g_strconcat ("/image-file/jpeg/", jpeg_kinds[i].name, NULL);

      g_test_add_data_func (image, &jpeg_kinds[i], test_jpeg_image);
    }
  g_test_add_func ("/image-file/orientation/png", test_png_orientation);
  g_test_add_func ("/image-file/orientation/jpeg", test_jpeg_orientation);
  g_test_add_func ("/image-file/extreme-sizes", test_extreme_sizes);
  g_test_add_func ("/image-file/too-large", test_too_large);
  g_test_add_func ("/image-file/truncated", test_truncated);
  g_test_add_func ("/image-file/missing-end", test_missing_end);
  g_test_add_func ("/image-file/flipped", test_flipped);
  g_test_add_func ("/image-file/no-picture", test_no_picture);
  g_test_add_data_func ("/image-file/mask-round-trip/8", GINT_TO_POINTER (8), test_mask_round_trip);
  g_test_add_data_func ("/image-file/mask-round-trip/16", GINT_TO_POINTER (16),
                        test_mask_round_trip);
  g_test_add_func ("/image-file/image-round-trip", test_image_round_trip);
  g_test_add_func ("/image-file/save-fails", test_save_fails);
  return g_test_run ();
}
