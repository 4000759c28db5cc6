/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-mipmap.h"

/* A picture in memory, of random pixels. */
typedef struct
{
  PspSize size;
  guint32 *pixels;
} Picture;

static void
picture_read (gpointer  data,
              PspRect   area,
              guint32  *pixels)
{
  const Picture *picture = data;

  for (int y = area.y; y < area.y + area.height; y++)
    for (int x = area.x; x < area.x + area.width; x++)
      *pixels++ = picture->pixels[y * picture->size.width + x];
}

static Picture
make_picture (PspSize size)
{
  Picture picture = { size, g_new (guint32, size.width * size.height) };

  for (int i = 0; i < size.width * size.height; i++)
    picture.pixels[i] = g_test_rand_int ();

  return picture;
}

static int
channel (guint32 pixel,
         int     shift)
{
  return pixel >> shift & 0xff;
}

/* Every pixel of level 1 against the mean of the pixels under it. */
static void
check_first_level (const Picture   *picture,
                   const PspMipmap *mipmap)
{
  PspSize size = psp_mipmap_get_size (mipmap, 1);
  g_autofree guint32 *pixels = g_new (guint32, size.width * size.height);

  psp_mipmap_read (mipmap, 1, (PspRect) { 0, 0, size.width, size.height }, pixels);
  for (int y = 0; y < size.height; y++)
    for (int x = 0; x < size.width; x++)
      for (int shift = 0; shift < 32; shift += 8)
        {
          int sum = 0, count = 0;

          for (int v = 2 * y; v < MIN (2 * y + 2, picture->size.height); v++)
            for (int u = 2 * x; u < MIN (2 * x + 2, picture->size.width); u++, count++)
              sum += channel (picture->pixels[v * picture->size.width + u], shift);

          g_assert_cmpint (ABS (channel (pixels[y * size.width + x], shift) * count - sum), <=,
                           count);
        }
}

static void
test_levels (void)
{
  const PspSize sizes[] = { { 64, 48 }, { 7, 131 }, { 130, 3 }, { 2, 2 }, { 1, 5 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Picture picture = make_picture (sizes[i]);
      g_autoptr(PspMipmap) mipmap = psp_mipmap_new (sizes[i], picture_read, &picture, NULL, NULL);
      PspSize last = psp_mipmap_get_size (mipmap, psp_mipmap_get_n_levels (mipmap) - 1);

      g_assert_true (psp_size_equal (last, (PspSize) { 1, 1 }));
      check_first_level (&picture, mipmap);
      g_free (picture.pixels);
    }
}

static void
test_single_pixel (void)
{
  Picture picture = make_picture ((PspSize) { 1, 1 });
  g_autoptr(PspMipmap) mipmap = psp_mipmap_new (picture.size, picture_read, &picture, NULL, NULL);

  g_assert_cmpint (psp_mipmap_get_n_levels (mipmap), ==, 1);
  psp_mipmap_update (mipmap, (PspRect) { 0, 0, 1, 1 }, picture_read, &picture);
  g_free (picture.pixels);
}

static void
assert_equal_levels (const PspMipmap *a,
                     const PspMipmap *b)
{
  for (int level = 1; level < psp_mipmap_get_n_levels (a); level++)
    {
      PspSize size = psp_mipmap_get_size (a, level);
      PspRect all = { 0, 0, size.width, size.height };
      gsize n_bytes = (gsize) size.width * size.height * sizeof (guint32);
      g_autofree guint32 *of_a = g_malloc (n_bytes);
      g_autofree guint32 *of_b = g_malloc (n_bytes);

      psp_mipmap_read (a, level, all, of_a);
      psp_mipmap_read (b, level, all, of_b);
      g_assert_cmpmem (of_a, n_bytes, of_b, n_bytes);
    }
}

/* After any change the levels are those that a new mipmap would have. */
static void
test_update (void)
{
  Picture picture = make_picture ((PspSize) { 101, 77 });
  g_autoptr(PspMipmap) mipmap = psp_mipmap_new (picture.size, picture_read, &picture, NULL, NULL);

  for (int i = 0; i < 50; i++)
    {
      PspRect area = {
        g_test_rand_int_range (-5, 101), g_test_rand_int_range (-5, 77),
        g_test_rand_int_range (1, 40), g_test_rand_int_range (1, 40),
      };
      g_autoptr(PspMipmap) fresh = NULL;

      for (int y = MAX (0, area.y); y < MIN (77, area.y + area.height); y++)
        for (int x = MAX (0, area.x); x < MIN (101, area.x + area.width); x++)
          picture.pixels[y * 101 + x] = g_test_rand_int ();

      psp_mipmap_update (mipmap, area, picture_read, &picture);
      fresh = psp_mipmap_new (picture.size, picture_read, &picture, NULL, NULL);
      assert_equal_levels (mipmap, fresh);
    }

  g_free (picture.pixels);
}

static void
test_cancel (void)
{
  Picture picture = make_picture ((PspSize) { 8, 8 });
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (psp_mipmap_new (picture.size, picture_read, &picture, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_free (picture.pixels);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mipmap/levels", test_levels);
  g_test_add_func ("/mipmap/single-pixel", test_single_pixel);
  g_test_add_func ("/mipmap/update", test_update);
  g_test_add_func ("/mipmap/cancel", test_cancel);
  return g_test_run ();
}
