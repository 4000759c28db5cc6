/* SPDX-License-Identifier: MIT */
#include "engine/analysis/psp-overlay.h"

#include <math.h>

#define WIDTH 16
#define HEIGHT 12
#define N_PIXELS (WIDTH * HEIGHT)

static const PspRect everything = { 0, 0, WIDTH, HEIGHT };

static PspImage *
make_photo (void)
{
  PspImage *photo = psp_image_new ((PspSize) { WIDTH, HEIGHT }, NULL);

  for (int i = 0; i < N_PIXELS; i++)
    {
      photo->pixels[3 * i] = i;
      photo->pixels[3 * i + 1] = 255 - i;
      photo->pixels[3 * i + 2] = 7 * i;
    }

  return photo;
}

static guint32
photo_pixel (const PspImage *photo,
             int             i)
{
  return 0xff000000u | (guint32) photo->pixels[3 * i] << 16 |
         (guint32) photo->pixels[3 * i + 1] << 8 | photo->pixels[3 * i + 2];
}

/* Three classes, then ignored, then an id that the taxonomy lacks, in stripes of a pixel. */
static PspMask *
make_labels (int bit_depth)
{
  PspMask *labels = psp_mask_new ((PspSize) { WIDTH, HEIGHT }, bit_depth, NULL);

  for (int i = 0; i < N_PIXELS; i++)
    if (i % 5 < 3)
      labels->pixels[i] = i % 5;
    else if (i % 5 == 4)
      labels->pixels[i] = 77;

  return labels;
}

static PspTaxonomy *
make_taxonomy (void)
{
  const PspClass classes[] = {
    { .name = (char *) "a", .color = 0x102030 },
    { .name = (char *) "b", .color = 0xff0000 },
    { .name = (char *) "c", .color = 0x00ff80 },
  };

  return psp_taxonomy_new ("three", classes, G_N_ELEMENTS (classes));
}

static void
test_photo (void)
{
  g_autoptr(PspImage) photo = make_photo ();
  PspRect area = { 3, 2, 5, 4 };
  guint32 pixels[20];

  psp_overlay_render_photo (photo, area, pixels);
  for (int y = 0; y < area.height; y++)
    for (int x = 0; x < area.width; x++)
      g_assert_cmphex (pixels[y * area.width + x], ==,
                       photo_pixel (photo, (area.y + y) * WIDTH + area.x + x));
}

static void
check_labels (int bit_depth)
{
  g_autoptr(PspImage) photo = make_photo ();
  g_autoptr(PspMask) labels = make_labels (bit_depth);
  g_autoptr(PspTaxonomy) taxonomy = make_taxonomy ();
  PspOverlay overlay = { .kind = PSP_OVERLAY_LABELS, .labels = labels, .taxonomy = taxonomy };
  guint32 expected[] = { 0xff102030u, 0xffff0000u, 0xff00ff80u, 0, 0xff000000u };
  guint32 pixels[N_PIXELS];

  psp_overlay_render (&overlay, photo, 1, everything, pixels);
  for (int i = 0; i < N_PIXELS; i++)
    if (i % 5 != 3)
      g_assert_cmphex (pixels[i], ==, expected[i % 5]);
    else
      g_assert_cmphex (pixels[i], !=, photo_pixel (photo, i));

  psp_overlay_render (&overlay, photo, 0, everything, pixels);
  for (int i = 0; i < N_PIXELS; i++)
    g_assert_cmphex (pixels[i], ==, photo_pixel (photo, i));
}

static void
test_labels_8 (void)
{
  check_labels (8);
}

static void
test_labels_16 (void)
{
  check_labels (16);
}

/* A part is drawn as it is within the whole, hatching included. */
static void
test_part (void)
{
  g_autoptr(PspImage) photo = make_photo ();
  g_autoptr(PspMask) labels = make_labels (8);
  g_autoptr(PspTaxonomy) taxonomy = make_taxonomy ();
  PspOverlay overlay = { .kind = PSP_OVERLAY_LABELS, .labels = labels, .taxonomy = taxonomy };
  PspRect area = { 4, 3, 9, 6 };
  guint32 whole[N_PIXELS];
  guint32 part[54];

  psp_overlay_render (&overlay, photo, 0.6, everything, whole);
  psp_overlay_render (&overlay, photo, 0.6, area, part);
  for (int y = 0; y < area.height; y++)
    for (int x = 0; x < area.width; x++)
      g_assert_cmphex (part[y * area.width + x], ==, whole[(area.y + y) * WIDTH + area.x + x]);
}

static void
test_blend (void)
{
  guint32 pixels[] = { 0xff000000u, 0xffffffffu, 0xff406080u, 0xff406080u };
  const guint32 layer[] = { 0xffffffffu, 0xff000000u, 0, 0x80800000u };
  const guint32 expected[] = { 0xff404040u, 0xffbfbfbfu, 0xff406080u, 0xff585470u };

  psp_overlay_blend (pixels, layer, G_N_ELEMENTS (pixels), 0.25);
  for (gsize i = 0; i < G_N_ELEMENTS (pixels); i++)
    for (int shift = 0; shift < 32; shift += 8)
      g_assert_cmpint (ABS ((int) (pixels[i] >> shift & 0xff) -
                            (int) (expected[i] >> shift & 0xff)), <=, 1);
}

