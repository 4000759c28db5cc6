/* SPDX-License-Identifier: MIT */
#include "tests/ui/psp-test-scene.h"
#include "ui/psp-picture.h"
#include "ui/psp-pane-source.h"

static const PspSize size = { 40, 30 };

typedef struct
{
  PspScene   *scene;
  PspPixmap  *photo;
  PspPicture  picture;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->scene = psp_test_scene_new (size, TRUE);
  fixture->photo = psp_pixmap_new_photo (psp_scene_get_photo (fixture->scene));
  fixture->picture = (PspPicture) {
    .photo = fixture->photo,
    .opacity = 1,
    .outline_width = 1,
    .transform = { .scale = 1 },
    .pane = { 200, 160 },
  };
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->photo);
  g_assert_finalize_object (fixture->scene);
}

static guint32 *
render (const PspPicture *picture,
        PspRect          *place)
{
  g_autoptr(GdkTexture) texture = psp_picture_render (picture, place);
  guint32 *pixels;

  g_assert_nonnull (texture);
  g_assert_cmpint (gdk_texture_get_width (texture), ==, place->width);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, place->height);
  pixels = g_new (guint32, place->width * place->height);
  gdk_texture_download (texture, (guchar *) pixels, place->width * sizeof *pixels);
  return pixels;
}

/* At eight times the size every pixel of the photo is 8 x 8 of the screen, wherever it lies. */
static void
test_sharp (Fixture       *fixture,
            gconstpointer  data)
{
  PspTransform transform = { .scale = 8, .x = -53, .y = -11 };
  g_autofree guint32 *pixels = NULL;
  PspRect place;

  fixture->picture.transform = transform;
  pixels = render (&fixture->picture, &place);
  g_assert_cmpint (place.x, ==, 0);
  g_assert_cmpint (place.y, ==, 0);
  g_assert_cmpint (place.width, ==, 200);
  g_assert_cmpint (place.height, ==, 160);
  for (int y = 0; y < place.height; y++)
    for (int x = 0; x < place.width; x++)
      g_assert_cmphex (pixels[y * place.width + x], ==,
                       psp_test_scene_get_photo_pixel (fixture->scene, (x + 53) / 8,
                                                       (y + 11) / 8));
}

static void
test_same_size (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree guint32 *pixels = NULL;
  PspRect place;

  fixture->picture.transform = (PspTransform) { .scale = 1, .x = 17, .y = 140 };
  pixels = render (&fixture->picture, &place);
  g_assert_cmpint (place.x, ==, 17);
  g_assert_cmpint (place.y, ==, 140);
  g_assert_cmpint (place.width, ==, 40);
  g_assert_cmpint (place.height, ==, 20);
  for (int y = 0; y < place.height; y++)
    for (int x = 0; x < place.width; x++)
      g_assert_cmphex (pixels[y * place.width + x], ==,
                       psp_test_scene_get_photo_pixel (fixture->scene, x, y));
}

/* At half the size every pixel of the screen is the mean of four of the photo. */
static void
test_half_size (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree guint32 *pixels = NULL;
  PspRect place;

  fixture->picture.transform = (PspTransform) { .scale = 0.5 };
  pixels = render (&fixture->picture, &place);
  g_assert_cmpint (place.width, ==, 20);
  g_assert_cmpint (place.height, ==, 15);
  for (int y = 0; y < place.height; y++)
    for (int x = 0; x < place.width; x++)
      for (int shift = 0; shift < 24; shift += 8)
        {
          int sum = 0;

          for (int i = 0; i < 4; i++)
            sum += psp_test_scene_get_photo_pixel (fixture->scene, 2 * x + i % 2,
                                                   2 * y + i / 2) >> shift & 0xff;

          g_assert_cmpint (ABS ((int) (pixels[y * place.width + x] >> shift & 0xff) * 4 - sum), <=,
                           4);
        }
}

