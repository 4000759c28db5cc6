/* SPDX-License-Identifier: MIT */
#include "engine/edit/psp-mask-editor.h"

#include "engine/core/psp-error.h"
#include "tests/psp-edit-model.h"

#include <math.h>
#include <string.h>

#define WIDTH 61
#define HEIGHT 47

/* A coordinate that the model computes exactly; a quarter of the shapes reaches out of the mask. */
static PspPoint
random_point (void)
{
  return (PspPoint) {
    g_test_rand_int_range (-WIDTH, 9 * WIDTH) / 8.0,
    g_test_rand_int_range (-HEIGHT, 9 * HEIGHT) / 8.0,
  };
}

static void
random_points (PspPoint *points,
               int       n_points)
{
  for (int i = 0; i < n_points; i++)
    points[i] = random_point ();
}

/* Few classes in patches of some pixels. */
static PspMask *
random_mask (int n_classes)
{
  PspMask *mask = psp_mask_new ((PspSize) { WIDTH, HEIGHT }, 8, NULL);

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        gsize i = (gsize) y * WIDTH + x;
        int dice = g_test_rand_int_range (0, 8);

        if (dice >= 6 || (x == 0 && y == 0))
          mask->pixels[i] = g_test_rand_int_range (0, n_classes);
        else
          mask->pixels[i] = mask->pixels[(dice < 3 || y == 0) && x > 0 ? i - 1 : i - WIDTH];
        if (y == 0 && x == 0)
          mask->pixels[i] = 0;
      }
  return mask;
}

static PspMask *
apply (const PspMask *base,
       PspMask       *original,
       const PspEdit *edit)
{
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, original, NULL);

  psp_mask_editor_apply (editor, edit, NULL);
  return psp_mask_editor_copy_mask (editor, NULL, NULL);
}

static void
assert_same_pixels (const PspMask *mask,
                    const PspMask *expected,
                    const PspEdit *edit)
{
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      if (mask->pixels[y * WIDTH + x] != expected->pixels[y * WIDTH + x])
        {
          for (gsize i = 0; i < edit->n_points; i++)
            g_test_message ("point %g %g radius %g", edit->points[i].x, edit->points[i].y,
                            edit->radius);
          g_error ("pixel %d %d is %d, not %d", x, y, mask->pixels[y * WIDTH + x],
                   expected->pixels[y * WIDTH + x]);
        }
}

static void
check_against_model (const PspEdit *edit)
{
  g_autoptr(PspMask) base = random_mask (4);
  g_autoptr(PspMask) original = random_mask (4);
  g_autoptr(PspMask) mask = apply (base, original, edit);

  psp_edit_model_apply (edit, base, original, NULL, NULL);
  assert_same_pixels (mask, base, edit);
}

static void
test_stroke (void)
{
  PspPoint points[4];

  for (int i = 0; i < 3000; i++)
    {
      int n_points = g_test_rand_int_range (1, 5);
      double radius = i % 3 == 0 ? 0.5 : g_test_rand_int_range (4, 120) / 8.0;
      g_autoptr(PspEdit) edit = NULL;

      random_points (points, n_points);
      if (i % 5 == 0 && n_points > 1)
        points[1].y = points[0].y;
      if (i % 7 == 0 && n_points > 1)
        points[1].x = points[0].x;
      edit = psp_edit_new_stroke (i % 4 == 0 ? PSP_EDIT_ORIGINAL : 3, radius, points, n_points);
      check_against_model (edit);
    }
}