static void
test_errors (void)
{
  g_autoptr(PspImage) photo = make_photo ();
  g_autoptr(PspMask) truth = make_labels (8);
  g_autoptr(PspMask) labels = make_labels (8);
  PspOverlay overlay = { .kind = PSP_OVERLAY_ERRORS, .labels = labels, .truth = truth };
  guint32 pixels[N_PIXELS];

  labels->pixels[0] = 2;
  labels->pixels[3] = 1; /* ignored in the truth */
  truth->pixels[1] = 0;

  psp_overlay_render (&overlay, photo, 1, everything, pixels);
  g_assert_cmphex (pixels[0], ==, 0xff000000u | PSP_OVERLAY_ERROR_COLOR);
  g_assert_cmphex (pixels[1], ==, 0xff000000u | PSP_OVERLAY_ERROR_COLOR);
  for (int i = 2; i < N_PIXELS; i++)
    {
      g_assert_cmphex (pixels[i] & 0xff, ==, pixels[i] >> 8 & 0xff);
      g_assert_cmphex (pixels[i] & 0xff, ==, pixels[i] >> 16 & 0xff);
    }
}

static void
test_heat (void)
{
  const gint64 shape[] = { HEIGHT, WIDTH };
  g_autoptr(PspTensor) values = psp_tensor_new (2, shape, NULL);
  PspOverlay overlay = { .kind = PSP_OVERLAY_HEAT, .values = values, .minimum = 1, .maximum = 3 };
  guint32 ramp[PSP_OVERLAY_RAMP_LENGTH];
  guint32 pixels[N_PIXELS];

  values->data[0] = 1;
  values->data[1] = 3;
  values->data[2] = 2;
  values->data[3] = -10;
  values->data[4] = 10;
  values->data[5] = NAN;
  psp_overlay_fill_ramp (ramp);
  psp_overlay_render_layer (&overlay, everything, pixels);

  g_assert_cmphex (pixels[0], ==, ramp[0]);
  g_assert_cmphex (pixels[1], ==, ramp[255]);
  g_assert_cmphex (pixels[2], ==, ramp[128]);
  g_assert_cmphex (pixels[3], ==, ramp[0]);
  g_assert_cmphex (pixels[4], ==, ramp[255]);
  g_assert_cmphex (pixels[5], ==, 0);
}

/* A range without extent, as of a picture of equal values, is no division by zero. */
static void
test_heat_flat (void)
{
  const gint64 shape[] = { HEIGHT, WIDTH };
  g_autoptr(PspTensor) values = psp_tensor_new (2, shape, NULL);
  PspOverlay overlay = { .kind = PSP_OVERLAY_HEAT, .values = values };
  guint32 ramp[PSP_OVERLAY_RAMP_LENGTH];
  guint32 pixels[N_PIXELS];

  psp_overlay_fill_ramp (ramp);
  psp_overlay_render_layer (&overlay, everything, pixels);
  g_assert_cmphex (pixels[0], ==, ramp[0]);
}

static void
test_cells (void)
{
  const gint64 shape[] = { 2, 2 };
  const PspRect cells[] = { { 0, 0, 9, 6 }, { 8, 0, 8, 6 }, { 0, 6, 8, 5 }, { 8, 6, 8, 5 } };
  g_autoptr(PspTensor) values = psp_tensor_new (2, shape, NULL);
  PspOverlay overlay = {
    .kind = PSP_OVERLAY_CELLS, .values = values, .cells = cells, .maximum = 3,
  };
  PspRect area = { 6, 4, 4, 8 };
  guint32 ramp[PSP_OVERLAY_RAMP_LENGTH];
  guint32 pixels[32];

  for (int i = 0; i < 4; i++)
    values->data[i] = i;
  psp_overlay_fill_ramp (ramp);
  psp_overlay_render_layer (&overlay, area, pixels);

  g_assert_cmphex (pixels[0], ==, ramp[0]);
  g_assert_cmphex (pixels[2], ==, ramp[85]); /* the later cell lies above */
  g_assert_cmphex (pixels[3], ==, ramp[85]);
  g_assert_cmphex (pixels[2 * 4], ==, ramp[170]);
  g_assert_cmphex (pixels[2 * 4 + 3], ==, ramp[255]);
  g_assert_cmphex (pixels[7 * 4], ==, 0); /* below all cells */
}

static double
relative_luminance (guint32 pixel)
{
  double sum = 0;
  const double weights[] = { 0.0722, 0.7152, 0.2126 };

  for (int c = 0; c < 3; c++)
    sum += weights[c] * pow ((pixel >> (8 * c) & 0xff) / 255.0, 2.2);

  return sum;
}

static void
test_ramp (void)
{
  guint32 ramp[PSP_OVERLAY_RAMP_LENGTH];

  psp_overlay_fill_ramp (ramp);
  for (int i = 1; i < PSP_OVERLAY_RAMP_LENGTH; i++)
    {
      g_assert_cmphex (ramp[i] >> 24, ==, 0xff);
      g_assert_cmpfloat (relative_luminance (ramp[i]), >=, relative_luminance (ramp[i - 1]));
      for (int shift = 0; shift < 24; shift += 8)
        g_assert_cmpint (ABS ((int) (ramp[i] >> shift & 0xff) -
                              (int) (ramp[i - 1] >> shift & 0xff)), <=, 6);
    }
  g_assert_cmpfloat (relative_luminance (ramp[0]), <, 0.03);
  g_assert_cmpfloat (relative_luminance (ramp[255]), >, 0.7);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overlay/photo", test_photo);
  g_test_add_func ("/overlay/labels/8-bit", test_labels_8);
  g_test_add_func ("/overlay/labels/16-bit", test_labels_16);
  g_test_add_func ("/overlay/part", test_part);
  g_test_add_func ("/overlay/blend", test_blend);
  g_test_add_func ("/overlay/errors", test_errors);
  g_test_add_func ("/overlay/heat", test_heat);
  g_test_add_func ("/overlay/heat/flat", test_heat_flat);
  g_test_add_func ("/overlay/cells", test_cells);
  g_test_add_func ("/overlay/ramp", test_ramp);
  return g_test_run ();
}