/* A picture of one colour has it at every scale, to its last pixel. */
static void
test_flat (Fixture       *fixture,
           gconstpointer  data)
{
  const double scales[] = { 0.03, 0.1, 0.24, 0.37, 0.5, 0.61, 0.99, 1.01, 1.7, 2.5, 63.9 };
  g_autoptr(PspImage) image = psp_image_new ((PspSize) { 301, 203 }, NULL);
  g_autoptr(PspPixmap) photo = NULL;

  memset (image->pixels, 0x5a, 3 * 301 * 203);
  photo = psp_pixmap_new_photo (image);
  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      PspPicture picture = fixture->picture;
      g_autofree guint32 *pixels = NULL;
      PspRect place;

      picture.photo = photo;
      picture.transform = (PspTransform) { .scale = scales[i], .x = 3, .y = 2 };
      pixels = render (&picture, &place);
      for (int k = 0; k < place.width * place.height; k++)
        g_assert_cmphex (pixels[k], ==, 0xff5a5a5au);
    }
}

static void
test_out_of_sight (Fixture       *fixture,
                   gconstpointer  data)
{
  PspRect place;

  fixture->picture.transform = (PspTransform) { .scale = 2, .x = 400, .y = 0 };
  g_assert_null (psp_picture_render (&fixture->picture, &place));
  g_assert_true (psp_rect_is_empty (place));
}

static void
test_labels (Fixture       *fixture,
             gconstpointer  data)
{
  const PspPaneSource source = { .kind = PSP_PANE_TRUTH };
  g_autoptr(PspPixmap) layer = psp_pane_source_make_pixmap (source, fixture->scene);
  PspTaxonomy *taxonomy = psp_scene_get_taxonomy (fixture->scene);
  g_autofree guint32 *pixels = NULL;
  PspRect place;

  fixture->picture.layer = layer;
  fixture->picture.transform.scale = 4;
  pixels = render (&fixture->picture, &place);
  for (int y = 0; y < 29 * 4; y++)
    for (int x = 0; x < place.width; x++)
      g_assert_cmphex (pixels[y * place.width + x], ==,
                       0xff000000u | psp_taxonomy_get_class_color (taxonomy, x / 40));
}

/* What is ignored is hatched at any scale, on the screen and not in the image: a large one would
 * average it away. */
static void
test_hatch (Fixture       *fixture,
            gconstpointer  data)
{
  const double scales[] = { 1, 0.25, 0.1, 0.03 };
  const PspSize large = { 1600, 1200 };
  g_autoptr(PspImage) image = psp_image_new (large, NULL);
  g_autoptr(PspMask) ignored = psp_mask_new (large, 8, NULL);
  g_autoptr(PspPixmap) photo = psp_pixmap_new_photo (image);
  PspOverlay overlay = {
    .kind = PSP_OVERLAY_LABELS,
    .labels = ignored,
    .taxonomy = psp_scene_get_taxonomy (fixture->scene),
  };
  g_autoptr(PspPixmap) layer = psp_pixmap_new_overlay (large, &overlay);

  memset (image->pixels, 0x80, 3 * (gsize) large.width * large.height);
  fixture->picture.photo = photo;
  fixture->picture.layer = layer;
  fixture->picture.hatched = ignored;
  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      g_autofree guint32 *pixels = NULL;
      PspRect place;
      int n_light = 0;

      fixture->picture.transform.scale = scales[i];
      pixels = render (&fixture->picture, &place);
      for (int k = 0; k < place.width * place.height; k++)
        n_light += (pixels[k] & 0xff) > 0x80;
      g_assert_cmpint (n_light, >, place.width * place.height / 5);
      g_assert_cmpint (n_light, <, place.width * place.height / 3);
    }
}

/* One line of one pixel of the screen where two classes meet, none elsewhere. */
static void
test_outlines (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree guint32 *plain = NULL;
  g_autofree guint32 *outlined = NULL;
  PspRect place;

  fixture->picture.transform.scale = 4;
  plain = render (&fixture->picture, &place);
  fixture->picture.outlines = psp_scene_get_truth (fixture->scene);
  outlined = render (&fixture->picture, &place);

  for (int y = 0; y < place.height; y++)
    for (int x = 0; x < place.width; x++)
      {
        gboolean between_stripes = y < 29 * 4 && x > 0 && x % 40 == 0;
        gboolean above_ignored = y == 29 * 4;
        guint32 expected = between_stripes || above_ignored ? 0xffffffffu
                                                            : plain[y * place.width + x];

        g_assert_cmphex (outlined[y * place.width + x], ==, expected);
      }
}