/* The brush never misses, and a thin line has no gaps. */
static void
test_thinnest_stroke (void)
{
  g_autoptr(PspMask) base = psp_mask_new ((PspSize) { WIDTH, HEIGHT }, 8, NULL);

  for (int i = 0; i < 1000; i++)
    {
      PspPoint points[2] = {
        { g_test_rand_double_range (0, WIDTH), g_test_rand_double_range (0, HEIGHT) },
        { g_test_rand_double_range (0, WIDTH), g_test_rand_double_range (0, HEIGHT) },
      };
      g_autoptr(PspEdit) dot = psp_edit_new_stroke (1, 0, points, 1);
      g_autoptr(PspEdit) line = psp_edit_new_stroke (1, 0, points, 2);
      g_autoptr(PspMask) dotted = apply (base, NULL, dot);
      g_autoptr(PspMask) lined = apply (base, NULL, line);

      g_assert_cmpint (dotted->pixels[(int) points[0].y * WIDTH + (int) points[0].x], ==, 1);
      for (int x = (int) fmin (points[0].x, points[1].x);
           x <= (int) fmax (points[0].x, points[1].x); x++)
        {
          gboolean found = FALSE;

          for (int y = 0; y < HEIGHT; y++)
            found |= lined->pixels[y * WIDTH + x] == 1;
          g_assert_true (found);
        }
    }
}

static void
test_polygon (void)
{
  PspPoint points[9];

  for (int i = 0; i < 3000; i++)
    {
      int n_points = g_test_rand_int_range (1, 10);
      g_autoptr(PspEdit) edit = NULL;

      random_points (points, n_points);
      for (int k = 1; k < n_points; k++)
        if (i % 3 == 0)
          points[k] = k % 2 == 0 ? (PspPoint) { points[k - 1].x, points[k].y }
                                 : (PspPoint) { points[k].x, points[k - 1].y };
      edit = psp_edit_new_polygon (i % 4 == 0 ? PSP_EDIT_ORIGINAL : 3, points, n_points);
      check_against_model (edit);
    }
}

/* A line through the middle cuts the mask in two: each pixel is in exactly one of the parts. */
static void
test_neighbours (void)
{
  for (int i = 0; i < 1000; i++)
    {
      g_autoptr(PspMask) base = psp_mask_new ((PspSize) { WIDTH, HEIGHT }, 8, NULL);
      g_autoptr(PspMask) left = NULL;
      g_autoptr(PspMask) right = NULL;
      g_autoptr(PspEdit) left_edit = NULL;
      g_autoptr(PspEdit) right_edit = NULL;
      PspPoint cut[4] = {
        { g_test_rand_double_range (0, WIDTH), -1 },
        { g_test_rand_double_range (-9, WIDTH + 9), g_test_rand_double_range (0, HEIGHT) },
        { g_test_rand_int_range (0, WIDTH) + 0.5, g_test_rand_int_range (0, HEIGHT) + 0.5 },
        { g_test_rand_double_range (0, WIDTH), HEIGHT + 1 },
      };
      PspPoint left_points[6] = {
        { -99, HEIGHT + 1 }, { -99, -1 }, cut[0], cut[1], cut[2], cut[3]
      };
      PspPoint right_points[6] = {
        cut[3], cut[2], cut[1], cut[0], { 199, -1 }, { 199, HEIGHT + 1 }
      };

      left_edit = psp_edit_new_polygon (1, left_points, 6);
      right_edit = psp_edit_new_polygon (1, right_points, 6);
      left = apply (base, NULL, left_edit);
      right = apply (base, NULL, right_edit);
      for (int k = 0; k < WIDTH * HEIGHT; k++)
        g_assert_cmpint ((left->pixels[k] == 1) + (right->pixels[k] == 1), ==, 1);
    }
}

static void
test_fill (void)
{
  for (int i = 0; i < 2000; i++)
    {
      g_autoptr(PspEdit) edit = psp_edit_new_fill (i % 4 == 0 ? PSP_EDIT_ORIGINAL : i % 5,
                                                   random_point ());

      check_against_model (edit);
    }
}

