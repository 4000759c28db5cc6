/* SPDX-License-Identifier: MIT */
#include "engine/run/psp-arena.h"

#define ALIGNMENT 8
#define N_VALUES 60
#define N_STEPS 40

static gboolean
collide (const PspArenaValue *a,
         const PspArenaValue *b)
{
  return a->piece == b->piece && a->first_step <= b->last_step && b->first_step <= a->last_step &&
         a->offset < b->offset + b->n_elements && b->offset < a->offset + a->n_elements;
}

static void
check_places (const PspArenaValue *values,
              int                  n_values,
              const GArray        *sizes,
              gsize                limit)
{
  for (int i = 0; i < n_values; i++)
    {
      const PspArenaValue *value = &values[i];

      if (value->n_elements == 0)
        continue;
      g_assert_cmpint (value->piece, >=, 0);
      g_assert_cmpint (value->piece, <, sizes->len);
      g_assert_cmpuint (value->offset % ALIGNMENT, ==, 0);
      g_assert_cmpuint (value->offset + value->n_elements, <=,
                        g_array_index (sizes, gsize, value->piece));
      for (int k = 0; k < i; k++)
        g_assert_false (values[k].n_elements > 0 && collide (value, &values[k]));
    }
  for (guint i = 0; i < sizes->len; i++)
    g_assert_cmpuint (g_array_index (sizes, gsize, i), <=, limit);
}

static void
draw_values (PspArenaValue *values)
{
  for (int i = 0; i < N_VALUES; i++)
    {
      int a = g_test_rand_int_range (0, N_STEPS), b = g_test_rand_int_range (0, N_STEPS);

      values[i] = (PspArenaValue) {
        .n_elements = g_test_rand_int_range (0, 10) == 0 ? 0 : g_test_rand_int_range (1, 1000),
        .first_step = MIN (a, b), .last_step = MAX (a, b),
      };
    }
}

/* Values that are needed at the same time lie apart, in one piece or in pieces of any size. */
static void
test_random (void)
{
  static const gsize limits[] = { 0, 1000, 1008, 3000, 20000 };

  for (int round = 0; round < 200; round++)
    for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
      {
        PspArenaValue values[N_VALUES];
        g_autoptr(GArray) sizes = NULL;

        draw_values (values);
        sizes = psp_arena_place (values, N_VALUES, ALIGNMENT, limits[i]);
        if (limits[i] == 0)
          g_assert_cmpuint (sizes->len, ==, 1);
        check_places (values, N_VALUES, sizes, limits[i] > 0 ? limits[i] : G_MAXSIZE);
      }
}

/* A chain, each value of which is needed by the next alone, takes the room of two; with @limit in
 * two pieces. */
static void
test_chain (void)
{
  static const gsize limits[] = { 0, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      PspArenaValue values[] = { { 80, 0, 1 }, { 96, 1, 2 }, { 64, 2, 3 }, { 96, 3, 4 } };
      g_autoptr(GArray) sizes = psp_arena_place (values, G_N_ELEMENTS (values), ALIGNMENT,
                                                 limits[i]);

      check_places (values, G_N_ELEMENTS (values), sizes, G_MAXSIZE);
      g_assert_cmpuint (sizes->len, ==, 1 + i);
      g_assert_cmpuint (g_array_index (sizes, gsize, 0), ==, i == 0 ? 176 : 96);
      if (i == 1)
        g_assert_cmpuint (g_array_index (sizes, gsize, 1), ==, 80);
    }
}

/* A value that is too large by itself lies alone. */
static void
test_too_large (void)
{
  PspArenaValue values[] = { { 96, 0, 1 }, { 500, 1, 2 }, { 64, 2, 3 } };
  g_autoptr(GArray) sizes = psp_arena_place (values, G_N_ELEMENTS (values), ALIGNMENT, 100);

  check_places (values, G_N_ELEMENTS (values), sizes, G_MAXSIZE);
  g_assert_cmpuint (sizes->len, ==, 2);
  g_assert_cmpuint (g_array_index (sizes, gsize, 0), ==, 500);
  g_assert_cmpuint (g_array_index (sizes, gsize, 1), ==, 96);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arena/random", test_random);
  g_test_add_func ("/arena/chain", test_chain);
  g_test_add_func ("/arena/too-large", test_too_large);
  return g_test_run ();
}