/* What changes shows at every scale, and as it would after starting anew. */
static void
test_invalidate (Fixture       *fixture,
                 gconstpointer  data)
{
  const PspPaneSource source = { .kind = PSP_PANE_EDITED };
  const double scales[] = { 0.2, 0.5, 1, 3 };
  g_autoptr(PspPixmap) layer = psp_pane_source_make_pixmap (source, fixture->scene);

  fixture->picture.layer = layer;
  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      g_autoptr(PspPixmap) fresh = NULL;
      g_autofree guint32 *before = NULL;
      g_autofree guint32 *after = NULL;
      g_autofree guint32 *expected = NULL;
      PspPicture picture = fixture->picture;
      PspRect place;
      gsize n_bytes;

      picture.transform.scale = scales[i];
      before = render (&picture, &place);
      n_bytes = place.width * place.height * sizeof *before;
      psp_scene_begin_stroke (fixture->scene, 4, 5, (PspPoint) { 5 + 8.0 * i, 14 });
      psp_scene_end_stroke (fixture->scene);
      psp_pixmap_invalidate (layer, (PspRect) { 8 * i, 9, 11, 11 });
      after = render (&picture, &place);

      fresh = psp_pane_source_make_pixmap (source, fixture->scene);
      picture.layer = fresh;
      expected = render (&picture, &place);
      g_assert_cmpmem (after, n_bytes, expected, n_bytes);
      g_assert_true (memcmp (before, after, n_bytes) != 0);
    }
}

static void
count (int *n)
{
  ++*n;
}

/* The smaller sizes of a large picture are made by a worker; edits meanwhile are not lost. */
static void
test_worker (Fixture       *fixture,
             gconstpointer  data)
{
  const PspPaneSource source = { .kind = PSP_PANE_EDITED };
  g_autoptr(PspScene) scene = psp_test_scene_new ((PspSize) { 3000, 1500 }, TRUE);
  g_autoptr(PspPixmap) layer = psp_pane_source_make_pixmap (source, scene);
  g_autofree guint32 *pixels = g_new (guint32, 750 * 375);
  PspRect area = { 0, 0, 750, 375 };
  int n_changed = 0;

  g_signal_connect_swapped (layer, "changed", G_CALLBACK (count), &n_changed);
  g_assert_false (psp_pixmap_read (layer, 2, area, pixels));
  psp_scene_begin_stroke (scene, 4, 20, (PspPoint) { 100, 100 });
  psp_scene_end_stroke (scene);
  psp_pixmap_invalidate (layer, (PspRect) { 80, 80, 41, 41 });
  n_changed = 0;
  while (n_changed == 0)
    g_main_context_iteration (NULL, TRUE);

  g_assert_true (psp_pixmap_read (layer, 2, area, pixels));
  g_assert_cmphex (pixels[25 * 750 + 25], ==,
                   0xff000000u | psp_taxonomy_get_class_color (psp_scene_get_taxonomy (scene), 4));
  g_assert_null (psp_pixmap_get_problem (layer));
}

/* A pixmap that is dropped while its worker runs takes its answer to nobody. */
static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr(PspImage) image = psp_image_new ((PspSize) { 4000, 2000 }, NULL);
  PspPixmap *photo = psp_pixmap_new_photo (image);
  guint32 pixel;

  g_assert_false (psp_pixmap_read (photo, 3, (PspRect) { 0, 0, 1, 1 }, &pixel));
  g_object_run_dispose (G_OBJECT (photo));
  g_object_add_weak_pointer (G_OBJECT (photo), (gpointer *) &photo);
  g_object_unref (photo);
  while (photo != NULL) /* the worker may be the last to let it go */
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/picture/sharp", test_sharp);
  ADD ("/picture/same-size", test_same_size);
  ADD ("/picture/half-size", test_half_size);
  ADD ("/picture/flat", test_flat);
  ADD ("/picture/out-of-sight", test_out_of_sight);
  ADD ("/picture/labels", test_labels);
  ADD ("/picture/hatch", test_hatch);
  ADD ("/picture/outlines", test_outlines);
  ADD ("/picture/invalidate", test_invalidate);
  ADD ("/picture/worker", test_worker);
  ADD ("/picture/dropped", test_dropped);
  return g_test_run ();
}