static void
test_accept (void)
{
  for (int i = 0; i < 300; i++)
    {
      g_autoptr(PspMask) base = random_mask (5);
      g_autoptr(PspMask) source = random_mask (5);
      g_autofree guint8 *chosen = g_new (guint8, WIDTH * HEIGHT);
      g_autoptr(PspEdit) edit = NULL;
      g_autoptr(PspMask) mask = NULL;
      int x = g_test_rand_int_range (0, WIDTH), y = g_test_rand_int_range (0, HEIGHT);

      source->pixels[g_test_rand_int_range (0, WIDTH * HEIGHT)] = 255;
      if (i % 3 == 0)
        {
          edit = psp_edit_new_accept_all (source);
          memset (chosen, TRUE, WIDTH * HEIGHT);
        }
      else if (i % 3 == 1)
        {
          edit = psp_edit_new_accept_class (source, i % 5);
          for (int k = 0; k < WIDTH * HEIGHT; k++)
            chosen[k] = source->pixels[k] == i % 5;
        }
      else
        {
          edit = psp_edit_new_accept_component (source, (PspPoint) { x + 0.25, y + 0.75 });
          g_free (chosen);
          chosen = psp_edit_model_flood (source, x, y);
        }
      mask = apply (base, NULL, edit);
      psp_edit_model_apply (edit, base, NULL, source, chosen);
      assert_same_pixels (mask, base, edit);
    }
}

/* Ignored is 255 in one and 65535 in the other; an id that does not fit is refused. */
static void
test_accept_depth (void)
{
  g_autoptr(PspMask) narrow = psp_mask_new ((PspSize) { 5, 4 }, 8, NULL);
  g_autoptr(PspMask) wide = psp_mask_new ((PspSize) { 5, 4 }, 16, NULL);
  g_autoptr(PspMask) other = psp_mask_new ((PspSize) { 4, 5 }, 8, NULL);
  g_autoptr(PspEdit) from_wide = NULL;
  g_autoptr(PspEdit) from_narrow = NULL;
  g_autoptr(PspEdit) too_wide = NULL;
  g_autoptr(PspMask) narrowed = NULL;
  g_autoptr(PspMask) widened = NULL;
  g_autoptr(GError) error = NULL;

  wide->pixels[3] = 7;
  from_wide = psp_edit_new_accept_all (wide);
  narrowed = apply (narrow, NULL, from_wide);
  g_assert_cmpint (narrowed->pixels[3], ==, 7);
  g_assert_cmpint (narrowed->pixels[4], ==, 255);

  wide->pixels[6] = 255;
  from_narrow = psp_edit_new_accept_all (narrowed);
  widened = apply (wide, NULL, from_narrow);
  g_assert_cmpint (widened->pixels[3], ==, 7);
  g_assert_cmpint (widened->pixels[6], ==, 65535);

  wide->pixels[3] = 300;
  too_wide = psp_edit_new_accept_all (wide);
  g_assert_false (psp_edit_check_fits (too_wide, narrow, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_VALUE);
  g_clear_error (&error);
  g_assert_false (psp_edit_check_fits (from_narrow, other, &error));
  g_assert_error (error, PSP_ERROR, PSP_ERROR_BAD_SHAPE);
}

static PspEdit *
random_edit (void)
{
  PspPoint points[5];
  int class_id = g_test_rand_int_range (-1, 6);
  g_autoptr(PspMask) source = NULL;

  random_points (points, 5);
  switch (g_test_rand_int_range (0, 7))
    {
    case 0:
      return psp_edit_new_fill (class_id, points[0]);
    case 1:
      return psp_edit_new_polygon (class_id, points, 5);
    case 2:
      source = random_mask (6);
      return psp_edit_new_accept_all (source);
    case 3:
      source = random_mask (6);
      return psp_edit_new_accept_component (source, points[0]);
    case 4:
      return psp_edit_new_revert ();
    default:
      return psp_edit_new_stroke (class_id, g_test_rand_double_range (0, 9), points, 3);
    }
}

static void
test_locked (void)
{
  g_autoptr(PspMask) base = random_mask (6);
  g_autoptr(PspMask) original = random_mask (6);
  g_autoptr(PspMaskEditor) editor = psp_mask_editor_new (base, original, NULL);
  const PspMask *mask = psp_mask_editor_get_mask (editor);

  for (int i = 0; i < 2000; i++)
    {
      g_autoptr(PspMask) before = psp_mask_copy (mask, NULL);
      g_autoptr(PspEdit) plain = random_edit ();
      guint16 own = g_test_rand_int_range (0, 6);
      g_autoptr(PspEdit) edit = psp_edit_new_locked (plain, &own, i % 2);

      psp_mask_editor_set_locked (editor, g_test_rand_int_range (0, 6), i % 3 == 0);
      psp_mask_editor_apply (editor, edit, NULL);
      for (int k = 0; k < WIDTH * HEIGHT; k++)
        if (psp_mask_editor_get_locked (editor, before->pixels[k]) ||
            (i % 2 == 1 && before->pixels[k] == own))
          g_assert_cmpint (mask->pixels[k], ==, before->pixels[k]);
    }
}

static void
test_round_trip (void)
{
  const guint16 locked[] = { 0, 7, 65535 };

  for (int i = 0; i < 500; i++)
    {
      g_autoptr(PspEdit) plain = i == 0 ? psp_edit_new_undo () : i == 1 ? psp_edit_new_redo ()
                                                                        : random_edit ();
      g_autoptr(PspEdit) edit = psp_edit_new_locked (plain, locked, i % 4);
      g_autoptr(GBytes) bytes = psp_edit_serialize (edit);
      g_autoptr(GError) error = NULL;
      g_autoptr(PspEdit) parsed = psp_edit_parse (bytes, &error);

      g_assert_no_error (error);
      g_assert_true (psp_edit_equal (edit, parsed));
      g_assert_cmpint (parsed->kind, ==, edit->kind);
      g_assert_cmpint (parsed->class_id, ==, edit->class_id);
      g_assert_cmpfloat (parsed->radius, ==, edit->radius);
      g_assert_cmpmem (parsed->points, parsed->n_points * sizeof (PspPoint),
                       edit->points, edit->n_points * sizeof (PspPoint));
      g_assert_cmpmem (parsed->locked, parsed->n_locked * sizeof (guint16),
                       edit->locked, edit->n_locked * sizeof (guint16));
    }
}

/* The bytes are a format: what a former version wrote must be read for ever. */
static void
test_known_bytes (void)
{
  static const guint8 known[] = {
    1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40,  /* stroke, class 3, radius 2 */
    0, 0, 0, 0, 0, 0, 0, 0,                            /* no size */
    0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0xd0, 0xbf, /* (1.5, -0.25) */
    9, 0,                                              /* locked */
    42, 40,                                            /* where the arrays end */
  };
  const PspPoint point = { 1.5, -0.25 };
  const guint16 locked = 9;
  g_autoptr(PspEdit) plain = psp_edit_new_stroke (3, 2, &point, 1);
  g_autoptr(PspEdit) edit = psp_edit_new_locked (plain, &locked, 1);
  g_autoptr(GBytes) bytes = psp_edit_serialize (edit);
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  g_assert_cmpmem (data, n_bytes, known, sizeof known);
}

static void
assert_refused (const guint8 *data,
                gsize         n_bytes,
                int           code)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, n_bytes);
  g_autoptr(GError) error = NULL;

  g_assert_null (psp_edit_parse (bytes, &error));
  g_assert_error (error, PSP_ERROR, code);
}

static void
test_refused (void)
{
  const PspPoint point = { 1.5, -0.25 };
  g_autoptr(PspEdit) stroke = psp_edit_new_stroke (3, 2, &point, 1);
  g_autoptr(GBytes) bytes = psp_edit_serialize (stroke);
  gsize n_bytes = g_bytes_get_size (bytes);
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), n_bytes);
  const double bad_numbers[] = { 0.25, -1, 1e9, (double) NAN, (double) INFINITY };

  for (gsize length = 0; length < n_bytes; length++)
    assert_refused (data, length, PSP_ERROR_BAD_FILE);

  data[0] = 2;
  assert_refused (data, n_bytes, PSP_ERROR_UNSUPPORTED);
  data[0] = 1;
  data[1] = 7;
  assert_refused (data, n_bytes, PSP_ERROR_BAD_FILE);
  data[1] = PSP_EDIT_UNDO;
  assert_refused (data, n_bytes, PSP_ERROR_BAD_FILE);
  data[1] = PSP_EDIT_STROKE;
  data[6] = 1;  /* class 65539 */
  assert_refused (data, n_bytes, PSP_ERROR_BAD_FILE);
  data[6] = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (bad_numbers); i++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, n_bytes);

      memcpy (copy + 8, &bad_numbers[i], sizeof (double));
      assert_refused (copy, n_bytes, PSP_ERROR_BAD_FILE);
      memcpy (copy, data, n_bytes);
      memcpy (copy + 24, &bad_numbers[i], sizeof (double));
      if (i >= 2)
        assert_refused (copy, n_bytes, PSP_ERROR_BAD_FILE);
    }
}

/* Damaged bytes are either refused or an edit that does no harm. */
static void
test_hostile (void)
{
  g_autoptr(PspMask) base = random_mask (6);
  int n_refused = 0;

  for (int i = 0; i < 20000; i++)
    {
      g_autoptr(PspEdit) edit = random_edit ();
      g_autoptr(GBytes) bytes = psp_edit_serialize (edit);
      gsize n_bytes = g_bytes_get_size (bytes);
      guint8 *data = g_memdup2 (g_bytes_get_data (bytes, NULL), n_bytes);
      g_autoptr(GBytes) damaged = NULL;
      g_autoptr(PspEdit) parsed = NULL;
      g_autoptr(GError) error = NULL;

      for (int k = g_test_rand_int_range (0, 3); k >= 0; k--)
        data[g_test_rand_int_range (0, MIN (n_bytes, 200))] = g_test_rand_int_range (0, 256);
      damaged = g_bytes_new_take (data, i % 9 == 0 ? (gsize) g_test_rand_int_range (0, n_bytes)
                                                   : n_bytes);
      parsed = psp_edit_parse (damaged, &error);
      g_assert_true ((parsed == NULL) == (error != NULL));
      n_refused += parsed == NULL;
      if (parsed != NULL && parsed->kind < PSP_EDIT_UNDO &&
          psp_edit_check_fits (parsed, base, NULL))
        {
          g_autoptr(PspMask) mask = apply (base, NULL, parsed);

          g_assert_nonnull (mask);
        }
    }
  g_assert_cmpint (n_refused, >, 0);
}

/* Points far away and radii out of range are moved to the limits, and cost no time. */
static void
test_limits (void)
{
  g_autoptr(PspMask) base = random_mask (4);
  PspPoint points[3] = { { -1e300, 20 }, { 1e300, 20.5 }, { 3, 1e300 } };
  g_autoptr(PspEdit) stroke = psp_edit_new_stroke (5, 1e300, points, 3);
  g_autoptr(PspEdit) polygon = psp_edit_new_polygon (5, points, 3);
  g_autoptr(PspEdit) thin = psp_edit_new_stroke (5, -3, points, 3);
  g_autoptr(PspMask) mask = apply (base, NULL, stroke);
  g_autoptr(PspMask) other = apply (base, NULL, polygon);

  g_assert_cmpfloat (stroke->points[0].x, ==, -PSP_EDIT_MAX_COORDINATE);
  g_assert_cmpfloat (stroke->radius, ==, PSP_EDIT_MAX_RADIUS);
  g_assert_cmpfloat (thin->radius, ==, PSP_EDIT_MIN_RADIUS);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    g_assert_cmpint (mask->pixels[i], ==, 5);
  g_assert_cmpint (other->pixels[10], ==, base->pixels[10]);
  g_assert_cmpint (other->pixels[(HEIGHT - 1) * WIDTH + 30], ==, 5);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/stroke", test_stroke);
  g_test_add_func ("/edit/thinnest-stroke", test_thinnest_stroke);
  g_test_add_func ("/edit/polygon", test_polygon);
  g_test_add_func ("/edit/neighbours", test_neighbours);
  g_test_add_func ("/edit/fill", test_fill);
  g_test_add_func ("/edit/accept", test_accept);
  g_test_add_func ("/edit/accept-depth", test_accept_depth);
  g_test_add_func ("/edit/locked", test_locked);
  g_test_add_func ("/edit/round-trip", test_round_trip);
  g_test_add_func ("/edit/known-bytes", test_known_bytes);
  g_test_add_func ("/edit/refused", test_refused);
  g_test_add_func ("/edit/hostile", test_hostile);
  g_test_add_func ("/edit/limits", test_limits);
  return g_test_run ();
}
